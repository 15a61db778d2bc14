-- One row for each member of each conversation that holds a message; user_* is the other member.
WITH newest AS (
    SELECT DISTINCT ON (message_group_uuid) message_group_uuid, created_at, message
    FROM messages
    ORDER BY message_group_uuid, created_at DESC
)
SELECT
    me.user_uuid AS member_uuid,
    newest.created_at AS last_message_at,
    newest.message_group_uuid,
    preview(newest.message) AS message,
    other.user_uuid,
    users.handle AS user_handle,
    users.display_name AS user_display_name
FROM newest
JOIN message_group_members AS me USING (message_group_uuid)
JOIN message_group_members AS other USING (message_group_uuid)
JOIN users ON users.uuid = other.user_uuid
WHERE other.user_uuid <> me.user_uuid
ORDER BY newest.message_group_uuid, me.seat

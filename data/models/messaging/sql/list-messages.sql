-- A: the newest messages of a group.
SELECT
    m.message_group_uuid, m.created_at, m.uuid AS message_uuid, m.message,
    u.uuid AS user_uuid, u.handle AS user_handle, u.display_name AS user_display_name
FROM messages AS m
JOIN users AS u ON u.uuid = m.user_uuid
WHERE m.message_group_uuid = %(message_group_uuid)s
ORDER BY m.created_at DESC
LIMIT %(limit)s

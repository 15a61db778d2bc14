-- Every message with its author's names.
SELECT
    messages.message_group_uuid,
    messages.created_at,
    messages.uuid AS message_uuid,
    messages.message,
    users.uuid AS user_uuid,
    users.handle AS user_handle,
    users.display_name AS user_display_name
FROM messages
JOIN users ON users.uuid = messages.user_uuid
ORDER BY messages.message_group_uuid, messages.created_at

-- Every item of the table.
SELECT 'InboxRow' AS entity, 'GRP#' || c.member_uuid AS pk, sort_time(c.last_message_at) AS sk, c.message,
    c.user_uuid, c.user_handle, c.user_display_name
FROM conversations AS c
UNION ALL
SELECT 'Message', 'MSG#' || m.message_group_uuid, sort_time(m.created_at), m.message, u.uuid, u.handle, u.display_name
FROM messages AS m
JOIN users AS u ON u.uuid = m.user_uuid

-- H: every item that holds a copy of the person's name, with the new name.
SELECT 'Message' AS entity, 'MSG#' || m.message_group_uuid AS pk, sort_time(m.created_at) AS sk, m.message,
    u.uuid AS user_uuid, u.handle AS user_handle, %(display_name)s::text AS user_display_name
FROM messages AS m
JOIN users AS u ON u.uuid = m.user_uuid
WHERE u.handle = %(handle)s
UNION ALL
SELECT 'InboxRow', 'GRP#' || c.member_uuid, sort_time(c.last_message_at), c.message,
    c.user_uuid, c.user_handle, %(display_name)s::text
FROM conversations AS c
WHERE c.user_handle = %(handle)s

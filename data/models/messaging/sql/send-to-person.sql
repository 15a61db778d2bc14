-- C and J: the message as it must be stored, and the other member's counter one higher than before.
SELECT 'Message' AS entity, 'MSG#' || mine.message_group_uuid AS pk, sort_time(%(created_at)s::timestamptz) AS sk,
    %(message)s::text AS message, me.uuid AS user_uuid, me.handle AS user_handle,
    me.display_name AS user_display_name, NULL::bigint AS unread
FROM users AS me
JOIN message_group_members AS mine ON mine.user_uuid = me.uuid
WHERE me.handle = %(handle)s AND mine.message_group_uuid = %(message_group_uuid)s
UNION ALL
SELECT 'Unread', 'UNREAD#' || c.member_uuid, c.message_group_uuid::text, NULL, NULL, NULL, NULL, c.unread + 1
FROM unread_counts AS c
JOIN users AS other ON other.uuid = c.member_uuid
WHERE other.handle = %(other_handle)s AND c.message_group_uuid = %(message_group_uuid)s

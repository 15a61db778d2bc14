-- C: the message as it must be stored, with the author's names as they are now.
SELECT
    member.message_group_uuid,
    %(created_at)s::timestamptz AS created_at,
    %(message_uuid)s::uuid AS message_uuid,
    %(message)s::text AS message,
    u.uuid AS user_uuid, u.handle AS user_handle, u.display_name AS user_display_name
FROM users AS u
JOIN message_group_members AS member ON member.user_uuid = u.uuid
WHERE u.handle = %(handle)s AND member.message_group_uuid = %(message_group_uuid)s

-- The person behind a handle, and only if they are a member of the message group.
SELECT users.uuid AS user_uuid, users.handle AS user_handle, users.display_name AS user_display_name
FROM users
JOIN message_group_members AS member ON member.user_uuid = users.uuid
WHERE users.handle = %(handle)s AND member.message_group_uuid = %(message_group_uuid)s

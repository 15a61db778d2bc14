-- The other person of a conversation: nobody converses with themself.
SELECT uuid AS user_uuid, handle AS user_handle, display_name AS user_display_name
FROM users
WHERE handle = %(other_handle)s AND handle <> %(handle)s

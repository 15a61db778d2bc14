-- The person behind a handle. Handles are case-sensitive.
SELECT uuid AS user_uuid, handle AS user_handle, display_name AS user_display_name
FROM users
WHERE handle = %(handle)s

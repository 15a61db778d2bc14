-- The keys of all messages that a person wrote: each item holds a copy of their name.
SELECT messages.message_group_uuid, messages.created_at
FROM messages
JOIN users ON users.uuid = messages.user_uuid
WHERE users.handle = %(handle)s
ORDER BY messages.message_group_uuid, messages.created_at

-- The keys of all inbox rows of others that show a person: each holds a copy of their name.
SELECT member_uuid, last_message_at
FROM conversations
WHERE user_handle = %(handle)s
ORDER BY last_message_at, member_uuid

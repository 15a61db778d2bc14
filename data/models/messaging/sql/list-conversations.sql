-- B: the conversations of a person, latest first.
SELECT c.*
FROM conversations AS c
JOIN users AS me ON me.uuid = c.member_uuid
WHERE me.handle = %(handle)s
ORDER BY c.last_message_at DESC
LIMIT %(limit)s

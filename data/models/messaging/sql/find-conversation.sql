-- F: the conversations between two people, seen by the first.
SELECT c.*
FROM conversations AS c
JOIN users AS me ON me.uuid = c.member_uuid
WHERE me.handle = %(handle)s AND c.user_handle = %(other_handle)s
ORDER BY c.last_message_at DESC

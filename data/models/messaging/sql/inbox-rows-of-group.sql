-- The inbox rows of one conversation: one for each member.
SELECT c.*
FROM conversations AS c
WHERE c.message_group_uuid = %(message_group_uuid)s
ORDER BY c.last_message_at DESC

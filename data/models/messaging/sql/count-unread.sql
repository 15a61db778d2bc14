-- J: what a person has not read, by conversation.
SELECT c.*
FROM unread_counts AS c
JOIN users AS me ON me.uuid = c.member_uuid
WHERE me.handle = %(handle)s
ORDER BY c.message_group_uuid::text

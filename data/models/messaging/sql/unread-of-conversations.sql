-- The keys of the counters of a person's conversations: their own and the other member's.
SELECT c.member_uuid, c.message_group_uuid
FROM unread_counts AS c
JOIN message_group_members AS mine ON mine.message_group_uuid = c.message_group_uuid
JOIN users AS me ON me.uuid = mine.user_uuid
WHERE me.handle = %(handle)s
ORDER BY c.message_group_uuid, c.member_uuid

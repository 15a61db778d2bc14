-- How many messages of the other member each member has not read.
SELECT member_uuid, message_group_uuid, unread, read_until
FROM unread_counts
ORDER BY member_uuid, message_group_uuid

-- F by key: the conversation of two people.
SELECT
    least(me.uuid, other.uuid) AS low_uuid, greatest(me.uuid, other.uuid) AS high_uuid, mine.message_group_uuid
FROM users AS me
JOIN message_group_members AS mine ON mine.user_uuid = me.uuid
JOIN message_group_members AS theirs ON theirs.message_group_uuid = mine.message_group_uuid
JOIN users AS other ON other.uuid = theirs.user_uuid
WHERE me.handle = %(handle)s AND other.handle = %(other_handle)s AND me.uuid <> other.uuid

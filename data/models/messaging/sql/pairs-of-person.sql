-- The keys of all pairs that a person is in.
SELECT least(mine.user_uuid, theirs.user_uuid) AS low_uuid, greatest(mine.user_uuid, theirs.user_uuid) AS high_uuid
FROM users AS me
JOIN message_group_members AS mine ON mine.user_uuid = me.uuid
JOIN message_group_members AS theirs
    ON theirs.message_group_uuid = mine.message_group_uuid AND theirs.user_uuid <> mine.user_uuid
WHERE me.handle = %(handle)s
ORDER BY low_uuid, high_uuid

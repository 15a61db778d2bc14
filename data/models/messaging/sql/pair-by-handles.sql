-- Two different people, the lower uuid first, whoever of the two asks.
SELECT least(me.uuid, other.uuid) AS low_uuid, greatest(me.uuid, other.uuid) AS high_uuid
FROM users AS me
JOIN users AS other ON other.uuid <> me.uuid
WHERE me.handle = %(handle)s AND other.handle = %(other_handle)s

-- The two people of each conversation that holds a message, the lower uuid first.
SELECT
    least(one.user_uuid, two.user_uuid) AS low_uuid,
    greatest(one.user_uuid, two.user_uuid) AS high_uuid,
    one.message_group_uuid
FROM message_group_members AS one
JOIN message_group_members AS two ON two.message_group_uuid = one.message_group_uuid AND two.seat > one.seat
WHERE EXISTS (SELECT FROM messages WHERE messages.message_group_uuid = one.message_group_uuid)
ORDER BY low_uuid, high_uuid

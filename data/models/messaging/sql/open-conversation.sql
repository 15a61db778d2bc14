-- J: the counter as it must be after the member has read up to a time. SQL counts the messages anew.
SELECT
    member.user_uuid AS member_uuid,
    member.message_group_uuid,
    (
        SELECT count(*)
        FROM messages AS m
        WHERE m.message_group_uuid = member.message_group_uuid
            AND m.user_uuid <> member.user_uuid
            AND m.created_at > %(read_until)s::timestamptz
    ) AS unread,
    %(read_until)s::timestamptz AS read_until
FROM message_group_members AS member
JOIN users AS me ON me.uuid = member.user_uuid
WHERE me.handle = %(handle)s AND member.message_group_uuid = %(message_group_uuid)s

-- D: the pair, two inbox rows, each about the other member, the message, which is about its author, and the counter.
WITH pair AS (
    SELECT
        me.uuid AS me, me.handle AS my_handle, me.display_name AS my_name,
        other.uuid AS other, other.handle AS other_handle, other.display_name AS other_name,
        %(message_group_uuid)s::text AS message_group_uuid,
        sort_time(%(created_at)s::timestamptz) AS sk,
        %(message)s::text AS message
    FROM users AS me, users AS other
    WHERE me.handle = %(handle)s AND other.handle = %(other_handle)s
)
SELECT 'InboxRow' AS entity, 'GRP#' || me AS pk, sk, message_group_uuid, preview(message) AS message,
    other AS user_uuid, other_handle AS user_handle, other_name AS user_display_name, NULL::bigint AS unread
FROM pair
UNION ALL
SELECT 'InboxRow', 'GRP#' || other, sk, message_group_uuid, preview(message), me, my_handle, my_name, NULL
FROM pair
UNION ALL
SELECT 'Message', 'MSG#' || message_group_uuid, sk, message_group_uuid, message, me, my_handle, my_name, NULL
FROM pair
UNION ALL
SELECT 'Pair', 'PAIR#' || least(me, other), greatest(me, other)::text, message_group_uuid, NULL, NULL, NULL, NULL, NULL
FROM pair
UNION ALL
SELECT 'Unread', 'UNREAD#' || other, message_group_uuid, message_group_uuid, NULL, NULL, NULL, NULL, 1
FROM pair

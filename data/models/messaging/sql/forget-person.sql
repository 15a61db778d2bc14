-- The relational half of delete-person, run when that has ended: one statement, so all of it or nothing.
WITH gone AS (
    SELECT uuid FROM users WHERE handle = %(handle)s
), posts AS (
    SELECT uuid FROM activities WHERE user_uuid IN (SELECT uuid FROM gone)
), replies AS (
    UPDATE activities SET reply_to_activity_uuid = NULL
    WHERE reply_to_activity_uuid IN (SELECT uuid FROM posts) AND user_uuid NOT IN (SELECT uuid FROM gone)
), activities_gone AS (
    DELETE FROM activities WHERE uuid IN (SELECT uuid FROM posts)
), messages_gone AS (
    DELETE FROM messages WHERE user_uuid IN (SELECT uuid FROM gone)
), memberships_gone AS (
    DELETE FROM message_group_members WHERE user_uuid IN (SELECT uuid FROM gone)
)
DELETE FROM users WHERE uuid IN (SELECT uuid FROM gone)

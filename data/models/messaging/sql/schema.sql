-- The relational side: people and their posts as the app keeps them, and the relational twin of the messages, which
-- every access pattern is checked against. Keys are uuids that the app makes (uuid5 in the sample data), so that a
-- rebuilt database gives the same ones and inbox rows never point at nobody.

CREATE TABLE users (
    uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    display_name text NOT NULL CHECK (display_name <> ''),
    handle text NOT NULL UNIQUE CHECK (handle <> '' AND handle !~ '\s'),
    email text NOT NULL UNIQUE CHECK (email LIKE '_%@_%'),
    cognito_user_id text UNIQUE,
    created_at timestamptz NOT NULL DEFAULT current_timestamp
);
COMMENT ON TABLE users IS 'People. DynamoDB holds copies of handle and display_name, as they were when a message was sent.';
COMMENT ON COLUMN users.handle IS 'The name that others write; upper and lower case are different handles.';
COMMENT ON COLUMN users.cognito_user_id IS 'The sub of the Cognito user; NULL until it was synchronised.';

CREATE TABLE activities (
    uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_uuid uuid NOT NULL REFERENCES users (uuid),
    message text NOT NULL CHECK (message <> ''),
    replies_count integer NOT NULL DEFAULT 0 CHECK (replies_count >= 0),
    reposts_count integer NOT NULL DEFAULT 0 CHECK (reposts_count >= 0),
    likes_count integer NOT NULL DEFAULT 0 CHECK (likes_count >= 0),
    reply_to_activity_uuid uuid REFERENCES activities (uuid),
    expires_at timestamptz CHECK (expires_at > created_at),
    created_at timestamptz NOT NULL DEFAULT current_timestamp
);
COMMENT ON TABLE activities IS 'Posts of the public feed. They are not in DynamoDB.';
COMMENT ON COLUMN activities.expires_at IS 'When the post goes away; NULL means never.';
CREATE INDEX activities_by_user ON activities (user_uuid, created_at);

CREATE TABLE message_groups (
    uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT current_timestamp
);
COMMENT ON TABLE message_groups IS 'Conversations of two people.';

CREATE TABLE message_group_members (
    message_group_uuid uuid NOT NULL REFERENCES message_groups (uuid),
    user_uuid uuid NOT NULL REFERENCES users (uuid),
    seat smallint NOT NULL CHECK (seat IN (1, 2)),
    read_until timestamptz,
    PRIMARY KEY (message_group_uuid, user_uuid),
    UNIQUE (message_group_uuid, seat)
);
COMMENT ON TABLE message_group_members IS 'Who is in a conversation: two seats, since an inbox row is about the one other member.';
COMMENT ON COLUMN message_group_members.read_until IS 'The newest message that the member has seen; NULL means none.';
CREATE INDEX message_group_members_by_user ON message_group_members (user_uuid);

CREATE TABLE messages (
    uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    message_group_uuid uuid NOT NULL,
    user_uuid uuid NOT NULL,
    message text NOT NULL CHECK (message <> ''),
    created_at timestamptz NOT NULL DEFAULT current_timestamp,
    FOREIGN KEY (message_group_uuid, user_uuid) REFERENCES message_group_members (message_group_uuid, user_uuid),
    UNIQUE (message_group_uuid, created_at)
);
COMMENT ON TABLE messages IS 'The relational twin of the Message items. The author must be a member of the group.';
COMMENT ON CONSTRAINT messages_message_group_uuid_created_at_key ON messages
    IS 'The key of the Message items: two messages of a group in one microsecond would be one item.';
CREATE INDEX messages_by_user ON messages (user_uuid);

CREATE FUNCTION preview(message text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN length(message) <= 29 THEN message ELSE left(message, 26) || '...' END;
COMMENT ON FUNCTION preview(text) IS 'What an inbox row shows of a message: 29 characters at most, so that inbox rows stay small.';

CREATE FUNCTION sort_time(moment timestamptz) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
COMMENT ON FUNCTION sort_time(timestamptz) IS 'A time as sort keys hold it: UTC, fixed width, microseconds always written.';

CREATE VIEW conversations AS
SELECT
    me.user_uuid AS member_uuid,
    newest.created_at AS last_message_at,
    me.message_group_uuid,
    preview(newest.message) AS message,
    person.uuid AS user_uuid,
    person.handle AS user_handle,
    person.display_name AS user_display_name
FROM message_group_members AS me
JOIN message_group_members AS other
    ON other.message_group_uuid = me.message_group_uuid AND other.user_uuid <> me.user_uuid
JOIN users AS person ON person.uuid = other.user_uuid
JOIN LATERAL (
    SELECT m.created_at, m.message
    FROM messages AS m
    WHERE m.message_group_uuid = me.message_group_uuid
    ORDER BY m.created_at DESC
    LIMIT 1
) AS newest ON true;
COMMENT ON VIEW conversations IS 'Each conversation as each member sees it: user_* is the other member.';

CREATE VIEW unread_counts AS
SELECT
    me.user_uuid AS member_uuid,
    me.message_group_uuid,
    count(m.uuid) AS unread,
    me.read_until
FROM message_group_members AS me
JOIN message_group_members AS other
    ON other.message_group_uuid = me.message_group_uuid AND other.user_uuid <> me.user_uuid
LEFT JOIN messages AS m
    ON m.message_group_uuid = me.message_group_uuid
    AND m.user_uuid = other.user_uuid
    AND (me.read_until IS NULL OR m.created_at > me.read_until)
GROUP BY me.user_uuid, me.message_group_uuid, me.read_until;
COMMENT ON VIEW unread_counts IS 'What each member of a conversation of two has not read: the truth that the counters are held against.';

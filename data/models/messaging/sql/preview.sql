-- What the inbox shows of a message.
SELECT preview(%(message)s::text) AS message

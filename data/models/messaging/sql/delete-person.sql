-- I: of all that is deleted nothing may be left, whatever the person had.
SELECT NULL::text AS entity, NULL::text AS pk
FROM users
WHERE handle = %(handle)s AND false

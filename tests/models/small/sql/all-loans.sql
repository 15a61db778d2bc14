SELECT reader, isbn, lent_at, days FROM loans ORDER BY reader, lent_at;

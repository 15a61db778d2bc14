CREATE TABLE books (isbn text PRIMARY KEY, shelf text NOT NULL, author text NOT NULL, year integer NOT NULL, title text NOT NULL);
CREATE TABLE loans (reader text NOT NULL, isbn text NOT NULL REFERENCES books, lent_at timestamptz NOT NULL, days integer);

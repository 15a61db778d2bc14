CREATE TABLE shops (name text PRIMARY KEY);

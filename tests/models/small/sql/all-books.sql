SELECT shelf, isbn, author, year, title FROM books ORDER BY isbn;

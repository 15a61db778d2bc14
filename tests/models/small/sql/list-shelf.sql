SELECT isbn, author, year, title FROM books WHERE shelf = %(shelf)s ORDER BY isbn LIMIT %(limit)s;

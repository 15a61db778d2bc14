SELECT shelf FROM books WHERE isbn = %(isbn)s;

"""Values: text, dates, colours, passwords. Nothing here knows the database."""

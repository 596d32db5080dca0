"""The database: the schema, the connection, transactions, what the engines differ in."""

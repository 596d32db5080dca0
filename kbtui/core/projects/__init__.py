"""What a project is made of, and who may do what in it."""

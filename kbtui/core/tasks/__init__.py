"""Tasks, where they stand, and what is on them."""

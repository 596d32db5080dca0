"""Projects as documents and tasks as CSV."""

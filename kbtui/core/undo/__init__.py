"""What one person did in one session, and how each change is taken back."""

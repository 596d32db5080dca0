"""The board, without a screen or a socket."""

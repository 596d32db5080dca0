"""Events: what happened, written with the change that made it happen."""

"""Refusals that are an HTTP status rather than an answer."""


class UnauthorizedError(Exception):
    """The caller has no credentials, or wrong ones."""


class ForbiddenError(Exception):
    """The caller is known and may not do this."""

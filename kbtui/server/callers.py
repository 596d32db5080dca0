"""Who calls: the application, or a user in a role; and the errors for those who may not."""

from dataclasses import dataclass

from kbtui.core.projects.users import ROLES

ADMIN = ROLES[0]
"""The role that may do everything."""


class UnauthorizedError(Exception):
    """The caller has no credentials, or wrong ones: HTTP status 401."""


class ForbiddenError(Exception):
    """The caller is known and may not do this: HTTP status 403."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is; ``role`` is "" for the application's own token, which is nobody's and may do nearly all."""

    user_id: int
    username: str
    role: str

    @property
    def is_application(self) -> bool:
        """Return whether it is the application itself rather than a user."""
        return not self.role

    @property
    def is_admin(self) -> bool:
        """Return whether the caller sees and does everything."""
        return self.role in ("", ADMIN)

    def can_see(self, visibility: str) -> bool:
        """Return whether the caller's role is the one from which a comment is seen, or above."""
        return self.is_admin or (visibility in ROLES and ROLES.index(self.role) <= ROLES.index(visibility))


APPLICATION = Caller(0, "jsonrpc", "")
"""The caller with the application token; what it does has no author."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a procedure knows of the request beside its parameters; ``base_url`` ends without a slash."""

    caller: Caller
    base_url: str

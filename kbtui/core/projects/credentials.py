"""Credentials: the passwords and personal tokens of users, and the token of the application."""

from typing import NamedTuple

from peewee import BaseQuery, fn

from kbtui.core.db.database import transactional
from kbtui.core.db.models import User
from kbtui.core.db.prepared import prepared
from kbtui.core.events import log
from kbtui.core.projects import settings
from kbtui.core.projects.users import get_user
from kbtui.core.values.passwords import hash_password, hash_token, new_token


class Stored(NamedTuple):
    """What is stored of an active user: who it is, and the hashes of the password and of the personal token."""

    user_id: int
    role: str
    password: str | None
    token: str | None


API_TOKEN = "api_token"  # noqa: S105 - the name of the setting, not the token


def api_token() -> str:
    """Return the token of the application, 64 hexadecimal digits; it is made on first use."""
    return settings.get(API_TOKEN) or _make_api_token()


@transactional
def reset_api_token() -> str:
    """Replace the token of the application by a new one, and return that."""
    token = new_token()
    settings.put(API_TOKEN, token)
    return token


@transactional
def _make_api_token() -> str:
    # Looked at again under the lock: two programs may have found none at the same moment.
    return settings.get(API_TOKEN) or reset_api_token()


@transactional
def set_password(user_id: int, password: str | None) -> None:
    """Give a user a password, or with None take it away. Raises NotFoundError, or InvalidError for a bad one."""
    user = get_user(user_id)
    _write(user, "password", None if password is None else hash_password(password))


@transactional
def make_personal_token(user_id: int) -> str:
    """Give a user a new personal token and return it: only its hash is kept. Raises NotFoundError."""
    token = new_token()
    _write(get_user(user_id), "token", hash_token(token))
    return token


@transactional
def remove_personal_token(user_id: int) -> bool:
    """Take a user's personal token away; return whether there was one. Raises NotFoundError."""
    user = get_user(user_id)
    if user.token is None:
        return False
    _write(user, "token", None)
    return True


def stored_credentials(username: str) -> Stored | None:
    """Return what is stored of an active user, None where there is none of this name, in whatever case."""
    return _stored.first(username)


@prepared(Stored._make)
def _stored(username: str) -> BaseQuery:
    is_meant = fn.lower(User.username) == fn.lower(username)
    return User.select(User.id, User.role, User.password, User.token).where(is_meant, User.is_active == 1)


def _write(user: User, column: str, value: str | None) -> None:
    setattr(user, column, value)
    user.save(only=[column])
    log.record("user.change", {"action": "update", "id": user.id, "name": user.username})

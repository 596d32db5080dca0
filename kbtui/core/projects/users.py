"""Users: who tasks are assigned to, and who changes something."""

import shlex
from typing import Any

from kbtui.config import DEFAULT_USER
from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import change_row, check_unused, count_tasks, find_row, get_row
from kbtui.core.db.models import Project, Subtask, Task, User
from kbtui.core.db.prepared import rows, scalar
from kbtui.core.events import log
from kbtui.core.values.text import clean_line
from kbtui.errors import InUseError, InvalidError, NotFoundError

ADMIN_ID = 1
"""The user that always exists."""

ROLES = ("app-admin", "app-manager", "app-user")


def list_users(*, with_inactive: bool = False) -> list[User]:
    """Return the users by id, the inactive ones only if asked for."""
    query = User.select() if with_inactive else User.select().where(User.is_active == 1)
    return list(query.order_by(User.id))


def get_user(user_id: int) -> User:
    """Return a user; raise NotFoundError when there is none with this id."""
    return get_row(User, user_id, "user")


def find_user(ref: str) -> User:
    """Return the user, active or not, that an id or a username means; raise NotFoundError or InvalidError."""
    return find_row(list_users(with_inactive=True), ref, "user", label="username")


def assigned_task_ids(user_id: int) -> list[int]:
    """Return the tasks that are assigned to a user, by id."""
    return rows(Task.select(Task.id).where(Task.owner_id == user_id).order_by(Task.id), scalar)


def assigned_subtask_ids(user_id: int) -> list[int]:
    """Return the subtasks that are assigned to a user, by id."""
    return rows(Subtask.select(Subtask.id).where(Subtask.user_id == user_id).order_by(Subtask.id), scalar)


def find_author_id(username: str) -> int:
    """Return the id of the user who is at work; raise NotFoundError, which says how to add one.

    ``admin`` means the first user, also when that one is called otherwise by now.
    """
    try:
        return int(find_user(username).id)
    except NotFoundError:
        if username == DEFAULT_USER:
            return ADMIN_ID
        raise NotFoundError(
            f'There is no user "{username}" on this board; add one with: kbtui user add {shlex.quote(username)}'
        ) from None


@transactional
def add_user(username: str, *, name: str = "", email: str = "", role: str = "app-user") -> int:
    """Add a user and return the id."""
    user = User.create(
        username=_clean_username(username),
        name=_clean_optional(name, "name"),
        email=_clean_optional(email, "email address"),
        role=_check_role(role),
    )
    _record("create", user)
    return int(user.id)


@transactional
def update_user(
    user_id: int,
    *,
    username: str | None = None,
    name: str | None = None,
    email: str | None = None,
    role: str | None = None,
    is_active: int | None = None,
) -> bool:
    """Change what is given of a user; return whether anything differed.

    An inactive user stays on the tasks that are assigned already, and cannot be assigned any more.
    """
    user = get_user(user_id)
    values: dict[str, Any] = {}
    if username is not None:
        values["username"] = _clean_username(username, own_id=user_id)
    if name is not None:
        values["name"] = _clean_optional(name, "name")
    if email is not None:
        values["email"] = _clean_optional(email, "email address")
    if role is not None:
        values["role"] = _check_role(role)
    if is_active is not None:
        if user_id == ADMIN_ID and not is_active:
            raise InvalidError(f'The user "{user.username}" always stays active.')
        values["is_active"] = int(bool(is_active))
    if not change_row(user, **values):
        return False
    _record("update", user)
    return True


@transactional
def remove_user(user_id: int) -> None:
    """Remove a user; raise InUseError while tasks or subtasks are assigned, InvalidError for the first user."""
    user = get_user(user_id)
    if user_id == ADMIN_ID:
        raise InvalidError(f'The user "{user.username}" cannot be removed.')
    does = Subtask.select(Subtask.task_id).where(Subtask.user_id == user_id)
    count = Task.select().where((Task.owner_id == user_id) | Task.id.in_(does)).count()
    if count:
        raise InUseError(f'The user "{user.username}" is assigned to {count_tasks(count)}; assign others first.')
    Project.update(owner_id=0).where(Project.owner_id == user_id).execute()
    user.delete_instance()
    _record("remove", user)


def _clean_username(username: str, *, own_id: int = 0) -> str:
    username = clean_line(username, "username")
    check_unused(list_users(with_inactive=True), username, "user", label="username", own_id=own_id)
    return username


def _clean_optional(text: str, what: str) -> str:
    return clean_line(text, what) if text.strip() else ""


def _check_role(role: str) -> str:
    if role not in ROLES:
        raise InvalidError(f'There is no role "{role}"; choose one of {", ".join(ROLES)}.')
    return role


def _record(action: str, user: User) -> None:
    log.record("user.change", {"action": action, "id": user.id, "name": user.username})

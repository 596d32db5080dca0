"""Users: who tasks are assigned to, and who may be assigned in a project."""

import shlex
from typing import Any

from kbtui.config import DEFAULT_USER
from kbtui.core.db.database import fetch_one, transactional
from kbtui.core.db.engine import database
from kbtui.core.db.lookup import change_row, check_unused, count_tasks, find_row, get_row
from kbtui.core.db.models import ProjectUser, User
from kbtui.core.events import log
from kbtui.core.values.text import clean_line
from kbtui.errors import InUseError, InvalidError, NotFoundError

ADMIN_ID = 1
"""The user that always exists."""

ROLES = ("app-admin", "app-manager", "app-user")

VIEWER = "project-viewer"
"""The role of those who see a project and have no tasks in it."""


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
    row = fetch_one(
        "SELECT count(*) FROM tasks WHERE owner_id = ?1 OR id IN (SELECT task_id FROM subtasks WHERE user_id = ?1)",
        (user_id,),
    )
    if row and row[0]:
        raise InUseError(f'The user "{user.username}" is assigned to {count_tasks(row[0])}; assign others first.')
    database.execute_sql("UPDATE projects SET owner_id = 0 WHERE owner_id = ?", (user_id,))
    user.delete_instance()
    _record("remove", user)


def members(project_id: int) -> list[User]:
    """Return who can be assigned in a project: its active members but not viewers; all users when it names none."""
    roles = {row.user_id: row.role for row in ProjectUser.select().where(ProjectUser.project_id == project_id)}
    return [user for user in list_users() if not roles or roles.get(user.id, VIEWER) != VIEWER]


def is_assignable(project_id: int, user_id: int) -> bool:
    """Tell whether a task of a project can be assigned to a user; nobody (0) is always possible."""
    return user_id == 0 or any(user.id == user_id for user in members(project_id))


def check_assignable(project_id: int, user_id: int) -> None:
    """Raise NotFoundError or InvalidError when a user cannot be assigned in a project; nobody (0) always can."""
    if not user_id:
        return
    row = fetch_one(
        "SELECT p.name, u.username, u.is_active, m.role <> ?3"
        " OR NOT EXISTS (SELECT 1 FROM project_users WHERE project_id = p.id)"
        " FROM projects p JOIN users u ON u.id = ?1"
        " LEFT JOIN project_users m ON m.project_id = p.id AND m.user_id = u.id WHERE p.id = ?2",
        (user_id, project_id, VIEWER),
    )
    if row is None:
        raise NotFoundError(f"There is no user {user_id}.")
    project, username, is_active, is_member = row
    if not is_active:
        raise InvalidError(f'The user "{username}" is not active and cannot be assigned; choose another one.')
    if not is_member:
        chosen = ", ".join(user.username for user in members(project_id)) or "nobody"
        raise InvalidError(f'The user "{username}" is no member of the project "{project}"; choose from: {chosen}.')


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

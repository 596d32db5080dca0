"""Users, without their passwords and tokens."""

from typing import Any

from kbtui.core.projects import credentials, users
from kbtui.core.tasks import subtasks, tasks
from kbtui.server import shapes
from kbtui.server.callers import APPLICATION
from kbtui.server.registry import changes, reads


@reads
def get_user(user_id: int) -> dict[str, Any]:
    """Return a user."""
    return shapes.user(users.get_user(user_id))


@reads
def get_user_by_name(username: str) -> dict[str, Any] | None:
    """Return the user with a username."""
    rows = users.list_users(with_inactive=True)
    return next((shapes.user(row) for row in rows if row.username.casefold() == username.casefold()), None)


@reads
def get_all_users() -> list[dict[str, Any]]:
    """Return every user, the inactive ones too."""
    return [shapes.user(row) for row in users.list_users(with_inactive=True)]


@changes
def remove_user(user_id: int) -> bool:
    """Remove a user; what was assigned to them is assigned to nobody, each of which is an edit."""
    for task_id in users.assigned_task_ids(user_id):
        tasks.update_task(task_id, owner_id=0)
    for subtask_id in users.assigned_subtask_ids(user_id):
        subtasks.update_subtask(subtask_id, user_id=0)
    users.remove_user(user_id)
    return True


@changes
def disable_user(user_id: int) -> bool:
    """Make a user inactive."""
    users.update_user(user_id, is_active=0)
    return True


@changes
def enable_user(user_id: int) -> bool:
    """Make a user active."""
    users.update_user(user_id, is_active=1)
    return True


@reads
def is_active_user(user_id: int) -> bool:
    """Return whether a user is there and active."""
    return any(user.id == user_id for user in users.list_users())


@changes
def create_user(username: str, password: str, name: str = "", email: str = "", role: str = "app-user") -> int | bool:
    """Add a user with a password and return the id."""
    if username.strip().casefold() == APPLICATION.username:
        return False
    user_id = users.add_user(username, name=name, email=email, role=role)
    credentials.set_password(user_id, password)
    return user_id


@changes
def create_ldap_user(username: str) -> bool:
    """Refuse: there is no directory to take a user from."""
    return False


@changes
def update_user(
    id_: int, username: str | None = None, name: str | None = None, email: str | None = None, role: str | None = None
) -> bool:
    """Change what is given of a user."""
    if username is not None and username.strip().casefold() == APPLICATION.username:
        return False
    users.update_user(id_, username=username, name=name, email=email, role=role)
    return True

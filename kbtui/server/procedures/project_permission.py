"""Members of projects and their roles."""

from typing import Any

from kbtui.core.projects import members
from kbtui.server import shapes
from kbtui.server.registry import changes, reads


@reads
def get_project_users(project_id: int) -> dict[str, Any] | list[Any]:
    """Return the names of a project's members, by id."""
    return shapes.mapping({user_id: name for user_id, name, _ in members.list_members(project_id)})


@reads
def get_assignable_users(project_id: int, prepend_unassigned: bool = False) -> dict[str, Any] | list[Any]:
    """Return the names of those who can be assigned in a project, by id; 0 is nobody."""
    named = sorted((user.name or user.username, int(user.id)) for user in members.list_assignable(project_id))
    nobody = {0: "Unassigned"} if prepend_unassigned else {}
    return shapes.mapping(nobody | {user_id: name for name, user_id in named})


@changes
def add_project_user(project_id: int, user_id: int, role: str = "project-member") -> bool:
    """Make a user a member of a project."""
    members.add_member(project_id, user_id, role)
    return True


@changes
def remove_project_user(project_id: int, user_id: int) -> bool:
    """Take a user out of a project."""
    return members.remove_member(project_id, user_id)


@changes
def change_project_user_role(project_id: int, user_id: int, role: str) -> bool:
    """Give a member of a project another role."""
    members.set_member_role(project_id, user_id, role)
    return True


@reads
def get_project_user_role(project_id: int, user_id: int) -> str | None:
    """Return the role of a user in a project."""
    return members.project_role(project_id, user_id)

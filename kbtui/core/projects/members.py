"""Members: who works on a project, and in which role. A project without any is open to everybody, unless private."""

from kbtui.core.db.database import fetch_all, fetch_one, transactional
from kbtui.core.db.engine import database
from kbtui.core.db.lookup import get_row
from kbtui.core.db.models import Project
from kbtui.core.events import log
from kbtui.core.projects.users import VIEWER, get_user
from kbtui.errors import InvalidError, NotFoundError

MANAGER, MEMBER = "project-manager", "project-member"
ROLES = (MANAGER, MEMBER, VIEWER)


def list_members(project_id: int) -> list[tuple[int, str, str]]:
    """Return the id, the name (the username where there is none) and the role of each member, by name."""
    rows = fetch_all(
        "SELECT u.id, CASE u.name WHEN '' THEN u.username ELSE u.name END AS called, m.role FROM project_users m"
        " JOIN users u ON u.id = m.user_id WHERE m.project_id = ? ORDER BY called, u.id",
        (project_id,),
    )
    return [(user_id, name, role) for user_id, name, role in rows]


def project_role(project_id: int, user_id: int) -> str | None:
    """Return the role of a user in a project, None for none, for an inactive user and for no project.

    Where nobody is named a member, all are, and the owner is the manager; of a private project only the owner is.
    """
    row = fetch_one(
        "SELECT m.role, p.owner_id, p.is_private, EXISTS (SELECT 1 FROM project_users WHERE project_id = p.id)"
        " FROM projects p JOIN users u ON u.id = ?1 AND u.is_active = 1"
        " LEFT JOIN project_users m ON m.project_id = p.id AND m.user_id = u.id WHERE p.id = ?2",
        (user_id, project_id),
    )
    if row is None:
        return None
    role, owner_id, is_private, has_members = row
    if has_members:
        return str(role) if role is not None else None
    if owner_id == user_id:
        return MANAGER
    return None if is_private else MEMBER


def list_project_ids(user_id: int) -> list[int]:
    """Return the active projects that a user can see, in their order."""
    rows = fetch_all(
        "SELECT p.id FROM projects p WHERE p.is_active = 1 AND (EXISTS (SELECT 1 FROM project_users m"
        " WHERE m.project_id = p.id AND m.user_id = ?1) OR ((p.is_private = 0 OR p.owner_id = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM project_users m WHERE m.project_id = p.id))) ORDER BY p.position, p.id",
        (user_id,),
    )
    return [project_id for (project_id,) in rows]


@transactional
def add_member(project_id: int, user_id: int, role: str = MEMBER) -> None:
    """Make a user a member of a project; with the first one its owner becomes the manager, who would be shut out.

    Raises NotFoundError, or InvalidError for a member or a role that is none.
    """
    project, user = get_row(Project, project_id, "project"), get_user(user_id)
    if _role(project_id, user_id) is not None:
        raise InvalidError(f'The user "{user.username}" is a member of the project "{project.name}" already.')
    added = {user_id: _check_role(role)}
    if project.owner_id and not list_members(project_id):
        added = {project.owner_id: MANAGER} | added
    for each, its_role in added.items():
        database.execute_sql(
            "INSERT INTO project_users (project_id, user_id, role) VALUES (?, ?, ?)", (project_id, each, its_role)
        )
    _record("update", project)


@transactional
def set_member_role(project_id: int, user_id: int, role: str) -> bool:
    """Give a member another role; tell whether it differs. Raises NotFoundError or InvalidError."""
    project = get_row(Project, project_id, "project")
    before = _role(project_id, user_id)
    if before is None:
        raise NotFoundError(f'The user {user_id} is no member of the project "{project.name}".')
    if _check_role(role) == before:
        return False
    database.execute_sql(
        "UPDATE project_users SET role = ? WHERE project_id = ? AND user_id = ?", (role, project_id, user_id)
    )
    _record("update", project)
    return True


@transactional
def remove_member(project_id: int, user_id: int) -> bool:
    """Take a user out of a project; tell whether there was one.

    The last one to go opens it to everybody, unless it is private.
    """
    project = get_row(Project, project_id, "project")
    if _role(project_id, user_id) is None:
        return False
    database.execute_sql("DELETE FROM project_users WHERE project_id = ? AND user_id = ?", (project_id, user_id))
    _record("update", project)
    return True


def _role(project_id: int, user_id: int) -> str | None:
    row = fetch_one("SELECT role FROM project_users WHERE project_id = ? AND user_id = ?", (project_id, user_id))
    return str(row[0]) if row else None


def _check_role(role: str) -> str:
    if role not in ROLES:
        raise InvalidError(f'There is no role "{role}" in a project; choose one of {", ".join(ROLES)}.')
    return role


def _record(action: str, project: Project) -> None:
    facts = {"action": action, "id": project.id, "name": project.name}
    log.record("project.change", facts, project_id=project.id)

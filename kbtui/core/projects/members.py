"""Members: who works on a project, in which role, and who can be assigned there.

A project is open to all, or for its members only. Where it is open everybody works on it as a member; its owner manages
it either way. Removing somebody, or all of them, opens nothing:
only :func:`kbtui.core.projects.projects.update_project` does.
"""

from typing import Any, NamedTuple

from peewee import JOIN, BaseQuery, fn

from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import get_row
from kbtui.core.db.models import Project, ProjectUser, User
from kbtui.core.db.prepared import prepared, rows, scalar
from kbtui.core.events import log
from kbtui.core.projects.users import get_user
from kbtui.errors import InvalidError, NotFoundError

MANAGER, MEMBER, VIEWER = "project-manager", "project-member", "project-viewer"
ROLES = (MANAGER, MEMBER, VIEWER)
"""The roles of members. A viewer sees the project and has no tasks in it."""


class Member(NamedTuple):
    """A member of a project; ``name`` is the username where there is no name."""

    user_id: int
    name: str
    role: str


class _Standing(NamedTuple):
    """What decides what one user may do in one project; ``role`` is that of the member, if there is one."""

    project: str
    owner_id: int
    is_open: bool
    user_id: int
    username: str
    is_active: int
    role: str | None

    @property
    def effective_role(self) -> str | None:
        if not self.is_active:
            return None
        if self.owner_id == self.user_id:
            return MANAGER
        if self.is_open and self.role != MANAGER:
            return MEMBER
        return self.role


def list_members(project_id: int) -> list[Member]:
    """Return the members of a project, by name."""
    called = fn.coalesce(fn.nullif(User.name, ""), User.username)
    query = User.select(User.id, called, ProjectUser.role).join(ProjectUser, on=(ProjectUser.user_id == User.id))
    found = rows(query.where(ProjectUser.project_id == project_id), Member._make)
    return sorted(found, key=lambda member: (member.name, member.user_id))


def project_role(project_id: int, user_id: int) -> str | None:
    """Return the role of a user in a project, None for none, for an inactive user and for no project."""
    standing = _standing.first(project_id, user_id)
    return standing.effective_role if standing else None


def list_project_ids(user_id: int, *, with_inactive: bool = False) -> list[int]:
    """Return the projects that a user can see, in their order, the inactive ones only if asked for."""
    query = Project.select(Project.id).join(User, on=((User.id == user_id) & (User.is_active == 1)))
    joined = ProjectUser.select(ProjectUser.project_id).where(ProjectUser.user_id == user_id)
    query = query.where(_is_open() | (Project.owner_id == user_id) | Project.id.in_(joined))
    if not with_inactive:
        query = query.where(Project.is_active == 1)
    return rows(query.order_by(Project.position, Project.id), scalar)


@transactional
def add_member(project_id: int, user_id: int, role: str = MEMBER) -> None:
    """Make a user a member of a project. The first one makes it members only, and with them its owner becomes one.

    Raises NotFoundError, or InvalidError for a member or a role that is none.
    """
    project, user = get_row(Project, project_id, "project"), get_user(user_id)
    there = {member.user_id for member in list_members(project_id)}
    if user_id in there:
        raise InvalidError(f'The user "{user.username}" is a member of the project "{project.name}" already.')
    added = {user_id: _check_role(role)}
    if not there and project.owner_id:
        added = {project.owner_id: MANAGER} | added
    if not there:
        Project.update(is_open=0).where(Project.id == project_id).execute()
    ProjectUser.insert_many(
        [{"project_id": project_id, "user_id": each, "role": its_role} for each, its_role in added.items()]
    ).execute()
    _record(project)


@transactional
def set_member_role(project_id: int, user_id: int, role: str) -> bool:
    """Give a member another role; return whether it differs. Raises NotFoundError or InvalidError."""
    project = get_row(Project, project_id, "project")
    member = _member(project_id, user_id)
    if member is None:
        raise NotFoundError(f'The user {user_id} is no member of the project "{project.name}".')
    if _check_role(role) == member.role:
        return False
    member.role = role
    member.save(only=[ProjectUser.role])
    _record(project)
    return True


@transactional
def remove_member(project_id: int, user_id: int) -> bool:
    """Take a user out of a project; return whether there was one.

    Who is its owner still manages it. The last one to go leaves it members only.
    """
    project = get_row(Project, project_id, "project")
    member = _member(project_id, user_id)
    if member is None:
        return False
    member.delete_instance()
    _record(project)
    return True


def list_assignable(project_id: int) -> list[User]:
    """Return who can be assigned in a project, by id: its active members but not viewers, its owner, or all."""
    role = (ProjectUser.project_id == Project.id) & (ProjectUser.user_id == User.id)
    query = User.select(User).join(Project, on=(Project.id == project_id))
    query = query.join(ProjectUser, JOIN.LEFT_OUTER, on=role)
    works = ProjectUser.role.in_((MANAGER, MEMBER)) | (Project.owner_id == User.id) | _is_open()
    return list(query.where((User.is_active == 1) & works).order_by(User.id))


def is_assignable(project_id: int, user_id: int) -> bool:
    """Return whether a task of a project can be assigned to a user; nobody (0) is always possible."""
    return user_id == 0 or project_role(project_id, user_id) in (MANAGER, MEMBER)


def assignable_or_nobody(project_id: int, user_id: int) -> int:
    """Return the user, or nobody (0) when a task of the project cannot be assigned to them."""
    return user_id if is_assignable(project_id, user_id) else 0


def check_assignable(project_id: int, user_id: int) -> None:
    """Raise NotFoundError or InvalidError when a user cannot be assigned in a project; nobody (0) always can."""
    if not user_id:
        return
    standing = _standing.first(project_id, user_id)
    if standing is None:
        raise NotFoundError(f"There is no user {user_id}.")
    if not standing.is_active:
        raise InvalidError(f'The user "{standing.username}" is not active and cannot be assigned; choose another one.')
    if standing.effective_role not in (MANAGER, MEMBER):
        there = ", ".join(user.username for user in list_assignable(project_id))
        raise InvalidError(
            f'The user "{standing.username}" is no member of the project "{standing.project}"; '
            + (f"choose from: {there}." if there else "it has none yet, add some or open it to all.")
        )


@prepared(_Standing._make)
def _standing(project_id: int, user_id: int) -> BaseQuery:
    role = (ProjectUser.project_id == Project.id) & (ProjectUser.user_id == User.id)
    query = Project.select(
        Project.name, Project.owner_id, _is_open(), User.id, User.username, User.is_active, ProjectUser.role
    )
    query = query.join(User, on=(User.id == user_id)).join(ProjectUser, JOIN.LEFT_OUTER, on=role)
    return query.where(Project.id == project_id)


def _is_open() -> Any:
    """Return the condition for a project that all may see: one person's own never is."""
    return (Project.is_open == 1) & (Project.is_private == 0)


def _member(project_id: int, user_id: int) -> ProjectUser | None:
    """Return a member's row, None where there is none."""
    found: ProjectUser | None = ProjectUser.get_or_none(
        (ProjectUser.project_id == project_id) & (ProjectUser.user_id == user_id)
    )
    return found


def _check_role(role: str) -> str:
    if role not in ROLES:
        raise InvalidError(f'There is no role "{role}" in a project; choose one of {", ".join(ROLES)}.')
    return role


def _record(project: Project) -> None:
    facts = {"action": "update", "id": project.id, "name": project.name}
    log.record("project.change", facts, project_id=project.id)

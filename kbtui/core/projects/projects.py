"""Projects: the boards."""

import secrets
import time
from datetime import date
from typing import Any

from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import LARGEST, change_row, check_empty, find_row, get_row
from kbtui.core.db.models import Column, Endpoint, Project, Swimlane, Tag, Task
from kbtui.core.events import log
from kbtui.core.projects import settings
from kbtui.core.projects.columns import DEFAULT_TITLES
from kbtui.core.projects.positions import close_gap, move_row, next_position
from kbtui.core.projects.swimlanes import DEFAULT_NAME
from kbtui.core.projects.users import get_user
from kbtui.core.values.text import clean_line, clean_text
from kbtui.errors import InUseError, InvalidError

FIRST_PROJECT = "My project"
"""What the project is called that an empty board gets."""


def list_projects(*, with_inactive: bool = False) -> list[Project]:
    """Return the projects in their order, the inactive ones only if asked for."""
    query = Project.select() if with_inactive else Project.select().where(Project.is_active == 1)
    return list(query.order_by(Project.position, Project.id))


def get_project(project_id: int) -> Project:
    """Return a project; raise NotFoundError when there is none with this id."""
    return get_row(Project, project_id, "project")


def find_project(ref: str) -> Project:
    """Return the project, active or not, that an id or a name means; raise NotFoundError or InvalidError."""
    return find_row(list_projects(with_inactive=True), ref, "project")


def project_named(name: str) -> Project | None:
    """Return the project with exactly this name, the oldest of several."""
    return _oldest(Project.name == name)


def project_identified(identifier: str) -> Project | None:
    """Return the project with an identifier, in whatever case."""
    wanted = identifier.strip().upper()
    return _oldest(Project.identifier == wanted) if wanted else None


def project_addressed(email: str) -> Project | None:
    """Return the project with an email address, the oldest of several."""
    return _oldest(Project.email == email) if email else None


def first_project_id() -> int:
    """Return the first project's id, making one when there is none."""
    there = list_projects()
    return int(there[0].id) if there else _make_first_project()


@transactional
def _make_first_project() -> int:
    # Looked at again under the lock: two programs may have found none at the same moment.
    there = list_projects()
    return int(there[0].id) if there else create_project(FIRST_PROJECT)


@transactional
def create_project(
    name: str, *, description: str = "", identifier: str = "", owner_id: int = 0, is_private: int = 0, is_open: int = 1
) -> int:
    """Create a project with the default columns and one swimlane, and return its id.

    It is open to all, or with ``is_open`` 0 members only, as one person's own (``is_private``) always is.

    The columns are those of the setting ``default_columns``, a comma-separated list, or Kanboard's.
    """
    project = Project.create(
        name=clean_line(name, "project name"),
        description=clean_text(description),
        identifier=_clean_identifier(identifier),
        owner_id=_check_owner(owner_id),
        is_private=is_private,
        is_open=int(bool(is_open) and not is_private),
        position=next_position(Project, None),
        last_modified=int(time.time()),
    )
    for position, title in enumerate(default_titles(), start=1):
        Column.create(project_id=project.id, title=title, position=position)
    Swimlane.create(project_id=project.id, name=DEFAULT_NAME, position=1, is_default=1)
    _record("create", project)
    return int(project.id)


def default_titles() -> list[str]:
    """Return the titles of a new project's columns, each once."""
    wanted = [title for title in settings.get(settings.DEFAULT_COLUMNS).split(",") if title.strip()]
    titles: dict[str, str] = {}
    for title in wanted or DEFAULT_TITLES:
        title = clean_line(title, "column title")
        titles.setdefault(title.casefold(), title)
    return list(titles.values())


@transactional
def update_project(
    project_id: int,
    *,
    name: str | None = None,
    description: str | None = None,
    identifier: str | None = None,
    owner_id: int | None = None,
    is_active: int | None = None,
    is_public: int | None = None,
    is_open: int | None = None,
    email: str | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    priority_default: int | None = None,
    priority_start: int | None = None,
    priority_end: int | None = None,
) -> bool:
    """Change what is given of a project; return whether anything differed.

    ``is_open`` opens it to all, or makes it members only. Dates are ``2027-01-31``, "" for none. Raises NotFoundError
    or InvalidError.
    """
    project = get_project(project_id)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = clean_line(name, "project name")
    if description is not None:
        values["description"] = clean_text(description)
    if identifier is not None:
        values["identifier"] = _clean_identifier(identifier, own_id=project_id)
    if owner_id is not None:
        values["owner_id"] = _check_owner(owner_id)
    if is_active is not None:
        values["is_active"] = int(bool(is_active))
    if is_public is not None:
        values |= {"is_public": int(bool(is_public)), "token": project.token or secrets.token_hex(30)}
        values["token"] = values["token"] if is_public else ""
    if is_open is not None:
        values["is_open"] = _check_open(project, is_open)
    if email is not None:
        values["email"] = clean_line(email, "email address") if email.strip() else None
    for field, day in (("start_date", start_date), ("end_date", end_date)):
        if day is not None:
            values[field] = _check_date(day)
    values |= _check_priorities(project, priority_start, priority_default, priority_end)
    if not change_row(project, **values):
        return False
    change_row(project, last_modified=int(time.time()))
    _record("update", project)
    return True


@transactional
def move_project(project_id: int, position: int) -> bool:
    """Put a project at a position in the list; return whether that moved it."""
    project = get_project(project_id)
    if not move_row(project, position):
        return False
    _record("move", project)
    return True


@transactional
def remove_project(project_id: int, *, with_tasks: bool = False) -> None:
    """Remove a project with its columns, swimlanes, categories and tags.

    Raises InUseError while it holds tasks, unless these are to go with it, and while a webhook gets its events
    alone: what waits for that one would be lost with it.
    """
    project = get_project(project_id)
    if not with_tasks:
        check_empty(Task.project_id, project_id, f'project "{project.name}"')
    alone = Endpoint.select(Endpoint.name).where(Endpoint.project_id == project_id).order_by(Endpoint.id)
    bound = [f'"{endpoint.name}"' for endpoint in alone]
    if bound:
        raise InUseError(
            f'The project "{project.name}" is the only one of the webhook {", ".join(bound)};'
            " remove that or give it another project first."
        )
    Task.delete().where(Task.project_id == project_id).execute()
    Tag.delete().where(Tag.project_id == project_id).execute()
    project.delete_instance()
    close_gap(project)
    _record("remove", project)


def _oldest(condition: Any) -> Project | None:
    found: Project | None = Project.select().where(condition).order_by(Project.id).first()
    return found


def _clean_identifier(identifier: str, *, own_id: int = 0) -> str:
    identifier = identifier.strip().upper()
    if not identifier:
        return ""
    if not (identifier.isascii() and identifier.isalnum() and len(identifier) <= 50):
        raise InvalidError(f'The identifier "{identifier}" must be at most 50 letters and digits.')
    for project in list_projects(with_inactive=True):
        if project.id != own_id and project.identifier == identifier:
            raise InvalidError(f'The project "{project.name}" (#{project.id}) has the identifier {identifier} already.')
    return identifier


def _check_open(project: Project, is_open: int) -> int:
    if is_open and project.is_private:
        raise InvalidError(f'The project "{project.name}" is one person\'s own and cannot be open to all.')
    return int(bool(is_open))


def _check_date(day: str) -> str:
    """Return a day as it is stored; raise InvalidError for one that the calendar lacks."""
    if not day.strip():
        return ""
    try:
        return date.fromisoformat(day.strip()).isoformat()
    except ValueError as error:
        raise InvalidError(f'"{day}" is no day; write it as 2027-01-31.') from error


def _check_owner(owner_id: int) -> int:
    return int(get_user(owner_id).id) if owner_id else 0


def _check_priorities(project: Project, start: int | None, default: int | None, end: int | None) -> dict[str, int]:
    first = project.priority_start if start is None else start
    usual = project.priority_default if default is None else default
    last = project.priority_end if end is None else end
    if not -LARGEST <= first <= usual <= last <= LARGEST:
        raise InvalidError(f"The priorities go from {first} to {last}, and the default of {usual} must be among them.")
    return {"priority_start": first, "priority_default": usual, "priority_end": last}


def _record(action: str, project: Project) -> None:
    facts = {"action": action, "id": project.id, "name": project.name}
    log.record("project.change", facts, project_id=project.id)

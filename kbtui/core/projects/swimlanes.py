"""Swimlanes: the rows across all columns of a project, from top to bottom. One of them is the default."""

from typing import Any

from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import change_row, check_empty, check_unused, clean_limit, find_row, get_row
from kbtui.core.db.models import Project, Swimlane, Task
from kbtui.core.events import log
from kbtui.core.projects.positions import close_gap, move_row, next_position
from kbtui.core.values.text import clean_line, clean_text
from kbtui.errors import InvalidError

DEFAULT_NAME = "Default swimlane"


def list_swimlanes(project_id: int, *, with_inactive: bool = False) -> list[Swimlane]:
    """Return the swimlanes of a project, from top to bottom, the inactive ones only if asked for."""
    query = Swimlane.select().where(Swimlane.project_id == project_id)
    if not with_inactive:
        query = query.where(Swimlane.is_active == 1)
    return list(query.order_by(Swimlane.position, Swimlane.id))


def get_swimlane(swimlane_id: int) -> Swimlane:
    """Return a swimlane; raise NotFoundError when there is none with this id."""
    return get_row(Swimlane, swimlane_id, "swimlane")


def default_swimlane(project_id: int) -> Swimlane:
    """Return the swimlane that tasks of a project stand in unless another is named."""
    get_row(Project, project_id, "project")
    swimlane: Swimlane = Swimlane.get((Swimlane.project_id == project_id) & (Swimlane.is_default == 1))
    return swimlane


def find_swimlane(project_id: int, ref: str) -> Swimlane:
    """Return the swimlane of a project, active or not, that an id or a name means."""
    return find_row(list_swimlanes(project_id, with_inactive=True), ref, "swimlane")


@transactional
def add_swimlane(project_id: int, name: str, *, description: str = "", task_limit: int = 0) -> int:
    """Add a swimlane at the bottom and return its id; a ``task_limit`` of 0 is none."""
    get_row(Project, project_id, "project")
    swimlane = Swimlane.create(
        project_id=project_id,
        name=_clean_name(project_id, name),
        position=next_position(Swimlane, project_id),
        description=clean_text(description),
        task_limit=clean_limit(task_limit),
    )
    _record("create", swimlane)
    return int(swimlane.id)


@transactional
def update_swimlane(
    swimlane_id: int,
    *,
    name: str | None = None,
    description: str | None = None,
    is_active: int | None = None,
    task_limit: int | None = None,
) -> bool:
    """Change what is given of a swimlane; return whether anything differed.

    An inactive swimlane is not on the board; its tasks stay in it. The default one is always active.
    """
    swimlane = get_swimlane(swimlane_id)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = _clean_name(swimlane.project_id, name, own_id=swimlane_id)
    if description is not None:
        values["description"] = clean_text(description)
    if is_active is not None:
        if swimlane.is_default and not is_active:
            raise InvalidError(f'"{swimlane.name}" is the default swimlane of its project, which is always active.')
        values["is_active"] = int(bool(is_active))
    if task_limit is not None:
        values["task_limit"] = clean_limit(task_limit)
    if not change_row(swimlane, **values):
        return False
    _record("update", swimlane)
    return True


@transactional
def move_swimlane(swimlane_id: int, position: int) -> bool:
    """Put a swimlane at a position, 1 being the top; return whether that moved it."""
    swimlane = get_swimlane(swimlane_id)
    if not move_row(swimlane, position):
        return False
    _record("move", swimlane)
    return True


@transactional
def remove_swimlane(swimlane_id: int) -> None:
    """Remove a swimlane; raise InvalidError for the default one, InUseError while it holds tasks."""
    swimlane = get_swimlane(swimlane_id)
    if swimlane.is_default:
        raise InvalidError(f'"{swimlane.name}" is the default swimlane of its project and cannot be removed.')
    check_empty(Task.swimlane_id, swimlane_id, f'swimlane "{swimlane.name}"')
    swimlane.delete_instance()
    close_gap(swimlane)
    _record("remove", swimlane)


def _clean_name(project_id: int, name: str, *, own_id: int = 0) -> str:
    name = clean_line(name, "swimlane name")
    check_unused(list_swimlanes(project_id, with_inactive=True), name, "swimlane", own_id=own_id)
    return name


def _record(action: str, swimlane: Swimlane) -> None:
    facts = {"action": action, "id": swimlane.id, "name": swimlane.name}
    log.record("swimlane.change", facts, project_id=swimlane.project_id)

"""Tasks: find, create, edit, move, close and remove them."""

import time
from typing import Any

from kbtui.core.db.models import Task
from kbtui.core.projects import settings
from kbtui.core.projects.members import check_assignable
from kbtui.core.projects.users import ROLES
from kbtui.core.tasks import moves, removals, tasks, transfers
from kbtui.core.tasks.task_rows import open_cell
from kbtui.core.views.queries import Asker, conditions
from kbtui.core.views.task_details import list_details, list_overdue, list_rows, list_tags
from kbtui.errors import InvalidError, NotFoundError
from kbtui.server import shapes
from kbtui.server.arguments import read_time
from kbtui.server.callers import Call
from kbtui.server.json_text import JsonText
from kbtui.server.registry import changes, reads


@reads
def search_tasks(call: Call, project_id: int, query: str) -> JsonText:
    """Return the tasks of a project that a query means, see :mod:`kbtui.core.views.queries`."""
    caller = call.caller
    visibilities = None if caller.is_admin else [role for role in ROLES if caller.can_see(role)]
    asker = Asker(caller.user_id, time.time(), settings.time_zone(), visibilities)
    found = list_details(*conditions(query, asker, project_id))
    return shapes.found_tasks(found, list_tags(found))


@reads
def get_task(call: Call, task_id: int) -> dict[str, Any]:
    """Return a task."""
    return shapes.task(tasks.get_task(task_id), call.base_url)


@reads
def get_task_by_reference(call: Call, project_id: int, reference: str) -> dict[str, Any] | None:
    """Return the first task of a project that has a reference."""
    found = Task.select(Task.id).where(Task.project_id == project_id, Task.reference == reference).order_by(Task.id)
    first = found.first() if reference else None
    return get_task(call, first.id) if first else None


@reads
def get_all_tasks(call: Call, project_id: int, status_id: int = 1) -> JsonText:
    """Return the open (1) or the closed (0) tasks of a project."""
    return shapes.task_rows(list_rows(project_id, is_active=bool(status_id)), call.base_url)


@reads
def get_overdue_tasks() -> list[dict[str, Any]]:
    """Return the tasks of all projects that are past their due date."""
    return [task._asdict() for task in list_overdue()]


@reads
def get_overdue_tasks_by_project(project_id: int) -> list[dict[str, Any]]:
    """Return the tasks of a project that are past their due date."""
    return [task._asdict() for task in list_overdue(project_ids=[project_id])]


@changes
def open_task(task_id: int) -> bool:
    """Open a task; an open one stays open."""
    tasks.open_task(task_id)
    return True


@changes
def close_task(task_id: int) -> bool:
    """Close a task; a closed one stays closed."""
    tasks.close_task(task_id)
    return True


@changes
def remove_task(task_id: int) -> bool:
    """Remove a task with all that is on it."""
    removals.remove_task(task_id, keep=False)
    return True


@changes
def move_task_position(project_id: int, task_id: int, column_id: int, position: int, swimlane_id: int) -> bool:
    """Move an open task on its project's board; a ``swimlane_id`` of 0 is the one it is in."""
    moves.move_task(
        task_id, column_id=column_id, swimlane_id=swimlane_id or None, position=position, project_id=project_id
    )
    return True


@changes
def move_task_to_project(
    task_id: int,
    project_id: int,
    swimlane_id: int | None = None,
    column_id: int | None = None,
    category_id: int | None = None,
    owner_id: int | None = None,
) -> bool:
    """Move a task to another project."""
    check_assignable(project_id, owner_id or 0)
    transfer = transfers.move_task_to_project(
        task_id, project_id, swimlane_id=swimlane_id, column_id=column_id, category_id=category_id, owner_id=owner_id
    )
    return transfer is not None


@changes
def duplicate_task_to_project(
    task_id: int,
    project_id: int,
    swimlane_id: int | None = None,
    column_id: int | None = None,
    category_id: int | None = None,
    owner_id: int | None = None,
) -> int:
    """Copy a task into a project and return the copy's id."""
    check_assignable(project_id, owner_id or 0)
    return transfers.duplicate_task(
        task_id, project_id, swimlane_id=swimlane_id, column_id=column_id, category_id=category_id, owner_id=owner_id
    )


@changes
def create_task(
    call: Call,
    title: str,
    project_id: int,
    color_id: str = "",
    column_id: int = 0,
    owner_id: int = 0,
    creator_id: int = 0,
    date_due: str = "",
    description: str = "",
    category_id: int = 0,
    score: int = 0,
    swimlane_id: int | None = None,
    priority: int = 0,
    recurrence_status: int = 0,
    recurrence_trigger: int = 0,
    recurrence_factor: int = 0,
    recurrence_timeframe: int = 0,
    recurrence_basedate: int = 0,
    reference: str = "",
    tags: list[str] = [],  # noqa: B006 - never changed
    date_started: str = "",
    time_spent: float | None = None,
    time_estimated: float | None = None,
) -> int | bool:
    """Create a task and return its id; 0 where it cannot stand, false for any other value that cannot be."""
    try:
        cell = open_cell(project_id, column_id or None, swimlane_id or None)
    except (NotFoundError, InvalidError):
        return 0
    fields = tasks.NewTaskFields(
        column_id=cell.column_id,
        swimlane_id=cell.swimlane_id,
        color_id=color_id,
        owner_id=owner_id,
        creator_id=creator_id if call.caller.is_application else call.caller.user_id,
        date_due=read_time(date_due),
        description=description,
        category_id=category_id,
        score=score,
        priority=priority,
        recurrence_status=recurrence_status,
        recurrence_trigger=recurrence_trigger,
        recurrence_factor=recurrence_factor,
        recurrence_timeframe=recurrence_timeframe,
        recurrence_basedate=recurrence_basedate,
        reference=reference,
        tags=tags,
        date_started=read_time(date_started),
        time_spent=time_spent or 0,
        time_estimated=time_estimated or 0,
    )
    return tasks.create_task(project_id, title, title_limit=tasks.API_TITLE_LIMIT, **fields)


@changes
def update_task(
    id_: int,
    title: str | None = None,
    color_id: str | None = None,
    owner_id: int | None = None,
    date_due: str | None = None,
    description: str | None = None,
    category_id: int | None = None,
    score: int | None = None,
    priority: int | None = None,
    recurrence_status: int | None = None,
    recurrence_trigger: int | None = None,
    recurrence_factor: int | None = None,
    recurrence_timeframe: int | None = None,
    recurrence_basedate: int | None = None,
    reference: str | None = None,
    tags: list[str] | None = None,
    date_started: str | None = None,
    time_spent: float | None = None,
    time_estimated: float | None = None,
) -> bool:
    """Change what is given of a task; a change to what it is already is as good as any."""
    given: dict[str, Any] = {
        "title": title,
        "color_id": color_id,
        "owner_id": owner_id,
        "date_due": None if date_due is None else read_time(date_due),
        "description": description,
        "category_id": category_id,
        "score": score,
        "priority": priority,
        "recurrence_status": recurrence_status,
        "recurrence_trigger": recurrence_trigger,
        "recurrence_factor": recurrence_factor,
        "recurrence_timeframe": recurrence_timeframe,
        "recurrence_basedate": recurrence_basedate,
        "reference": reference,
        "tags": tags,
        "date_started": None if date_started is None else read_time(date_started),
        "time_spent": time_spent,
        "time_estimated": time_estimated,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    tasks.update_task(id_, title_limit=tasks.API_TITLE_LIMIT, **changed)
    return True

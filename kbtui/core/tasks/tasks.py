"""Tasks: create, edit, close, open, look up."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict, Unpack

from peewee import BaseQuery

from kbtui.core.db.database import transactional
from kbtui.core.db.models import Category, Project, Subtask, Task
from kbtui.core.db.prepared import insert_row, prepared, scalar, write_row
from kbtui.core.events import log
from kbtui.core.events.log import Facts
from kbtui.core.events.snapshot import TaskSnapshot, plain_number, task_of, task_snapshot
from kbtui.core.projects.members import check_assignable
from kbtui.core.tasks.ranks import Cell, Key, assign_rank, known_position, note_added, note_closed
from kbtui.core.tasks.recurrence import check_recurrence, repeat_after_close
from kbtui.core.tasks.task_list import list_tasks as list_tasks
from kbtui.core.tasks.task_rows import add_tags, check_belongs, clean_tags, open_cell, set_tags, task_tags
from kbtui.core.values import text
from kbtui.core.values.colors import DEFAULT_COLOR
from kbtui.core.values.dates import LATEST
from kbtui.errors import InvalidError, NotFoundError

TITLE_LIMIT = 200
"""Characters in a title, as in Kanboard's form."""

API_TITLE_LIMIT = 65_535
"""Characters in a title that a program gives, as in Kanboard."""

NUMBER_LIMIT = 1 << 53
"""Numbers beyond this are not the same in every JSON parser."""


class TaskFields(TypedDict, total=False):
    """What can be given when a task is made or edited. Times are Unix seconds, estimates are hours."""

    description: str
    color_id: str
    owner_id: int
    category_id: int
    score: int
    priority: int
    date_due: int
    date_started: int | None
    time_estimated: float
    time_spent: float
    reference: str
    recurrence_status: int
    recurrence_trigger: int
    recurrence_factor: int
    recurrence_timeframe: int
    recurrence_basedate: int
    tags: Sequence[str]


class NewTaskFields(TaskFields, total=False):
    """What can be given when a task is made, and only then."""

    column_id: int | None
    swimlane_id: int | None
    position: int | None
    creator_id: int


class TaskChanges(TaskFields, total=False):
    """What an edit can change."""

    title: str


@transactional
def create_task(project_id: int, title: str, *, title_limit: int = TITLE_LIMIT, **fields: Unpack[NewTaskFields]) -> int:
    """Add a task to a project, last in its cell unless a position is given; return its id.

    Without a column it goes into the first one, without a swimlane into the default one. ``title_limit`` is how long
    a title the front end lets through. Raises NotFoundError or
    InvalidError when something it refers to is not there or not of this project.
    """
    values: dict[str, Any] = dict(fields)
    cell = open_cell(project_id, values.pop("column_id", None), values.pop("swimlane_id", None))
    position = values.pop("position", None)
    tags = values.pop("tags", ())
    creator_id = values.pop("creator_id", log.author_id())
    row = {"title": title, "color_id": DEFAULT_COLOR, **values}
    if "priority" not in row:
        row["priority"] = _default_priority.one(project_id)
    row = _checked(project_id, row, title_limit)
    check_assignable(project_id, row.get("owner_id", 0))
    if position is not None and position < 1:
        raise InvalidError(f"Position {position} is not possible; positions begin at 1.")
    rank, place = assign_rank(cell, position)
    now = int(time.time())
    row |= {"project_id": project_id, "column_id": cell.column_id, "swimlane_id": cell.swimlane_id, "rank": rank}
    row["folded"] = text.fold(row["title"])
    row |= {"creator_id": creator_id, "date_creation": now, "date_modification": now, "date_moved": now}
    task_id = insert_row(Task, row)
    note_added(cell, Key(rank, task_id))
    add_tags(task_id, project_id, tags)
    log.record("task.create", task_snapshot(task_id, place), project_id=project_id, task_id=task_id)
    return task_id


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit changed: the fields by their names, before and after."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


@transactional
def update_task(task_id: int, *, title_limit: int = TITLE_LIMIT, **changes: Unpack[TaskChanges]) -> Edit | None:
    """Edit a task and return what that changed, None for nothing; a title that is there may exceed the limit.

    Records ``task.assignee_change`` when only the assignee did, ``task.update`` otherwise, nothing for an edit
    that changes nothing. Raises NotFoundError or InvalidError like :func:`create_task`.
    """
    task = get_task(task_id)
    values: dict[str, Any] = dict(changes)
    tags = values.pop("tags", None)
    if values.get("title") == task.title:
        del values["title"]
    checked = _checked(task.project_id, values, title_limit)
    changed = {name: value for name, value in checked.items() if getattr(task, name) != value}
    check_assignable(task.project_id, changed.get("owner_id", 0))  # who has left may stay on the task
    before = {name: getattr(task, name) for name in changed}
    stored = dict(changed)
    if tags is not None:
        wanted = clean_tags(tags)
        if sorted(map(str.casefold, wanted)) != sorted(map(str.casefold, task.tags)):
            set_tags(task_id, task.project_id, wanted)
            before["tags"] = task.tags
            changed["tags"] = task_tags(task_id)
    if not changed:
        return None
    if "title" in stored:
        stored["folded"] = text.fold(stored["title"])
    stored["date_modification"] = int(time.time())
    write_row(Task, task_id, stored)
    name = "task.assignee_change" if list(changed) == ["owner_id"] else "task.update"
    facts = {**task_snapshot(task_id), "changes": changed, "before": before}
    names = ("assignee_username", "assignee_name", "category_name")
    facts["from"] = {name: getattr(task, name) for name in names}
    log.record(name, facts, project_id=task.project_id, task_id=task_id)
    return Edit(before, changed)


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing a task did: the statuses its subtasks had, by id, and what it made of a recurring task.

    ``next_task_id`` is the task that was made anew, if one was, and ``next_task_before`` the one made of it before.
    """

    statuses: Mapping[int, int]
    next_task_id: int | None
    next_task_before: int | None


@transactional
def close_task(task_id: int) -> Closing | None:
    """Close a task, and silently all its subtasks; return what that did, None where it was closed.

    A recurring task that repeats when it is closed is made anew.
    """
    task = _find(task_id)
    if not task.is_active:
        return None
    statuses: dict[int, int] = dict(_statuses.all(task_id))
    if statuses:
        Subtask.update(status=2).where(Subtask.task_id == task_id).execute()
    facts = _set_active(task, False, int(time.time()))
    return Closing(statuses, repeat_after_close(facts), facts["task"]["recurrence_child"])


@prepared()
def _statuses(task_id: int) -> BaseQuery:
    return Subtask.select(Subtask.id, Subtask.status).where(Subtask.task_id == task_id)


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening a closed task did: it had been closed since ``date_completed`` (Unix seconds)."""

    date_completed: int | None


@transactional
def open_task(task_id: int) -> Opening | None:
    """Open a closed task again at the place it had; return what that did, None where it was open."""
    task = _find(task_id)
    if task.is_active:
        return None
    _set_active(task, True, 0)
    return Opening(task.date_completed)


@transactional
def reopen_task(task_id: int, statuses: Mapping[int, int]) -> bool:
    """Open a closed task as if it had never been closed; return whether it was.

    Its subtasks get back the statuses they had, by their ids, as silently as they lost them.
    """
    if open_task(task_id) is None:
        return False
    for subtask_id, status in statuses.items():
        write_row(Subtask, subtask_id, {"status": status})
    return True


@transactional
def reclose_task(task_id: int, date_completed: int | None) -> bool:
    """Close an open task as if it had never been opened; return whether it was.

    It has been closed since ``date_completed`` (Unix seconds); its subtasks stay as they are, and nothing is made anew.
    """
    task = _find(task_id)
    if not task.is_active:
        return False
    _set_active(task, False, date_completed)
    return True


class _Found(NamedTuple):
    """What is asked of a task before it is closed or opened."""

    id: int
    project_id: int
    column_id: int
    swimlane_id: int
    rank: int
    is_active: int
    date_completed: int | None


@prepared(_Found._make)
def _row(task_id: int) -> BaseQuery:
    return Task.select(*(getattr(Task, name) for name in _Found._fields)).where(Task.id == task_id)


def _find(task_id: int) -> _Found:
    found = _row.first(task_id)
    if found is None:
        raise NotFoundError(f"There is no task #{task_id}.")
    return found


def _set_active(task: _Found, active: bool, date_completed: int | None) -> Facts:
    values = {"is_active": int(active), "date_completed": date_completed, "date_modification": int(time.time())}
    cell = Cell(task.column_id, task.swimlane_id)
    position = None if active else known_position(cell, Key(task.rank, task.id))
    write_row(Task, task.id, values)
    if not active:
        note_closed(cell)
    facts = task_snapshot(task.id, position)
    name = "task.open" if active else "task.close"
    log.record(name, facts, project_id=task.project_id, task_id=task.id)
    return facts


def get_task(task_id: int) -> TaskSnapshot:
    """Return a task with the names of what it refers to. Raises NotFoundError."""
    return task_of(task_snapshot(task_id))


@prepared(scalar)
def _default_priority(project_id: int) -> BaseQuery:
    return Project.select(Project.priority_default).where(Project.id == project_id)


def _checked(project_id: int, values: dict[str, Any], title_limit: int) -> dict[str, Any]:
    """Return the values as they are stored, or raise what is wrong with the first bad one."""
    checked = dict(values)
    if "title" in checked:
        checked["title"] = text.clean_line(checked["title"], "title", title_limit)
    if "description" in checked:
        checked["description"] = text.clean_text(checked["description"])
    if checked.get("reference"):
        checked["reference"] = text.clean_line(checked["reference"], "reference", 255)
    if "color_id" in checked:
        checked["color_id"] = text.clean_line(checked["color_id"] or DEFAULT_COLOR, "colour", 50)
    for name in checked.keys() - {"title", "description", "reference", "color_id"}:
        checked[name] = _checked_number(name, checked[name])
    check_recurrence(checked)
    if checked.get("category_id"):
        check_belongs(Category, checked["category_id"], project_id)
    return checked


def _checked_number(name: str, value: float | None) -> float | None:
    """Return a number as it is stored; raise InvalidError when it is out of bounds."""
    if value is None:
        return None
    if not -NUMBER_LIMIT < value < NUMBER_LIMIT:
        raise InvalidError(f"{value} is too large for the {name.replace('_', ' ')}.")
    if value < 0 and name.startswith(("time_", "date_")):
        raise InvalidError(f"The {name.replace('_', ' ')} cannot be negative.")
    if value > LATEST and name.startswith("date_"):
        raise InvalidError(f"The {name.replace('_', ' ')} is too far away; the calendar ends with the year 9998.")
    return plain_number(value)

"""Tasks as Kanboard lists them: their rows, or these with counts of what is on them and names of what they refer to."""

import time
from collections.abc import Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from peewee import JOIN, Case, Expression, Node, Value, fn

from kbtui.core.db.models import Category, Column, Comment, File, Project, Subtask, Swimlane, Task, TaskLink, User
from kbtui.core.db.prepared import among, rows
from kbtui.core.events.snapshot import plain_number
from kbtui.core.tasks.subtasks import DONE
from kbtui.core.tasks.task_list import Place, TaskTagRow, positions, tags_of

MILESTONE_LINK = 9
"""The id of Kanboard's link type "is a milestone of"."""


class TaskRow(NamedTuple):
    """A task's own row, in the order of ``getTask``. Times are Unix seconds, estimates hours."""

    id: int
    title: str
    description: str
    date_creation: int
    color_id: str
    project_id: int
    column_id: int
    owner_id: int
    position: int
    is_active: int
    date_completed: int | None
    score: int
    date_due: int
    category_id: int
    creator_id: int
    date_modification: int
    reference: str
    date_started: int | None
    time_spent: float
    time_estimated: float
    swimlane_id: int
    date_moved: int
    recurrence_status: int
    recurrence_trigger: int
    recurrence_factor: int
    recurrence_timeframe: int
    recurrence_basedate: int
    recurrence_parent: int | None
    recurrence_child: int | None
    priority: int
    external_provider: str | None
    external_uri: str | None


class TaskDetails(NamedTuple):
    """A task in Kanboard's longest form, but for its tags."""

    nb_comments: int
    nb_files: int
    nb_subtasks: int
    nb_completed_subtasks: int
    nb_links: int
    nb_external_links: int
    is_milestone: int | None
    id: int
    reference: str
    title: str
    description: str
    date_creation: int
    date_modification: int
    date_completed: int | None
    date_started: int | None
    date_due: int
    color_id: str
    project_id: int
    column_id: int
    swimlane_id: int
    owner_id: int
    creator_id: int
    position: int
    is_active: int
    score: int
    category_id: int
    priority: int
    date_moved: int
    recurrence_status: int
    recurrence_trigger: int
    recurrence_factor: int
    recurrence_timeframe: int
    recurrence_basedate: int
    recurrence_parent: int | None
    recurrence_child: int | None
    time_estimated: float
    time_spent: float
    assignee_username: str | None
    assignee_name: str | None
    assignee_email: str | None
    assignee_avatar_path: str | None
    category_name: str | None
    category_description: str | None
    column_name: str
    column_position: int
    swimlane_name: str
    project_name: str


class OverdueTask(NamedTuple):
    """An open task that is past its due date, in Kanboard's short form."""

    id: int
    title: str
    date_due: int
    project_id: int
    creator_id: int
    owner_id: int
    project_name: str
    assignee_username: str | None
    assignee_name: str | None


class _Counts(NamedTuple):
    """How much is on a task, in the order of :class:`TaskDetails`."""

    nb_comments: int = 0
    nb_files: int = 0
    nb_subtasks: int = 0
    nb_completed_subtasks: int = 0
    nb_links: int = 0
    nb_external_links: int = 0
    is_milestone: int | None = None


def list_rows(project_id: int, *, is_active: bool) -> list[TaskRow]:
    """Return the open or the closed tasks of a project, by id."""
    wanted = (Task.project == project_id, Task.is_active == int(is_active))
    found = _own_rows(wanted, TaskRow._fields, are_all=is_active)
    return sorted(map(TaskRow._make, found))


def list_board(project_id: int) -> list[TaskDetails]:
    """Return the open tasks of a project, each cell in its order."""
    return _details((Task.project == project_id, Task.is_active == 1), are_all=True)


def list_details(*conditions: Expression) -> list[TaskDetails]:
    """Return the tasks for which all conditions over :class:`Task` are true, by id."""
    return sorted(_details(conditions, are_all=False), key=attrgetter("id"))


def list_tags(tasks: Iterable[TaskDetails]) -> dict[int, list[TaskTagRow]]:
    """Return the tags of tasks, by task, in alphabetical order."""
    return tags_of([task.id for task in tasks])


def list_overdue(*, project_ids: Sequence[int] | None = None, owner_id: int | None = None) -> list[OverdueTask]:
    """Return the open tasks of active projects that are past their due date, None of ``project_ids`` meaning all."""
    query = (
        Task.select(
            *_columns(OverdueTask._fields[: OverdueTask._fields.index("project_name")]),
            Project.name,
            User.username,
            fn.nullif(User.name, ""),
        )
        .join_from(Task, Project)
        .join_from(Task, User, JOIN.LEFT_OUTER, on=(User.id == Task.owner_id))
        .where(Project.is_active == 1, Task.is_active == 1, Task.date_due.between(1, int(time.time())))
    )
    if project_ids is not None:
        query = query.where(Task.project.in_(project_ids))
    if owner_id is not None:
        query = query.where(Task.owner_id == owner_id)
    return rows(query.order_by(Task.id), OverdueTask._make)


def _details(conditions: Iterable[Expression], *, are_all: bool) -> list[TaskDetails]:
    found = _own_rows(conditions, _OWN, are_all=are_all)
    if not found:
        return []
    counts = _count_parts([row[0] for row in found])
    references = itemgetter(*map(_OWN.index, ("owner_id", "category_id", "column_id", "swimlane_id", "project_id")))
    named = _Names()
    none = _Counts()
    return [TaskDetails._make((*counts.get(row[0], none), *row, *named[references(row)])) for row in found]


class _Names(dict[tuple[int, int, int, int, int], tuple[Any, ...]]):
    """What a task is told of what it refers to, by these ids: few combinations, however many tasks.

    Each table is read once; to look names up for each task in the query would take twice as long.
    """

    def __init__(self) -> None:
        super().__init__()
        self._users = _by_id(User.id, User.username, fn.nullif(User.name, ""), fn.nullif(User.email, ""), Value(None))
        self._categories = _by_id(Category.id, Category.name, Category.description)
        self._columns = _by_id(Column.id, Column.title, Column.position)
        self._swimlanes = _by_id(Swimlane.id, Swimlane.name)
        self._projects = _by_id(Project.id, Project.name)

    def __missing__(self, key: tuple[int, int, int, int, int]) -> tuple[Any, ...]:
        owner_id, category_id, column_id, swimlane_id, project_id = key
        self[key] = (
            *self._users.get(owner_id, (None,) * 4),
            *self._categories.get(category_id, (None,) * 2),
            *self._columns[column_id],
            *self._swimlanes[swimlane_id],
            *self._projects[project_id],
        )
        return self[key]


def _own_rows(conditions: Iterable[Expression], fields: Sequence[str], *, are_all: bool) -> list[list[Any]]:
    """Return fields of tasks, those of a cell in its order; with ``are_all`` they are all open ones of their cells.

    The database does not sort them: it would copy each row once more.
    """
    found: list[list[Any]] = rows(Task.select(*_columns(fields)).where(*conditions), list)
    task, column, swimlane, position = map(fields.index, ("id", "column_id", "swimlane_id", "position"))
    found.sort(key=itemgetter(position, task))
    if are_all:
        counted: dict[tuple[int, int], int] = {}
        for row in found:
            cell = row[column], row[swimlane]
            row[position] = counted[cell] = counted.get(cell, 0) + 1
    else:
        placed = positions(Place(row[task], row[column], row[swimlane], row[position]) for row in found)
        for row in found:
            row[position] = placed[row[task]]
    spent, estimated = map(fields.index, ("time_spent", "time_estimated"))
    for row in found:
        row[spent] = plain_number(row[spent]) if row[spent] else 0
        row[estimated] = plain_number(row[estimated]) if row[estimated] else 0
    return found


def _columns(fields: Sequence[str]) -> list[Node]:
    """Return what is selected for fields of a task's own; where the position goes is the rank."""
    return [Task.rank if name == "position" else getattr(Task, name) for name in fields]


def _count_parts(task_ids: Sequence[int]) -> dict[int, _Counts]:
    """Return how much is on each task that has anything on it."""
    ids = among(task_ids)
    counts: dict[int, _Counts] = {}
    none = _Counts()
    for model, counted in (
        (Comment, {"nb_comments": fn.count(Comment.id)}),
        (File, {"nb_files": fn.count(File.id)}),
        (Subtask, {"nb_subtasks": fn.count(Subtask.id), "nb_completed_subtasks": _how_many(Subtask.status == DONE)}),
        (TaskLink, {"nb_links": fn.count(TaskLink.id), "is_milestone": _milestone()}),
    ):
        query = model.select(model.task, *counted.values()).where(model.task.in_(ids)).group_by(model.task)
        for task_id, *numbers in rows(query, tuple):
            values = dict(zip(counted, numbers, strict=True))
            counts[task_id] = counts.get(task_id, none)._replace(**values)
    return counts


def _milestone() -> Node:
    """Return 1 when one of the links is to a milestone, nothing otherwise."""
    found: Node = fn.max(Case(None, [(TaskLink.link == MILESTONE_LINK, 1)]))
    return found


def _how_many(condition: Expression) -> Node:
    counted: Node = fn.sum(Case(None, [(condition, 1)], 0))
    return counted


def _by_id(row_id: Any, *fields: Any) -> dict[int, tuple[Any, ...]]:
    """Return values of a small table's rows, by id."""
    return {key: tuple(values) for key, *values in rows(row_id.model.select(row_id, *fields), tuple)}


_OWN = TaskDetails._fields[TaskDetails._fields.index("id") : TaskDetails._fields.index("assignee_username")]
"""The fields of the details that are the task's own."""

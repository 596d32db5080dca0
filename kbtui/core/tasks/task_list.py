"""Lists of tasks: many at once, each as it is alone, without counting or reading what was not asked for."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from peewee import JOIN, BaseQuery, Expression, Node, Tuple, fn

from kbtui.core.db.models import Category, Column, Project, Swimlane, Tag, Task, TaskTag, User
from kbtui.core.db.prepared import among, prepared, rows, scalar
from kbtui.core.events.snapshot import TaskSnapshot, plain_number
from kbtui.core.tasks.ranks import Cell

FEW = 16
"""Tasks of one cell up to which counting before each is less work than reading the cell once."""

_CREATOR = User.alias("creator")

_NAMES: tuple[Node, ...] = (
    Category.name,
    Swimlane.name,
    Project.name,
    Column.title,
    User.username,
    fn.nullif(User.name, ""),
    _CREATOR.username,
    fn.nullif(_CREATOR.name, ""),
    Category.description,
    Column.position,
)
"""What is said of a task beside its row and its tags, in the order of :class:`TaskSnapshot`."""

_COLUMNS = TaskSnapshot._fields[: -len(_NAMES) - 1]
_POSITION, _COLUMN, _SWIMLANE = (_COLUMNS.index(name) for name in ("position", "column_id", "swimlane_id"))
_HOURS = (_COLUMNS.index("time_spent"), _COLUMNS.index("time_estimated"))


class Place(NamedTuple):
    """Where a task stands, or stood when it was closed."""

    task_id: int
    column_id: int
    swimlane_id: int
    rank: int


class TaskTagRow(NamedTuple):
    """A tag on a task."""

    id: int
    name: str
    color_id: str | None
    task_id: int


def list_tasks(
    project_id: int | None = None,
    *,
    column_id: int | None = None,
    swimlane_id: int | None = None,
    owner_id: int | None = None,
    is_active: bool | None = True,
    where: Iterable[Expression] = (),
) -> list[TaskSnapshot]:
    """Return tasks as ``get_task`` does, in the order of the board; ``is_active`` None means closed ones too.

    ``where`` are more conditions over :class:`Task` that must all be true.
    """
    wanted = {
        Task.project_id: project_id,
        Task.column_id: column_id,
        Task.swimlane_id: swimlane_id,
        Task.owner_id: owner_id,
        Task.is_active: None if is_active is None else int(is_active),
    }
    conditions = [field == value for field, value in wanted.items() if value is not None]
    conditions += where
    found = rows(_facts(conditions), list)
    places = positions(Place(row[0], row[_COLUMN], row[_SWIMLANE], row[_POSITION]) for row in found)
    tags = tags_of([row[0] for row in found])
    listed = []
    for row in found:
        row[_POSITION] = places[row[0]]
        for index in _HOURS:
            row[index] = plain_number(row[index])
        listed.append(TaskSnapshot._make([*row, [tag.name for tag in tags.get(row[0], ())]]))
    return listed


def _facts(conditions: list[Expression]) -> BaseQuery:
    """Return the query of tasks with the names that they refer to; where the position goes is the rank."""
    columns = [Task.rank if name == "position" else getattr(Task, name) for name in _COLUMNS]
    query = (
        Task.select(*columns, *_NAMES)
        .join_from(Task, Project)
        .join_from(Task, Column)
        .join_from(Task, Swimlane)
        .join_from(Task, Category, JOIN.LEFT_OUTER, on=(Category.id == Task.category_id))
        .join_from(Task, User, JOIN.LEFT_OUTER, on=(User.id == Task.owner_id))
        .join_from(Task, _CREATOR, JOIN.LEFT_OUTER, on=(_CREATOR.id == Task.creator_id))
    )
    if conditions:
        query = query.where(*conditions)
    ordered: BaseQuery = query.order_by(
        Project.position, Project.id, Swimlane.position, Column.position, Task.rank, Task.id
    )
    return ordered


def positions(places: Iterable[Place]) -> dict[int, int]:
    """Return the 1-based position of tasks among the open ones of their cells, by task.

    Each cell is read once, however many of its tasks are asked for; one with few of these is only counted.
    """
    cells: dict[Cell, list[Place]] = {}
    for place in places:
        cells.setdefault(Cell(place.column_id, place.swimlane_id), []).append(place)
    found: dict[int, int] = {}
    for cell, members in cells.items():
        if len(members) <= FEW:
            for task_id, column_id, swimlane_id, rank in members:
                found[task_id] = _count_before.one(column_id, swimlane_id, rank, task_id) + 1
        else:
            standing: list[tuple[int, int]] = _open_of.all(*cell)
            for task_id, _, _, rank in members:
                found[task_id] = bisect_left(standing, (rank, task_id)) + 1
    return found


@prepared(scalar)
def _count_before(column_id: int, swimlane_id: int, rank: int, task_id: int) -> BaseQuery:
    before = Tuple(Task.rank, Task.id) < Tuple(rank, task_id)
    in_cell = (Task.column_id == column_id) & (Task.swimlane_id == swimlane_id) & (Task.is_active == 1)
    return Task.select(fn.count(Task.id)).where(in_cell & before)


@prepared()
def _open_of(column_id: int, swimlane_id: int) -> BaseQuery:
    in_cell = (Task.column_id == column_id) & (Task.swimlane_id == swimlane_id) & (Task.is_active == 1)
    return Task.select(Task.rank, Task.id).where(in_cell).order_by(Task.rank, Task.id)


def tags_of(task_ids: Sequence[int]) -> dict[int, list[TaskTagRow]]:
    """Return the tags of tasks, by task, in alphabetical order."""
    query = (
        TaskTag.select(Tag.id, Tag.name, Tag.color_id, TaskTag.task_id)
        .join_from(TaskTag, Tag)
        .where(TaskTag.task.in_(among(task_ids)))
        .order_by(Tag.name)
    )
    found: dict[int, list[TaskTagRow]] = {}
    for row in rows(query, TaskTagRow._make):
        found.setdefault(row.task_id, []).append(row)
    return found

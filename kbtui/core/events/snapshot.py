"""What an event says about a task: the whole row with the names it refers to, as neutral JSON values."""

from typing import Any, NamedTuple

from peewee import JOIN, OP, BaseQuery, Cast, Expression, fn

from kbtui.core.db.engine import database
from kbtui.core.db.models import Category, Column, Project, Swimlane, Tag, Task, TaskTag, User
from kbtui.core.db.prepared import prepared
from kbtui.core.values.task_columns import ROW_COLUMNS
from kbtui.errors import NotFoundError


class TaskSnapshot(NamedTuple):
    """A task with the names of what it refers to, in the order of payloads. Times are Unix seconds, estimates hours.

    ``position`` counts from 1; ``tags`` are names in alphabetical order.
    """

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
    category_name: str | None
    swimlane_name: str
    project_name: str
    column_title: str
    assignee_username: str | None
    assignee_name: str | None
    creator_username: str | None
    creator_name: str | None
    category_description: str | None
    column_position: int
    tags: list[str]


def position_of(task: Any) -> Any:
    """Return the expression of a task's dense 1-based position among the open tasks of its cell.

    Those of a lower rank are counted apart from the few of the same one: a range of the index is counted half again as
    fast as rows are compared by both.
    """
    other, twin = Task.alias("o"), Task.alias("w")

    def count(each: Any, condition: Any) -> Any:
        in_cell = (each.column_id == task.column_id) & (each.swimlane_id == task.swimlane_id) & (each.is_active == 1)
        return each.select(fn.count(1)).where(in_cell & condition)

    lower, same = other.rank < task.rank, (twin.rank == task.rank) & (twin.id < task.id)
    return Expression(count(other, lower), OP.ADD, Expression(count(twin, same), OP.ADD, 1))


def tags_of(task: Any, separator: str = "\n") -> Any:
    """Return the query of a task's tags: their names in alphabetical order, one a line; no name has two lines."""
    named = (
        Tag.select(Tag.name)
        .join(TaskTag, on=TaskTag.tag_id == Tag.id)
        .where(TaskTag.task_id == task.id)
        .order_by(Tag.name)
        .alias("named")
    )
    return named.select_from(database.joined(named.c.name, separator))


_ASSIGNEE, _CREATOR = User.alias("assignee"), User.alias("creator")
_DEFAULT = Swimlane.alias("d")


def _columns(position: Any) -> dict[str, Any]:
    """Return what a snapshot has of a task, by the name that it has there."""
    own = {name: position if name == "position" else getattr(Task, name) for name in ROW_COLUMNS}
    return {
        **own,
        "priority": Task.priority,
        "external_provider": Task.external_provider,
        "external_uri": Task.external_uri,
        "category_name": Category.name,
        "swimlane_name": Swimlane.name,
        "project_name": Project.name,
        "column_title": Column.title,
        "assignee_username": _ASSIGNEE.username,
        "assignee_name": fn.nullif(_ASSIGNEE.name, ""),
        "creator_username": _CREATOR.username,
        "creator_name": fn.nullif(_CREATOR.name, ""),
        "category_description": Category.description,
        "column_position": Column.position,
        "default_swimlane_id": _DEFAULT.select(_DEFAULT.id).where(
            (_DEFAULT.project_id == Task.project_id) & (_DEFAULT.is_default == 1)
        ),
        "tags": fn.coalesce(tags_of(Task), ""),
    }


NAMES = tuple(_columns(None))


def select_task(*more: Any, position: Any = None) -> Any:
    """Return the query of tasks with all that a snapshot has of them, in the order of :data:`NAMES`, and ``more``.

    ``position`` is the expression of where a task stands; it is counted where nobody knows it.
    """
    own = _columns(position_of(Task) if position is None else position)
    columns = [column.alias(f"s{number}") for number, column in enumerate(own.values())]
    return (
        Task.select(*columns, *more)
        .join(Project, on=Project.id == Task.project_id)
        .switch(Task)
        .join(Column, on=Column.id == Task.column_id)
        .switch(Task)
        .join(Swimlane, on=Swimlane.id == Task.swimlane_id)
        .switch(Task)
        .join(Category, JOIN.LEFT_OUTER, on=Category.id == Task.category_id)
        .switch(Task)
        .join(_ASSIGNEE, JOIN.LEFT_OUTER, on=_ASSIGNEE.id == Task.owner_id)
        .switch(Task)
        .join(_CREATOR, JOIN.LEFT_OUTER, on=_CREATOR.id == Task.creator_id)
    )


def snapshot_of(values: tuple[Any, ...]) -> dict[str, Any]:
    """Return what an event says of a task, from the first values of a row of :func:`select_task`."""
    task = dict(zip(NAMES, values, strict=False))
    tags, default_swimlane_id = task.pop("tags"), task.pop("default_swimlane_id")
    for name in ("time_spent", "time_estimated"):
        task[name] = plain_number(task[name])
    return {
        "task": task,
        "tags": tags.split("\n") if tags else [],
        "default_swimlane_id": default_swimlane_id,
    }


@prepared(snapshot_of)
def _snapshot(task_id: int) -> BaseQuery:
    query: BaseQuery = select_task().where(Task.id == task_id)
    return query


@prepared(snapshot_of)
def _snapshot_at(task_id: int, position: int) -> BaseQuery:
    query: BaseQuery = select_task(position=Cast(position, "BIGINT")).where(Task.id == task_id)
    return query


def task_snapshot(task_id: int, position: int | None = None) -> dict[str, Any]:
    """Return what an event says of a task as it is now, in JSON's values; ``position`` is where it is known to stand.

    ``task`` has 42 keys, those of :class:`TaskSnapshot`; ``tags`` are names; ``default_swimlane_id`` is the project's.
    Raises NotFoundError when the task does not exist.
    """
    snapshot = _snapshot.first(task_id) if position is None else _snapshot_at.first(task_id, position)
    if snapshot is None:
        raise NotFoundError(f"There is no task #{task_id}.")
    return snapshot


def task_of(facts: dict[str, Any]) -> TaskSnapshot:
    """Return the task of which facts tell."""
    return TaskSnapshot._make([*facts["task"].values(), facts["tags"]])


def plain_number(value: float) -> float | int:
    """Return 2.0 as 2 and 1.5 as it is, the way Kanboard shows hours."""
    return int(value) if value == int(value) else value

"""What an event says about a task: the whole row with the names it refers to, as neutral JSON values."""

from typing import Any

from peewee import JOIN, SQL, BaseQuery, Tuple, fn

from kbtui.core.db.database import fetch_all, fetch_dicts
from kbtui.core.db.engine import database
from kbtui.core.db.models import Category, Column, Project, Swimlane, Tag, Task, TaskTag, User
from kbtui.core.db.prepared import prepared
from kbtui.core.values.task_columns import ROW_COLUMNS
from kbtui.errors import NotFoundError

POSITION = """(SELECT count(*) FROM tasks o WHERE o.column_id = t.column_id AND o.swimlane_id = t.swimlane_id
    AND o.is_active = 1 AND (o."rank", o.id) < (t."rank", t.id)) + 1"""
"""SQL for the dense 1-based position of task ``t`` among the open tasks of its cell."""

_ROW = ", ".join("{position} AS position" if name == "position" else f"t.{name}" for name in ROW_COLUMNS)

_TASKS_SQL = f"""SELECT {_ROW},
    t.priority, t.external_provider, t.external_uri,
    category.name AS category_name, swimlane.name AS swimlane_name, project.name AS project_name,
    "column".title AS column_title, assignee.username AS assignee_username,
    nullif(assignee.name, '') AS assignee_name, creator.username AS creator_username,
    nullif(creator.name, '') AS creator_name, category.description AS category_description,
    "column".position AS column_position,
    (SELECT d.id FROM swimlanes d WHERE d.project_id = t.project_id AND d.is_default = 1) AS default_swimlane_id
FROM tasks t
JOIN projects project ON project.id = t.project_id
JOIN "columns" "column" ON "column".id = t.column_id
JOIN swimlanes swimlane ON swimlane.id = t.swimlane_id
LEFT JOIN categories category ON category.id = t.category_id
LEFT JOIN users assignee ON assignee.id = t.owner_id
LEFT JOIN users creator ON creator.id = t.creator_id"""

_LIST_SQL = f"""WITH placed AS (SELECT id, count(*) FILTER (WHERE is_active = 1) OVER (
    PARTITION BY column_id, swimlane_id ORDER BY "rank", id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) + 1 AS position FROM tasks)
{_TASKS_SQL.format(position="placed.position")} JOIN placed ON placed.id = t.id"""
"""All tasks at once: the positions are counted in one pass over every cell."""


def position_of(task: Any) -> Any:
    """Return the query of a task's dense 1-based position among the open tasks of its cell."""
    other = Task.alias("o")
    in_cell = (other.column_id == task.column_id) & (other.swimlane_id == task.swimlane_id) & (other.is_active == 1)
    before = Tuple(other.rank, other.id) < Tuple(task.rank, task.id)
    return other.select(fn.count(SQL("*")) + 1).where(in_cell & before)


def tags_of(task: Any) -> Any:
    """Return the query of a task's tags: their names in alphabetical order, one a line; no name has two lines."""
    named = (
        Tag.select(Tag.name)
        .join(TaskTag, on=TaskTag.tag_id == Tag.id)
        .where(TaskTag.task_id == task.id)
        .order_by(Tag.name)
        .alias("named")
    )
    return named.select_from(database.joined(named.c.name, "\n"))


_ASSIGNEE, _CREATOR = User.alias("assignee"), User.alias("creator")
_DEFAULT = Swimlane.alias("d")


def _columns() -> dict[str, Any]:
    """Return what a snapshot has of a task, by the name that it has there."""
    own = {name: position_of(Task) if name == "position" else getattr(Task, name) for name in ROW_COLUMNS}
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


NAMES = tuple(_columns())


def select_task(*more: Any) -> Any:
    """Return the query of tasks with all that a snapshot has of them, in the order of :data:`NAMES`, and ``more``."""
    columns = [column.alias(f"s{number}") for number, column in enumerate(_columns().values())]
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
    """Return a snapshot from the first values of a row of :func:`select_task`."""
    task = dict(zip(NAMES, values, strict=False))
    tags, default_swimlane_id = task.pop("tags"), task.pop("default_swimlane_id")
    return {
        "task": _with_plain_numbers(task),
        "tags": tags.split("\n") if tags else [],
        "default_swimlane_id": default_swimlane_id,
    }


@prepared(snapshot_of)
def _snapshot(task_id: int) -> BaseQuery:
    query: BaseQuery = select_task().where(Task.id == task_id)
    return query


def task_facts(task_id: int) -> dict[str, Any]:
    """Return ``task`` (42 keys), ``tags`` (names) and ``default_swimlane_id`` of a task as it is now.

    Raises NotFoundError when the task does not exist.
    """
    snapshot = _snapshot.first(task_id)
    if snapshot is None:
        raise NotFoundError(f"There is no task #{task_id}.")
    return snapshot


def list_facts(where: str, params: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Return the 42 keys and ``tags`` of many tasks, in the order of the board; ``where`` is SQL about task ``t``."""
    order = ' ORDER BY project.position, project.id, swimlane.position, "column".position, t."rank", t.id'
    rows = fetch_dicts(f"{_LIST_SQL} WHERE {where}{order}", params)
    tags: dict[int, list[str]] = {row["id"]: [] for row in rows}
    named = fetch_all(
        "SELECT task_tags.task_id, tags.name FROM task_tags JOIN tags ON tags.id = task_tags.tag_id"
        " ORDER BY task_tags.task_id, tags.name"
    )
    for task_id, name in named:
        if task_id in tags:
            tags[task_id].append(name)
    for row in rows:
        del row["default_swimlane_id"]
        _with_plain_numbers(row)["tags"] = tags[row["id"]]
    return rows


def _with_plain_numbers(task: dict[str, Any]) -> dict[str, Any]:
    for name in ("time_spent", "time_estimated"):
        task[name] = plain_number(task[name])
    return task


def task_tags(task_id: int) -> list[str]:
    """Return the names of a task's tags, in alphabetical order."""
    rows = fetch_all(
        "SELECT tags.name FROM task_tags JOIN tags ON tags.id = task_tags.tag_id WHERE task_tags.task_id = ?"
        " ORDER BY tags.name",
        (task_id,),
    )
    return [name for (name,) in rows]


def plain_number(value: float) -> float | int:
    """Return 2.0 as 2 and 1.5 as it is, the way Kanboard shows hours."""
    return int(value) if value == int(value) else value

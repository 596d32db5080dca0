"""What an event says about a task: the whole row with the names it refers to, as neutral JSON values."""

from typing import Any

from kbtui.core.db.database import fetch_all, fetch_dicts
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

_TASK_SQL = _TASKS_SQL.format(position=POSITION) + " WHERE t.id = ?"

_LIST_SQL = f"""WITH placed AS (SELECT id, count(*) FILTER (WHERE is_active = 1) OVER (
    PARTITION BY column_id, swimlane_id ORDER BY "rank", id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) + 1 AS position FROM tasks)
{_TASKS_SQL.format(position="placed.position")} JOIN placed ON placed.id = t.id"""
"""All tasks at once: the positions are counted in one pass over every cell."""


def task_facts(task_id: int) -> dict[str, Any]:
    """Return ``task`` (42 keys), ``tags`` (names) and ``default_swimlane_id`` of a task as it is now.

    Raises NotFoundError when there is no such task.
    """
    rows = fetch_dicts(_TASK_SQL, (task_id,))
    if not rows:
        raise NotFoundError(f"There is no task #{task_id}.")
    task = rows[0]
    default_swimlane_id = task.pop("default_swimlane_id")
    return {"task": _with_plain_numbers(task), "tags": task_tags(task_id), "default_swimlane_id": default_swimlane_id}


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

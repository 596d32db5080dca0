"""Removing tasks, and putting removed ones back."""

from dataclasses import dataclass
from typing import Any

from kbtui.core.db.database import fetch_dicts, fetch_one, insert_row, transactional
from kbtui.core.db.engine import database
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_facts
from kbtui.core.tasks.task_rows import open_cell
from kbtui.errors import InvalidError

OWNED = ("task_tags", "subtasks", "comments", "files", "task_links")
"""The tables whose rows go with their task, in the order they are put back."""


@dataclass(frozen=True, slots=True)
class RemovedTask:
    """All that was removed with a task, as rows by table."""

    task_id: int
    title: str
    rows: dict[str, list[dict[str, Any]]]


@transactional
def remove_task(task_id: int) -> RemovedTask:
    """Remove a task with all that is on it, and return it for :func:`restore_task`.

    No webhook is sent for it: Kanboard has no such event. Raises NotFoundError.
    """
    facts = task_facts(task_id)
    rows = {"tasks": fetch_dicts("SELECT * FROM tasks WHERE id = ?", (task_id,))}
    for table in OWNED:
        rows[table] = fetch_dicts(f"SELECT * FROM {table} WHERE task_id = ?", (task_id,))
    rows["task_links"] += fetch_dicts("SELECT * FROM task_links WHERE opposite_task_id = ?", (task_id,))
    rows["file_contents"] = fetch_dicts(
        "SELECT * FROM file_contents WHERE file_id IN (SELECT id FROM files WHERE task_id = ?)", (task_id,)
    )
    database.execute_sql("DELETE FROM tasks WHERE id = ?", (task_id,))
    task = facts["task"]
    log.record("task.remove", facts, project_id=task["project_id"], task_id=task_id)
    return RemovedTask(task_id, task["title"], rows)


@transactional
def restore_task(removed: RemovedTask) -> None:
    """Put a removed task back as it was, under its own id; links to tasks that are gone by now stay away.

    A category or an assignee that is gone by now is none. Raises NotFoundError when its project, column or swimlane
    is gone, InvalidError when it is back already.
    """
    row = removed.rows["tasks"][0]
    if fetch_one("SELECT 1 FROM tasks WHERE id = ?", (removed.task_id,)) is not None:
        raise InvalidError(f"Task #{removed.task_id} is there already.")
    open_cell(row["project_id"], row["column_id"], row["swimlane_id"])
    for table in ("tasks", *OWNED, "file_contents"):
        for row in removed.rows[table]:
            if table == "tasks":
                row = _without_missing(row)
            if _can_return(table, row):
                insert_row(table, row)
    facts = task_facts(removed.task_id)
    log.record("task.restore", facts, project_id=facts["task"]["project_id"], task_id=removed.task_id)


def _without_missing(row: dict[str, Any]) -> dict[str, Any]:
    """Return a task's row without the category and the assignee that are gone by now."""
    for name, table in (("category_id", "categories"), ("owner_id", "users")):
        if fetch_one(f"SELECT 1 FROM {table} WHERE id = ?", (row[name],)) is None:
            row = {**row, name: 0}
    return row


def _can_return(table: str, row: dict[str, Any]) -> bool:
    """Tell whether what a row refers to is still there."""
    if table == "task_tags":
        return fetch_one("SELECT 1 FROM tags WHERE id = ?", (row["tag_id"],)) is not None
    if table == "task_links":
        ends = fetch_one("SELECT count(*) FROM tasks WHERE id IN (?, ?)", (row["task_id"], row["opposite_task_id"]))
        kind = fetch_one("SELECT 1 FROM links WHERE id = ?", (row["link_id"],))
        return ends is not None and ends[0] == 2 and kind is not None
    return True

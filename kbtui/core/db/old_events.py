"""The activity of events that an older kbtui recorded: part of a step that was released, so it is never edited."""

import json
from typing import Any

from kbtui.core.db.engine import SqliteEngine


def keep_activity(database: SqliteEngine) -> None:
    """Write the activity of the events that there are, under their ids.

    Of the two events of one move the second told people nothing. What is damaged is kept by name and date.
    """
    last_id = 0
    while True:
        events = database.execute_sql(
            "SELECT id, name, formats, project_id, task_id, author_id, author, date_creation, CAST(facts AS BLOB)"
            " FROM events WHERE id > ? ORDER BY id LIMIT 500",
            (last_id,),
        ).fetchall()
        if not events:
            return
        last_id = events[-1][0]
        for event_id, name, formats, project_id, task_id, author_id, author, date, stored in events:
            if name == "task.move.column" and formats is not None:
                continue
            facts = _readable(stored)
            database.execute_sql(
                "INSERT INTO activity (id, name, project_id, task_id, column_id, swimlane_id, src_column_id,"
                " src_swimlane_id, author_id, author, date_creation, details)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (event_id, name, project_id, task_id, *_cells(facts), author_id, author, date, _details(facts)),
            )


def _readable(stored: bytes) -> dict[str, Any]:
    """Return facts as far as they can be read: the parts that are what they must be."""
    try:
        facts = json.loads(stored)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(facts, dict):
        return {}
    parts = {*_KEPT, *_VALUES}
    return {name: value for name, value in facts.items() if name not in parts or isinstance(value, dict)}


def _cells(facts: dict[str, Any]) -> tuple[Any, ...]:
    """Return the column and the swimlane of the task after the change, and before it where they were others."""
    task, move, before = facts.get("task", {}), facts.get("move"), facts.get("task_before")
    cell = (task.get("column_id"), task.get("swimlane_id"))
    source = cell
    if before is not None:
        source = (before.get("column_id"), before.get("swimlane_id"))
    elif move is not None:
        source = (move.get("src_column_id"), move.get("src_swimlane_id"))
    return (*cell, None, None) if source == cell else (*cell, *source)


def _details(facts: dict[str, Any]) -> str:
    """Return the little of an event's facts that the activity keeps."""
    details: dict[str, Any] = {}
    for name, value in facts.items():
        if name in _KEPT:
            details[name] = {key: _short(value[key]) for key in _KEPT[name] if key in value}
        elif name in _VALUES:
            details[name] = {key: "" if key == "description" else _short(each) for key, each in value.items()}
        elif name not in _LEFT_OUT:
            details[name] = _short(value)
    comment = facts.get("comment", {}).get("comment")
    if isinstance(comment, str):
        details["comment"]["comment"] = _short(comment.strip().split("\n", 1)[0])
    return json.dumps(details, ensure_ascii=False)


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 255:
        return value[:254] + "…"
    return [_short(each) for each in value] if isinstance(value, list) else value


_KEPT: dict[str, tuple[str, ...]] = {
    "task": (
        "id", "title", "project_name", "column_title", "swimlane_name", "category_name", "assignee_name",
        "assignee_username", "recurrence_status", "recurrence_trigger",
    ),
    "task_before": ("id", "project_id", "project_name"),
    "move": ("position", "column_id", "swimlane_id", "src_column_id", "src_swimlane_id", "src_position"),
    "from": ("column_title", "swimlane_name", "assignee_name", "assignee_username", "category_name"),
    "subtask": ("id", "title", "status", "name", "username"),
    "comment": ("id", "comment", "visibility"),
    "file": ("id", "name"),
    "task_link": ("id", "label", "opposite_task_id"),
}  # fmt: skip
_VALUES = ("changes", "before")
_LEFT_OUT = ("tags", "default_swimlane_id", "toggled")

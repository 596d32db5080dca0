"""The flat format of Kanboard 1.0: the eighteen documented events, with PHP's JSON types.

Receivers rely on those types. A value read from the database is a string or null, one made by code is an int, a
field of a submitted form is a string, except that an empty or zero one of a few fields is the int 0 and a date is an
int timestamp. The default swimlane had no row then: it is 0.
"""

from collections.abc import Callable
from typing import Any

from kbtui.core.values.task_columns import ROW_COLUMNS
from kbtui.webhooks.formats.payload import Facts, Payload, encode, plain_number

HEADERS = (("User-Agent", "Kanboard Webhook"), ("Content-Type", "application/json"), ("Connection", "close"))

DATES = frozenset({"date_due", "date_started"})
ZERO_WHEN_EMPTY = DATES | {"owner_id", "category_id", "swimlane_id", "score", "time_estimated", "time_spent"}

EventData = dict[str, Any]


def render(name: str, facts: Facts, author: str | None) -> Payload:
    """Render one event; ``author`` is not told. Raises ValueError for an event that this format does not have."""
    if name not in RENDERINGS:
        raise ValueError(f"kanboard-1.0 has no event {name!r}")
    return Payload(encode({"event_name": name, "event_data": RENDERINGS[name](facts)}), HEADERS)


def _stored(value: Any) -> str | None:
    """Return a value as the database of PHP gives it: a string, or null."""
    if value is None:
        return None
    value = plain_number(value)
    return f"{value:.14g}" if isinstance(value, float) else str(value)


def _stored_fields(row: dict[str, Any], *fields: str) -> EventData:
    return {field: _stored(row[field]) for field in fields}


def _or_zero(value: Any) -> str | int | None:
    """Return a form's number: a string, or the int 0 when it is unset."""
    return _stored(value) if value else 0


def _submitted(field: str, value: Any) -> Any:
    """Return a task's field as the form submitted it."""
    if field == "tags":
        return list(value)
    if field in ZERO_WHEN_EMPTY:
        return int(value or 0) if field in DATES else _or_zero(value)
    return "" if value is None else _stored(value)


def _with_swimlane(row: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """Return the row with the default swimlane as 0; a row without a swimlane stays without."""
    in_default = "swimlane_id" in row and row["swimlane_id"] == facts["default_swimlane_id"]
    return {**row, "swimlane_id": 0} if in_default else row


def _task_row(facts: Facts) -> EventData:
    return _stored_fields(_with_swimlane(facts["task"], facts), *ROW_COLUMNS)


def _task_create(facts: Facts) -> EventData:
    task = _with_swimlane(facts["task"], facts)
    return {
        "title": _stored(task["title"]),
        "description": _submitted("description", task["description"]),
        "project_id": _stored(task["project_id"]),
        "owner_id": _or_zero(task["owner_id"]),
        "category_id": _or_zero(task["category_id"]),
        "swimlane_id": _or_zero(task["swimlane_id"]),
        "column_id": _stored(task["column_id"]),
        "color_id": _stored(task["color_id"]),
        "score": _or_zero(task["score"]),
        "time_estimated": _or_zero(task["time_estimated"]),
        "date_due": task["date_due"] or 0,
        "creator_id": task["creator_id"],
        "date_creation": task["date_creation"],
        "date_modification": task["date_modification"],
        "date_moved": task["date_moved"],
        "position": task["position"],
        "task_id": task["id"],
    }


def _task_update(facts: Facts) -> EventData:
    """Lay the submitted fields over the row; a field that 1.0 did not know is told among the changes alone."""
    changes = {field: _submitted(field, value) for field, value in _with_swimlane(facts["changes"], facts).items()}
    return {
        **_task_row(facts),
        **{field: value for field, value in changes.items() if field in ROW_COLUMNS},
        "date_modification": facts["task"]["date_modification"],
        "task_id": _stored(facts["task"]["id"]),
        "changes": changes or [],
    }


def _task_status(facts: Facts) -> EventData:
    """Put the id before the row; a task that is opened again was completed at 0."""
    row = _task_row(facts)
    return {"task_id": row["id"], **row, "date_completed": row["date_completed"] or "0"}


def _task_move(facts: Facts) -> EventData:
    task, move = facts["task"], _with_swimlane(facts["move"], facts)
    return {
        "task_id": _stored(task["id"]),
        "project_id": _stored(task["project_id"]),
        "position": move["position"],
        **_stored_fields(move, "column_id", "swimlane_id", "src_column_id", "dst_column_id", "date_moved"),
        **_stored_fields(task, "recurrence_status", "recurrence_trigger"),
    }


def _task_move_project(facts: Facts) -> EventData:
    """Lay where the task arrived over the row as it was before."""
    task = _with_swimlane(facts["task"], facts)
    return {
        **_stored_fields(facts["task_before"], *ROW_COLUMNS),
        "is_active": 1,
        "project_id": _stored(task["project_id"]),
        "column_id": _stored(task["column_id"]),
        "position": task["position"],
        "owner_id": _or_zero(task["owner_id"]),
        "category_id": _or_zero(task["category_id"]),
        "swimlane_id": _or_zero(task["swimlane_id"]),
        "task_id": _stored(task["id"]),
    }


def _subtask_create(facts: Facts) -> EventData:
    subtask = facts["subtask"]
    return {
        "id": subtask["id"],
        **_stored_fields(subtask, "task_id", "title"),
        "user_id": _or_zero(subtask["user_id"]),
        "time_estimated": _or_zero(subtask["time_estimated"]),
        "position": subtask["position"],
    }


def _subtask_update(facts: Facts) -> EventData:
    """Tell a toggle, with whom it assigned the subtask to, from an edit, which is a whole form."""
    subtask, changes = facts["subtask"], facts["changes"]
    if facts["toggled"]:
        toggled = {"id": _stored(subtask["id"]), "status": subtask["status"], "task_id": _stored(subtask["task_id"])}
        return {**toggled, "user_id": changes["user_id"]} if "user_id" in changes else toggled
    return {
        **_stored_fields(subtask, "id", "task_id", "title"),
        "user_id": _or_zero(subtask["user_id"]),
        "time_estimated": _or_zero(subtask["time_estimated"]),
        "time_spent": _or_zero(subtask["time_spent"]),
    }


def _subtask_delete(facts: Facts) -> EventData:
    fields = ("id", "title", "status", "time_estimated", "time_spent", "task_id", "user_id", "position")
    return _stored_fields(facts["subtask"], *fields)


def _comment_create(facts: Facts) -> EventData:
    comment = facts["comment"]
    return {
        "id": comment["id"],
        **_stored_fields(comment, "task_id", "user_id", "comment"),
        "date_creation": comment["date_creation"],
    }


def _comment_update(facts: Facts) -> EventData:
    return _stored_fields(facts["comment"], "id", "task_id", "user_id", "comment")


def _comment_delete(facts: Facts) -> EventData:
    return _stored_fields(facts["comment"], "id", "task_id", "user_id", "comment", "date_creation")


def _file_create(facts: Facts) -> EventData:
    return _stored_fields(facts["file"], "task_id", "name")


def _task_internal_link(facts: Facts) -> EventData:
    fields = ("id", "opposite_task_id", "task_id", "link_id", "label", "opposite_link_id")
    return _stored_fields(facts["task_link"], *fields)


RENDERINGS: dict[str, Callable[[Facts], EventData]] = {
    "comment.create": _comment_create,
    "comment.update": _comment_update,
    "comment.delete": _comment_delete,
    "file.create": _file_create,
    "task.move.project": _task_move_project,
    "task.move.column": _task_move,
    "task.move.position": _task_move,
    "task.move.swimlane": _task_move,
    "task.update": _task_update,
    "task.create": _task_create,
    "task.close": _task_status,
    "task.open": _task_status,
    "task.assignee_change": _task_update,
    "subtask.update": _subtask_update,
    "subtask.create": _subtask_create,
    "subtask.delete": _subtask_delete,
    "task_internal_link.create_update": _task_internal_link,
    "task_internal_link.delete": _task_internal_link,
}
"""What each event tells, by its name."""

"""The nested format of Kanboard 1.2: the whole task beside what happened, numbers as numbers.

It does better in one place: Kanboard compares after saving, so its ``changes`` of a subtask or of a move to another
project are always empty; here they hold what changed.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from kbtui.webhooks.formats.payload import Facts, Payload, encode, plain_number

HEADERS = (("User-Agent", "Kanboard"), ("Accept", "*/*"), ("Content-type", "application/json"))

NAMES = {"file.create": "task.file.create", "file.destroy": "task.file.destroy"}
"""What is called differently here."""

SUBTASK_STATUSES = ("Todo", "In progress", "Done")

EventData = dict[str, Any]


def render(name: str, facts: Facts, author: str | None) -> Payload:
    """Render one event, caused by the user called ``author``. Raises ValueError for one that this format lacks."""
    if name not in RENDERINGS:
        raise ValueError(f"kanboard-1.2 has no event {name!r}")
    body = {
        "event_name": NAMES.get(name, name),
        "event_data": RENDERINGS[name](facts),
        "event_author": author,
    }
    return Payload(encode(body), HEADERS)


def _row(row: dict[str, Any]) -> EventData:
    return {field: plain_number(value) for field, value in row.items()}


def _changes(facts: Facts) -> EventData | list[Any]:
    """Return what changed; PHP writes an empty array of any kind as ``[]``."""
    return _row(facts["changes"]) or []


def _task(facts: Facts) -> EventData:
    return {"task_id": facts["task"]["id"], "task": _row(facts["task"])}


def _task_update(facts: Facts) -> EventData:
    return {**_task(facts), "changes": _changes(facts)}


def _task_move(facts: Facts) -> EventData:
    """Tell where the task went; its changes are what of that is not in the task's row, as Kanboard has it."""
    task, move = facts["task"], facts["move"]
    told = {
        "project_id": task["project_id"],
        "position": move["position"],
        "column_id": move["column_id"],
        "swimlane_id": move["swimlane_id"],
        "src_column_id": move["src_column_id"],
        "dst_column_id": move["dst_column_id"],
        "date_moved": move["date_moved"],
        "recurrence_status": task["recurrence_status"],
        "recurrence_trigger": task["recurrence_trigger"],
    }
    changes = {field: value for field, value in told.items() if field not in task or task[field] != value}
    return {**_task(facts), "changes": changes, **told}


def _subtask(facts: Facts) -> EventData:
    """Return the subtask as Kanboard shows it; there is no timer here, so none runs."""
    subtask = _row(facts["subtask"])
    return {
        **subtask,
        "timer_start_date": 0,
        "status_name": SUBTASK_STATUSES[subtask["status"]],
        "is_timer_started": False,
    }


def _subtask_change(facts: Facts) -> EventData:
    return {"subtask": _subtask(facts), "task": _row(facts["task"])}


def _subtask_update(facts: Facts) -> EventData:
    return {"subtask": _subtask(facts), "changes": _changes(facts), "task": _row(facts["task"])}


def _comment_change(facts: Facts) -> EventData:
    return {"comment": {**facts["comment"], "avatar_path": None}, "task": _row(facts["task"])}


def _file_change(facts: Facts) -> EventData:
    """Tell about a file; its path, which Kanboard has on disk and we do not, is made from what never changes."""
    file = facts["file"]
    digest = hashlib.sha1(f"{file['id']}/{file['date']}/{file['name']}".encode(), usedforsecurity=False).hexdigest()
    told = {
        "id": file["id"],
        "name": file["name"],
        "path": f"tasks/{file['task_id']}/{digest}",
        "is_image": file["is_image"],
        "task_id": file["task_id"],
        "date": file["date"],
        "user_id": file["user_id"],
        "size": file["size"],
        "etag": file["etag"],
    }
    return {"file": told, "task": _row(facts["task"])}


def _task_internal_link(facts: Facts) -> EventData:
    return {"task_link": facts["task_link"], "task": _row(facts["task"])}


RENDERINGS: dict[str, Callable[[Facts], EventData]] = {
    "comment.create": _comment_change,
    "comment.update": _comment_change,
    "comment.delete": _comment_change,
    "file.create": _file_change,
    "file.destroy": _file_change,
    "task.move.project": _task_update,
    "task.move.column": _task_move,
    "task.move.position": _task_move,
    "task.move.swimlane": _task_move,
    "task.update": _task_update,
    "task.create": _task,
    "task.close": _task,
    "task.open": _task,
    "task.assignee_change": _task_update,
    "subtask.update": _subtask_update,
    "subtask.create": _subtask_change,
    "subtask.delete": _subtask_change,
    "task_internal_link.create_update": _task_internal_link,
    "task_internal_link.delete": _task_internal_link,
}
"""What each event tells, by its name here."""

"""Facts as the core would have recorded them, made from what Kanboard sent about the same change."""

from typing import Any

from kbtui.webhooks.formats import Facts
from tests.recordings import RecordedEvent

DEFAULT_SWIMLANE_ID = 70
"""A real id, which no recording has."""

TASK: dict[str, Any] = {
    "id": 1,
    "title": "Demo",
    "description": "",
    "date_creation": 1431991532,
    "color_id": "yellow",
    "project_id": 1,
    "column_id": 2,
    "owner_id": 0,
    "position": 1,
    "is_active": 1,
    "date_completed": None,
    "score": 0,
    "date_due": 0,
    "category_id": 0,
    "creator_id": 1,
    "date_modification": 1431991532,
    "reference": "",
    "date_started": None,
    "time_spent": 0,
    "time_estimated": 0,
    "swimlane_id": DEFAULT_SWIMLANE_ID,
    "date_moved": 1431991532,
    "recurrence_status": 0,
    "recurrence_trigger": 0,
    "recurrence_factor": 0,
    "recurrence_timeframe": 0,
    "recurrence_basedate": 0,
    "recurrence_parent": None,
    "recurrence_child": None,
    "priority": 0,
    "external_provider": None,
    "external_uri": None,
    "category_name": None,
    "swimlane_name": "Default swimlane",
    "project_name": "Project",
    "column_title": "Ready",
    "assignee_username": None,
    "assignee_name": None,
    "creator_username": "admin",
    "creator_name": None,
    "category_description": None,
    "column_position": 2,
}

SUBTASK: dict[str, Any] = {
    "id": 3,
    "title": "Test",
    "status": 0,
    "time_estimated": 0,
    "time_spent": 0,
    "task_id": 1,
    "user_id": 0,
    "position": 1,
    "username": None,
    "name": None,
}

COMMENT: dict[str, Any] = {
    "id": 1,
    "task_id": 1,
    "user_id": 1,
    "date_creation": 1431991615,
    "date_modification": 1431991615,
    "comment": "test",
    "reference": "",
    "visibility": "app-user",
    "username": "admin",
    "name": None,
    "email": None,
}

FILE: dict[str, Any] = {
    "id": 1,
    "name": "test.png",
    "is_image": 1,
    "task_id": 1,
    "date": 1431991615,
    "user_id": 1,
    "size": 120,
    "etag": "1dee3f20934f004f2f026289f2228189",
}

TASK_LINK: dict[str, Any] = {
    "id": 1,
    "opposite_task_id": 3,
    "task_id": 1,
    "link_id": 2,
    "label": "blocks",
    "opposite_link_id": 3,
}

MOVE: dict[str, Any] = {
    "position": 1,
    "column_id": 2,
    "swimlane_id": DEFAULT_SWIMLANE_ID,
    "src_column_id": 2,
    "dst_column_id": 2,
    "src_swimlane_id": DEFAULT_SWIMLANE_ID,
    "src_position": 1,
    "date_moved": 1431991532,
}

TEXTS = {"title", "description", "color_id", "reference", "comment", "name", "label"}
"""Fields that stay strings even when they look like numbers."""

NOT_FACTS = {"avatar_path", "path", "timer_start_date", "status_name", "is_timer_started"}
"""What a format adds to the facts."""


def make_facts(**known: Any) -> Facts:
    """Return facts about a task in the default swimlane, with what else is known."""
    return {"task": TASK, "tags": [], "default_swimlane_id": DEFAULT_SWIMLANE_ID, **known}


def facts_of(event: RecordedEvent) -> Facts:
    """Return the facts behind a recorded event; changes that Kanboard failed to tell are not among them."""
    return _modern_facts(event) if event.recording.startswith("modern/") else _classic_facts(event)


def core_name(event: RecordedEvent) -> str:
    """Return what the core calls a recorded event."""
    return event.name.removeprefix("task.") if event.name.startswith("task.file.") else event.name


def _classic_facts(event: RecordedEvent) -> Facts:
    """Read a flat event, or the inner object of one that 1.0.32 nested."""
    noun = event.name.split(".", maxsplit=1)[0].replace("task_internal_link", "task_link")
    nested = event.data.get(noun)
    told = _numbers(nested if isinstance(nested, dict) else event.data)
    if noun == "subtask":
        changes = {field: told[field] for field in ("status", "user_id") if field in told}
        return make_facts(subtask=_over(SUBTASK, told), changes=changes, before={}, toggled=True)
    if noun == "comment":
        return make_facts(comment=_over(COMMENT, told), changes={"comment": told["comment"]}, before={})
    if noun == "file":
        return make_facts(file=_over(FILE, told))
    if noun == "task_link":
        return make_facts(task_link=told)
    facts = make_facts(task=_over(TASK, {"id": told["task_id"], **told}))
    if "changes" in told:
        facts |= {"changes": _numbers(told["changes"] or {}), "before": {}}
    if event.name.startswith("task.move."):
        facts |= {"move": _over(MOVE, told)}
    return facts


def _modern_facts(event: RecordedEvent) -> Facts:
    told = event.data
    facts: Facts = {"task": told["task"], "tags": [], "default_swimlane_id": DEFAULT_SWIMLANE_ID}
    for noun in {"subtask", "comment", "file", "task_link"} & set(told):
        facts[noun] = {field: value for field, value in told[noun].items() if field not in NOT_FACTS}
    if "changes" in told:
        facts |= {"changes": _numbers(told["changes"] or {}), "before": {}, "toggled": False}
    if event.name.startswith("task.move."):
        facts |= {"move": _over(MOVE, told), "task_before": told["task"]}
    return facts


def _over(row: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    return {field: told.get(field, value) for field, value in row.items()}


def _numbers(told: dict[str, Any]) -> dict[str, Any]:
    """Turn Kanboard's strings into the numbers they are; its swimlane 0 is our default swimlane."""
    read = {
        field: int(value) if isinstance(value, str) and value.isdecimal() and field not in TEXTS else value
        for field, value in told.items()
    }
    return read | {"swimlane_id": DEFAULT_SWIMLANE_ID} if read.get("swimlane_id") == 0 else read

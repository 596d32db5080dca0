"""Facts: what an event knows, as they are stored and read again."""

import hashlib
import json
from typing import Any

Facts = dict[str, Any]
"""What an event knows, as plain JSON: numbers as numbers, nothing as null. Which keys, see :data:`log.EVENTS`."""

LONG = 1000
"""Characters from which on a description is stored once for all events that tell of it."""

_TELL_IT = ("task", "task_before", "changes", "before")
"""The parts of a snapshot that may have the description of a task."""


def long_text(facts: Facts) -> str | None:
    """Return the description of the event's task when it is long, else None."""
    text = facts["task"].get("description") if "task" in facts else None
    return text if isinstance(text, str) and len(text) > LONG else None


def digest_of(text: str) -> str:
    """Return the key under which a long description is stored."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def write_facts(facts: Facts, text: str | None = None) -> str:
    """Return facts as they are stored: null wherever they have ``text``, the long description, for a description."""
    if text is not None:
        facts = {
            name: {**part, "description": None} if name in _TELL_IT and part.get("description") == text else part
            for name, part in facts.items()
        }
    return json.dumps(facts, ensure_ascii=False)


def read_facts(stored: str | bytes, text: str | bytes | None = None) -> Facts:
    """Return facts from what is stored of them, with ``text``, the event's long description, where it belongs.

    Raises ValueError or RecursionError for what is damaged.
    """
    facts = json.loads(stored)
    if not isinstance(facts, dict):
        raise ValueError("the facts of an event are an object")
    if text is not None:
        whole = text if isinstance(text, str) else text.decode()
        for name in _TELL_IT:
            part = facts.get(name)
            if isinstance(part, dict) and "description" in part and part["description"] is None:
                part["description"] = whole
    return facts


# -- What the activity keeps of them: the little that its sentences need, small enough to stay for ever

LONGEST = 255
"""Characters that are kept of a text."""

KEPT: dict[str, tuple[str, ...]] = {
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
"""What is kept of each part of a snapshot. What stands outside of parts, such as ``action`` and ``name``, is too."""

VALUES = ("changes", "before")
"""The parts of which all fields are kept: what an edit changed, and what was there before."""

LEFT_OUT = ("tags", "default_swimlane_id", "toggled")
"""What no sentence tells of."""


def reduce_facts(facts: Facts) -> Facts:
    """Return the part of a snapshot that the activity keeps, in the same shape; texts are cut."""
    details: Facts = {}
    for name, value in facts.items():
        if name in LEFT_OUT:
            continue
        if isinstance(value, dict) and name in KEPT:
            details[name] = {key: _short(value[key]) for key in KEPT[name] if key in value}
        elif isinstance(value, dict) and name in VALUES:
            details[name] = {key: "" if key == "description" else _short(each) for key, each in value.items()}
        else:
            details[name] = _short(value)
    if "comment" in details:
        details["comment"]["comment"] = _short(facts["comment"]["comment"].strip().split("\n", 1)[0])
    return details


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return value[: LONGEST - 1] + "…"
    if isinstance(value, list):
        return [_short(each) for each in value]
    return value

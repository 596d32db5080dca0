"""Details: the little of a snapshot that the sentences of the activity need, small enough to stay for ever."""

from typing import Any

from kbtui.core.events.facts import Facts

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

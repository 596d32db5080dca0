"""What an edit changed, field by field, in words."""

from collections.abc import Callable
from typing import Any

from kbtui.core.events.log import Facts
from kbtui.core.tasks.recurrence import PENDING, TRIGGERS
from kbtui.core.tasks.subtasks import STATUS_NAMES
from kbtui.core.values.dates import write_due

NONE = "none"


def task_changes(facts: Facts) -> list[str]:
    """Return what an edit of a task changed, such as ``due date from none to 2027-01-31``."""
    changes = dict(facts.get("changes", {}))
    before, task, names = facts.get("before", {}), facts["task"], facts.get("from", {})
    recurrence = {name for name in changes if name.startswith("recurrence_")}
    words = []
    for name in changes:
        if name == "owner_id":
            words.append(_from_to("assignee", _person(names, before.get(name)), _person(task, changes[name])))
        elif name == "category_id":
            old = names.get("category_name") or _number("category", before.get(name))
            words.append(_from_to("category", old, task["category_name"] or _number("category", changes[name])))
        elif name not in recurrence:
            words.append(_change(name, before.get(name), changes[name]))
    if recurrence:
        words.append(_recurrence(task))
    return words


def subtask_changes(facts: Facts) -> list[str]:
    """Return what an edit of a subtask changed, but for its status and its place."""
    changes, before, subtask = facts.get("changes", {}), facts.get("before", {}), facts["subtask"]
    words = []
    for name in changes:
        if name == "user_id":
            words.append(f"assigned to {subtask.get('name') or subtask.get('username') or 'nobody'}")
        elif name not in ("status", "position"):
            words.append(_change(name, before.get(name), changes[name]))
    return words


def status_name(status: object) -> str:
    """Return the name of a subtask's status."""
    return STATUS_NAMES[status] if isinstance(status, int) and 0 <= status < len(STATUS_NAMES) else str(status)


def _change(name: str, before: object, after: object) -> str:
    if name == "title":
        return f"title was “{before}”" if before else "title"
    if name == "description":
        return "description"
    label, show = _FIELDS.get(name, (name.replace("_", " "), _plain))
    return _from_to(label, show(before), show(after))


def _from_to(label: str, before: str, after: str) -> str:
    return f"{label} from {before or NONE} to {after or NONE}"


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _unless_zero(value: object) -> str:
    return _plain(value or None)


def _hours(value: object) -> str:
    return f"{value} h" if value else ""


def _date(value: object) -> str:
    return write_due(value) if isinstance(value, int) else ""


def _tags(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else ""


_FIELDS: dict[str, tuple[str, Callable[[object], str]]] = {
    "color_id": ("colour", _plain),
    "score": ("score", _unless_zero),
    "priority": ("priority", _plain),
    "date_due": ("due date", _date),
    "date_started": ("start date", _date),
    "time_estimated": ("estimate", _hours),
    "time_spent": ("time spent", _hours),
    "reference": ("reference", _plain),
    "tags": ("tags", _tags),
}
"""What a field is called, and how its values are shown."""


def _person(names: dict[str, Any], user_id: object) -> str:
    return names.get("assignee_name") or names.get("assignee_username") or _number("user", user_id)


def _number(what: str, row_id: object) -> str:
    """Return what is left to say of a row whose name is not known; nothing of none."""
    return f"{what} {row_id}" if row_id else ""


def _recurrence(task: dict[str, Any]) -> str:
    if task["recurrence_status"] != PENDING:
        return "no longer repeats"
    return f"repeats {TRIGGERS[task['recurrence_trigger']].lower()}"

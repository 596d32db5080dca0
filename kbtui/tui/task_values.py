"""What the form of a task holds: a task as the texts and ids of its fields, and back; changes by others."""

import time
from typing import Any

from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.projects import categories, columns, members, swimlanes, tags, users
from kbtui.core.projects.projects import get_project
from kbtui.core.tasks.ranks import Cell
from kbtui.core.tasks.task_rows import clean_tags
from kbtui.core.tasks.tasks import NUMBER_LIMIT, TITLE_LIMIT, TaskChanges
from kbtui.core.values.colors import DEFAULT_COLOR
from kbtui.core.values.dates import parse_due, write_due
from kbtui.core.values.text import clean_line, clean_text
from kbtui.errors import InvalidError, KbtuiError
from kbtui.tui.widgets.fields import Choice, clean_typed

Values = dict[str, str | int]
"""Field → what its control holds: a text for what is typed, an id for what is chosen."""

LABELS = {
    "title": "Title",
    "description": "Description",
    "tags": "Tags",
    "column_id": "Column",
    "swimlane_id": "Swimlane",
    "owner_id": "Assignee",
    "category_id": "Category",
    "color_id": "Colour",
    "priority": "Priority",
    "score": "Score",
    "date_due": "Due",
}
"""Field → how the form calls it, in the form's order."""

PLACE = ("column_id", "swimlane_id")
"""The fields that say where the task stands."""


class FieldErrors(Exception):  # noqa: N818 - several at once
    """What is wrong with the fields: field → a sentence."""

    def __init__(self, complaints: dict[str, str]) -> None:
        super().__init__(*complaints.values())
        self.complaints = complaints


def new_values(project_id: int, cell: Cell) -> Values:
    """Return the values of an empty form."""
    return {
        "title": "",
        "description": "",
        "tags": "",
        "column_id": cell.column_id,
        "swimlane_id": cell.swimlane_id,
        "owner_id": 0,
        "category_id": 0,
        "color_id": DEFAULT_COLOR,
        "priority": str(get_project(project_id).priority_default),
        "score": "0",
        "date_due": "",
    }


def task_values(task: TaskSnapshot) -> Values:
    """Return the values of a form that shows a task as it is."""
    return {
        "title": clean_typed(task.title),
        "description": clean_text(task.description),
        "tags": clean_typed(", ".join(task.tags)),
        "column_id": task.column_id,
        "swimlane_id": task.swimlane_id,
        "owner_id": task.owner_id,
        "category_id": task.category_id,
        "color_id": task.color_id,
        "priority": str(task.priority),
        "score": str(task.score or 0),
        "date_due": write_due(task.date_due or 0),
    }


def parse_values(values: Values) -> TaskChanges:
    """Return these values, which may be a few of all, as core takes them. Raises FieldErrors."""
    parsed: dict[str, Any] = {}
    complaints: dict[str, str] = {}
    for name, value in values.items():
        try:
            parsed[name] = _parse(name, value)
        except InvalidError as error:
            complaints[name] = str(error)
    if complaints:
        raise FieldErrors(complaints)
    return parsed  # type: ignore[return-value] # the keys are those of TaskChanges, checked by tests


def _parse(name: str, value: str | int) -> Any:
    text = str(value)
    if name == "title":
        return clean_line(text, "title", TITLE_LIMIT)
    if name == "date_due":
        return parse_due(text, time.time())
    if name == "tags":
        return clean_tags(text.split(","))
    if name in ("priority", "score"):
        return _parse_number(LABELS[name].lower(), text)
    return value


def _parse_number(what: str, text: str) -> int:
    digits = text.strip() or "0"
    if not (digits.isascii() and digits.removeprefix("-").isdecimal()):
        raise InvalidError(f"The {what} is a whole number, such as 3.")
    if len(digits) > len(str(NUMBER_LIMIT)) or abs(int(digits)) >= NUMBER_LIMIT:
        raise InvalidError(f"The {what} is too large.")
    return int(digits)


class Choices:
    """What can be chosen in a project: columns, swimlanes, members, categories; and the names of its tags."""

    def __init__(self, project_id: int) -> None:
        self.project_id = project_id
        self.lists: dict[str, list[Choice]] = {
            "column_id": [(column.title, column.id) for column in columns.list_columns(project_id)],
            "swimlane_id": [(swimlane.name, swimlane.id) for swimlane in swimlanes.list_swimlanes(project_id)],
            "owner_id": [
                ("Nobody", 0),
                *((user.name or user.username, user.id) for user in members.list_assignable(project_id)),
            ],
            "category_id": [("None", 0), *((each.name, each.id) for each in categories.list_categories(project_id))],
        }
        self.tags = [tag.name for tag in tags.list_tags(project_id)]

    def with_value(self, name: str, value: str | int) -> list[Choice]:
        """Return the choices of a field; a value that cannot be chosen any more is one of them as long as it is set."""
        choices = self.lists[name]
        if any(known == value for _, known in choices):
            return choices
        return [*choices, (_absent(name, int(value)), value)]


def _absent(name: str, row_id: int) -> str:
    """Return what is shown for an inactive swimlane, a user who is no member, and whatever else is gone."""
    try:
        if name == "swimlane_id":
            return f"{swimlanes.get_swimlane(row_id).name} (inactive)"
        if name == "owner_id":
            user = users.get_user(row_id)
            return f"{user.name or user.username} (not a member)"
    except KbtuiError:
        pass
    return f"#{row_id} (removed)"


class Merge:
    """What another program did to a task while its form was open, field by field."""

    def __init__(self, base: Values, theirs: Values, ours: Values) -> None:
        changed = {name: value for name, value in theirs.items() if value != base[name]}
        self.adopted = {name: value for name, value in changed.items() if ours[name] == base[name]}
        """Fields the person has not touched, with their new values."""
        self.conflicts = {
            name: value for name, value in changed.items() if name not in self.adopted and ours[name] != value
        }
        """Fields both have changed, with the values that are not the person's."""

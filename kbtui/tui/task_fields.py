"""The fields of a task as its screen shows them: their words, what their editors begin with, and how they are kept."""

import time
from typing import Any, NamedTuple

from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.tasks import ranks, recurrence, tasks
from kbtui.core.tasks.ranks import Cell
from kbtui.core.undo.undo_stack import UndoStack
from kbtui.core.values.colors import COLORS
from kbtui.core.values.dates import due_state, format_due, parse_due, write_due
from kbtui.core.values.text import clean_line
from kbtui.errors import InvalidError
from kbtui.tui.task_values import FieldErrors, parse_values, task_values
from kbtui.tui.words import age, stamp

Task = TaskSnapshot


class TaskField(NamedTuple):
    """A field: how it is called, what edits it ("" when nothing does), and why somebody would."""

    label: str
    kind: str


FIELDS = {
    "title": TaskField("Title", "line"),
    "is_active": TaskField("Status", "action"),
    "project_id": TaskField("Project", "action"),
    "column_id": TaskField("Column", "choice"),
    "swimlane_id": TaskField("Swimlane", "choice"),
    "position": TaskField("Position", "number"),
    "color_id": TaskField("Colour", "color"),
    "owner_id": TaskField("Assignee", "choice"),
    "category_id": TaskField("Category", "choice"),
    "priority": TaskField("Priority", "number"),
    "score": TaskField("Score", "number"),
    "date_due": TaskField("Due", "date"),
    "date_started": TaskField("Started", "date"),
    "time_estimated": TaskField("Estimate", "hours"),
    "time_spent": TaskField("Spent", "hours"),
    "tags": TaskField("Tags", "tags"),
    "reference": TaskField("Reference", "line"),
    "recurrence": TaskField("Recurs", "action"),
    "creator": TaskField("Creator", ""),
    "date_creation": TaskField("Created", ""),
    "date_modification": TaskField("Modified", ""),
    "date_moved": TaskField("Moved", ""),
    "date_completed": TaskField("Completed", ""),
}
"""Every field in the order of the screen; two stand side by side where there is room, the title alone."""

NONE = "—"
REFERENCE_LIMIT = 255

Words = tuple[str, str]
"""What is shown, and the name of its style."""


def field_words(task: Task, now: float) -> dict[str, Words]:
    """Return what is shown of each field."""
    color = COLORS.get(task.color_id)
    words: dict[str, Words] = {
        "title": (task.title, "strong"),
        "is_active": ("Open", "good") if task.is_active else ("Closed", "warning"),
        "project_id": (task.project_name, "text"),
        "column_id": (task.column_title, "text"),
        "swimlane_id": (task.swimlane_name, "text"),
        "position": (_position(task), "text"),
        "color_id": (color.name if color else task.color_id, "text"),
        "owner_id": (task.assignee_name or task.assignee_username or "Nobody", "person"),
        "category_id": (task.category_name or "None", "label"),
        "priority": (str(task.priority), "text"),
        "score": (str(task.score or 0), "text"),
        "date_due": _due(task.date_due or 0, now),
        "date_started": (stamp(task.date_started, now), "text"),
        "time_estimated": (_hours(task.time_estimated), "text"),
        "time_spent": (_hours(task.time_spent), "text"),
        "tags": (", ".join(task.tags), "label"),
        "reference": (task.reference or "", "text"),
        "recurrence": (recurrence_words(task), "text"),
        "creator": (task.creator_name or task.creator_username or "", "person"),
    }
    for name in ("date_creation", "date_modification", "date_moved", "date_completed"):
        moment = getattr(task, name)
        words[name] = (f"{age(moment, now)} · {stamp(moment, now)}" if moment else "", "dim")
    unset = ("Nobody", "None", "", "0", "0h")
    return {name: (text or NONE, "dim" if text in unset else style) for name, (text, style) in words.items()}


def _position(task: Task) -> str:
    if not task.is_active:
        return "not on the board"
    count = ranks.count_cell(Cell(task.column_id, task.swimlane_id))
    return f"{task.position} of {count:,}"


def _due(due: int, now: float) -> Words:
    state = due_state(due, now)
    style = {"overdue": "bad", "today": "warning"}.get(state, "text")
    return (f"{format_due(due, now)}, overdue" if state == "overdue" else format_due(due, now)), style


def _hours(value: float) -> str:
    return f"{value:g}h"


def recurrence_words(task: Task) -> str:
    """Return how a task recurs, in words."""
    status = task.recurrence_status
    if status == recurrence.NONE:
        return f"no; follows #{task.recurrence_parent}" if task.recurrence_parent else "no"
    if status == recurrence.PROCESSED:
        return f"it has, as #{task.recurrence_child}" if task.recurrence_child else "it has"
    factor, unit = task.recurrence_factor, recurrence.TIMEFRAMES[task.recurrence_timeframe]
    every = f", {factor} {unit if abs(factor) != 1 else unit[:-1]} on" if factor else ""
    return recurrence.TRIGGERS[task.recurrence_trigger].lower() + every


def field_value(task: Task, name: str) -> str | int:
    """Return what a field's editor begins with."""
    if name == "date_started":
        return write_due(task.date_started or 0)
    if name in ("time_estimated", "time_spent"):
        return f"{getattr(task, name):g}"
    if name in ("position", "reference"):
        return str(getattr(task, name) or "")
    return task_values(task)[name]


def save_field(stack: UndoStack, task_id: int, name: str, value: str | int) -> bool:
    """Keep an edited field; tell whether that changed anything. Raises KbtuiError."""
    if name in ("column_id", "swimlane_id"):
        return stack.move_task(task_id, **{name: int(value)}) is not None
    if name == "position":
        return stack.move_task(task_id, position=parse_whole(str(value), "position")) is not None
    return stack.update_task(task_id, **{name: _parsed(name, str(value), value)})


def _parsed(name: str, text: str, value: str | int) -> Any:
    if name == "date_started":
        return parse_due(text, time.time()) or None
    if name in ("time_estimated", "time_spent"):
        return parse_hours(text)
    if name == "reference":
        return clean_line(text, "reference", REFERENCE_LIMIT) if text.strip() else ""
    try:
        return dict(parse_values({name: value}))[name]
    except FieldErrors as error:
        raise InvalidError(error.complaints[name]) from error


def parse_whole(text: str, what: str) -> int:
    """Return a whole number from 1 on. Raises InvalidError."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 15 or int(digits) < 1:
        raise InvalidError(f"The {what} is a whole number from 1 on.")
    return int(digits)


def parse_hours(text: str) -> float:
    """Return hours: ``1.5``, ``1,5``, ``90m``, ``2h``; nothing is 0. Raises InvalidError."""
    words = text.strip().lower().replace(",", ".")
    minutes = words.endswith("m")
    digits = words.removesuffix("m").removesuffix("h").strip() or "0"
    if not digits.isascii() or not digits.replace(".", "", 1).isdecimal() or len(digits) > 12:
        raise InvalidError("Hours are a number, such as 1.5 or 90m.")
    return round(float(digits) / 60, 4) if minutes else float(digits)


def task_now(task_id: int) -> Task:
    """Return a task as it is. Raises NotFoundError."""
    return tasks.get_task(task_id)

"""Tasks as the sentences of the command line name them: what it is, where it stands, how it recurs."""

from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.tasks.recurrence import DUE_DATE, PENDING, PROCESSED

TRIGGERS = ("when it leaves the first column", "when it reaches the last column", "when it is closed")
UNITS = ("day", "month", "year")
WEEK = 7


def task_name(task: TaskSnapshot) -> str:
    """Return a task as sentences name it."""
    return f'task #{task.id} "{task.title}"'


def task_location(task: TaskSnapshot) -> str:
    """Return where a task stands, as sentences say it."""
    return f"{task.project_name}: {task.column_title}, {task.swimlane_name}, position {task.position}"


def successor_words(before: TaskSnapshot, after: TaskSnapshot) -> str:
    """Return a sentence about the task that a change made anew, an empty text if it made none."""
    child = after.recurrence_child
    return f"Made anew as task #{child}." if child and child != before.recurrence_child else ""


def recurrence_words(task: TaskSnapshot) -> str:
    """Return how a task recurs in words, an empty text when it does not."""
    if task.recurrence_status == PROCESSED:
        child = task.recurrence_child
        return f"has been made anew as #{child}" if child else "has been made anew"
    if task.recurrence_status != PENDING:
        return ""
    words = TRIGGERS[task.recurrence_trigger]
    if not (task.recurrence_factor and task.date_due):
        return words
    count, unit = task.recurrence_factor, UNITS[task.recurrence_timeframe]
    if unit == "day" and count % WEEK == 0:
        count, unit = count // WEEK, "week"
    base = "its due date" if task.recurrence_basedate == DUE_DATE else "that day"
    return f"{words}, due {count} {unit}{'' if abs(count) == 1 else 's'} after {base}"

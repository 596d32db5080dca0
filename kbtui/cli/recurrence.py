"""The options of ``kbtui task`` that make a task recur, and what became of them in words."""

from argparse import Namespace
from typing import Any

from kbtui.cli.parser import UsageError
from kbtui.cli.task_arguments import BASES
from kbtui.core.tasks.recurrence import NONE, PENDING, PROCESSED

TRIGGERS = ("when it leaves the first column", "when it reaches the last column", "when it is closed")
UNITS = ("day", "month", "year")
WEEK = 7


def recurrence_fields(arguments: Namespace, status: int) -> dict[str, Any]:
    """Return the fields of a task that the options give; ``status`` is its recurrence_status so far.

    Raises UsageError when they say how a task recurs that does not.
    """
    fields: dict[str, Any] = {}
    if arguments.repeat is not None:
        status = PENDING if arguments.repeat else NONE
        fields["recurrence_status"] = status
        if arguments.repeat:
            fields["recurrence_trigger"] = arguments.repeat - 1
    if arguments.every is not None:
        fields["recurrence_factor"], fields["recurrence_timeframe"] = arguments.every
    if arguments.repeat_from is not None:
        fields["recurrence_basedate"] = BASES.index(arguments.repeat_from)
    if fields and status != PENDING and fields.keys() != {"recurrence_status"}:
        raise UsageError("--every and --repeat-from need a --repeat that says when")
    return fields


def successor_words(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return a sentence about the task that a change made anew, an empty text if it made none."""
    child = after["recurrence_child"]
    return f"Made anew as task #{child}." if child and child != before["recurrence_child"] else ""


def recurrence_words(task: dict[str, Any]) -> str:
    """Return how a task recurs in words, an empty text when it does not."""
    if task["recurrence_status"] == PROCESSED:
        child = task["recurrence_child"]
        return f"has been made anew as #{child}" if child else "has been made anew"
    if task["recurrence_status"] != PENDING:
        return ""
    words = TRIGGERS[task["recurrence_trigger"]]
    if not (task["recurrence_factor"] and task["date_due"]):
        return words
    count, unit = task["recurrence_factor"], UNITS[task["recurrence_timeframe"]]
    if unit == "day" and count % WEEK == 0:
        count, unit = count // WEEK, "week"
    base = "its due date" if task["recurrence_basedate"] == BASES.index("due") else "that day"
    return f"{words}, due {count} {unit}{'' if abs(count) == 1 else 's'} after {base}"

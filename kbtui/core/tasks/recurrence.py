"""Recurring tasks: when a task's trigger comes, a new one is made after its pattern, as Kanboard does."""

import calendar
import time
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from peewee import BaseQuery

from kbtui.core.db.lookup import get_row
from kbtui.core.db.models import Column, Task
from kbtui.core.db.prepared import prepared, scalar, write_row
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_snapshot
from kbtui.core.projects import members, settings
from kbtui.core.tasks.ranks import Cell, append_rank
from kbtui.core.tasks.task_rows import copy_task
from kbtui.core.values.dates import LATEST
from kbtui.errors import InvalidError

NONE, PENDING, PROCESSED = 0, 1, 2
"""The status of a task: it does not recur, it will, it has and its successor goes on."""

FROM_FIRST_COLUMN, TO_LAST_COLUMN, ON_CLOSE = 0, 1, 2
"""What makes a recurring task come again."""

DAYS, MONTHS, YEARS = 0, 1, 2
"""What the factor counts."""

DUE_DATE, TRIGGER_DATE = 0, 1
"""What the next due date is counted from."""

TRIGGERS = ("When it leaves the first column", "When it reaches the last column", "When it is closed")
TIMEFRAMES = ("days", "months", "years")
BASE_DATES = ("its due date", "the day that happens")


MOST = 9999
"""The largest factor."""

LIMITS = {
    "recurrence_status": (NONE, PROCESSED),
    "recurrence_trigger": (FROM_FIRST_COLUMN, ON_CLOSE),
    "recurrence_factor": (-MOST, MOST),
    "recurrence_timeframe": (DAYS, YEARS),
    "recurrence_basedate": (DUE_DATE, TRIGGER_DATE),
}
"""The least and the largest value of each field; a factor below 0 counts backwards."""


class Pattern(NamedTuple):
    """When a recurring task is due again: so many (``factor``) of what ``timeframe`` counts after ``basedate``."""

    date_due: int
    factor: int
    timeframe: int
    basedate: int


def check_recurrence(values: dict[str, Any]) -> None:
    """Raise InvalidError when one of these fields of a task says what no recurrence can be."""
    for name, (least, most) in LIMITS.items():
        if name in values and not (isinstance(values[name], int) and least <= values[name] <= most):
            words = name.replace("_", " ")
            raise InvalidError(f"{values[name]} is not possible as the {words}; it goes from {least} to {most}.")


def repeat_after_close(facts: log.Facts) -> int | None:
    """Make a task anew if it recurs when it is closed, and return the new one's id; ``facts`` are of its closing."""
    task = facts["task"]
    recurs = task["recurrence_status"] == PENDING and task["recurrence_trigger"] == ON_CLOSE
    return _repeat(task["id"]) if recurs else None


def repeat_after_move(facts: log.Facts) -> int | None:
    """Make a task anew if it recurs when it leaves the first or reaches the last column; return the new one's id."""
    task, move = facts["task"], facts["move"]
    if task["recurrence_status"] != PENDING:
        return None
    columns = _columns.all(task["project_id"])
    leaves = task["recurrence_trigger"] == FROM_FIRST_COLUMN and move["src_column_id"] == columns[0]
    arrives = task["recurrence_trigger"] == TO_LAST_COLUMN and move["dst_column_id"] == columns[-1]
    return _repeat(task["id"]) if leaves or arrives else None


@prepared(scalar)
def _columns(project_id: int) -> BaseQuery:
    return Column.select(Column.id).where(Column.project_id == project_id).order_by(Column.position)


def _repeat(task_id: int) -> int:
    """Make the successor of a recurring task in the first column, and return its id."""
    task = get_row(Task, task_id, "task")
    now, project_id = int(time.time()), task.project_id
    cell = Cell(_columns.one(project_id), task.swimlane_id)
    rules = (task.recurrence_factor, task.recurrence_timeframe, task.recurrence_basedate)
    pattern = Pattern(task.date_due, *rules)
    changes = {
        "column_id": cell.column_id,
        "rank": append_rank(cell),
        "is_active": 1,
        "date_completed": None,
        "date_started": None,
        "time_spent": 0,
        "date_due": next_due(pattern, now, settings.time_zone()),
        "date_creation": now,
        "date_modification": now,
        "date_moved": now,
        "owner_id": members.assignable_or_nobody(project_id, task.owner_id),
        "creator_id": log.author_id(),
        "recurrence_status": PENDING,
        "recurrence_parent": task_id,
        "recurrence_child": None,
    }
    successor_id = copy_task(task, project_id, changes)
    write_row(Task, task_id, {"recurrence_status": PROCESSED, "recurrence_child": successor_id})
    facts = task_snapshot(successor_id)
    log.record("task.create", facts, project_id=project_id, task_id=successor_id, after_task_id=task_id)
    return successor_id


def next_due(pattern: Pattern, now: int, zone: tzinfo | None = None) -> int:
    """Return the due date of a task's successor, 0 when it has none. Times are Unix seconds.

    Days are those of a time zone, None is the computer's. The 31st of
    a month becomes the last day of a shorter one; a date outside the calendar stays as it is.
    """
    due = pattern.date_due
    if not due or not pattern.factor:
        return due
    base = now if pattern.basedate == TRIGGER_DATE else due
    try:
        moment = datetime.fromtimestamp(base, zone)
        day = _day_after(moment, pattern.factor, pattern.timeframe)
        clock = (moment.hour, moment.minute, moment.second)
        after = int(datetime(day.year, day.month, day.day, *clock, tzinfo=zone).timestamp())
    except (ValueError, OverflowError):
        return due
    return after if 0 < after <= LATEST else due


def _day_after(day: date, factor: int, timeframe: int) -> date:
    """Return the day that is so many days, months or years later; raise ValueError outside the calendar."""
    if timeframe == DAYS:
        return date.fromordinal(day.toordinal() + factor)
    months = day.year * 12 + day.month - 1 + factor * (12 if timeframe == YEARS else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))

"""Recurring tasks: when a task's trigger comes, a new one is made after its pattern, as Kanboard does."""

import calendar
import time
from datetime import date, datetime, tzinfo
from typing import Any

from kbtui.core.db.database import fetch_one, insert_row
from kbtui.core.db.engine import database
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_facts, task_tags
from kbtui.core.projects import members, settings
from kbtui.core.tasks.ranks import Cell, assign_rank
from kbtui.core.tasks.task_rows import set_tags, stored_row, write_task
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


def check_recurrence(values: dict[str, Any]) -> None:
    """Raise InvalidError when one of these fields of a task says what no recurrence can be."""
    for name, (least, most) in LIMITS.items():
        if name in values and not (isinstance(values[name], int) and least <= values[name] <= most):
            words = name.replace("_", " ")
            raise InvalidError(f"{values[name]} is not possible as the {words}; it goes from {least} to {most}.")


def repeat_after_close(facts: log.Facts) -> None:
    """Make a task anew if it recurs when it is closed; ``facts`` are those of its closing."""
    task = facts["task"]
    if task["recurrence_status"] == PENDING and task["recurrence_trigger"] == ON_CLOSE:
        _repeat(task["id"])


def repeat_after_move(facts: log.Facts) -> int | None:
    """Make a task anew if it recurs when it leaves the first or reaches the last column; return the new one's id."""
    task, move = facts["task"], facts["move"]
    if task["recurrence_status"] != PENDING:
        return None
    ends = fetch_one(
        'SELECT (SELECT id FROM "columns" WHERE project_id = ? ORDER BY position LIMIT 1),'
        ' (SELECT id FROM "columns" WHERE project_id = ? ORDER BY position DESC LIMIT 1)',
        (task["project_id"], task["project_id"]),
    )
    assert ends is not None  # noqa: S101 - a row of sub-selects always comes
    first, last = ends
    leaves = task["recurrence_trigger"] == FROM_FIRST_COLUMN and move["src_column_id"] == first
    arrives = task["recurrence_trigger"] == TO_LAST_COLUMN and move["dst_column_id"] == last
    return _repeat(task["id"]) if leaves or arrives else None


def _repeat(task_id: int) -> int:
    """Make the successor of a recurring task in the first column, and return its id."""
    row = stored_row(task_id)
    now = int(time.time())
    first = fetch_one('SELECT id FROM "columns" WHERE project_id = ? ORDER BY position LIMIT 1', (row["project_id"],))
    assert first is not None  # noqa: S101 - the task stands in one
    cell = Cell(first[0], row["swimlane_id"])
    rank, _ = assign_rank(cell, None)
    successor = row | {
        "column_id": cell.column_id,
        "rank": rank,
        "is_active": 1,
        "date_completed": None,
        "date_started": None,
        "time_spent": 0,
        "date_due": next_due(row, now, settings.time_zone()),
        "date_creation": now,
        "date_modification": now,
        "date_moved": now,
        "owner_id": members.assignable_or_nobody(row["project_id"], row["owner_id"]),
        "creator_id": log.author_id(),
        "recurrence_status": PENDING,
        "recurrence_parent": task_id,
        "recurrence_child": None,
    }
    del successor["id"]
    successor_id = insert_row("tasks", successor)
    set_tags(successor_id, row["project_id"], task_tags(task_id))
    database.execute_sql(
        "INSERT INTO subtasks (task_id, title, time_estimated, user_id, position)"
        " SELECT ?, title, time_estimated, user_id, position FROM subtasks WHERE task_id = ? ORDER BY position",
        (successor_id, task_id),
    )
    write_task(task_id, {"recurrence_status": PROCESSED, "recurrence_child": successor_id})
    facts, project_id = task_facts(successor_id), row["project_id"]
    log.record("task.create", facts, project_id=project_id, task_id=successor_id, after_task_id=task_id)
    return successor_id


def next_due(task: dict[str, Any], now: int, zone: tzinfo | None = None) -> int:
    """Return the due date of a task's successor, 0 when it has none. Times are Unix seconds.

    ``task`` has date_due and the recurrence columns; days are those of a time zone, None is the computer's. The 31st of
    a month becomes the last day of a shorter one; a date outside the calendar stays as it is.
    """
    due: int = task["date_due"]
    if not due or not task["recurrence_factor"]:
        return due
    base = now if task["recurrence_basedate"] == TRIGGER_DATE else due
    try:
        moment = datetime.fromtimestamp(base, zone)
        day = _day_after(moment, task["recurrence_factor"], task["recurrence_timeframe"])
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

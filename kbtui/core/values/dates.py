"""Due dates: what a person types, and what a person reads. All in local time.

Kanboard keeps a due date without a time of day as that day's local midnight, and so does kbtui.
"""

import re
import time
from datetime import date, timedelta
from typing import Literal

from kbtui.errors import InvalidError

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

EXAMPLES = "2027-01-31, 2027-01-31 14:30, today, tomorrow, +3d, +2w, friday"
"""What :func:`parse_due` understands, for errors, help and placeholders."""

LATEST = 253_370_764_800
"""The first of January 9999, UTC: the latest date that can be kept, and written in every time zone."""

_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]+([0-9]{1,2}):([0-9]{2}))?")
_AHEAD = re.compile(r"\+([0-9]{1,4})([dw])")

DueState = Literal["none", "overdue", "today", "later"]


def parse_due(text: str, now: float) -> int:
    """Return the due date that ``text`` means as Unix seconds, 0 for an empty text or ``none``.

    ``now`` is Unix seconds. A weekday is the next one after today. Raises InvalidError, which shows examples.
    """
    words = text.strip().lower()
    if words in ("", "none"):
        return 0
    if match := _DATE.fullmatch(words.upper()):
        day, hour, minute = match.groups()
        return _timestamp(_day(day, text), int(hour or 0), int(minute or 0), text)
    return _timestamp(_relative_day(words, text, _local_day(now)), 0, 0, text)


def format_due(timestamp: float, now: float) -> str:
    """Return a due date as words: today, tomorrow, 24 Nov, 24 Nov 2027; with the time of day unless it is 00:00."""
    if not timestamp:
        return ""
    day, today = _local_day(timestamp), _local_day(now)
    clock = time.localtime(timestamp)
    if day == today:
        words = "today"
    elif day - today == timedelta(days=1):
        words = "tomorrow"
    else:
        words = f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if day.year != today.year else "")
    return words if (clock.tm_hour, clock.tm_min) == (0, 0) else f"{words} {clock.tm_hour:02}:{clock.tm_min:02}"


def write_due(timestamp: float) -> str:
    """Return a due date in the form that :func:`parse_due` reads back, for a field to edit it in."""
    if not timestamp:
        return ""
    clock = time.localtime(timestamp)
    day = f"{clock.tm_year:04}-{clock.tm_mon:02}-{clock.tm_mday:02}"
    return day if (clock.tm_hour, clock.tm_min) == (0, 0) else f"{day} {clock.tm_hour:02}:{clock.tm_min:02}"


def due_state(timestamp: float, now: float) -> DueState:
    """Tell whether a due date has passed, is today or comes later; one without a time of day lasts the whole day."""
    if not timestamp:
        return "none"
    day, today = _local_day(timestamp), _local_day(now)
    clock = time.localtime(timestamp)
    has_time = (clock.tm_hour, clock.tm_min) != (0, 0)
    if day < today or (has_time and timestamp < now):
        return "overdue"
    return "today" if day == today else "later"


def _relative_day(words: str, text: str, today: date) -> date:
    if words in ("today", "tomorrow"):
        return today + timedelta(days=words == "tomorrow")
    if match := _AHEAD.fullmatch(words):
        return today + timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))
    for number, name in enumerate(WEEKDAYS):
        if words in (name, name[:3]):
            return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    raise InvalidError(f'"{text}" is no date; try {EXAMPLES}.')


def _day(digits: str, text: str) -> date:
    try:
        return date.fromisoformat(digits)
    except ValueError as error:
        raise InvalidError(f'"{text}" is no day of the calendar.') from error


def _timestamp(day: date, hour: int, minute: int, text: str) -> int:
    if hour > 23 or minute > 59:
        raise InvalidError(f'"{text}" is no time of day; it goes from 00:00 to 23:59.')
    if day.year < 1971:
        raise InvalidError(f'"{text}" is too long ago; a date is in 1971 or later.')
    return int(time.mktime((day.year, day.month, day.day, hour, minute, 0, 0, 0, -1)))


def _local_day(timestamp: float) -> date:
    clock = time.localtime(timestamp)
    return date(clock.tm_year, clock.tm_mon, clock.tm_mday)

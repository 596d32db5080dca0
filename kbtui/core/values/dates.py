"""Due dates: what a person types, and what a person reads. Days are those of a time zone: None is the computer's.

Kanboard keeps a due date without a time of day as that day's local midnight, and so does kbtui.
"""

import os
import re
import time
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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


def parse_due(text: str, now: float, zone: tzinfo | None = None) -> int:
    """Return the due date that ``text`` means as Unix seconds, 0 for an empty text or ``none``.

    ``now`` is Unix seconds. A weekday is the next one after today. Raises InvalidError, which shows examples.
    """
    words = text.strip().lower()
    if words in ("", "none"):
        return 0
    if match := _DATE.fullmatch(words.upper()):
        day, hour, minute = match.groups()
        return _timestamp(_day(day, text), int(hour or 0), int(minute or 0), text, zone)
    return _timestamp(_relative_day(words, text, _clock(now, zone).date()), 0, 0, text, zone)


def format_due(timestamp: float, now: float, zone: tzinfo | None = None) -> str:
    """Return a due date as words: today, tomorrow, 24 Nov, 24 Nov 2027; with the time of day unless it is 00:00."""
    if not timestamp:
        return ""
    clock, today = _clock(timestamp, zone), _clock(now, zone).date()
    day = clock.date()
    if day == today:
        words = "today"
    elif day - today == timedelta(days=1):
        words = "tomorrow"
    else:
        words = f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if day.year != today.year else "")
    return words if (clock.hour, clock.minute) == (0, 0) else f"{words} {clock.hour:02}:{clock.minute:02}"


def write_due(timestamp: float, zone: tzinfo | None = None) -> str:
    """Return a due date in the form that :func:`parse_due` reads back, for a field to edit it in."""
    if not timestamp:
        return ""
    clock = _clock(timestamp, zone)
    day = clock.date().isoformat()
    return day if (clock.hour, clock.minute) == (0, 0) else f"{day} {clock.hour:02}:{clock.minute:02}"


def due_state(timestamp: float, now: float, zone: tzinfo | None = None) -> DueState:
    """Return whether a due date has passed, is today or comes later; one without a time of day lasts the whole day."""
    if not timestamp:
        return "none"
    clock, today = _clock(timestamp, zone), _clock(now, zone).date()
    day = clock.date()
    has_time = (clock.hour, clock.minute) != (0, 0)
    if day < today or (has_time and timestamp < now):
        return "overdue"
    return "today" if day == today else "later"


def read_zone(name: str) -> tzinfo:
    """Return a time zone by its name, such as Europe/Berlin; raise InvalidError when this computer knows none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidError(f'There is no time zone "{name}"; write it as Europe/Berlin, Asia/Tokyo or UTC.') from error


def local_zone_name() -> str:
    """Return the name of the computer's time zone, UTC where it has none."""
    _, _, linked = os.path.realpath(Path("/etc/localtime")).partition("zoneinfo/")
    for name in (os.environ.get("TZ", "").removeprefix(":"), linked):
        try:
            if name:
                return "UTC" if name == "Etc/UTC" else str(read_zone(name))
        except InvalidError:
            continue
    return "UTC"


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


def _timestamp(day: date, hour: int, minute: int, text: str, zone: tzinfo | None) -> int:
    if hour > 23 or minute > 59:
        raise InvalidError(f'"{text}" is no time of day; it goes from 00:00 to 23:59.')
    if day.year < 1971:
        raise InvalidError(f'"{text}" is too long ago; a date is in 1971 or later.')
    if zone is not None:
        return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp())
    return int(time.mktime((day.year, day.month, day.day, hour, minute, 0, 0, 0, -1)))


def _clock(timestamp: float, zone: tzinfo | None) -> datetime:
    """Return the day and the time of day at a moment."""
    return datetime.fromtimestamp(timestamp, zone)

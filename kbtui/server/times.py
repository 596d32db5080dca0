"""Times: dates as calls write them. Those without a time zone are in the board's, as ``getTimezone`` says."""

import re
from datetime import datetime

from kbtui.core.projects import settings
from kbtui.errors import InvalidError

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y", "%m/%d/%Y %H:%M", "%Y_%m_%d", "%d/%m/%Y")
"""Kanboard's forms, in the order in which they are tried."""


def read_time(text: str) -> int:
    """Return Unix seconds of a date (``2027-01-31``, ``2027-01-31 10:30``, ISO 8601, a timestamp), 0 for an empty text.

    Raises InvalidError for what is no date.
    """
    text = text.strip()
    if not text:
        return 0
    if _TIMESTAMP.fullmatch(text):
        return int(text)
    moment = _parse(text)
    if moment is None or not 1970 <= moment.year <= 9998:
        raise InvalidError(f'"{text}" is no date; write it as 2027-01-31 10:30.')
    if moment.tzinfo is None and (zone := settings.time_zone()) is not None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp())


def _parse(text: str) -> datetime | None:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - which zone is meant is decided above
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None

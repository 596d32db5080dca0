"""Arguments: what a caller may write for a number, a text, a flag, a list. Each reader raises ValueError for the rest.

A date without a time zone is in the board's, as ``getTimezone`` says.

Kanboard's own language takes ``"12"`` for 12 and 12 for ``"12"``, and clients rely on it.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from kbtui.core.projects import settings
from kbtui.errors import InvalidError

Reader = Callable[[Any], Any]

_DIGITS = re.compile(r"\s*[+-]?[0-9]{1,19}\s*", re.ASCII)
_LARGEST = 2**63 - 1
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y", "%m/%d/%Y %H:%M", "%Y_%m_%d", "%d/%m/%Y")
"""Kanboard's forms, in the order in which they are tried."""


def read_int(value: Any) -> int:
    """Read a whole number: ``12``, ``12.0``, ``"12"``."""
    if (isinstance(value, str) and _DIGITS.fullmatch(value)) or (isinstance(value, float) and value.is_integer()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise ValueError
    return value


def read_float(value: Any) -> float:
    """Read a number: ``1.5``, ``12``, ``"1.5"``; an empty text is 0."""
    if isinstance(value, str):
        value = float(value.strip() or 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        raise ValueError
    return value


def read_str(value: Any) -> str:
    """Read a text: ``"12"``, ``12``, ``12.0``."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def read_bool(value: Any) -> bool:
    """Read a flag: ``true``, ``1``, ``"1"``, ``"true"`` and their opposites."""
    flags = {"1": True, "true": True, "0": False, "false": False, "": False}
    if isinstance(value, bool):
        return value
    text = read_str(value).lower()
    if text not in flags:
        raise ValueError
    return flags[text]


def read_str_list(value: Any) -> list[str]:
    """Read a list of texts."""
    return [read_str(each) for each in _items(value)]


def read_int_list(value: Any) -> list[int]:
    """Read a list of whole numbers."""
    return [read_int(each) for each in _items(value)]


def read_time(text: str) -> int:
    """Return Unix seconds of a date (``2027-01-31``, ``2027-01-31 10:30``, ISO 8601, a timestamp), 0 for an empty text.

    Raises InvalidError for what is no date.
    """
    text = text.strip()
    if not text:
        return 0
    if _TIMESTAMP.fullmatch(text):
        return int(text)
    moment = _parse_time(text)
    if moment is None or not 1970 <= moment.year <= 9998:
        raise InvalidError(f'"{text}" is no date; write it as 2027-01-31 10:30.')
    if moment.tzinfo is None and (zone := settings.time_zone()) is not None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp())


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError
    return value


def _parse_time(text: str) -> datetime | None:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - which zone is meant is decided above
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


READERS: dict[Any, Reader] = {
    int: read_int,
    float: read_float,
    str: read_str,
    bool: read_bool,
    list[str]: read_str_list,
    list[int]: read_int_list,
}
"""The type in a procedure's signature → how an argument of it is read."""

"""Arguments: what a caller may write for a number, a text, a flag, a list. Each reader raises ValueError for the rest.

Kanboard's own language takes ``"12"`` for 12 and 12 for ``"12"``, and clients rely on it.
"""

import re
from collections.abc import Callable
from typing import Any

Reader = Callable[[Any], Any]

_DIGITS = re.compile(r"\s*[+-]?[0-9]{1,19}\s*", re.ASCII)
_LARGEST = 2**63 - 1


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


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError
    return value


READERS: dict[Any, Reader] = {
    int: read_int,
    float: read_float,
    str: read_str,
    bool: read_bool,
    list[str]: read_str_list,
    list[int]: read_int_list,
}
"""The type in a procedure's signature → how an argument of it is read."""

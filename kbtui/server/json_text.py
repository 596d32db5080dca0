"""JSON that is written row by row: long lists of tasks, whose keys are always the same.

Half of the time in which ``json.dumps`` writes such a list goes into making its dicts and writing their keys; a form
that has them already is filled in a third of it.
"""

import json
import secrets
import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any

_PLACE = secrets.token_hex(16)
"""Stands for a text in the rest of the document; nobody who calls can know it."""


@dataclass(frozen=True, slots=True)
class JsonText:
    """A part of an answer that is JSON already."""

    text: str


class RowForm:
    """An object with always the same keys: those of a kind of row, and ``more``, whose values are JSON already."""

    def __init__(self, row: Any, *more: str) -> None:
        self._kinds = typing.get_type_hints(row)
        self._more = ",".join(f'"{name}":%s' for name in more)

    def fill(self, rows: Sequence[tuple[Any, ...]], *more: Iterable[str]) -> list[str]:
        """Return the object of each row, whose values are texts, numbers and nothing."""
        if not rows:
            return []
        # Column by column: what is the same in all rows, as most of it is, is written once.
        pairs, columns = [], list[Iterable[object]]()
        for (name, kind), column in zip(self._kinds.items(), zip(*rows, strict=True), strict=True):
            if column.count(column[0]) == len(column):
                pairs.append(f'"{name}":{_scalar(column[0])}'.replace("%", "%%"))
            else:
                pairs.append(f'"{name}":%s')
                is_number = kind is int or kind is float
                columns.append(column if is_number else map(encode_basestring if kind is str else _scalar, column))
        form = "{" + ",".join((*pairs, self._more) if more else pairs) + "}"
        if not columns and not more:
            return [form % ()] * len(rows)
        return [form % values for values in zip(*columns, *more, strict=False)]


def _scalar(value: object) -> object:
    return "null" if value is None else encode_basestring(value) if isinstance(value, str) else value


def join(objects: Iterable[str]) -> JsonText:
    """Return written values as a list."""
    return JsonText(f"[{','.join(objects)}]")


def write(document: Any) -> str:
    """Return a document as JSON; where it holds a :class:`JsonText`, that is its text."""
    texts: list[str] = []

    def take(value: Any) -> str:
        if not isinstance(value, JsonText):
            raise TypeError(f"{value!r} is no JSON")
        texts.append(value.text)
        return _PLACE

    rest = json.dumps(document, default=take, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if not texts:
        return rest
    first, *others = rest.split(f'"{_PLACE}"')
    return "".join((first, *(part for pair in zip(texts, others, strict=True) for part in pair)))

"""Queries: Kanboard's words for which tasks are meant, such as ``status:open assignee:me due:<2027-02-01 login page``.

Words of one field are alternatives (``tag:ui tag:api`` is either), those of different fields must all be true. What
belongs to no field is searched in the title; a number (``12``, ``#12``) is also a task's own.
"""

import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from kbtui.core.values.colors import COLORS

Row = dict[str, Any]
"""A task as :func:`kbtui.core.views.task_details.list_details` returns it."""

DAY = 86400

_TOKEN = re.compile(r'(?:(?P<field>[a-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<word>[^\s"]+))', re.IGNORECASE)
_COMPARISON = re.compile(r"(<=|>=|<|>|=)?(.*)")


class Asker(NamedTuple):
    """Who asks, and when: what ``me`` and ``today`` mean. ``now`` is Unix seconds, days are those of UTC."""

    user_id: int
    now: float


def matching(rows: Iterable[Row], query: str, *, user_id: int = 0, now: float | None = None) -> list[Row]:
    """Return the tasks that a query means, in the order they are in; an empty query means all."""
    asker = Asker(user_id, time.time() if now is None else now)
    wanted = _read(query)
    return [row for row in rows if all(_fits(row, field, words, asker) for field, words in wanted.items())]


def _read(query: str) -> dict[str, list[str]]:
    """Return the words of each field; ``""`` is the field of the text that has none, as one."""
    fields: dict[str, list[str]] = {}
    text: list[str] = []
    for token in _TOKEN.finditer(query):
        field = (token["field"] or "").lower()
        word = token["word"] if token["quoted"] is None else token["quoted"]
        if field in _FIELDS:
            fields.setdefault(field, []).append(word)
        else:
            text.append(f"{token['field']}:{word}" if field else word)
    if text:
        fields[""] = [" ".join(text)]
    return fields


def _fits(row: Row, field: str, words: list[str], asker: Asker) -> bool:
    return any(_FIELDS[field](row, word.casefold(), asker) for word in words)


def _has_title(row: Row, word: str, asker: Asker) -> bool:
    number = word.removeprefix("#")
    return word in row["title"].casefold() or (number.isdecimal() and row["id"] == int(number[:19]))


def _has_status(row: Row, word: str, asker: Asker) -> bool:
    return word == "all" or word == ("open" if row["is_active"] else "closed")


def _has_assignee(row: Row, word: str, asker: Asker) -> bool:
    if word == "me":
        return bool(row["owner_id"] == asker.user_id != 0)
    if word == "nobody":
        return not row["owner_id"]
    if word == "anybody":
        return bool(row["owner_id"])
    return any(word in (row[name] or "").casefold() for name in ("assignee_username", "assignee_name"))


def _is_named(name: str) -> Callable[[Row, str, Asker], bool]:
    def fits(row: Row, word: str, asker: Asker) -> bool:
        return bool((row[name] or "").casefold() == word)

    return fits


def _has_category(row: Row, word: str, asker: Asker) -> bool:
    return not row["category_id"] if word == "none" else (row["category_name"] or "").casefold() == word


def _has_tag(row: Row, word: str, asker: Asker) -> bool:
    return not row["tags"] if word == "none" else any(tag["name"].casefold() == word for tag in row["tags"])


def _has_color(row: Row, word: str, asker: Asker) -> bool:
    known = COLORS.get(row["color_id"])
    return word in (row["color_id"].casefold(), known.name.casefold() if known else "")


def _has_reference(row: Row, word: str, asker: Asker) -> bool:
    return not row["reference"] if word == "none" else row["reference"].casefold() == word


def _has_description(row: Row, word: str, asker: Asker) -> bool:
    return word in row["description"].casefold()


def _has_priority(row: Row, word: str, asker: Asker) -> bool:
    return str(row["priority"]) == word


def _is_due(row: Row, word: str, asker: Asker) -> bool:
    if word == "none":
        return not row["date_due"]
    sign, text = _COMPARISON.fullmatch(word.replace("\n", " ")).groups()  # type: ignore[union-attr]
    start = _day_start(text, asker.now)
    if start is None or not row["date_due"]:
        return False
    due: int = row["date_due"]
    if sign in (None, "="):
        return start <= due < start + DAY
    return {"<": due < start, "<=": due < start + DAY, ">": due >= start + DAY, ">=": due >= start}[sign]


def _day_start(text: str, now: float) -> int | None:
    """Return the first second of a day, None for what is none."""
    today = datetime.fromtimestamp(now, UTC).date()
    named = {"yesterday": -1, "today": 0, "tomorrow": 1}
    try:
        day = today + timedelta(days=named[text]) if text in named else date.fromisoformat(text)
    except ValueError:
        return None
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


_FIELDS: dict[str, Callable[[Row, str, Asker], bool]] = {
    "": _has_title,
    "title": _has_title,
    "status": _has_status,
    "assignee": _has_assignee,
    "column": _is_named("column_name"),
    "swimlane": _is_named("swimlane_name"),
    "category": _has_category,
    "tag": _has_tag,
    "color": _has_color,
    "due": _is_due,
    "ref": _has_reference,
    "reference": _has_reference,
    "description": _has_description,
    "desc": _has_description,
    "priority": _has_priority,
}
"""Field → whether a task has a word of it."""

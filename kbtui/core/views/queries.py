"""Queries: Kanboard's words for which tasks are meant, such as ``status:open assignee:me due:<2027-02-01 login page``.

Words of one field are alternatives (``tag:ui tag:api`` is either), those of different fields must all be true. What
belongs to no field is searched in number and title: each word, or text in quotes, must be a part of ``#12 Title``.
Numbers and dates can be compared (``score:>=3``) and be ranges (``created:2027-01-01..2027-01-31``, both included).
Letters are compared as :func:`kbtui.core.values.text.fold` writes them.
"""

import operator
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from peewee import BaseQuery, Expression, Field, Value, fn

from kbtui.core.db.engine import database
from kbtui.core.db.models import (
    BaseModel,
    Category,
    Column,
    Comment,
    Link,
    Project,
    Subtask,
    Swimlane,
    Tag,
    Task,
    TaskLink,
    TaskTag,
    User,
)
from kbtui.core.db.prepared import prepared, rows, scalar
from kbtui.core.values.colors import COLORS
from kbtui.core.values.text import fold
from kbtui.errors import InvalidError


class Asker(NamedTuple):
    """Who asks, and when: what ``me`` and ``today`` mean, and which comments are searched.

    ``now`` is Unix seconds; days are those of ``zone``, None being the computer's. ``visibilities`` are those of
    the comments that may be read, None meaning all.
    """

    user_id: int
    now: float
    zone: tzinfo | None = None
    visibilities: Sequence[str] | None = None


class Term(NamedTuple):
    """One word of a field: its sign (``<``, ``<=``, ``>``, ``>=``, ``=`` or none), and the word, folded."""

    sign: str
    word: str


_TOKEN = re.compile(
    r'(?:(?P<field>subtask:[a-z]+|[a-z_]+):)?(?P<sign>[<>]=?|=)?(?:"(?P<quoted>[^"]*)"?|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)
_AWAY = re.compile(r"([+-]?\d{1,4})\s*(d|days?|w|weeks?|m|months?|y|years?)(\s+ago)?")
_NUMBERED = re.compile(r"[#0-9 ]")
"""What a text has in it that may reach into the number before the title."""

_NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)

MOST_WORDS = 50
"""Words of a query: each is one more condition on each task."""

_NONE: Expression = Task.id.in_(())
"""No task at all: what a word means that no task can have."""


def conditions(query: str, asker: Asker, project_id: int | None = None) -> list[Expression]:
    """Return the conditions over :class:`Task` that all must be true; ``project_id`` None means all projects.

    Raises InvalidError for more than :data:`MOST_WORDS` words.
    """
    fields, parts = _read(query)
    meant = []
    if project_id is not None:
        # Texts are found faster than the tasks of a project: that index would be read for each of these.
        is_passed_over = parts or _has_large_share(project_id)
        meant.append((database.unindexed(Task.project) if is_passed_over else Task.project) == project_id)
    for field, terms in fields.items():
        meant.append(_joined([_FIELDS[field](term, asker) for term in dict.fromkeys(terms)], operator.or_))
    meant += _having(list(dict.fromkeys(parts)))
    return [_joined(meant, operator.and_)] if meant else []


def _has_large_share(project_id: int) -> bool:
    """Return whether a project has so many of all tasks that these are read faster in their own order.

    To look up one by one costs four times as much: 77 ms for a project of 50,000, where reading them all takes 21.
    """
    most = _last_id.one() // 4
    return bool(most) and bool(_count_up_to.one(project_id, most) == most)


@prepared(scalar)
def _last_id() -> BaseQuery:
    return Task.select(fn.coalesce(fn.max(Task.id), 0))


@prepared(scalar)
def _count_up_to(project_id: int, most: int) -> BaseQuery:
    some = Task.select(Task.id).where(Task.project_id == project_id).limit(most).alias("some")
    counted: BaseQuery = some.select_from(fn.count(1))
    return counted


def _joined(meant: list[Expression], join: Callable[[Expression, Expression], Expression]) -> Expression:
    """Return several conditions as one, half by half: one within the other, SQLite takes no hundred."""
    if len(meant) == 1:
        return meant[0]
    middle = len(meant) // 2
    return join(_joined(meant[:middle], join), _joined(meant[middle:], join))


def check_query(query: str) -> None:
    """Raise InvalidError for a field that is one typo away from a known one: a person meant that."""
    for token in _TOKEN.finditer(query):
        typed = (token["field"] or "").lower()
        if typed and typed not in _FIELDS:
            for field in _FIELDS:
                if _is_one_typo(typed, field):
                    raise InvalidError(
                        f'There is no "{typed}:" to search by; did you mean "{field}:"?'
                        f' To find it in titles, write "{token[0].replace(chr(34), "")}" in quotes.'
                    )


def _read(query: str) -> tuple[dict[str, list[Term]], list[str]]:
    """Return the terms of each field, and the folded texts that are none's."""
    fields: dict[str, list[Term]] = {}
    parts: list[str] = []
    for number, token in enumerate(_TOKEN.finditer(query)):
        if number == MOST_WORDS:
            raise InvalidError(f"A query has at most {MOST_WORDS} words; leave some out.")
        field, sign = (token["field"] or "").lower(), token["sign"] or ""
        word = fold(token["word"] if token["quoted"] is None else token["quoted"])
        if field in _FIELDS:
            fields.setdefault(field, []).append(Term(sign, word))
        elif part := f"{fold(token['field'])}:{sign}{word}" if field else sign + word:
            parts.append(part)
    return fields, parts


def _is_one_typo(typed: str, known: str) -> bool:
    """Return whether one letter more, less or other, or two exchanged ones, make the one of the other."""
    while typed and known and typed[0] == known[0]:
        typed, known = typed[1:], known[1:]
    while typed and known and typed[-1] == known[-1]:
        typed, known = typed[:-1], known[:-1]
    return max(len(typed), len(known)) == 1 or (len(typed) == 2 and typed == known[::-1])


def _having(parts: Sequence[str]) -> list[Expression]:
    """Return the conditions that number and title have all these folded texts in them."""
    return database.having(parts, Task.id, _has)


def _has(part: str) -> Expression:
    """Return the condition that number and title have a text in them, which no index finds."""
    # A query of its own: it is answered from the index of titles, without the rows of the tasks.
    other: Any = Task.alias("searched")
    numbered = Value("#").concat(other.id.cast("TEXT")).concat(" ").concat(other.folded)
    has = database.contains(numbered if _NUMBERED.search(part) else other.folded, part)
    return Task.id.in_(other.select(other.id).where(has))  # type: ignore[no-any-return]


def _title(term: Term, asker: Asker) -> Expression:
    part = term.sign + term.word
    found: Expression = database.contains(Task.folded, part)
    for condition in _having([part]):
        found = condition & found  # the index has the number too
    return found


def _status(term: Term, asker: Asker) -> Expression:
    wanted: dict[str, tuple[int, ...]] = {"open": (1,), "closed": (0,), "all": (0, 1)}
    return Task.is_active.in_(wanted.get(term.word, ()))  # type: ignore[no-any-return]


def _user_is(field: Any) -> Callable[[Term, Asker], Expression]:
    """Return what a word means for a field that refers to a user, 0 being nobody."""

    def condition(term: Term, asker: Asker) -> Expression:
        if term.word == "me":
            return (field == asker.user_id) if asker.user_id else _NONE
        if term.word in ("nobody", "anybody"):
            return (field == 0) if term.word == "nobody" else (field != 0)  # type: ignore[no-any-return]
        users = rows(User.select(User.id, User.username, User.name), tuple)
        named = [user_id for user_id, *names in users if any(term.word in fold(name) for name in names)]
        return field.in_([*named, *_id(term)])  # type: ignore[no-any-return]

    return condition


def _subtask_assignee(term: Term, asker: Asker) -> Expression:
    return _exists(Subtask, _user_is(Subtask.user_id)(term, asker))


def _named(model: type[BaseModel], label: Field, field: Any, none: Expression | None = None) -> Any:
    """Return what a word means for a field that refers to a row with a name: the whole name, or the number.

    ``none`` is what the word of that name means.
    """

    def condition(term: Term, asker: Asker) -> Expression:
        if none is not None and term.word == "none":
            return none
        return field.in_(_ids(model, label, term))  # type: ignore[no-any-return]

    return condition


def _ids(model: type[BaseModel], label: Field, term: Term) -> list[int]:
    """Return the rows of a small table that are meant: the database folds no letters beyond ASCII."""
    names = rows(model.select(model.id, label), tuple)
    return [row_id for row_id, name in names if fold(name) == term.word] + _id(term)


def _id(term: Term) -> list[int]:
    return [int(term.word)] if _NUMBER.fullmatch(term.word) else []


def _tag(term: Term, asker: Asker) -> Expression:
    if term.word == "none":
        return ~_exists(TaskTag)  # type: ignore[no-any-return]
    tag_ids = [row_id for row_id, name in rows(Tag.select(Tag.id, Tag.name), tuple) if fold(name) == term.word]
    tagged = TaskTag.select(TaskTag.task_id).where(TaskTag.tag.in_(tag_ids))
    return Task.id.in_(tagged)  # type: ignore[no-any-return]


def _link(term: Term, asker: Asker) -> Expression:
    return _exists(TaskLink, TaskLink.link.in_(_ids(Link, Link.label, term)))


def _color(term: Term, asker: Asker) -> Expression:
    named = [color_id for color_id, color in COLORS.items() if term.word in (color_id, fold(color.name))]
    return Task.color_id.in_([*named, term.word])  # type: ignore[no-any-return]


def _reference(term: Term, asker: Asker) -> Expression:
    if term.word == "none":
        return Task.reference == ""  # type: ignore[no-any-return]
    return (Task.reference != "") & (database.folded(Task.reference) == term.word)  # type: ignore[no-any-return]


def _description(term: Term, asker: Asker) -> Expression:
    has = database.contains(database.folded(Task.description), term.sign + term.word)
    return (Task.description != "") & has  # type: ignore[no-any-return]


def _comment(term: Term, asker: Asker) -> Expression:
    has = database.contains(database.folded(Comment.comment), term.sign + term.word)
    if asker.visibilities is not None:
        has &= Comment.visibility.in_(asker.visibilities)
    return _exists(Comment, has)


def _exists(model: Any, *conditions: Expression) -> Expression:
    """Return the condition that a task has a row of its own in a table."""
    of_task: Any = model.select(Value(1)).where(model.task_id == Task.id, *conditions)
    exists: Any = fn.EXISTS(of_task)
    return exists  # type: ignore[no-any-return]


def _number(field: Any) -> Callable[[Term, Asker], Expression]:
    def condition(term: Term, asker: Asker) -> Expression:
        first, last = _ends(term.word)
        if not all(_NUMBER.fullmatch(end) for end in (first, last) if end) or not first + last:
            return _NONE
        return _within(field, term.sign, (int(first), int(first) + 1) if first else None,
                       (int(last), int(last) + 1) if last else None)  # fmt: skip

    return condition


def _date(field: Any) -> Callable[[Term, Asker], Expression]:
    def condition(term: Term, asker: Asker) -> Expression:
        moment = fn.coalesce(field, 0)
        if term.word == "none":
            return moment == 0
        first, last = _ends(term.word)
        start, end = _day(first, asker), _day(last, asker)
        if (first and start is None) or (last and end is None) or not first + last:
            return _NONE
        return (field > 0) & _within(field, term.sign, start, end)  # type: ignore[no-any-return]

    return condition


def _ends(word: str) -> tuple[str, str]:
    """Return both ends of a range, of which one may be left out; a word that is none is both."""
    first, dots, last = word.partition("..")
    return (first.strip(), last.strip()) if dots else (word, word)


def _within(field: Any, sign: str, first: tuple[int, int] | None, last: tuple[int, int] | None) -> Expression:
    """Return how a field compares with a value or a range; each end is its first moment and that of the next one."""
    low, high = (first or (None, None))[0], (last or (None, None))[1]
    if sign in ("<", ">=") and low is not None:
        return (field < low) if sign == "<" else (field >= low)  # type: ignore[no-any-return]
    if sign in ("<=", ">") and high is not None:
        return (field < high) if sign == "<=" else (field >= high)  # type: ignore[no-any-return]
    if low is None or high is None:
        return (field < high) if low is None else (field >= low)  # type: ignore[no-any-return]
    return (field >= low) & (field < high)  # type: ignore[no-any-return]


def _day(word: str, asker: Asker) -> tuple[int, int] | None:
    """Return the first seconds of a day and of the next one, None for what is no day."""
    today = datetime.fromtimestamp(asker.now, UTC).astimezone(asker.zone).date()
    named = {"yesterday": -1, "today": 0, "tomorrow": 1}
    try:
        if word in named:
            day = today + timedelta(days=named[word])
        elif away := _AWAY.fullmatch(word):
            count = int(away[1]) * (-1 if away[3] else 1)
            day = _shifted(today, count, away[2][0])
        else:
            day = date.fromisoformat(word.replace("/", "-"))
        return _start(day, asker.zone), _start(day + timedelta(days=1), asker.zone)
    except (ValueError, OverflowError, OSError):
        return None


def _shifted(day: date, count: int, unit: str) -> date:
    """Return a day so many days, weeks, months or years on; where that month is shorter, its last."""
    if unit in "dw":
        return day + timedelta(days=count * (7 if unit == "w" else 1))
    month = day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1)
    for last in (day.day, 30, 29, 28):
        try:
            return date(month // 12, month % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(f"there is no year {month // 12}")


def _start(day: date, zone: tzinfo | None) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


_FIELDS: dict[str, Callable[[Term, Asker], Expression]] = {
    "id": _number(Task.id),
    "title": _title,
    "status": _status,
    "assignee": _user_is(Task.owner_id),
    "creator": _user_is(Task.creator_id),
    "subtask:assignee": _subtask_assignee,
    "project": _named(Project, Project.name, Task.project_id),
    "column": _named(Column, Column.title, Task.column_id),
    "swimlane": _named(Swimlane, Swimlane.name, Task.swimlane_id),
    "category": _named(Category, Category.name, Task.category_id, none=Task.category_id == 0),
    "tag": _tag,
    "link": _link,
    "color": _color,
    "reference": _reference,
    "ref": _reference,
    "description": _description,
    "desc": _description,
    "comment": _comment,
    "priority": _number(Task.priority),
    "score": _number(Task.score),
    "complexity": _number(Task.score),
    "due": _date(Task.date_due),
    "created": _date(Task.date_creation),
    "modified": _date(Task.date_modification),
    "updated": _date(Task.date_modification),
    "moved": _date(Task.date_moved),
    "started": _date(Task.date_started),
    "completed": _date(Task.date_completed),
}
"""Field → the condition that a word of it means."""

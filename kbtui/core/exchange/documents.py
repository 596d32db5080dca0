"""What a project's JSON document holds: its fields, and how each is read and refused.

The document knows no database ids: columns, swimlanes, categories and tasks are referred to by their place in its
lists (from 0), people by their user name.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from kbtui.core.projects import members
from kbtui.core.tasks.files import clean_name
from kbtui.core.tasks.recurrence import LIMITS
from kbtui.core.tasks.tasks import API_TITLE_LIMIT, NUMBER_LIMIT
from kbtui.core.values.dates import LATEST
from kbtui.core.values.text import NAME_LIMIT, clean_line, clean_text
from kbtui.errors import InvalidError

DOCUMENT = "kbtui-project"
VERSION = 1

Document = dict[str, Any]
"""``{"document": "kbtui-project", "version": 1, "project": …, "columns": […], …, "tasks": […], "links": […]}``."""

Reader = Callable[[object, str], Any]
"""Takes a value and where it stands; returns it as it is kept, or raises InvalidError, which says where."""


def damaged(where: str, what: str) -> InvalidError:
    """Return the error for a value that cannot be understood."""
    return InvalidError(f"The document is damaged: {where} {what}.")


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise damaged(where, "is no text")
    return clean_text(value)


def _line(limit: int = NAME_LIMIT, *, empty: bool = False) -> Reader:
    def read(value: object, where: str) -> str:
        if not isinstance(value, str):
            raise damaged(where, "is no text")
        return "" if empty and not value.strip() else clean_line(value, where, limit)

    return read


def _number(least: int = 1 - NUMBER_LIMIT, most: int = NUMBER_LIMIT - 1) -> Reader:
    def read(value: object, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise damaged(where, f"is no whole number from {least} to {most}")
        return value

    return read


def _one_of(known: Sequence[str]) -> Reader:
    def read(value: object, where: str) -> str:
        if value not in known:
            raise damaged(where, f"is none of {', '.join(known)}")
        return str(value)

    return read


def _hours(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise damaged(where, "is no number of hours")
    if not 0 <= value < NUMBER_LIMIT:
        raise damaged(where, "is no possible number of hours")
    return value


def _optional(read: Reader) -> Reader:
    return lambda value, where: None if value is None else read(value, where)


def _record(**fields: Reader) -> Reader:
    def read(value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise damaged(where, "is no object")
        missing = [name for name in fields if name not in value and name not in _ADDED]
        if missing:
            raise damaged(where, f"has no {missing[0]}")
        return {name: read_field(value.get(name), f"{where}.{name}") for name, read_field in fields.items()}

    return read


def _list(read: Reader) -> Reader:
    def read_all(value: object, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise damaged(where, "is no list")
        return [read(each, f"{where}[{number}]") for number, each in enumerate(value)]

    return read_all


def _file_name(value: object, where: str) -> str:
    return clean_name(_text(value, where))


_ADDED = frozenset({"is_open", "link_types"})
"""Fields that documents of older programs do not have; they are read as null, and lists as empty."""

_flag, _date, _place, _who = _number(0, 1), _number(0, LATEST), _number(0), _optional(_line())

PROJECT: dict[str, Reader] = {
    "name": _line(),
    "description": _text,
    "identifier": _line(empty=True),
    "email": _optional(_text),
    "is_active": _flag,
    "is_public": _flag,
    "is_private": _flag,
    "start_date": _text,
    "end_date": _text,
    "priority_default": _number(),
    "priority_start": _number(),
    "priority_end": _number(),
}
COLUMN: dict[str, Reader] = {
    "title": _line(),
    "task_limit": _number(0),
    "description": _text,
    "hide_in_dashboard": _flag,
}
SWIMLANE: dict[str, Reader] = {
    "name": _line(),
    "is_active": _flag,
    "is_default": _flag,
    "description": _text,
    "task_limit": _number(0),
}
CATEGORY: dict[str, Reader] = {
    "name": _line(),
    "description": _optional(_text),
    "color_id": _optional(_line(empty=True)),
}
TAG: dict[str, Reader] = {"name": _line(), "color_id": _optional(_line(empty=True))}
TASK: dict[str, Reader] = {
    "title": _line(API_TITLE_LIMIT),
    "description": _text,
    "date_creation": _date,
    "color_id": _line(),
    "is_active": _flag,
    "date_completed": _optional(_date),
    "score": _number(),
    "date_due": _date,
    "date_modification": _date,
    "reference": _line(empty=True),
    "date_started": _optional(_date),
    "time_spent": _hours,
    "time_estimated": _hours,
    "date_moved": _date,
    **{name: _number(*limits) for name, limits in LIMITS.items()},
    "priority": _number(),
    "external_provider": _optional(_text),
    "external_uri": _optional(_text),
}
SUBTASK: dict[str, Reader] = {
    "title": _line(),
    "status": _number(0, 2),
    "time_estimated": _hours,
    "time_spent": _hours,
}
COMMENT: dict[str, Reader] = {
    "comment": _text,
    "date_creation": _date,
    "date_modification": _date,
    "reference": _text,
    "visibility": _line(),
}
FILE: dict[str, Reader] = {"name": _file_name, "is_image": _flag, "date": _date}
"""The fields of each row that are kept as they are → how they are read."""

_BODY: dict[str, Reader] = {
    "project": _record(**PROJECT, is_open=_optional(_flag), owner=_who),
    "people": _list(_record(username=_line(), name=_line(empty=True))),
    "members": _list(_record(username=_line(), role=_one_of(members.ROLES))),
    "columns": _list(_record(**COLUMN)),
    "swimlanes": _list(_record(**SWIMLANE)),
    "categories": _list(_record(**CATEGORY)),
    "tags": _list(_record(**TAG)),
    "tasks": _list(
        _record(
            **TASK,
            column=_place,
            swimlane=_place,
            category=_optional(_place),
            owner=_who,
            creator=_who,
            recurrence_parent=_optional(_place),
            recurrence_child=_optional(_place),
            tags=_list(_line()),
            subtasks=_list(_record(**SUBTASK, user=_who)),
            comments=_list(_record(**COMMENT, user=_who)),
            files=_list(_record(**FILE, user=_who, content=_text)),
        )
    ),
    "link_types": _list(_record(label=_line(), opposite=_line())),
    "links": _list(_record(task=_place, opposite_task=_place, label=_line())),
}


def read_document(document: object) -> Document:
    """Return a document with every value of its kind and every reference to something that is there.

    Raises InvalidError, which says what is wrong and where.
    """
    if not isinstance(document, dict) or document.get("document") != DOCUMENT:
        raise InvalidError("This is no kbtui project; make one with: kbtui export PROJECT.")
    if document.get("version") != VERSION:
        raise InvalidError(
            f"The document has version {document.get('version')}; this kbtui reads version {VERSION}. Upgrade kbtui."
        )
    read: Document = {}
    for name, reader in _BODY.items():
        if name not in document and name not in _ADDED:
            raise damaged("it", f"has no {name}")
        read[name] = reader(document.get(name, []), name)
    _check_names(read)
    _check_places(read)
    return read


def _check_names(document: Document) -> None:
    """Raise InvalidError where two columns, swimlanes or categories have one name, or no swimlane is the default."""
    for noun, label in (("columns", "title"), ("swimlanes", "name"), ("categories", "name")):
        seen: set[str] = set()
        for number, row in enumerate(document[noun]):
            name = row[label].casefold()
            if name in seen:
                raise damaged(f"{noun}[{number}].{label}", "is there twice")
            seen.add(name)
    if sum(row["is_default"] for row in document["swimlanes"]) != 1:
        raise damaged("swimlanes", "must have one default")


def _check_places(document: Document) -> None:
    """Raise InvalidError where something refers to what is not there."""
    targets = {
        "column": "columns",
        "swimlane": "swimlanes",
        "category": "categories",
        "recurrence_parent": "tasks",
        "recurrence_child": "tasks",
        "task": "tasks",
        "opposite_task": "tasks",
    }
    for noun in ("tasks", "links"):
        for number, row in enumerate(document[noun]):
            for name in targets.keys() & row.keys():
                if row[name] is not None and row[name] >= len(document[targets[name]]):
                    raise damaged(f"{noun}[{number}].{name}", f"is none of the {targets[name]}")
    for number, link in enumerate(document["links"]):
        if link["task"] == link["opposite_task"]:
            raise damaged(f"links[{number}]", "links a task to itself")

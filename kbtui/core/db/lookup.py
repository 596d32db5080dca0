"""Rows: what all nouns do alike with theirs: get one by its id, find one by what a person typed, change one."""

import functools
from collections.abc import Iterable
from typing import Any, TypeVar

from peewee import BaseQuery, fn

from kbtui.core.db.models import BaseModel, Project, Task
from kbtui.core.db.prepared import Prepared, prepared, rows, scalar
from kbtui.errors import InUseError, InvalidError, NotFoundError

Row = TypeVar("Row", bound=BaseModel)

MOST_LISTED = 20
"""How many of the possible names an error lists."""

LARGEST = 2**31 - 1
"""The largest number that a column of Kanboard's tables takes."""


def get_row(model: type[Row], row_id: int, what: str) -> Row:
    """Return the row with this id; raise NotFoundError, naming ``what`` it is, when there is none."""
    row: Row | None = model.get_or_none(model.id == row_id) if 0 < row_id <= LARGEST else None
    if row is None:
        raise NotFoundError(f"There is no {what} #{row_id}.")
    return row


def project_of(model: type[BaseModel], row_id: int) -> int | None:
    """Return the project that a row belongs to, by itself or with its task; None where there is no such row."""
    found: int | None = _project_query(model).first(row_id)
    return found


@functools.cache
def _project_query(model: type[BaseModel]) -> Prepared[[int], int]:
    @prepared(scalar)
    def query(row_id: int) -> BaseQuery:
        fields: Any = model
        if model is Project:
            return Project.select(Project.id).where(Project.id == row_id)
        if hasattr(model, "project_id"):
            return model.select(fields.project_id).where(model.id == row_id)
        return model.select(Task.project_id).join(Task, on=(Task.id == fields.task_id)).where(model.id == row_id)

    return query


def find_row(rows: Iterable[Row], ref: str, what: str, *, label: str = "name") -> Row:
    """Return the one of ``rows`` that ``ref`` means: an id (``12``, ``#12``) or a name, whatever its case.

    An id goes before a name that looks like one, and the same case before another. Raises NotFoundError, which
    lists what there is, and InvalidError when several have that name.
    """
    candidates = list(rows)
    wanted = ref.strip()
    number = read_number(ref)
    for row in candidates:
        if row.id == number:
            return row
    exact = [row for row in candidates if getattr(row, label) == wanted]
    named = exact or [row for row in candidates if getattr(row, label).casefold() == wanted.casefold()]
    if len(named) > 1:
        raise InvalidError(f'"{ref}" is the {label} of several; choose by number: {_listing(named, label)}.')
    if not named:
        there_is = f"There is: {_listing(candidates, label)}." if candidates else "There is none yet."
        raise NotFoundError(f'There is no {what} "{ref}". {there_is}')
    return named[0]


def read_number(ref: str) -> int | None:
    """Return the id that a reference such as ``12`` or ``#12`` spells, None when it spells none."""
    digits = ref.strip().removeprefix("#")
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) <= len(str(LARGEST)) else None


def check_unused(rows: Iterable[Row], name: str, what: str, *, label: str = "name", own_id: int = 0) -> None:
    """Raise InvalidError when another of ``rows`` than ``own_id`` has this name, whatever its case."""
    for row in rows:
        if row.id != own_id and getattr(row, label).casefold() == name.casefold():
            raise InvalidError(f'There is already a {what} "{getattr(row, label)}" (#{row.id}).')


def change_row(row: BaseModel, **values: Any) -> bool:
    """Write those values that differ from what the row holds; return whether there was one."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.save(only=list(changed))
    return bool(changed)


def check_empty(field: Any, row_id: int, what: str) -> None:
    """Raise InUseError, which says how many, when tasks have ``row_id`` in a field; closed ones count too."""
    query = Task.select(fn.count(Task.id), fn.coalesce(fn.sum(1 - Task.is_active), 0)).where(field == row_id)
    ((count, closed),) = rows(query, tuple)
    if count:
        tasks = count_tasks(count) + (f" ({closed:,} closed)" if closed else "")
        raise InUseError(f"The {what} still holds {tasks}; move or remove {'it' if count == 1 else 'them'} first.")


def count_tasks(count: int) -> str:
    """Return a number of tasks in words."""
    return "1 task" if count == 1 else f"{count:,} tasks"


def clean_limit(task_limit: int) -> int:
    """Return a task limit, 0 being none; raise InvalidError when it cannot be one."""
    if not 0 <= task_limit <= LARGEST:
        raise InvalidError(f"A task limit is 0 (none) or more, not {task_limit}.")
    return task_limit


def _listing(rows: Iterable[BaseModel], label: str) -> str:
    names = [f"{getattr(row, label)} (#{row.id})" for row in rows]
    listed = ", ".join(names[:MOST_LISTED])
    return listed if len(names) <= MOST_LISTED else f"{listed} and {len(names) - MOST_LISTED} more"

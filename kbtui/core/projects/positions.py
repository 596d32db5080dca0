"""Positions of what a project has few of: columns, swimlanes, categories, tags, and projects themselves.

They are dense: the rows of one project stand at 1 to n after every operation. (Tasks, of which there are many,
are ranked otherwise.)
"""

from itertools import islice
from typing import Any, NamedTuple

from peewee import Case

from kbtui.core.db.models import Category, Column, Project, Swimlane, Tag
from kbtui.core.db.prepared import rows
from kbtui.errors import InvalidError

Positioned = Project | Column | Swimlane | Category | Tag

_BATCH = 1000
"""Rows that one statement renumbers: it binds three values for each, and SQLite takes some 32,000."""


class _Place(NamedTuple):
    row_id: int
    position: int


def next_position(model: type[Positioned], project_id: int | None) -> int:
    """Return the position after the last one of a project; of all projects when that is what ``model`` is."""
    count: int = _siblings(model, project_id).count()
    return count + 1


def move_row(row: Positioned, position: int) -> bool:
    """Put ``row`` at ``position`` among its siblings, past the end meaning last; return whether that moved it.

    Raises InvalidError below 1.
    """
    if position < 1:
        raise InvalidError(f"A position is 1 or more, not {position}.")
    places = _places(row)
    order = [place.row_id for place in places]
    order.remove(row.id)
    order.insert(position - 1, row.id)
    moved: bool = row.position != order.index(row.id) + 1
    _renumber(type(row), places, order)
    row.position = order.index(row.id) + 1
    return moved


def close_gap(removed: Positioned) -> None:
    """Renumber those that were siblings of a row that has gone."""
    places = _places(removed)
    _renumber(type(removed), places, [place.row_id for place in places])


def _places(row: Positioned) -> list[_Place]:
    model = type(row)
    query = _siblings(model, getattr(row, "project_id", None))
    return rows(query.order_by(model.position, model.id), _Place._make)


def _siblings(model: type[Positioned], project_id: int | None) -> Any:
    query: Any = model.select(model.id, model.position)
    if issubclass(model, Project) or project_id is None:
        return query
    return query.where(model.project_id == project_id)


def _renumber(model: type[Positioned], places: list[_Place], order: list[int]) -> None:
    """Write the positions that differ after the rows stand in another order."""
    before = dict(places)
    moved = ((row_id, number) for number, row_id in enumerate(order, start=1) if before[row_id] != number)
    while batch := dict(islice(moved, _BATCH)):
        model.update(position=Case(model.id, list(batch.items()))).where(model.id.in_(list(batch))).execute()

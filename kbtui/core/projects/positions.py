"""Positions of what a project has few of: columns, swimlanes, categories, tags, and projects themselves.

They are dense: the rows of one project stand at 1 to n after every operation. (Tasks, of which there are many,
are ranked otherwise.)
"""

from typing import Any

from kbtui.core.db.models import Category, Column, Project, Swimlane, Tag
from kbtui.core.db.prepared import rows, scalar
from kbtui.errors import InvalidError

Positioned = Project | Column | Swimlane | Category | Tag


def next_position(model: type[Positioned], project_id: int | None) -> int:
    """Return the position after the last one of a project; of all projects when that is what ``model`` is."""
    return int(_siblings(model, project_id).count()) + 1


def move_row(row: Positioned, position: int) -> bool:
    """Put ``row`` at ``position`` among its siblings, past the end meaning last; return whether that moved it.

    Raises InvalidError below 1.
    """
    if position < 1:
        raise InvalidError(f"A position is 1 or more, not {position}.")
    order = _order(row)
    order.remove(row.id)
    order.insert(position - 1, row.id)
    moved: bool = row.position != order.index(row.id) + 1
    _renumber(row, order)
    row.position = order.index(row.id) + 1
    return moved


def close_gap(removed: Positioned) -> None:
    """Renumber those that were siblings of a row that has gone."""
    _renumber(removed, _order(removed))


def _order(row: Positioned) -> list[int]:
    model = type(row)
    return rows(_siblings(model, getattr(row, "project_id", None)).order_by(model.position, model.id), scalar)


def _renumber(row: Positioned, order: list[int]) -> None:
    model = type(row)
    for position, row_id in enumerate(order, start=1):
        model.update(position=position).where((model.id == row_id) & (model.position != position)).execute()


def _siblings(model: type[Positioned], project_id: int | None) -> Any:
    siblings: Any = model
    query = siblings.select(siblings.id)
    return query if model is Project or project_id is None else query.where(siblings.project_id == project_id)

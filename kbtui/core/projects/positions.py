"""Positions of what a project has few of: columns, swimlanes, categories, tags, and projects themselves.

They are dense: the rows of one project stand at 1 to n after every operation. (Tasks, of which there are many,
are ranked otherwise.)
"""

from kbtui.core.db.database import fetch_all, fetch_one
from kbtui.core.db.engine import database
from kbtui.core.db.models import Category, Column, Project, Swimlane, Tag
from kbtui.errors import InvalidError

Positioned = Project | Column | Swimlane | Category | Tag


def next_position(model: type[Positioned], project_id: int | None) -> int:
    """Return the position after the last one of a project; of all projects when that is what ``model`` is."""
    scope, params = _scope(model, project_id)
    row = fetch_one(f"SELECT count(*) + 1 FROM {_table(model)} WHERE {scope}", params)
    return int(row[0]) if row else 1


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
    scope, params = _scope(type(row), getattr(row, "project_id", None))
    table = _table(type(row))
    rows = fetch_all(f"SELECT id FROM {table} WHERE {scope} ORDER BY position, id", params)
    return [row_id for (row_id,) in rows]


def _renumber(row: Positioned, order: list[int]) -> None:
    sql = f"UPDATE {_table(type(row))} SET position = ? WHERE id = ? AND position <> ?"
    for position, row_id in enumerate(order, start=1):
        database.execute_sql(sql, (position, row_id, position))


def _scope(model: type[Positioned], project_id: int | None) -> tuple[str, tuple[int, ...]]:
    if model is Project or project_id is None:
        return "1", ()
    return "project_id = ?", (project_id,)


def _table(model: type[Positioned]) -> str:
    return f'"{model._meta.table_name}"'

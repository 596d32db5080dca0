"""Rows of tasks: reading and writing them, without announcing anything."""

from collections.abc import Iterable
from typing import Any

from kbtui.core.db.database import fetch_dicts, fetch_one
from kbtui.core.db.engine import database
from kbtui.core.tasks.ranks import Cell
from kbtui.core.values import text
from kbtui.errors import InvalidError, NotFoundError


def open_cell(project_id: int, column_id: int | None, swimlane_id: int | None) -> Cell:
    """Return the cell that is meant, the first column and the default swimlane where none is named.

    Raises NotFoundError when the project, column or swimlane is not there, InvalidError when they don't belong
    together.
    """
    if fetch_one("SELECT 1 FROM projects WHERE id = ?", (project_id,)) is None:
        raise NotFoundError(f"There is no project {project_id}.")
    if column_id is None:
        row = fetch_one('SELECT id FROM "columns" WHERE project_id = ? ORDER BY position LIMIT 1', (project_id,))
        if row is None:
            raise InvalidError("The project has no columns yet; add one first.")
        column_id = row[0]
    else:
        check_belongs("column", '"columns"', column_id, project_id)
    if swimlane_id is None:
        row = fetch_one(
            "SELECT id FROM swimlanes WHERE project_id = ? ORDER BY is_default DESC, position LIMIT 1", (project_id,)
        )
        if row is None:
            raise InvalidError("The project has no swimlanes yet; add one first.")
        swimlane_id = row[0]
    else:
        check_belongs("swimlane", "swimlanes", swimlane_id, project_id)
    return Cell(column_id, swimlane_id)


def check_belongs(what: str, table: str, row_id: int, project_id: int) -> None:
    """Raise NotFoundError when a row is not there, InvalidError when it is another project's."""
    row = fetch_one(f"SELECT project_id FROM {table} WHERE id = ?", (row_id,))
    if row is None:
        raise NotFoundError(f"There is no {what} {row_id}.")
    if row[0] != project_id:
        raise InvalidError(f"The {what} {row_id} belongs to another project.")


def stored_row(task_id: int) -> dict[str, Any]:
    """Return a task's row as it is stored, with its rank. Raises NotFoundError."""
    rows = fetch_dicts("SELECT * FROM tasks WHERE id = ?", (task_id,))
    if not rows:
        raise NotFoundError(f"There is no task #{task_id}.")
    return rows[0]


def write_task(task_id: int, values: dict[str, Any]) -> None:
    """Write columns of a task's row; records nothing."""
    sets = ", ".join(f'"{name}" = ?' for name in values)
    database.execute_sql(f"UPDATE tasks SET {sets} WHERE id = ?", (*values.values(), task_id))


def clean_tags(names: Iterable[str]) -> list[str]:
    """Return tag names without blanks and repetitions, whatever their case, in the order given."""
    cleaned: dict[str, str] = {}
    for name in names:
        if name.strip():
            tag = text.clean_line(name, "tag", 255)
            cleaned.setdefault(tag.casefold(), tag)
    return list(cleaned.values())


def set_tags(task_id: int, project_id: int, names: Iterable[str]) -> None:
    """Give a task exactly these tags, making those that the project does not know yet; records nothing."""
    database.execute_sql("DELETE FROM task_tags WHERE task_id = ?", (task_id,))
    for name in clean_tags(names):
        row = fetch_one(
            "SELECT id FROM tags WHERE name = ? AND project_id IN (0, ?) ORDER BY project_id LIMIT 1",
            (name, project_id),
        )
        tag_id = row[0] if row else _add_tag(project_id, name)
        database.execute_sql("INSERT OR IGNORE INTO task_tags (task_id, tag_id) VALUES (?, ?)", (task_id, tag_id))


def _add_tag(project_id: int, name: str) -> int:
    tag_id: int = database.execute_sql(
        "INSERT INTO tags (project_id, name, position)"
        " VALUES (?, ?, (SELECT count(*) + 1 FROM tags WHERE project_id = ?))",
        (project_id, name, project_id),
    ).lastrowid
    return tag_id

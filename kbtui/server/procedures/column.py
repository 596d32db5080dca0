"""Columns: the steps of a project's flow."""

from typing import Any

from kbtui.core.projects import columns
from kbtui.server import shapes
from kbtui.server.registry import changes, reads


@reads
def get_columns(project_id: int) -> list[dict[str, Any]]:
    """Return the columns of a project, from left to right."""
    return [shapes.column(row) for row in columns.list_columns(project_id)]


@reads
def get_column(column_id: int) -> dict[str, Any]:
    """Return a column."""
    return shapes.column(columns.get_column(column_id))


@changes
def update_column(column_id: int, title: str, task_limit: int = 0, description: str = "") -> bool:
    """Change a column; what is not given becomes empty."""
    columns.update_column(column_id, title=title, task_limit=task_limit, description=description)
    return True


@changes
def add_column(project_id: int, title: str, task_limit: int = 0, description: str = "") -> int:
    """Add a column on the right and return its id."""
    return columns.add_column(project_id, title, task_limit=task_limit, description=description)


@changes
def remove_column(column_id: int) -> bool:
    """Remove a column that holds no tasks."""
    columns.remove_column(column_id)
    return True


@changes
def change_column_position(project_id: int, column_id: int, position: int) -> bool:
    """Put a column at a position among those of its project."""
    there = columns.list_columns(project_id)
    if column_id not in [column.id for column in there] or not 1 <= position <= len(there):
        return False
    columns.move_column(column_id, position)
    return True

"""Columns: the steps of a project's flow, from left to right."""

from typing import Any

from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import change_row, check_empty, check_unused, clean_limit, find_row, get_row
from kbtui.core.db.models import Column, Project, Task
from kbtui.core.events import log
from kbtui.core.projects.positions import close_gap, move_row, next_position
from kbtui.core.values.text import clean_line, clean_text
from kbtui.errors import InvalidError

DEFAULT_TITLES = ("Backlog", "Ready", "Work in progress", "Done")


def list_columns(project_id: int) -> list[Column]:
    """Return the columns of a project, from left to right."""
    return list(Column.select().where(Column.project_id == project_id).order_by(Column.position, Column.id))


def get_column(column_id: int) -> Column:
    """Return a column; raise NotFoundError when there is none with this id."""
    return get_row(Column, column_id, "column")


def find_column(project_id: int, ref: str) -> Column:
    """Return the column of a project that an id or a title means; raise NotFoundError or InvalidError."""
    return find_row(list_columns(project_id), ref, "column", label="title")


@transactional
def add_column(project_id: int, title: str, *, task_limit: int = 0, description: str = "") -> int:
    """Add a column on the right and return its id; a ``task_limit`` of 0 is none."""
    get_row(Project, project_id, "project")
    column = Column.create(
        project_id=project_id,
        title=_clean_title(project_id, title),
        position=next_position(Column, project_id),
        task_limit=clean_limit(task_limit),
        description=clean_text(description),
    )
    _record("create", column)
    return int(column.id)


@transactional
def update_column(
    column_id: int, *, title: str | None = None, task_limit: int | None = None, description: str | None = None
) -> bool:
    """Change what is given of a column; return whether anything differed."""
    column = get_column(column_id)
    values: dict[str, Any] = {}
    if title is not None:
        values["title"] = _clean_title(column.project_id, title, own_id=column_id)
    if task_limit is not None:
        values["task_limit"] = clean_limit(task_limit)
    if description is not None:
        values["description"] = clean_text(description)
    if not change_row(column, **values):
        return False
    _record("update", column)
    return True


@transactional
def move_column(column_id: int, position: int) -> bool:
    """Put a column at a position, 1 being leftmost; return whether that moved it."""
    column = get_column(column_id)
    if not move_row(column, position):
        return False
    _record("move", column)
    return True


@transactional
def remove_column(column_id: int) -> None:
    """Remove a column; raise InUseError while it holds tasks, InvalidError when it is the only one."""
    column = get_column(column_id)
    check_empty(Task.column_id, column_id, f'column "{column.title}"')
    if len(list_columns(column.project_id)) == 1:
        raise InvalidError(f'"{column.title}" is the only column of its project, which needs at least one.')
    column.delete_instance()
    close_gap(column)
    _record("remove", column)


def _clean_title(project_id: int, title: str, *, own_id: int = 0) -> str:
    title = clean_line(title, "column title")
    check_unused(list_columns(project_id), title, "column", label="title", own_id=own_id)
    return title


def _record(action: str, column: Column) -> None:
    facts = {"action": action, "id": column.id, "name": column.title}
    log.record("column.change", facts, project_id=column.project_id)

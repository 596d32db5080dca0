"""Rows of tasks: reading and writing them, without announcing anything."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from peewee import BaseQuery, Value, fn

from kbtui.core.db.lookup import project_of
from kbtui.core.db.models import Category, Column, Project, Subtask, Swimlane, Tag, Task, TaskTag
from kbtui.core.db.prepared import insert_row, prepared, scalar
from kbtui.core.tasks.ranks import Cell
from kbtui.core.values import text
from kbtui.errors import InvalidError, NotFoundError


class _Start(NamedTuple):
    """Where a task of a project begins when nobody says where: the first column and the default swimlane.

    With it come the projects of the column and the swimlane that somebody has named.
    """

    column_id: int | None
    swimlane_id: int | None
    columns_project_id: int | None
    swimlanes_project_id: int | None


@prepared(_Start._make)
def _start(project_id: int, column_id: int, swimlane_id: int) -> BaseQuery:
    column = Column.select(Column.id).where(Column.project_id == project_id).order_by(Column.position).limit(1)
    lane = Swimlane.select(Swimlane.id).where(Swimlane.project_id == project_id)
    lane = lane.order_by(Swimlane.is_default.desc(), Swimlane.position).limit(1)
    named_column = Column.select(Column.project_id).where(Column.id == column_id)
    named_lane = Swimlane.select(Swimlane.project_id).where(Swimlane.id == swimlane_id)
    return Project.select(column, lane, named_column, named_lane).where(Project.id == project_id)


def open_cell(project_id: int, column_id: int | None, swimlane_id: int | None) -> Cell:
    """Return the cell that is meant, the first column and the default swimlane where none is named.

    Raises NotFoundError when the project, column or swimlane is not there, InvalidError when they don't belong
    together.
    """
    start = _start.first(project_id, column_id or 0, swimlane_id or 0)
    if start is None:
        raise NotFoundError(f"There is no project {project_id}.")
    if column_id is not None:
        _check_owner("column", column_id, start.columns_project_id, project_id)
    elif start.column_id is None:
        raise InvalidError("The project has no columns yet; add one first.")
    if swimlane_id is not None:
        _check_owner("swimlane", swimlane_id, start.swimlanes_project_id, project_id)
    elif start.swimlane_id is None:
        raise InvalidError("The project has no swimlanes yet; add one first.")
    return Cell(column_id or start.column_id or 0, swimlane_id or start.swimlane_id or 0)


def check_belongs(model: type[Column | Swimlane | Category | Task], row_id: int, project_id: int) -> None:
    """Raise NotFoundError when a row is not there, InvalidError when it is another project's."""
    _check_owner(model.__name__.lower(), row_id, project_of(model, row_id), project_id)


def _check_owner(what: str, row_id: int, owner: int | None, project_id: int) -> None:
    if owner is None:
        raise NotFoundError(f"There is no {what} {row_id}.")
    if owner != project_id:
        raise InvalidError(f"The {what} {row_id} belongs to another project.")


def copy_task(task: Task, project_id: int, changes: Mapping[str, Any]) -> int:
    """Insert a copy of a task's row with other values in some columns, in a project; return its id.

    Its tags come with it, those of the project where it has them, and its subtasks, which are to be done again.
    """
    values = {name: getattr(task, name) for name in Task._meta.columns if name != "id"}
    copy_id = insert_row(Task, {**values, **changes, "project_id": project_id})
    add_tags(copy_id, project_id, task_tags(task.id))
    taken = (Subtask.title, Subtask.time_estimated, Subtask.user_id, Subtask.position)
    own = Subtask.select(Value(copy_id), *taken).where(Subtask.task_id == task.id).order_by(Subtask.position)
    Subtask.insert_from(own, [Subtask.task, *taken]).execute()
    return copy_id


def clean_tags(names: Iterable[str]) -> list[str]:
    """Return tag names without blanks and repetitions, whatever their case, in the order given."""
    cleaned: dict[str, str] = {}
    for name in names:
        if name.strip():
            tag = text.clean_line(name, "tag", 255)
            cleaned.setdefault(tag.casefold(), tag)
    return list(cleaned.values())


@prepared(scalar)
def _tags(task_id: int) -> BaseQuery:
    tagged = TaskTag.select(TaskTag.tag_id).where(TaskTag.task_id == task_id)
    return Tag.select(Tag.name).where(Tag.id.in_(tagged)).order_by(Tag.name)


def task_tags(task_id: int) -> list[str]:
    """Return the names of a task's tags, in alphabetical order."""
    return _tags.all(task_id)


def set_tags(task_id: int, project_id: int, names: Iterable[str]) -> None:
    """Give a task exactly these tags, making those that the project does not know yet; records nothing."""
    _clear_tags.run(task_id)
    add_tags(task_id, project_id, names)


def add_tags(task_id: int, project_id: int, names: Iterable[str]) -> None:
    """Give a task, which has none yet, these tags, like :func:`set_tags`."""
    for name in clean_tags(names):
        tag_id = _known_tag.first(project_id, name)
        if tag_id is None:
            position = _count_tags.one(project_id) + 1
            tag_id = insert_row(Tag, {"project_id": project_id, "name": name, "position": position})
        _add_tag.run(task_id, tag_id)


@prepared()
def _clear_tags(task_id: int) -> BaseQuery:
    return TaskTag.delete().where(TaskTag.task_id == task_id)


@prepared(scalar)
def _known_tag(project_id: int, name: str) -> BaseQuery:
    """Return the tag of a name, the project's own before one that all share."""
    query = Tag.select(Tag.id).where(Tag.project_id.in_((0, project_id)), fn.lower(Tag.name) == fn.lower(name))
    return query.order_by(Tag.project_id.desc()).limit(1)


@prepared(scalar)
def _count_tags(project_id: int) -> BaseQuery:
    return Tag.select(fn.count(Tag.id)).where(Tag.project_id == project_id)


@prepared()
def _add_tag(task_id: int, tag_id: int) -> BaseQuery:
    return TaskTag.insert({TaskTag.task: task_id, TaskTag.tag: tag_id}).on_conflict_ignore()

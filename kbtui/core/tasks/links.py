"""Internal links between tasks: each stands as two rows, one for either direction."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from peewee import JOIN, BaseQuery, fn

from kbtui.core.db import models
from kbtui.core.db.database import transactional
from kbtui.core.db.models import Column, Link, Project, Task, User
from kbtui.core.db.prepared import prepared
from kbtui.core.events import log
from kbtui.core.events.snapshot import plain_number, task_snapshot
from kbtui.core.tasks.link_types import LinkType, opposite_of, read_types, restore_link_types
from kbtui.errors import InvalidError, NotFoundError

DUPLICATES = 4
"""The id of Kanboard's link type "duplicates"."""


class TaskLink(NamedTuple):
    """One direction of a link as events tell it; ``label`` and ``link_id`` are what ``task_id`` says of the other."""

    id: int
    opposite_task_id: int
    task_id: int
    link_id: int
    label: str
    opposite_link_id: int


class ListedLink(NamedTuple):
    """One direction of a link, and the other task as a list shows it."""

    id: int
    opposite_task_id: int
    task_id: int
    link_id: int
    label: str
    opposite_link_id: int
    title: str
    is_active: int
    column_title: str
    project_name: str
    color_id: str
    assignee: str | None


class LinkedTask(NamedTuple):
    """One direction of a link, and the other task as Kanboard's API tells it, in its order; hours are numbers."""

    id: int
    task_id: int
    label: str
    title: str
    is_active: int
    project_id: int
    column_id: int
    color_id: str
    date_completed: int | None
    date_started: int | None
    date_due: int
    task_time_spent: float
    task_time_estimated: float
    task_assignee_id: int
    task_assignee_username: str | None
    task_assignee_name: str | None
    column_title: str
    project_name: str


class RemovedLink(NamedTuple):
    """Both directions of a link that was removed, the one that was named first, and the types that they had."""

    directions: tuple[TaskLink, ...]
    types: tuple[LinkType, ...]


_OPPOSITE_LINK = fn.coalesce(fn.nullif(Link.opposite_id, 0), Link.id)
_KEYS = (
    models.TaskLink.id,
    models.TaskLink.opposite_task_id,
    models.TaskLink.task_id,
    models.TaskLink.link_id,
    Link.label,
    _OPPOSITE_LINK,
)


@prepared(TaskLink._make)
def _task_link(task_link_id: int) -> BaseQuery:
    return models.TaskLink.select(*_KEYS).join(Link).where(models.TaskLink.id == task_link_id)


@prepared(LinkedTask._make)
def _linked_tasks(task_id: int) -> BaseQuery:
    link, task = models.TaskLink, Task
    told = (task.title, task.is_active, task.project_id, task.column_id, task.color_id)
    dates = (task.date_completed, task.date_started, task.date_due, task.time_spent, task.time_estimated)
    names = (task.owner_id, User.username, fn.nullif(User.name, ""), Column.title, Project.name)
    return (
        link.select(link.id, link.opposite_task_id, Link.label, *told, *dates, *names)
        .join(Link)
        .join_from(link, task, on=(task.id == link.opposite_task_id))
        .join(Column, on=(Column.id == task.column_id))
        .join_from(task, Project, on=(Project.id == task.project_id))
        .join_from(task, User, JOIN.LEFT_OUTER, on=(User.id == task.owner_id))
        .where(link.task_id == task_id)
        .order_by(Link.id, Column.position.desc(), task.is_active.desc(), task.id)
    )


@prepared(ListedLink._make)
def _task_links(task_id: int) -> BaseQuery:
    other = (Task.title, Task.is_active, Column.title, Project.name, Task.color_id, User.username)
    return (
        models.TaskLink.select(*_KEYS, *other)
        .join(Link)
        .join_from(models.TaskLink, Task, on=(Task.id == models.TaskLink.opposite_task_id))
        .join(Column, on=(Column.id == Task.column_id))
        .join_from(Task, Project, on=(Project.id == Task.project_id))
        .join_from(Task, User, JOIN.LEFT_OUTER, on=(User.id == Task.owner_id))
        .where(models.TaskLink.task_id == task_id)
        .order_by(Link.id, models.TaskLink.id)
    )


@transactional
def add_task_link(task_id: int, opposite_task_id: int, link_id: int, *, formats: str | None = None) -> int:
    """Link two tasks, in both directions, and return the id of the first direction.

    ``formats`` names the one payload format that announces it, as in ``log.record``. Raises NotFoundError for
    an unknown task or type, InvalidError for a task linked to itself or a link that is there already.
    """
    _check_tasks(task_id, opposite_task_id)
    opposite_link_id = opposite_of(link_id)
    _check_new(task_id, opposite_task_id, link_id)
    _check_new(opposite_task_id, task_id, opposite_link_id)
    first = _insert(link_id=link_id, task_id=task_id, opposite_task_id=opposite_task_id)
    second = _insert(link_id=opposite_link_id, task_id=opposite_task_id, opposite_task_id=task_id, opposite_id=first)
    _change(first, opposite_id=second)
    _record_both((first, second), formats)
    return first


@transactional
def update_task_link(
    task_link_id: int, *, opposite_task_id: int | None = None, link_id: int | None = None
) -> tuple[TaskLink, TaskLink] | None:
    """Give a link another type or another task, in both directions; return it before and after, None if it is the same.

    Raises NotFoundError and InvalidError like :func:`add_task_link`.
    """
    link = get_task_link(task_link_id)
    task_id = link.task_id
    opposite = link.opposite_task_id if opposite_task_id is None else opposite_task_id
    kind = link.link_id if link_id is None else link_id
    if (opposite, kind) == (link.opposite_task_id, link.link_id):
        return None
    _check_tasks(task_id, opposite)
    opposite_kind = opposite_of(kind)
    back = _other_direction(task_link_id)
    _check_new(task_id, opposite, kind, own_ids=(task_link_id, back))
    _check_new(opposite, task_id, opposite_kind, own_ids=(task_link_id, back))
    _change(task_link_id, link_id=kind, opposite_task_id=opposite)
    if back is not None:
        _change(back, link_id=opposite_kind, task_id=opposite)
    _record_both((task_link_id,) if back is None else (task_link_id, back))
    return link, get_task_link(task_link_id)


@transactional
def remove_task_link(task_link_id: int) -> RemovedLink:
    """Remove a link, in both directions, and return it for :func:`restore_task_link`. Raises NotFoundError."""
    link = get_task_link(task_link_id)
    back = _other_direction(task_link_id)
    _record("task_internal_link.delete", link)
    directions = (link,) if back is None else (link, get_task_link(back))
    ids = [direction.id for direction in directions]
    models.TaskLink.delete().where(models.TaskLink.id.in_(ids)).execute()
    return RemovedLink(directions, read_types(direction.link_id for direction in directions))


@transactional
def restore_task_link(removed: RemovedLink) -> None:
    """Put a removed link back under its own ids, and its types where they are gone.

    Raises NotFoundError when a task is gone, InvalidError when the tasks are linked in this way again already.
    """
    _check_tasks(removed.directions[0].task_id, removed.directions[0].opposite_task_id)
    types = restore_link_types(removed.types)
    ids = [direction.id for direction in removed.directions]
    for direction, opposite_id in zip(removed.directions, (*ids[1:], *ids[:1]), strict=True):
        link_id = types[direction.link_id]
        _check_new(direction.task_id, direction.opposite_task_id, link_id)
        _insert(
            id=direction.id,
            link_id=link_id,
            task_id=direction.task_id,
            opposite_task_id=direction.opposite_task_id,
            opposite_id=opposite_id if opposite_id != direction.id else None,
        )
    _record_both(ids)


def list_linked_tasks(task_id: int) -> list[LinkedTask]:
    """Return the tasks that a task is linked to, as Kanboard's API lists them."""
    return [
        link._replace(
            task_time_spent=plain_number(link.task_time_spent),
            task_time_estimated=plain_number(link.task_time_estimated),
        )
        for link in _linked_tasks.all(task_id)
    ]


def list_task_links(task_id: int) -> list[ListedLink]:
    """Return the links of a task, in the order of their types."""
    return _task_links.all(task_id)


def get_task_link(task_link_id: int) -> TaskLink:
    """Return one direction of a link. Raises NotFoundError."""
    link = _task_link.first(task_link_id)
    if link is None:
        raise NotFoundError(f"There is no internal link {task_link_id}.")
    return link


def _check_tasks(task_id: int, opposite_task_id: int) -> None:
    for each in (task_id, opposite_task_id):
        if not Task.select().where(Task.id == each).exists():
            raise NotFoundError(f"There is no task #{each}.")
    if task_id == opposite_task_id:
        raise InvalidError("A task cannot be linked to itself.")


def _check_new(task_id: int, opposite_task_id: int, link_id: int, own_ids: tuple[int | None, ...] = ()) -> None:
    """Raise InvalidError when another link than one's own says this already."""
    row = models.TaskLink.get_or_none(task_id=task_id, opposite_task_id=opposite_task_id, link_id=link_id)
    if row is not None and row.id not in own_ids:
        raise InvalidError(f"Task #{task_id} is linked to #{opposite_task_id} in this way already.")


def _other_direction(task_link_id: int) -> int | None:
    found: int | None = (
        models.TaskLink.select(models.TaskLink.opposite_id).where(models.TaskLink.id == task_link_id).scalar()
    )
    return found


def _insert(**values: int | None) -> int:
    return int(models.TaskLink.insert(values).execute())


def _change(task_link_id: int, **values: Any) -> None:
    models.TaskLink.update(values).where(models.TaskLink.id == task_link_id).execute()


def _record_both(task_link_ids: Sequence[int], formats: str | None = None) -> None:
    """Announce the directions of a link, each after the one before: they are events of two tasks."""
    before: int | None = None
    for task_link_id in task_link_ids:
        link = get_task_link(task_link_id)
        _record("task_internal_link.create_update", link, formats, after_task_id=before)
        before = link.task_id


def _record(name: str, link: TaskLink, formats: str | None = None, *, after_task_id: int | None = None) -> None:
    facts = {**task_snapshot(link.task_id), "task_link": link._asdict()}
    project_id = facts["task"]["project_id"]
    log.record(name, facts, project_id=project_id, task_id=link.task_id, formats=formats, after_task_id=after_task_id)

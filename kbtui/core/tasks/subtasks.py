"""Subtasks: the steps of a task, from Todo over In progress to Done."""

from typing import Any, NamedTuple, TypedDict, Unpack

from peewee import JOIN, BaseQuery, fn

from kbtui.core.db import models
from kbtui.core.db.database import transactional
from kbtui.core.db.models import Task, User
from kbtui.core.db.prepared import prepared
from kbtui.core.events import log
from kbtui.core.events.snapshot import plain_number, task_snapshot
from kbtui.core.projects import members
from kbtui.core.values import text
from kbtui.errors import InvalidError, NotFoundError

TODO, IN_PROGRESS, DONE = 0, 1, 2
STATUS_NAMES = ("Todo", "In progress", "Done")
"""Kanboard's names of the three states, in the order in which a toggle goes through them."""


class Subtask(NamedTuple):
    """A subtask as events tell it; times are hours, ``user_id`` 0 is nobody, ``position`` counts from 1."""

    id: int
    title: str
    status: int
    time_estimated: float
    time_spent: float
    task_id: int
    user_id: int
    position: int
    username: str | None
    name: str | None


class SubtaskFields(TypedDict, total=False):
    """What can be given of a subtask; times are hours."""

    status: int
    user_id: int
    time_estimated: float
    time_spent: float
    position: int


class SubtaskChanges(SubtaskFields, total=False):
    """What an edit can change."""

    title: str


STORED = Subtask._fields[: Subtask._fields.index("username")]
"""The fields of a subtask's own row."""

_KEYS = (*(getattr(models.Subtask, name) for name in STORED), User.username, fn.nullif(User.name, ""))


def _subtask(row: tuple[Any, ...]) -> Subtask:
    subtask = Subtask._make(row)
    return subtask._replace(
        time_estimated=plain_number(subtask.time_estimated), time_spent=plain_number(subtask.time_spent)
    )


@prepared(_subtask)
def _one(subtask_id: int) -> BaseQuery:
    whose = models.Subtask.select(*_KEYS).join(User, JOIN.LEFT_OUTER, on=(User.id == models.Subtask.user_id))
    return whose.where(models.Subtask.id == subtask_id)


@prepared(_subtask)
def _of_task(task_id: int) -> BaseQuery:
    whose = models.Subtask.select(*_KEYS).join(User, JOIN.LEFT_OUTER, on=(User.id == models.Subtask.user_id))
    return whose.where(models.Subtask.task_id == task_id).order_by(models.Subtask.position)


@transactional
def add_subtask(task_id: int, title: str, **fields: Unpack[SubtaskFields]) -> int:
    """Add a subtask at the end of a task's list, or at a position, and return its id.

    Raises NotFoundError for an unknown task or user, InvalidError for a value that cannot be taken.
    """
    facts = task_snapshot(task_id)
    values = _checked({**fields, "title": title})
    members.check_assignable(facts["task"]["project_id"], values.get("user_id", 0))
    position = values.pop("position", None)
    count = models.Subtask.select().where(models.Subtask.task_id == task_id).count()
    subtask_id = int(models.Subtask.insert(task=task_id, **(values | {"position": count + 1})).execute())
    if position is not None:
        _renumber(task_id, subtask_id, position)
    _sum_times(task_id)
    facts["subtask"] = get_subtask(subtask_id)._asdict()
    log.record("subtask.create", facts, project_id=facts["task"]["project_id"], task_id=task_id)
    return subtask_id


@transactional
def update_subtask(subtask_id: int, **fields: Unpack[SubtaskChanges]) -> tuple[Subtask, Subtask] | None:
    """Edit or move a subtask; return it before and after, None when nothing changed.

    Raises NotFoundError, InvalidError.
    """
    subtask = get_subtask(subtask_id)
    values = _checked(dict(fields))
    if values.get("user_id", 0) != subtask.user_id:  # who has left may stay on the subtask
        members.check_assignable(_project_of(subtask), values.get("user_id", 0))
    return _update(subtask, values, toggled=False)


@transactional
def toggle_subtask(subtask_id: int) -> tuple[Subtask, Subtask]:
    """Put a subtask into its next state, and return it before and after; nobody's goes to the person who toggles it.

    That is, if this person can be assigned in the project. A done subtask is to be done again. Raises NotFoundError.
    """
    subtask = get_subtask(subtask_id)
    changes: dict[str, Any] = {"status": (subtask.status + 1) % len(STATUS_NAMES)}
    author_id = log.author_id()
    if author_id and not subtask.user_id and members.is_assignable(_project_of(subtask), author_id):
        changes["user_id"] = author_id
    changed = _update(subtask, changes, toggled=True)
    assert changed is not None  # noqa: S101 - the next state is another one
    return changed


@transactional
def remove_subtask(subtask_id: int) -> Subtask:
    """Remove a subtask and return it as it was, for :func:`restore_subtask`. Raises NotFoundError."""
    subtask = get_subtask(subtask_id)
    facts = {**task_snapshot(subtask.task_id), "subtask": subtask._asdict()}
    log.record("subtask.delete", facts, project_id=facts["task"]["project_id"], task_id=subtask.task_id)
    models.Subtask.delete().where(models.Subtask.id == subtask_id).execute()
    _renumber(subtask.task_id)
    _sum_times(subtask.task_id)
    return subtask


@transactional
def restore_subtask(subtask: Subtask) -> None:
    """Put a removed subtask back at its place, under its own id. Raises NotFoundError when its task is gone."""
    facts = task_snapshot(subtask.task_id)
    models.Subtask.insert({name: getattr(subtask, name) for name in STORED}).execute()
    _renumber(subtask.task_id, subtask.id, subtask.position)
    _sum_times(subtask.task_id)
    facts["subtask"] = get_subtask(subtask.id)._asdict()
    log.record("subtask.create", facts, project_id=facts["task"]["project_id"], task_id=subtask.task_id)


def get_subtask(subtask_id: int) -> Subtask:
    """Return a subtask. Raises NotFoundError."""
    subtask = _one.first(subtask_id)
    if subtask is None:
        raise NotFoundError(f"There is no subtask {subtask_id}.")
    return subtask


def list_subtasks(task_id: int) -> list[Subtask]:
    """Return the subtasks of a task in their order."""
    return _of_task.all(task_id)


def _update(before: Subtask, values: dict[str, Any], *, toggled: bool) -> tuple[Subtask, Subtask] | None:
    old = before._asdict()
    changed = {name: value for name, value in values.items() if old[name] != value}
    stored = {name: value for name, value in changed.items() if name != "position"}
    if stored:
        models.Subtask.update(stored).where(models.Subtask.id == before.id).execute()
    if "position" in changed:
        _renumber(before.task_id, before.id, changed["position"])
    after = get_subtask(before.id)
    changes = {name: getattr(after, name) for name in changed if getattr(after, name) != old[name]}
    if not changes:
        return None
    if changes.keys() & {"time_estimated", "time_spent"}:
        _sum_times(before.task_id)
    facts = {**task_snapshot(before.task_id), "subtask": after._asdict(), "changes": changes, "toggled": toggled}
    facts["before"] = {name: old[name] for name in changes}
    log.record("subtask.update", facts, project_id=facts["task"]["project_id"], task_id=before.task_id)
    return before, after


def _project_of(subtask: Subtask) -> int:
    return int(Task.select(Task.project_id).where(Task.id == subtask.task_id).scalar())


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    if "title" in values:
        values["title"] = text.clean_line(values["title"], "title", 255)
    if "status" in values and values["status"] not in (TODO, IN_PROGRESS, DONE):
        raise InvalidError(f"A subtask has no status {values['status']}; it is 0 Todo, 1 In progress or 2 Done.")
    for name in ("time_estimated", "time_spent"):
        if name in values:
            if not 0 <= values[name] < 1e9:
                raise InvalidError(f"{values[name]} is not possible as the {name.replace('_', ' ')} in hours.")
            values[name] = plain_number(values[name])
    if values.get("position", 1) < 1:
        raise InvalidError(f"Position {values['position']} is not possible; positions begin at 1.")
    return values


def _renumber(task_id: int, subtask_id: int = 0, position: int = 0) -> None:
    """Number the subtasks of a task from 1; put one of them at a position, past the end meaning last."""
    query = models.Subtask.select(models.Subtask.id, models.Subtask.position).order_by(models.Subtask.position)
    positions = {each.id: each.position for each in query.where(models.Subtask.task_id == task_id)}
    ids = [each for each in positions if each != subtask_id]
    if subtask_id:
        ids.insert(position - 1, subtask_id)
    for number, each in enumerate(ids, 1):
        if positions[each] != number:
            models.Subtask.update(position=number).where(models.Subtask.id == each).execute()


def _sum_times(task_id: int) -> None:
    """Make a task's times the sums of its subtasks', silently, as Kanboard does; where these have none they stay."""
    sums = models.Subtask.select(fn.sum(models.Subtask.time_estimated), fn.sum(models.Subtask.time_spent))
    estimated, spent = sums.where(models.Subtask.task_id == task_id).tuples()[0]
    if estimated or spent:
        Task.update(time_estimated=estimated, time_spent=spent).where(Task.id == task_id).execute()

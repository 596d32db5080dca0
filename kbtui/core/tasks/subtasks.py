"""Subtasks: the steps of a task, from Todo over In progress to Done."""

from typing import Any, TypedDict, Unpack

from kbtui.core.db.database import fetch_all, fetch_dicts, fetch_one, insert_row, transactional
from kbtui.core.db.engine import database
from kbtui.core.events import log
from kbtui.core.events.snapshot import plain_number, task_facts
from kbtui.core.projects import members
from kbtui.core.values import text
from kbtui.errors import InvalidError, NotFoundError

TODO, IN_PROGRESS, DONE = 0, 1, 2
STATUS_NAMES = ("Todo", "In progress", "Done")
"""Kanboard's names of the three states, in the order in which a toggle goes through them."""

_SUBTASK_SQL = """SELECT s.id, s.title, s.status, s.time_estimated, s.time_spent, s.task_id, s.user_id, s.position,
    u.username, nullif(u.name, '') AS name
FROM subtasks s LEFT JOIN users u ON u.id = s.user_id"""

Subtask = dict[str, Any]
"""A subtask as events tell it: id, title, status, time_estimated, time_spent (hours), task_id, user_id (0: nobody),
position (1-based), username, name."""


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


@transactional
def add_subtask(task_id: int, title: str, **fields: Unpack[SubtaskFields]) -> int:
    """Add a subtask at the end of a task's list, or at a position, and return its id.

    Raises NotFoundError for an unknown task or user, InvalidError for a value that cannot be taken.
    """
    facts = task_facts(task_id)
    values = _checked({**fields, "title": title})
    members.check_assignable(facts["task"]["project_id"], values.get("user_id", 0))
    position = values.pop("position", None)
    row = fetch_one("SELECT count(*) FROM subtasks WHERE task_id = ?", (task_id,))
    count = row[0] if row else 0
    values |= {"task_id": task_id, "position": count + 1}
    subtask_id = insert_row("subtasks", values)
    if position is not None:
        _renumber(task_id, subtask_id, position)
    _sum_times(task_id)
    facts["subtask"] = get_subtask(subtask_id)
    log.record("subtask.create", facts, project_id=facts["task"]["project_id"], task_id=task_id)
    return subtask_id


@transactional
def update_subtask(subtask_id: int, **fields: Unpack[SubtaskChanges]) -> bool:
    """Edit or move a subtask; tell whether anything changed. Raises NotFoundError, InvalidError."""
    subtask = get_subtask(subtask_id)
    values = _checked(dict(fields))
    if values.get("user_id", 0) != subtask["user_id"]:  # who has left may stay on the subtask
        members.check_assignable(_project_of(subtask), values.get("user_id", 0))
    return _update(subtask_id, values, toggled=False)


@transactional
def toggle_subtask(subtask_id: int) -> int:
    """Put a subtask into its next state, and return that; nobody's subtask goes to the person who toggles it.

    That is, if this person can be assigned in the project. A done subtask is to be done again. Raises NotFoundError.
    """
    subtask = get_subtask(subtask_id)
    status = (int(subtask["status"]) + 1) % len(STATUS_NAMES)
    changes: dict[str, Any] = {"status": status}
    author_id = log.author_id()
    if author_id and not subtask["user_id"] and members.is_assignable(_project_of(subtask), author_id):
        changes["user_id"] = author_id
    _update(subtask_id, changes, toggled=True)
    return status


@transactional
def remove_subtask(subtask_id: int) -> Subtask:
    """Remove a subtask and return it as it was, for :func:`restore_subtask`. Raises NotFoundError."""
    subtask = get_subtask(subtask_id)
    facts = {**task_facts(subtask["task_id"]), "subtask": subtask}
    log.record("subtask.delete", facts, project_id=facts["task"]["project_id"], task_id=subtask["task_id"])
    database.execute_sql("DELETE FROM subtasks WHERE id = ?", (subtask_id,))
    _close_gaps(subtask["task_id"])
    _sum_times(subtask["task_id"])
    return subtask


@transactional
def restore_subtask(subtask: Subtask) -> None:
    """Put a removed subtask back at its place, under its own id. Raises NotFoundError when its task is gone."""
    facts = task_facts(subtask["task_id"])
    stored = ("id", "title", "status", "time_estimated", "time_spent", "task_id", "user_id", "position")
    insert_row("subtasks", {name: subtask[name] for name in stored})
    _renumber(subtask["task_id"], subtask["id"], subtask["position"])
    _sum_times(subtask["task_id"])
    facts["subtask"] = get_subtask(subtask["id"])
    log.record("subtask.create", facts, project_id=facts["task"]["project_id"], task_id=subtask["task_id"])


def get_subtask(subtask_id: int) -> Subtask:
    """Return a subtask. Raises NotFoundError."""
    rows = fetch_dicts(f"{_SUBTASK_SQL} WHERE s.id = ?", (subtask_id,))
    if not rows:
        raise NotFoundError(f"There is no subtask {subtask_id}.")
    return _plain(rows[0])


def list_subtasks(task_id: int) -> list[Subtask]:
    """Return the subtasks of a task in their order."""
    return [_plain(row) for row in fetch_dicts(f"{_SUBTASK_SQL} WHERE s.task_id = ? ORDER BY s.position", (task_id,))]


def _update(subtask_id: int, values: dict[str, Any], *, toggled: bool) -> bool:
    subtask = get_subtask(subtask_id)
    task_id = subtask["task_id"]
    changed = {name: value for name, value in values.items() if subtask[name] != value}
    stored = {name: value for name, value in changed.items() if name != "position"}
    if stored:
        sets = ", ".join(f"{name} = ?" for name in stored)
        database.execute_sql(f"UPDATE subtasks SET {sets} WHERE id = ?", (*stored.values(), subtask_id))
    if "position" in changed:
        _renumber(task_id, subtask_id, changed["position"])
    after = get_subtask(subtask_id)
    changes = {name: after[name] for name in changed if after[name] != subtask[name]}
    if not changes:
        return False
    if changes.keys() & {"time_estimated", "time_spent"}:
        _sum_times(task_id)
    facts = {**task_facts(task_id), "subtask": after, "changes": changes, "toggled": toggled}
    facts["before"] = {name: subtask[name] for name in changes}
    log.record("subtask.update", facts, project_id=facts["task"]["project_id"], task_id=task_id)
    return True


def _project_of(subtask: Subtask) -> int:
    project_id: int = task_facts(subtask["task_id"])["task"]["project_id"]
    return project_id


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


def _renumber(task_id: int, subtask_id: int, position: int) -> None:
    """Put one subtask at a position, past the end meaning last, and all others around it."""
    others = fetch_all("SELECT id FROM subtasks WHERE task_id = ? AND id <> ? ORDER BY position", (task_id, subtask_id))
    ids = [each for (each,) in others]
    ids.insert(position - 1, subtask_id)
    for number, each in enumerate(ids, 1):
        database.execute_sql("UPDATE subtasks SET position = ? WHERE id = ? AND position <> ?", (number, each, number))


def _close_gaps(task_id: int) -> None:
    rows = fetch_all("SELECT id FROM subtasks WHERE task_id = ? ORDER BY position", (task_id,))
    for number, (each,) in enumerate(rows, 1):
        database.execute_sql("UPDATE subtasks SET position = ? WHERE id = ? AND position <> ?", (number, each, number))


def _sum_times(task_id: int) -> None:
    """Make a task's times the sums of its subtasks', silently, as Kanboard does; without subtasks they stay."""
    database.execute_sql(
        "UPDATE tasks SET (time_estimated, time_spent) = (SELECT sum(time_estimated), sum(time_spent) FROM subtasks"
        " WHERE task_id = tasks.id) WHERE id = ? AND EXISTS (SELECT 1 FROM subtasks WHERE task_id = tasks.id"
        " AND (time_estimated > 0 OR time_spent > 0))",
        (task_id,),
    )


def _plain(row: Subtask) -> Subtask:
    for name in ("time_estimated", "time_spent"):
        row[name] = plain_number(row[name])
    return row

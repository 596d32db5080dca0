"""Internal links between tasks: each stands as two rows, one for either direction."""

from typing import Any

from kbtui.core import events
from kbtui.core.database import database, fetch_dicts, fetch_one, transactional
from kbtui.core.facts import task_facts
from kbtui.errors import InvalidError, NotFoundError

DUPLICATES = 4
"""The id of Kanboard's link type "duplicates"."""

_LINK_SQL = """SELECT l.id, l.opposite_task_id, l.task_id, l.link_id, k.label,
    CASE k.opposite_id WHEN 0 THEN k.id ELSE k.opposite_id END AS opposite_link_id
FROM task_links l JOIN links k ON k.id = l.link_id"""


@transactional
def add_task_link(task_id: int, opposite_task_id: int, link_id: int, *, formats: str | None = None) -> int:
    """Link two tasks, in both directions, and return the id of the first direction.

    ``formats`` names the one payload format that announces it, as in ``events.record``. Raises NotFoundError for
    an unknown task or type, InvalidError for a task linked to itself or a link that is there already.
    """
    opposite_link_id = opposite_of(link_id)
    for each in (task_id, opposite_task_id):
        if fetch_one("SELECT 1 FROM tasks WHERE id = ?", (each,)) is None:
            raise NotFoundError(f"There is no task #{each}.")
    if task_id == opposite_task_id:
        raise InvalidError("A task cannot be linked to itself.")
    if _between(task_id, opposite_task_id, link_id) is not None:
        raise InvalidError(f"Task #{task_id} is linked to #{opposite_task_id} in this way already.")
    first = _insert(link_id, task_id, opposite_task_id)
    second = _insert(opposite_link_id, opposite_task_id, task_id)
    for row_id in (first, second):
        _record("task_internal_link.create_update", get_task_link(row_id), formats)
    return first


def opposite_of(link_id: int) -> int:
    """Return the link type that the other task sees. Raises NotFoundError for an unknown type."""
    row = fetch_one("SELECT CASE opposite_id WHEN 0 THEN id ELSE opposite_id END FROM links WHERE id = ?", (link_id,))
    if row is None:
        raise NotFoundError(f"There is no link type {link_id}.")
    opposite: int = row[0]
    return opposite


def get_task_link(task_link_id: int) -> dict[str, Any]:
    """Return one direction: id, opposite_task_id, task_id, link_id, label, opposite_link_id. Raises NotFoundError."""
    rows = fetch_dicts(f"{_LINK_SQL} WHERE l.id = ?", (task_link_id,))
    if not rows:
        raise NotFoundError(f"There is no internal link {task_link_id}.")
    return rows[0]


def _between(task_id: int, opposite_task_id: int, link_id: int) -> int | None:
    row = fetch_one(
        "SELECT id FROM task_links WHERE task_id = ? AND opposite_task_id = ? AND link_id = ?",
        (task_id, opposite_task_id, link_id),
    )
    return row[0] if row else None


def _insert(link_id: int, task_id: int, opposite_task_id: int) -> int:
    row_id: int = database.execute_sql(
        "INSERT INTO task_links (link_id, task_id, opposite_task_id) VALUES (?, ?, ?)",
        (link_id, task_id, opposite_task_id),
    ).lastrowid
    return row_id


def _record(name: str, link: dict[str, Any], formats: str | None) -> None:
    facts = {**task_facts(link["task_id"]), "task_link": link}
    project_id = facts["task"]["project_id"]
    events.record(name, facts, project_id=project_id, task_id=link["task_id"], formats=formats)

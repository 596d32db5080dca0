"""Internal links between tasks: each stands as two rows, one for either direction."""

from typing import Any

from kbtui.core.db.database import fetch_dicts, fetch_one, transactional
from kbtui.core.db.engine import database
from kbtui.core.db.lookup import find_row
from kbtui.core.db.models import Link
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_facts
from kbtui.errors import InvalidError, NotFoundError

DUPLICATES = 4
"""The id of Kanboard's link type "duplicates"."""

TaskLink = dict[str, Any]
"""One direction as events tell it: id, opposite_task_id, task_id, link_id, label, opposite_link_id."""

_LINK_SQL = """SELECT l.id, l.opposite_task_id, l.task_id, l.link_id, k.label,
    CASE k.opposite_id WHEN 0 THEN k.id ELSE k.opposite_id END AS opposite_link_id
FROM task_links l JOIN links k ON k.id = l.link_id"""


@transactional
def add_task_link(task_id: int, opposite_task_id: int, link_id: int, *, formats: str | None = None) -> int:
    """Link two tasks, in both directions, and return the id of the first direction.

    ``formats`` names the one payload format that announces it, as in ``log.record``. Raises NotFoundError for
    an unknown task or type, InvalidError for a task linked to itself or a link that is there already.
    """
    opposite_link_id = opposite_of(link_id)
    _check(task_id, opposite_task_id, link_id)
    first = _insert(link_id, task_id, opposite_task_id)
    second = _insert(opposite_link_id, opposite_task_id, task_id)
    for row_id in (first, second):
        _record("task_internal_link.create_update", get_task_link(row_id), formats)
    return first


@transactional
def update_task_link(task_link_id: int, *, opposite_task_id: int | None = None, link_id: int | None = None) -> bool:
    """Give a link another type or another task, in both directions; tell whether that changed anything.

    Raises NotFoundError and InvalidError like :func:`add_task_link`.
    """
    link = get_task_link(task_link_id)
    task_id, old_opposite = link["task_id"], link["opposite_task_id"]
    opposite = old_opposite if opposite_task_id is None else opposite_task_id
    kind = link["link_id"] if link_id is None else link_id
    if (opposite, kind) == (old_opposite, link["link_id"]):
        return False
    opposite_kind = opposite_of(kind)
    _check(task_id, opposite, kind)
    back = _between(old_opposite, task_id, link["opposite_link_id"])
    database.execute_sql(
        "UPDATE task_links SET link_id = ?, opposite_task_id = ? WHERE id = ?", (kind, opposite, task_link_id)
    )
    database.execute_sql("UPDATE task_links SET link_id = ?, task_id = ? WHERE id = ?", (opposite_kind, opposite, back))
    for row_id in (task_link_id, back):
        if row_id is not None:
            _record("task_internal_link.create_update", get_task_link(row_id), None)
    return True


@transactional
def remove_task_link(task_link_id: int) -> list[TaskLink]:
    """Remove a link, in both directions, and return them for :func:`restore_task_link`. Raises NotFoundError."""
    link = get_task_link(task_link_id)
    _record("task_internal_link.delete", link, None)
    back = _between(link["opposite_task_id"], link["task_id"], link["opposite_link_id"])
    directions = [link] if back is None else [link, get_task_link(back)]
    for direction in directions:
        database.execute_sql("DELETE FROM task_links WHERE id = ?", (direction["id"],))
    return directions


@transactional
def restore_task_link(directions: list[TaskLink]) -> None:
    """Put a removed link back under its own ids.

    Raises NotFoundError when a task is gone, InvalidError when the tasks are linked in this way again already.
    """
    _check(directions[0]["task_id"], directions[0]["opposite_task_id"], directions[0]["link_id"])
    for direction in directions:
        database.execute_sql(
            "INSERT INTO task_links (id, link_id, task_id, opposite_task_id)"
            " VALUES (:id, :link_id, :task_id, :opposite_task_id)",
            direction,
        )
    for direction in directions:
        _record("task_internal_link.create_update", direction, None)


def list_task_links(task_id: int) -> list[dict[str, Any]]:
    """Return the links of a task: the link's keys, and the other task's title, is_active, column_title, project_name,
    color_id and assignee.
    """
    return fetch_dicts(
        "SELECT l.id, l.opposite_task_id, l.task_id, l.link_id, k.label,"
        " CASE k.opposite_id WHEN 0 THEN k.id ELSE k.opposite_id END AS opposite_link_id,"
        " t.title, t.is_active, c.title AS column_title, p.name AS project_name, t.color_id, u.username AS assignee"
        " FROM task_links l JOIN links k ON k.id = l.link_id JOIN tasks t ON t.id = l.opposite_task_id"
        ' JOIN "columns" c ON c.id = t.column_id JOIN projects p ON p.id = t.project_id'
        " LEFT JOIN users u ON u.id = t.owner_id WHERE l.task_id = ? ORDER BY k.id, l.id",
        (task_id,),
    )


def list_link_types() -> list[Link]:
    """Return the types of internal links, in Kanboard's order."""
    return list(Link.select().order_by(Link.id))


def find_link_type(ref: str) -> Link:
    """Return a link type by its id or label; raise NotFoundError that lists them."""
    return find_row(list_link_types(), ref, "link type", label="label")


def opposite_of(link_id: int) -> int:
    """Return the link type that the other task sees. Raises NotFoundError for an unknown type."""
    row = fetch_one("SELECT CASE opposite_id WHEN 0 THEN id ELSE opposite_id END FROM links WHERE id = ?", (link_id,))
    if row is None:
        raise NotFoundError(f"There is no link type {link_id}.")
    opposite: int = row[0]
    return opposite


def get_task_link(task_link_id: int) -> TaskLink:
    """Return one direction of a link. Raises NotFoundError."""
    rows = fetch_dicts(f"{_LINK_SQL} WHERE l.id = ?", (task_link_id,))
    if not rows:
        raise NotFoundError(f"There is no internal link {task_link_id}.")
    return rows[0]


def _check(task_id: int, opposite_task_id: int, link_id: int) -> None:
    for each in (task_id, opposite_task_id):
        if fetch_one("SELECT 1 FROM tasks WHERE id = ?", (each,)) is None:
            raise NotFoundError(f"There is no task #{each}.")
    if fetch_one("SELECT 1 FROM links WHERE id = ?", (link_id,)) is None:
        raise NotFoundError(f"There is no link type {link_id}.")
    if task_id == opposite_task_id:
        raise InvalidError("A task cannot be linked to itself.")
    if _between(task_id, opposite_task_id, link_id) is not None:
        raise InvalidError(f"Task #{task_id} is linked to #{opposite_task_id} in this way already.")


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


def _record(name: str, link: TaskLink, formats: str | None) -> None:
    facts = {**task_facts(link["task_id"]), "task_link": link}
    project_id = facts["task"]["project_id"]
    log.record(name, facts, project_id=project_id, task_id=link["task_id"], formats=formats)

"""Internal links between tasks."""

from typing import Any

from kbtui.core.db.database import fetch_dicts
from kbtui.core.events.snapshot import plain_number
from kbtui.core.tasks import links
from kbtui.errors import InvalidError
from kbtui.server.registry import changes, reads

_LINKS_SQL = """SELECT l.id, l.opposite_task_id AS task_id, k.label, t.title, t.is_active, t.project_id, t.column_id,
    t.color_id, t.date_completed, t.date_started, t.date_due, t.time_spent AS task_time_spent,
    t.time_estimated AS task_time_estimated, t.owner_id AS task_assignee_id, u.username AS task_assignee_username,
    nullif(u.name, '') AS task_assignee_name, c.title AS column_title, p.name AS project_name
FROM task_links l JOIN links k ON k.id = l.link_id JOIN tasks t ON t.id = l.opposite_task_id
JOIN "columns" c ON c.id = t.column_id JOIN projects p ON p.id = t.project_id LEFT JOIN users u ON u.id = t.owner_id
WHERE l.task_id = ? ORDER BY k.id, c.position DESC, t.is_active DESC, t.id"""


@reads
def get_task_link_by_id(task_link_id: int) -> dict[str, Any]:
    """Return one direction of a link."""
    return links.get_task_link(task_link_id)._asdict()


@reads
def get_all_task_links(task_id: int) -> list[dict[str, Any]]:
    """Return the tasks that a task is linked to, and how."""
    rows = fetch_dicts(_LINKS_SQL, (task_id,))
    for row in rows:
        for name in ("task_time_spent", "task_time_estimated"):
            row[name] = plain_number(row[name])
    return rows


@changes
def create_task_link(task_id: int, opposite_task_id: int, link_id: int) -> int:
    """Link two tasks and return the id of the link as the first one sees it."""
    return links.add_task_link(task_id, opposite_task_id, link_id)


@changes
def update_task_link(task_link_id: int, task_id: int, opposite_task_id: int, link_id: int) -> bool:
    """Give a link of a task another type or another opposite."""
    if links.get_task_link(task_link_id).task_id != task_id:
        raise InvalidError(f"The link {task_link_id} is another task's.")
    links.update_task_link(task_link_id, opposite_task_id=opposite_task_id, link_id=link_id)
    return True


@changes
def remove_task_link(task_link_id: int) -> bool:
    """Remove a link, in both directions."""
    links.remove_task_link(task_link_id)
    return True

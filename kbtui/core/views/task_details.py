"""Tasks with counts of what is on them and the names of what they refer to, as Kanboard lists them."""

import time
from typing import Any

from kbtui.core.db.database import fetch_dicts
from kbtui.core.events.snapshot import plain_number

MILESTONE_LINK = 9
"""The id of Kanboard's link type "is a milestone of"."""

_DETAILS_SQL = f"""WITH placed AS (SELECT id, count(*) FILTER (WHERE is_active = 1) OVER (
    PARTITION BY column_id, swimlane_id ORDER BY "rank", id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) + 1 AS position FROM tasks WHERE project_id IN (SELECT t.project_id FROM tasks t WHERE {{where}}))
SELECT (SELECT count(*) FROM comments WHERE task_id = t.id) AS nb_comments,
    (SELECT count(*) FROM files WHERE task_id = t.id) AS nb_files,
    (SELECT count(*) FROM subtasks WHERE task_id = t.id) AS nb_subtasks,
    (SELECT count(*) FROM subtasks WHERE task_id = t.id AND status = 2) AS nb_completed_subtasks,
    (SELECT count(*) FROM task_links WHERE task_id = t.id) AS nb_links,
    0 AS nb_external_links,
    (SELECT 1 FROM task_links WHERE task_id = t.id AND link_id = {MILESTONE_LINK} LIMIT 1) AS is_milestone,
    t.id, t.reference, t.title, t.description, t.date_creation, t.date_modification, t.date_completed,
    t.date_started, t.date_due, t.color_id, t.project_id, t.column_id, t.swimlane_id, t.owner_id, t.creator_id,
    placed.position, t.is_active, t.score, t.category_id, t.priority, t.date_moved, t.recurrence_status,
    t.recurrence_trigger, t.recurrence_factor, t.recurrence_timeframe, t.recurrence_basedate, t.recurrence_parent,
    t.recurrence_child, t.time_estimated, t.time_spent, assignee.username AS assignee_username,
    nullif(assignee.name, '') AS assignee_name, nullif(assignee.email, '') AS assignee_email,
    NULL AS assignee_avatar_path, category.name AS category_name, category.description AS category_description,
    "column".title AS column_name, "column".position AS column_position, swimlane.name AS swimlane_name,
    project.name AS project_name
FROM tasks t
JOIN placed ON placed.id = t.id
JOIN projects project ON project.id = t.project_id
JOIN "columns" "column" ON "column".id = t.column_id
JOIN swimlanes swimlane ON swimlane.id = t.swimlane_id
LEFT JOIN categories category ON category.id = t.category_id
LEFT JOIN users assignee ON assignee.id = t.owner_id
WHERE {{where}} ORDER BY {{order}}"""

BOARD_ORDER = 't."rank", t.id'


def list_details(where: str, params: tuple[Any, ...], *, order: str = "t.id") -> list[dict[str, Any]]:
    """Return tasks in Kanboard's longest form, each with ``tags``; ``where`` is SQL about task ``t``, and its tables
    ``project``, ``"column"``, ``swimlane``, ``category`` and ``assignee`` may only be named in ``order``.
    """
    rows = fetch_dicts(_DETAILS_SQL.format(where=where, order=order), params * 2)
    tags = _tags_of(where, params)
    for row in rows:
        for name in ("time_estimated", "time_spent"):
            row[name] = plain_number(row[name])
        row["tags"] = tags.get(row["id"], [])
    return rows


def list_overdue(*, project_id: int | None = None, owner_id: int | None = None) -> list[dict[str, Any]]:
    """Return the open tasks of active projects that are past their due date, in Kanboard's short form."""
    return fetch_dicts(
        "SELECT t.id, t.title, t.date_due, t.project_id, t.creator_id, t.owner_id, p.name AS project_name,"
        " u.username AS assignee_username, nullif(u.name, '') AS assignee_name"
        " FROM tasks t JOIN projects p ON p.id = t.project_id AND p.is_active = 1"
        " LEFT JOIN users u ON u.id = t.owner_id"
        " WHERE t.is_active = 1 AND t.date_due <> 0 AND t.date_due <= ?1 AND (?2 IS NULL OR t.project_id = ?2)"
        " AND (?3 IS NULL OR t.owner_id = ?3) ORDER BY t.id",
        (int(time.time()), project_id, owner_id),
    )


def _tags_of(where: str, params: tuple[Any, ...]) -> dict[int, list[dict[str, Any]]]:
    """Return the tags of the tasks that are meant, by task, each as id, name, color_id and task_id."""
    rows = fetch_dicts(
        "SELECT tags.id, tags.name, tags.color_id, task_tags.task_id FROM task_tags"
        f" JOIN tags ON tags.id = task_tags.tag_id JOIN tasks t ON t.id = task_tags.task_id WHERE {where}"
        " ORDER BY tags.name",
        params,
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["task_id"], []).append(row)
    return found

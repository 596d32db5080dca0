"""A whole project as one JSON document, which any other board can take in.

The document knows no database ids: columns, swimlanes, categories and tasks are referred to by their place in its
lists (from 0), people by their user name. So the document of an imported project is the document it came from. The
history of the project and its webhook endpoints are not part of it.
"""

import base64
from typing import Any

from kbtui.core.database import fetch_all, fetch_dicts, fetch_one, transactional
from kbtui.core.facts import plain_number
from kbtui.errors import NotFoundError

DOCUMENT = "kbtui-project"
VERSION = 1

PROJECT_FIELDS = (
    "name",
    "description",
    "email",
    "is_active",
    "is_public",
    "is_private",
    "start_date",
    "end_date",
    "priority_default",
    "priority_start",
    "priority_end",
)
COLUMN_FIELDS = ("title", "task_limit", "description", "hide_in_dashboard")
SWIMLANE_FIELDS = ("name", "is_active", "is_default", "description", "task_limit")
CATEGORY_FIELDS = ("name", "description", "color_id")
TAG_FIELDS = ("name", "color_id")
TASK_FIELDS = (
    "title",
    "description",
    "date_creation",
    "color_id",
    "is_active",
    "date_completed",
    "score",
    "date_due",
    "date_modification",
    "reference",
    "date_started",
    "time_spent",
    "time_estimated",
    "date_moved",
    "recurrence_status",
    "recurrence_trigger",
    "recurrence_factor",
    "recurrence_timeframe",
    "recurrence_basedate",
    "priority",
    "external_provider",
    "external_uri",
)
SUBTASK_FIELDS = ("title", "status", "time_estimated", "time_spent")
COMMENT_FIELDS = ("comment", "date_creation", "date_modification", "reference", "visibility")
FILE_FIELDS = ("name", "is_image", "date")

Document = dict[str, Any]
"""``{"document": "kbtui-project", "version": 1, "project": …, "columns": […], …, "tasks": […], "links": […]}``."""


@transactional
def export_project(project_id: int) -> Document:
    """Return a project as a document of plain JSON values. Raises NotFoundError."""
    projects = fetch_dicts("SELECT * FROM projects WHERE id = ?", (project_id,))
    if not projects:
        raise NotFoundError(f"There is no project {project_id}.")
    names = dict(fetch_all("SELECT id, username FROM users"))
    columns = fetch_dicts('SELECT * FROM "columns" WHERE project_id = ? ORDER BY position', (project_id,))
    swimlanes = fetch_dicts("SELECT * FROM swimlanes WHERE project_id = ? ORDER BY position", (project_id,))
    categories = fetch_dicts("SELECT * FROM categories WHERE project_id = ? ORDER BY position", (project_id,))
    tags = fetch_dicts("SELECT * FROM tags WHERE project_id = ? ORDER BY position", (project_id,))
    tasks = fetch_dicts(
        'SELECT t.* FROM tasks t JOIN "columns" c ON c.id = t.column_id JOIN swimlanes s ON s.id = t.swimlane_id'
        ' WHERE t.project_id = ? ORDER BY s.position, c.position, t."rank", t.id',
        (project_id,),
    )
    places = {
        "columns": _places(columns),
        "swimlanes": _places(swimlanes),
        "categories": _places(categories),
        "tasks": _places(tasks),
    }
    return {
        "document": DOCUMENT,
        "version": VERSION,
        "project": _fields(projects[0], PROJECT_FIELDS) | {"owner": names.get(projects[0]["owner_id"])},
        "members": _members(project_id),
        "columns": [_fields(row, COLUMN_FIELDS) for row in columns],
        "swimlanes": [_fields(row, SWIMLANE_FIELDS) for row in swimlanes],
        "categories": [_fields(row, CATEGORY_FIELDS) for row in categories],
        "tags": [_fields(row, TAG_FIELDS) for row in tags],
        "tasks": [_task(row, places, names) for row in tasks],
        "links": _links(places["tasks"]),
    }


def _places(rows: list[dict[str, Any]]) -> dict[int, int]:
    """Return where each row stands in its list, by its id."""
    return {row["id"]: number for number, row in enumerate(rows)}


def _fields(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: plain_number(row[name]) if isinstance(row[name], float) else row[name] for name in names}


def _members(project_id: int) -> list[dict[str, str]]:
    return fetch_dicts(
        "SELECT u.username, m.role FROM project_users m JOIN users u ON u.id = m.user_id WHERE m.project_id = ?"
        " ORDER BY u.username",
        (project_id,),
    )


def _task(row: dict[str, Any], places: dict[str, dict[int, int]], names: dict[int, str]) -> dict[str, Any]:
    task_id = row["id"]
    tags = fetch_all(
        "SELECT tags.name FROM task_tags JOIN tags ON tags.id = task_tags.tag_id WHERE task_id = ? ORDER BY tags.name",
        (task_id,),
    )
    subtasks = fetch_dicts("SELECT * FROM subtasks WHERE task_id = ? ORDER BY position", (task_id,))
    comments = fetch_dicts("SELECT * FROM comments WHERE task_id = ? ORDER BY date_creation, id", (task_id,))
    return {
        **_fields(row, TASK_FIELDS),
        "column": places["columns"][row["column_id"]],
        "swimlane": places["swimlanes"][row["swimlane_id"]],
        "category": places["categories"].get(row["category_id"]),
        "owner": names.get(row["owner_id"]),
        "creator": names.get(row["creator_id"]),
        "recurrence_parent": places["tasks"].get(row["recurrence_parent"]),
        "recurrence_child": places["tasks"].get(row["recurrence_child"]),
        "tags": [name for (name,) in tags],
        "subtasks": [_fields(each, SUBTASK_FIELDS) | {"user": names.get(each["user_id"])} for each in subtasks],
        "comments": [_fields(each, COMMENT_FIELDS) | {"user": names.get(each["user_id"])} for each in comments],
        "files": [_file(each, names) for each in fetch_dicts("SELECT * FROM files WHERE task_id = ?", (task_id,))],
    }


def _file(row: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    found = fetch_one("SELECT content FROM file_contents WHERE file_id = ?", (row["id"],))
    content = base64.b64encode(found[0] if found else b"").decode("ascii")
    return _fields(row, FILE_FIELDS) | {"user": names.get(row["user_id"]), "content": content}


def _links(tasks: dict[int, int]) -> list[dict[str, Any]]:
    """Return the links between the project's own tasks, either direction as an entry of its own."""
    rows = fetch_all(
        "SELECT l.task_id, l.opposite_task_id, k.label FROM task_links l JOIN links k ON k.id = l.link_id ORDER BY l.id"
    )
    return [
        {"task": tasks[task_id], "opposite_task": tasks[opposite], "label": label}
        for task_id, opposite, label in rows
        if task_id in tasks and opposite in tasks
    ]

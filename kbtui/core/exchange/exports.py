"""A whole project as one JSON document, which any other board can take in.

The document of an imported project is the document it came from: :mod:`kbtui.core.exchange.documents` says what it
holds.
The history of the project, its webhook endpoints and links to tasks of other projects are not part of it.
"""

import base64
from collections.abc import Callable, Iterable
from typing import Any

from kbtui.core.db.database import fetch_all, fetch_dicts, fetch_one, transactional
from kbtui.core.events.snapshot import plain_number
from kbtui.core.exchange.documents import (
    CATEGORY,
    COLUMN,
    COMMENT,
    DOCUMENT,
    FILE,
    PROJECT,
    SUBTASK,
    SWIMLANE,
    TAG,
    TASK,
    VERSION,
    Document,
)
from kbtui.errors import NotFoundError

Progress = Callable[[int, int], object]
"""Is told how many tasks are done, of how many."""


@transactional
def export_project(project_id: int, *, on_progress: Progress = lambda done, total: None) -> Document:
    """Return a project as a document of plain JSON values. Raises NotFoundError."""
    projects = fetch_dicts("SELECT * FROM projects WHERE id = ?", (project_id,))
    if not projects:
        raise NotFoundError(f"There is no project {project_id}.")
    names = dict(fetch_all("SELECT id, username FROM users"))
    columns = fetch_dicts('SELECT * FROM "columns" WHERE project_id = ? ORDER BY position', (project_id,))
    swimlanes = fetch_dicts("SELECT * FROM swimlanes WHERE project_id = ? ORDER BY position", (project_id,))
    categories = fetch_dicts("SELECT * FROM categories WHERE project_id = ? ORDER BY position", (project_id,))
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
    written = []
    for number, row in enumerate(tasks, 1):
        written.append(_task(row, places, names))
        on_progress(number, len(tasks))
    document = {
        "document": DOCUMENT,
        "version": VERSION,
        "project": _fields(projects[0], (*PROJECT, "is_open")) | {"owner": names.get(projects[0]["owner_id"])},
        "members": _members(project_id),
        "columns": [_fields(row, COLUMN) for row in columns],
        "swimlanes": [_fields(row, SWIMLANE) for row in swimlanes],
        "categories": [_fields(row, CATEGORY) for row in categories],
        "tags": [_fields(row, TAG) for row in _tags(project_id)],
        "tasks": written,
        "links": _links(places["tasks"]),
    }
    document["people"] = _people(document)
    return document


def _tags(project_id: int) -> list[dict[str, Any]]:
    """Return the project's own tags, then those shared ones that are on its tasks."""
    return fetch_dicts(
        "SELECT * FROM tags WHERE project_id = ?1 OR (project_id = 0 AND id IN (SELECT tag_id FROM task_tags"
        " JOIN tasks ON tasks.id = task_tags.task_id WHERE tasks.project_id = ?1) AND NOT EXISTS"
        " (SELECT 1 FROM tags own WHERE own.project_id = ?1 AND own.name = tags.name))"
        " ORDER BY project_id DESC, position, id",
        (project_id,),
    )


def _people(document: Document) -> list[dict[str, str]]:
    """Return who the document names, with what the screen calls them."""
    named = {document["project"]["owner"], *(member["username"] for member in document["members"])}
    for task in document["tasks"]:
        named |= {task["owner"], task["creator"]}
        named |= {each["user"] for part in ("subtasks", "comments", "files") for each in task[part]}
    people = fetch_dicts("SELECT username, name FROM users ORDER BY username")
    return [person for person in people if person["username"] in named]


def _places(rows: list[dict[str, Any]]) -> dict[int, int]:
    """Return where each row stands in its list, by its id."""
    return {row["id"]: number for number, row in enumerate(rows)}


def _fields(row: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
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
    files = fetch_dicts("SELECT * FROM files WHERE task_id = ? ORDER BY id", (task_id,))
    return {
        **_fields(row, TASK),
        "column": places["columns"][row["column_id"]],
        "swimlane": places["swimlanes"][row["swimlane_id"]],
        "category": places["categories"].get(row["category_id"]),
        "owner": names.get(row["owner_id"]),
        "creator": names.get(row["creator_id"]),
        "recurrence_parent": places["tasks"].get(row["recurrence_parent"]),
        "recurrence_child": places["tasks"].get(row["recurrence_child"]),
        "tags": [name for (name,) in tags],
        "subtasks": [_fields(each, SUBTASK) | {"user": names.get(each["user_id"])} for each in subtasks],
        "comments": [_fields(each, COMMENT) | {"user": names.get(each["user_id"])} for each in comments],
        "files": [_file(each, names) for each in files],
    }


def _file(row: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    found = fetch_one("SELECT content FROM file_contents WHERE file_id = ?", (row["id"],))
    content = base64.b64encode(found[0] if found else b"").decode("ascii")
    return _fields(row, FILE) | {"user": names.get(row["user_id"]), "content": content}


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

"""Shapes: what the API says of each noun, with Kanboard's names, order and types. No password and no token in any."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, repeat
from typing import Any

from kbtui.core.db.models import Category, Column, Link, Project, Swimlane, Tag, User
from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.tasks.comments import Comment
from kbtui.core.tasks.files import File
from kbtui.core.tasks.subtasks import STATUS_NAMES, Subtask
from kbtui.core.tasks.task_list import TaskTagRow
from kbtui.core.values.colors import COLORS, DEFAULT_COLOR
from kbtui.core.views.task_details import TaskDetails, TaskRow
from kbtui.server.json_text import JsonText, RowForm, join, write


def mapping(pairs: Mapping[Any, Any]) -> dict[str, Any] | list[Any]:
    """Return a map with texts for keys; an empty one is a list, as it is in Kanboard's language."""
    return {str(key): value for key, value in pairs.items()} or []


def color(color_id: str) -> dict[str, str]:
    """Return how a colour looks; an unknown one looks like the default."""
    known = COLORS.get(color_id, COLORS[DEFAULT_COLOR])
    return {"name": known.name, "background": known.background, "border": known.border}


def task(row: TaskSnapshot, base_url: str) -> dict[str, Any]:
    """Return a task as ``getTask`` does."""
    shaped = {name: getattr(row, name) for name in TaskRow._fields}
    return {**shaped, "url": task_url(row.id, base_url), "color": color(row.color_id)}


def task_rows(rows: Sequence[TaskRow], base_url: str) -> JsonText:
    """Return tasks as :func:`task` does, written."""
    colors = {color_id: write(color(color_id)) for color_id in {row.color_id for row in rows}}
    url = write(task_url(0, base_url)).removesuffix('0"')
    return join(_ROWS.fill(rows, (f'{url}{row.id}"' for row in rows), (colors[row.color_id] for row in rows)))


def found_tasks(rows: Sequence[TaskDetails], tags: Mapping[int, Sequence[TaskTagRow]]) -> JsonText:
    """Return tasks in the form of ``searchTasks``, written."""
    return join(_FOUND.fill(rows, _written_tags(rows, tags)))


def board_tasks(rows: Sequence[TaskDetails], tags: Mapping[int, Sequence[TaskTagRow]]) -> JsonText:
    """Return tasks in the form of ``getBoard``, written."""
    return join(_ON_BOARD.fill(rows, _written_tags(rows, tags), repeat("true")))


def _written_tags(rows: Iterable[TaskDetails], tags: Mapping[int, Sequence[TaskTagRow]]) -> list[str]:
    """Return the list of tags of each task, written."""
    tagged = [tags.get(row.id, ()) for row in rows]
    written = iter(_TAGS.fill([tag for each in tagged for tag in each]))
    return [f"[{','.join(islice(written, len(each)))}]" if each else "[]" for each in tagged]


_ROWS = RowForm(TaskRow, "url", "color")
_FOUND = RowForm(TaskDetails, "tags")
_ON_BOARD = RowForm(TaskDetails, "tags", "is_draggable")
_TAGS = RowForm(TaskTagRow)


def task_url(task_id: int, base_url: str) -> str:
    """Return where Kanboard would show a task."""
    return f"{base_url}/?controller=TaskViewController&action=show&task_id={task_id}"


def project(row: Project, base_url: str) -> dict[str, Any]:
    """Return a project."""
    show = f"action=show&project_id={row.id}"
    return {
        "id": row.id,
        "name": row.name,
        "is_active": row.is_active,
        "token": "",
        "last_modified": row.last_modified,
        "is_public": row.is_public,
        "is_private": row.is_private,
        "description": row.description or None,
        "identifier": row.identifier,
        "start_date": row.start_date,
        "end_date": row.end_date,
        "owner_id": row.owner_id,
        "priority_default": row.priority_default,
        "priority_start": row.priority_start,
        "priority_end": row.priority_end,
        "email": row.email,
        "predefined_email_subjects": None,
        "per_swimlane_task_limits": 0,
        "task_limit": 0,
        "enable_global_tags": 1,
        "url": {
            "board": f"{base_url}/?controller=BoardViewController&{show}",
            "list": f"{base_url}/?controller=TaskListController&{show}",
        },
    }


def column(row: Column) -> dict[str, Any]:
    """Return a column."""
    return _picked(row, "id", "title", "position", "project_id", "task_limit", "description", "hide_in_dashboard")


def swimlane(row: Swimlane) -> dict[str, Any]:
    """Return a swimlane."""
    return _picked(row, "id", "name", "position", "is_active", "project_id", "description", "task_limit")


def category(row: Category) -> dict[str, Any]:
    """Return a category."""
    return _picked(row, "id", "name", "project_id", "description", "color_id")


def tag(row: Tag) -> dict[str, Any]:
    """Return a tag."""
    return _picked(row, "id", "name", "project_id", "color_id")


def link(row: Link) -> dict[str, Any]:
    """Return a type of internal link."""
    return _picked(row, "id", "label", "opposite_id")


def user(row: User) -> dict[str, Any]:
    """Return a user."""
    return {
        **_picked(row, "id", "username"),
        "is_ldap_user": 0,
        **_picked(row, "name", "email"),
        "google_id": None,
        "github_id": None,
        "notifications_enabled": 0,
        "timezone": None,
        "language": None,
        "disable_login_form": 0,
        "twofactor_activated": 0,
        "notifications_filter": 4,
        "nb_failed_login": 0,
        "lock_expiration_date": 0,
        "gitlab_id": None,
        **_picked(row, "role", "is_active"),
        "avatar_path": None,
        "filter": None,
        "theme": "light",
    }


def comment(row: Comment) -> dict[str, Any]:
    """Return a comment."""
    return {**row._asdict(), "avatar_path": None}


def subtask(row: Subtask) -> dict[str, Any]:
    """Return a subtask with the names of its assignee and its status."""
    status_name = STATUS_NAMES[row.status]
    return {**row._asdict(), "timer_start_date": 0, "status_name": status_name, "is_timer_started": False}


def file(row: File, named: User | None) -> dict[str, Any]:
    """Return a file, without its bytes."""
    shaped = {"id": row.id, "name": row.name, "path": f"tasks/{row.task_id}/{row.etag}"}
    shaped |= _picked(row, "is_image", "task_id", "date", "user_id", "size", "etag")
    shaped["username"] = named.username if named else None
    shaped["user_name"] = (named.name or None) if named else None
    return shaped


def _picked(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}

"""Comments on tasks, in Markdown."""

import time
from typing import Any

from kbtui.core.db.database import fetch_dicts, transactional
from kbtui.core.db.engine import database
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_facts
from kbtui.core.values import text
from kbtui.errors import InvalidError, NotFoundError

_COMMENT_SQL = """SELECT c.id, c.task_id, c.user_id, c.date_creation, c.date_modification, c.comment, c.reference,
    c.visibility, u.username, nullif(u.name, '') AS name, nullif(u.email, '') AS email
FROM comments c LEFT JOIN users u ON u.id = c.user_id"""

Comment = dict[str, Any]
"""A comment as events tell it: id, task_id, user_id, date_creation, date_modification, comment, reference,
visibility, username, name, email."""


@transactional
def add_comment(
    task_id: int, comment: str, *, user_id: int | None = None, reference: str = "", visibility: str = "app-user"
) -> int:
    """Comment on a task, as its author unless a user is named, and return the comment's id.

    ``visibility`` is the least application role that may read it. Raises NotFoundError for an unknown task,
    InvalidError for an empty comment.
    """
    facts = task_facts(task_id)
    now = int(time.time())
    author_id = log.author_id() if user_id is None else user_id
    comment_id: int = database.execute_sql(
        "INSERT INTO comments (task_id, user_id, comment, date_creation, date_modification, reference, visibility)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (task_id, author_id, _clean(comment), now, now, reference, visibility),
    ).lastrowid
    facts["comment"] = get_comment(comment_id)
    log.record("comment.create", facts, project_id=facts["task"]["project_id"], task_id=task_id)
    return comment_id


@transactional
def update_comment(comment_id: int, comment: str) -> bool:
    """Change what a comment says; tell whether that changed anything. Raises NotFoundError, InvalidError."""
    before = get_comment(comment_id)
    cleaned = _clean(comment)
    if cleaned == before["comment"]:
        return False
    database.execute_sql(
        "UPDATE comments SET comment = ?, date_modification = ? WHERE id = ?", (cleaned, int(time.time()), comment_id)
    )
    _record("comment.update", get_comment(comment_id), {"comment": cleaned}, {"comment": before["comment"]})
    return True


@transactional
def remove_comment(comment_id: int) -> Comment:
    """Remove a comment and return it as it was, for :func:`restore_comment`. Raises NotFoundError."""
    comment = get_comment(comment_id)
    _record("comment.delete", comment)
    database.execute_sql("DELETE FROM comments WHERE id = ?", (comment_id,))
    return comment


@transactional
def restore_comment(comment: Comment) -> None:
    """Put a removed comment back under its own id. Raises NotFoundError when its task is gone."""
    task_facts(comment["task_id"])
    database.execute_sql(
        "INSERT INTO comments (id, task_id, user_id, comment, date_creation, date_modification, reference, visibility)"
        " VALUES (:id, :task_id, :user_id, :comment, :date_creation, :date_modification, :reference, :visibility)",
        comment,
    )
    _record("comment.create", comment)


def get_comment(comment_id: int) -> Comment:
    """Return a comment. Raises NotFoundError."""
    rows = fetch_dicts(f"{_COMMENT_SQL} WHERE c.id = ?", (comment_id,))
    if not rows:
        raise NotFoundError(f"There is no comment {comment_id}.")
    return rows[0]


def list_comments(task_id: int) -> list[Comment]:
    """Return the comments of a task, oldest first."""
    return fetch_dicts(f"{_COMMENT_SQL} WHERE c.task_id = ? ORDER BY c.date_creation, c.id", (task_id,))


def _clean(comment: str) -> str:
    cleaned = text.clean_text(comment).strip()
    if not cleaned:
        raise InvalidError("The comment is empty; type at least one character.")
    return cleaned


def _record(
    name: str, comment: Comment, changes: dict[str, Any] | None = None, before: dict[str, Any] | None = None
) -> None:
    facts = {**task_facts(comment["task_id"]), "comment": comment}
    if changes is not None:
        facts |= {"changes": changes, "before": before}
    log.record(name, facts, project_id=facts["task"]["project_id"], task_id=comment["task_id"])

"""Comments on tasks, in Markdown."""

import time
from typing import NamedTuple

from peewee import JOIN, BaseQuery, fn

from kbtui.core.db import models
from kbtui.core.db.database import transactional
from kbtui.core.db.models import User
from kbtui.core.db.prepared import prepared
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_snapshot
from kbtui.core.projects.users import ROLES
from kbtui.core.values import text
from kbtui.errors import InvalidError, NotFoundError


class Comment(NamedTuple):
    """A comment as events tell it; times are Unix seconds, ``visibility`` is the least role that may read it."""

    id: int
    task_id: int
    user_id: int
    date_creation: int
    date_modification: int
    comment: str
    reference: str
    visibility: str
    username: str | None
    name: str | None
    email: str | None


_STORED = Comment._fields[: Comment._fields.index("username")]
_KEYS = (
    *(getattr(models.Comment, name) for name in _STORED),
    User.username,
    fn.nullif(User.name, ""),
    fn.nullif(User.email, ""),
)


@prepared(Comment._make)
def _one(comment_id: int) -> BaseQuery:
    whose = models.Comment.select(*_KEYS).join(User, JOIN.LEFT_OUTER, on=(User.id == models.Comment.user_id))
    return whose.where(models.Comment.id == comment_id)


@prepared(Comment._make)
def _of_task(task_id: int) -> BaseQuery:
    whose = models.Comment.select(*_KEYS).join(User, JOIN.LEFT_OUTER, on=(User.id == models.Comment.user_id))
    return whose.where(models.Comment.task_id == task_id).order_by(models.Comment.date_creation, models.Comment.id)


@transactional
def add_comment(
    task_id: int, comment: str, *, user_id: int | None = None, reference: str = "", visibility: str = "app-user"
) -> int:
    """Comment on a task, as its author unless a user is named, and return the comment's id.

    ``visibility`` is the least application role that may read it. Raises NotFoundError for an unknown task,
    InvalidError for an empty comment, one in the name of another user, or one that its author could not read. Only
    the application, which is nobody, comments in the name of others.
    """
    facts = task_snapshot(task_id)
    now = int(time.time())
    person_id = log.author_id()
    if user_id is None:
        user_id = person_id
    elif person_id and user_id != person_id:
        raise InvalidError("Nobody comments in another user's name.")
    if person_id and not can_read(_role_of(person_id), visibility):
        raise InvalidError(f"A comment for {visibility} could not be read by its author.")
    comment_id: int = models.Comment.insert(
        task=task_id,
        user_id=user_id,
        comment=_clean(comment),
        date_creation=now,
        date_modification=now,
        reference=reference,
        visibility=visibility,
    ).execute()
    added = get_comment(comment_id)
    facts["comment"] = added._asdict()
    log.record("comment.create", facts, project_id=facts["task"]["project_id"], task_id=task_id)
    return comment_id


@transactional
def update_comment(comment_id: int, comment: str) -> tuple[Comment, Comment] | None:
    """Change what a comment says; return it before and after, None when that changes nothing.

    Raises NotFoundError, or InvalidError for an empty comment or that of another user.
    """
    before = get_comment(comment_id)
    _check_own(before)
    cleaned = _clean(comment)
    if cleaned == before.comment:
        return None
    values = {"comment": cleaned, "date_modification": int(time.time())}
    models.Comment.update(values).where(models.Comment.id == comment_id).execute()
    after = get_comment(comment_id)
    _record("comment.update", after, before=before)
    return before, after


@transactional
def remove_comment(comment_id: int) -> Comment:
    """Remove a comment and return it as it was, for :func:`restore_comment`.

    Raises NotFoundError, or InvalidError for a comment of another user.
    """
    comment = get_comment(comment_id)
    _check_own(comment)
    _record("comment.delete", comment)
    models.Comment.delete().where(models.Comment.id == comment_id).execute()
    return comment


@transactional
def restore_comment(comment: Comment) -> None:
    """Put a removed comment back under its own id. Raises NotFoundError when its task is gone."""
    task_snapshot(comment.task_id)
    models.Comment.insert({name: getattr(comment, name) for name in _STORED}).execute()
    _record("comment.create", comment)


def get_comment(comment_id: int) -> Comment:
    """Return a comment. Raises NotFoundError."""
    comment = _one.first(comment_id)
    if comment is None:
        raise NotFoundError(f"There is no comment {comment_id}.")
    return comment


def list_comments(task_id: int) -> list[Comment]:
    """Return the comments of a task, oldest first."""
    return _of_task.all(task_id)


def can_read(role: str, visibility: str) -> bool:
    """Return whether a user of an application role may read what is seen from a role upwards."""
    return visibility in ROLES and role in ROLES and ROLES.index(role) <= ROLES.index(visibility)


def _check_own(comment: Comment) -> None:
    """Raise InvalidError when the comment is another user's and the person at work no administrator."""
    person_id = log.author_id()
    if person_id not in (0, comment.user_id) and _role_of(person_id) != ROLES[0]:
        whose = f"by {comment.name or comment.username}" if comment.username else "another user's"
        raise InvalidError(f"Comment #{comment.id} is {whose}; only its author can change or remove it.")


def _role_of(user_id: int) -> str:
    return str(User.select(User.role).where(User.id == user_id).scalar())


def _clean(comment: str) -> str:
    cleaned = text.clean_text(comment).strip()
    if not cleaned:
        raise InvalidError("The comment is empty; type at least one character.")
    return cleaned


def _record(name: str, comment: Comment, *, before: Comment | None = None) -> None:
    facts = {**task_snapshot(comment.task_id), "comment": comment._asdict()}
    if before is not None:
        facts |= {"changes": {"comment": comment.comment}, "before": {"comment": before.comment}}
    log.record(name, facts, project_id=facts["task"]["project_id"], task_id=comment.task_id)

"""Events: what happened, written in the transaction of the change that made it happen.

An event is history, change feed and outbox in one row. SQLite has one writer, so ids are in the order of the
commits: whoever has read up to ``n`` and reads ``id > n`` misses nothing.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from kbtui.core.db.database import after_commit, fetch_all, fetch_one
from kbtui.core.db.engine import database

Facts = dict[str, Any]
"""What an event knows, as plain JSON: numbers as numbers, nothing as null. Which keys, see :data:`EVENTS`."""

WEBHOOK_EVENTS: tuple[str, ...] = (
    "comment.create",
    "comment.update",
    "comment.delete",
    "file.create",
    "task.move.project",
    "task.move.column",
    "task.move.position",
    "task.move.swimlane",
    "task.update",
    "task.create",
    "task.close",
    "task.open",
    "task.assignee_change",
    "subtask.update",
    "subtask.create",
    "subtask.delete",
    "task_internal_link.create_update",
    "task_internal_link.delete",
)
"""The eighteen events of Kanboard's documentation, in its order."""

EVENTS: dict[str, str | None] = {
    **dict.fromkeys(WEBHOOK_EVENTS),
    "file.destroy": "kanboard-1.2",
    "task.remove": "",
    "task.restore": "",
    "project.change": "",
    "column.change": "",
    "swimlane.change": "",
    "category.change": "",
    "tag.change": "",
    "user.change": "",
    "link.change": "",
}
"""Every name that can be recorded → which payload formats announce it: None for all, "" for none.

Those that no format announces tell other screens what to draw again.
"""

_author: ContextVar[int] = ContextVar("author", default=0)
_listeners: list[Callable[[], None]] = []


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event as the feed hands it out."""

    id: int
    name: str
    project_id: int | None
    task_id: int | None
    author_id: int
    author: str | None
    date_creation: int
    facts: Facts


EVENT_FIELDS = "id, name, project_id, task_id, author_id, author, date_creation, CAST(facts AS BLOB)"
"""What :func:`recorded_event` takes, as SQL; facts as bytes, since a damaged text would make the whole query fail."""


def recorded_event(row: tuple[Any, ...]) -> RecordedEvent:
    """Return an event from its row; one whose facts are damaged knows nothing."""
    try:
        facts = json.loads(row[-1])
    except (ValueError, RecursionError):
        facts = {}
    return RecordedEvent(*(*row[:-1], facts if isinstance(facts, dict) else {}))


@contextmanager
def authored_by(user_id: int) -> Iterator[None]:
    """Record what happens inside as done by this user; 0 is nobody."""
    token = _author.set(user_id)
    try:
        yield
    finally:
        _author.reset(token)


def set_author(user_id: int) -> None:
    """Make this user the author of all that this context does from here on."""
    _author.set(user_id)


def author_id() -> int:
    """Return the id of the user who is at work, 0 for nobody."""
    return _author.get()


def on_commit(listener: Callable[[], None]) -> Callable[[], None]:
    """Call ``listener`` after each commit of this process that recorded something; return how to stop that."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def record(
    name: str, facts: Facts, *, project_id: int | None = None, task_id: int | None = None, formats: str | None = None
) -> int:
    """Write one event and a delivery for each enabled endpoint that wants it; return the event's id.

    ``formats`` names the one payload format that announces it, where the others keep silent. Raises RuntimeError
    outside a transaction: an event that could be committed without its change, or the other way round, is a bug.
    """
    if not database.in_transaction():
        raise RuntimeError(f"{name} must be recorded in the transaction of its change")
    announced = EVENTS[name] if formats is None else formats
    now = time.time()
    author = author_id()
    event_id: int = database.execute_sql(
        "INSERT INTO events (name, formats, project_id, task_id, author_id, author, date_creation, facts)"
        " VALUES (?, ?, ?, ?, ?, (SELECT username FROM users WHERE id = ?), ?, ?)",
        (name, announced, project_id, task_id, author, author, int(now), json.dumps(facts, ensure_ascii=False)),
    ).lastrowid
    if announced != "":
        _queue(event_id, name, announced, project_id, task_id, now)
    after_commit(_notify)
    return event_id


def _queue(
    event_id: int, name: str, announced: str | None, project_id: int | None, task_id: int | None, now: float
) -> None:
    """Insert a delivery for each endpoint that wants the event.

    The order of a task's events is decided here: while an earlier one for the same endpoint and task is
    unfinished, the new one is ``blocked``; finishing that one readies it.
    """
    rows = fetch_all("SELECT id, format, events, project_id, is_ordered FROM endpoints WHERE is_enabled = 1")
    for endpoint_id, payload_format, patterns, only_project, is_ordered in rows:
        if announced is not None and payload_format != announced:
            continue
        if only_project is not None and only_project != project_id:
            continue
        if not wants(patterns, name):
            continue
        insert_delivery(
            event_id=event_id,
            endpoint_id=endpoint_id,
            task_id=task_id if is_ordered else None,
            event_name=name,
            payload_format=payload_format,
            now=now,
        )


def insert_delivery(
    *, event_id: int, endpoint_id: int, task_id: int | None, event_name: str, payload_format: str, now: float
) -> int:
    """Insert one delivery, ready or blocked, and return its id. A delivery without a task waits for nothing."""
    delivery_id: int = database.execute_sql(
        "INSERT INTO deliveries (webhook_id, event_id, endpoint_id, task_id, event_name, format, state,"
        " date_creation, scheduled_at, due_at) SELECT ?, ?, ?, ?, ?, ?,"
        " CASE WHEN EXISTS (SELECT 1 FROM deliveries WHERE endpoint_id = ? AND task_id = ?"
        " AND state IN ('ready', 'sending', 'blocked')) THEN 'blocked' ELSE 'ready' END, ?, ?, ?",
        (
            f"msg_{secrets.token_hex(13)}",
            event_id,
            endpoint_id,
            task_id,
            event_name,
            payload_format,
            endpoint_id,
            task_id,
            now,
            now,
            now,
        ),
    ).lastrowid
    return delivery_id


@lru_cache(maxsize=1024)
def wants(patterns: str, name: str) -> bool:
    """Tell whether a comma-separated list of patterns, such as ``task.move.*,comment.*``, takes an event."""
    return any(fnmatchcase(name, pattern.strip()) for pattern in patterns.split(",") if pattern.strip())


def _notify() -> None:
    for listener in list(_listeners):
        listener()


class Feed:
    """Follow the events as they are committed, by this process or any other. Belongs to one thread."""

    def __init__(self) -> None:
        row = fetch_one("SELECT coalesce(max(id), 0) FROM events")
        self.last_id: int = row[0] if row else 0
        self._data_version = database.commits()

    def others_committed(self) -> bool:
        """Tell cheaply whether another connection has committed since the last call."""
        version = database.commits()
        changed = version != self._data_version
        self._data_version = version
        return changed

    def read(self, limit: int = 1000) -> list[RecordedEvent]:
        """Return the events since the last call, oldest first, at most ``limit`` of them."""
        rows = fetch_all(f"SELECT {EVENT_FIELDS} FROM events WHERE id > ? ORDER BY id LIMIT ?", (self.last_id, limit))
        recorded = [recorded_event(row) for row in rows]
        if recorded:
            self.last_id = recorded[-1].id
        return recorded

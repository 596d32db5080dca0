"""Events: what happened, written in the transaction of the change that made it happen.

Each is written twice: as an event with the whole snapshot, which is there for the receivers and goes when it is old,
and as a row of the activity, small and for ever, which people and screens read.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from peewee import BaseQuery

from kbtui.core.db.database import after_commit
from kbtui.core.db.engine import database
from kbtui.core.db.models import Activity, Event, EventText, User
from kbtui.core.db.prepared import prepared, scalar
from kbtui.core.events.facts import Facts as Facts
from kbtui.core.events.facts import digest_of, long_text, read_facts, reduce_facts, write_facts
from kbtui.core.events.feed import Change
from kbtui.core.events.queue import queue_deliveries

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

logger = logging.getLogger(__name__)

_author: ContextVar[int] = ContextVar("author", default=0)


@dataclass(slots=True)
class Recorded:
    """What a transaction recorded: what the activity tells of it, its events, and how many deliveries they have."""

    changes: list[Change] = field(default_factory=list)
    event_ids: list[int] = field(default_factory=list)
    deliveries: int = 0


class _Recording(threading.local):
    """What the calling thread's transaction has recorded."""

    def __init__(self) -> None:
        self.recorded = Recorded()


_recording = _Recording()
_listeners: list[Callable[[Recorded], None]] = []


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """Something that happened, as the activity keeps it: its facts are those that a sentence needs."""

    id: int
    name: str
    project_id: int | None
    task_id: int | None
    author_id: int
    author: str | None
    date_creation: int
    facts: Facts


def recorded_event(row: tuple[Any, ...]) -> RecordedEvent:
    """Return an event from its row; one whose facts are damaged knows nothing."""
    try:
        facts = read_facts(row[-1])
    except (ValueError, RecursionError):
        facts = {}
    return RecordedEvent(*(*row[:-1], facts))


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


def on_commit(listener: Callable[[Recorded], None]) -> Callable[[], None]:
    """Call ``listener`` after each commit of this process that recorded something; return how to stop that.

    It gets what the transaction recorded, in the thread that committed it: nobody has to read that again.
    """
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def record(
    name: str,
    facts: Facts,
    *,
    project_id: int | None = None,
    task_id: int | None = None,
    formats: str | None = None,
    after_task_id: int | None = None,
    is_told: bool = True,
) -> int:
    """Write one event and a delivery for each enabled endpoint that wants it; return the event's id.

    ``formats`` names the one payload format that announces it, where the others keep silent. ``after_task_id`` is
    another task, and each delivery waits until the endpoint has got what is on its way to it about that one.
    ``is_told`` is False for the second event of one change, which the activity has told already.
    Raises RuntimeError outside a transaction: an event that could be committed without its change, or the other way
    round, is a bug.
    """
    if not database.in_transaction():
        raise RuntimeError(f"{name} must be recorded in the transaction of its change")
    announced = EVENTS[name] if formats is None else formats
    now = time.time()
    event = _store(name, announced, project_id, task_id, int(now), facts)
    if after_commit(_tell_listeners):
        _recording.recorded = Recorded()
    recorded = _recording.recorded
    recorded.event_ids.append(event.id)
    if is_told:
        details = json.dumps(reduce_facts(facts), ensure_ascii=False)
        told = (name, project_id, task_id, *_cells(facts), author_id())
        recorded.changes.append(Change(_insert_activity.one(*told, event.author, int(now), details), *told))
    if announced != "":
        recorded.deliveries += queue_deliveries(event.id, name, announced, project_id, task_id, now, after_task_id)
    return event.id


def _tell_listeners() -> None:
    recorded, _recording.recorded = _recording.recorded, Recorded()
    for listener in list(_listeners):
        # What was committed was committed: whoever cannot take the news neither makes it a failure nor keeps it from
        # the others.
        try:
            listener(recorded)
        except Exception:
            logger.exception("What follows a commit failed")


class _StoredEvent(NamedTuple):
    """What the database knows of an event that was just written."""

    id: int
    author: str | None
    text_id: int | None


def _store(
    name: str, announced: str | None, project_id: int | None, task_id: int | None, now: int, facts: Facts
) -> _StoredEvent:
    """Write an event; a long description is written when no other event has told it."""
    text = long_text(facts)
    digest = "" if text is None else digest_of(text)
    event = _insert_event.one(name, announced, project_id, task_id, author_id(), now, write_facts(facts, text), digest)
    if text is not None and event.text_id is None:
        _set_text.run(event.id, _insert_text.one(digest, text))
    return event


def _cells(facts: Facts) -> tuple[int | None, int | None, int | None, int | None]:
    """Return the column and the swimlane of the task after the change, and before it where they were others."""
    task, move, before = facts.get("task", {}), facts.get("move"), facts.get("task_before")
    cell = (task.get("column_id"), task.get("swimlane_id"))
    source = cell
    if before is not None:
        source = (before["column_id"], before["swimlane_id"])
    elif move is not None:
        source = (move["src_column_id"], move["src_swimlane_id"])
    return (*cell, None, None) if source == cell else (*cell, *source)


@prepared(_StoredEvent._make)
def _insert_event(
    name: str,
    formats: str | None,
    project_id: int | None,
    task_id: int | None,
    author_id: int,
    now: int,
    facts: str,
    digest: str,
) -> BaseQuery:
    return Event.insert(
        {
            Event.name: name,
            Event.formats: formats,
            Event.project_id: project_id,
            Event.task_id: task_id,
            Event.author_id: author_id,
            Event.author: User.select(User.username).where(User.id == author_id),
            Event.date_creation: now,
            Event.facts: facts,
            Event.text: EventText.select(EventText.id).where(EventText.digest == digest),
        }
    ).returning(Event.id, Event.author, Event.text)


@prepared(scalar)
def _insert_text(digest: str, text: str) -> BaseQuery:
    return EventText.insert({EventText.digest: digest, EventText.text: text}).returning(EventText.id)


@prepared()
def _set_text(event_id: int, text_id: int) -> BaseQuery:
    return Event.update({Event.text: text_id}).where(Event.id == event_id)


@prepared(scalar)
def _insert_activity(
    name: str,
    project_id: int | None,
    task_id: int | None,
    column_id: int | None,
    swimlane_id: int | None,
    src_column_id: int | None,
    src_swimlane_id: int | None,
    author_id: int,
    author: str | None,
    now: int,
    details: str,
) -> BaseQuery:
    return Activity.insert(
        {
            Activity.name: name,
            Activity.project_id: project_id,
            Activity.task_id: task_id,
            Activity.column_id: column_id,
            Activity.swimlane_id: swimlane_id,
            Activity.src_column_id: src_column_id,
            Activity.src_swimlane_id: src_swimlane_id,
            Activity.author_id: author_id,
            Activity.author: author,
            Activity.date_creation: now,
            Activity.details: details,
        }
    ).returning(Activity.id)

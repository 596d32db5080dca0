"""Activities: events as Kanboard's activity streams tell them."""

import html
from collections.abc import Sequence
from typing import Any

from kbtui.core.db.models import User
from kbtui.core.events.log import WEBHOOK_EVENTS, RecordedEvent
from kbtui.core.views import activity
from kbtui.server.callers import ADMIN, Caller

STREAM_LIMIT = 50
"""Events of a project's stream."""

MY_STREAM_LIMIT = 100
"""Events of a user's own stream."""

KINDS = tuple(kind for kind in activity.KINDS if kind != "board")
"""What streams tell: all that happens to tasks."""

TOLD = ("task", "comment", "subtask", "file", "task_link")
"""What the activity keeps of an event that is told as it is."""


def list_stream(project_ids: Sequence[int], limit: int, caller: Caller) -> list[dict[str, Any]]:
    """Return the newest events of projects that a caller may see, newest first."""
    recorded = [event for project_id in project_ids for event in _newest(project_id, limit, caller)]
    recorded.sort(key=lambda event: event.id, reverse=True)
    authors = {user.id: user for user in User.select().where(User.id.in_({event.author_id for event in recorded}))}
    return [_activity(event, authors.get(event.author_id)) for event in recorded[:limit]]


def _newest(project_id: int, limit: int, caller: Caller) -> list[RecordedEvent]:
    """Return the newest events of a project that Kanboard has too, at most ``limit``, newest first."""
    found: list[RecordedEvent] = []
    before_id: int | None = None
    while len(found) < limit:
        page = activity.list_activity(project_id=project_id, kinds=KINDS, before_id=before_id, limit=limit)
        found += [event for event in page if event.name in WEBHOOK_EVENTS and _is_visible(event, caller)]
        if len(page) < limit:
            break
        before_id = page[-1].id
    return found[:limit]


def _is_visible(event: RecordedEvent, caller: Caller) -> bool:
    comment = event.facts.get("comment")
    return not isinstance(comment, dict) or caller.can_see(comment.get("visibility", ADMIN))


def _activity(event: RecordedEvent, author: User | None) -> dict[str, Any]:
    named = (author.name or author.username) if author else event.author
    title = activity.sentence(event)
    told: dict[str, Any] = {name: event.facts[name] for name in TOLD if name in event.facts}
    return {
        "id": event.id,
        "date_creation": event.date_creation,
        "event_name": event.name,
        "creator_id": event.author_id,
        "project_id": event.project_id,
        "task_id": event.task_id,
        "author_username": event.author,
        "author_name": (author.name or None) if author else None,
        "email": (author.email or None) if author else None,
        "avatar_path": None,
        **told,
        "changes": event.facts.get("changes") or [],
        "author": named,
        "event_title": title,
        "event_content": f'<p class="activity-title">{html.escape(title)}</p>',
    }

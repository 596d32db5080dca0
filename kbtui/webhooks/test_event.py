"""Test events: one that never happened, sent at once, so that a person sees what a receiver answers."""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from kbtui.core.db.database import connect_thread
from kbtui.core.db.engine import database
from kbtui.core.events.log import WEBHOOK_EVENTS
from kbtui.core.events.queue import wants
from kbtui.core.projects import settings
from kbtui.webhooks import endpoints, requests
from kbtui.webhooks.attempt import Outcome, Post, send
from kbtui.webhooks.failures import INTERRUPTED
from kbtui.webhooks.outbox import Claimed, EndpointRow
from kbtui.webhooks.policy import Policy
from kbtui.webhooks.requests import EventRow

TITLE = "Test event from kbtui"

_WHEN = 1_700_000_000
_TASK: dict[str, Any] = {
    "id": 0,
    "title": TITLE,
    "description": "Nothing happened: somebody tries out whether events arrive.",
    "date_creation": _WHEN,
    "color_id": "yellow",
    "project_id": 1,
    "column_id": 2,
    "owner_id": 0,
    "position": 1,
    "is_active": 1,
    "date_completed": None,
    "score": 0,
    "date_due": 0,
    "category_id": 0,
    "creator_id": 1,
    "date_modification": _WHEN,
    "reference": "",
    "date_started": None,
    "time_spent": 0,
    "time_estimated": 0,
    "swimlane_id": 1,
    "date_moved": _WHEN,
    "recurrence_status": 0,
    "recurrence_trigger": 0,
    "recurrence_factor": 0,
    "recurrence_timeframe": 0,
    "recurrence_basedate": 0,
    "recurrence_parent": None,
    "recurrence_child": None,
    "priority": 0,
    "external_provider": None,
    "external_uri": None,
    "category_name": None,
    "swimlane_name": "Default swimlane",
    "project_name": "Test",
    "column_title": "Ready",
    "assignee_username": None,
    "assignee_name": None,
    "creator_username": "admin",
    "creator_name": None,
    "category_description": None,
    "column_position": 2,
}
_SAMPLE: dict[str, Any] = {
    "task": _TASK,
    "task_before": _TASK,
    "tags": [],
    "default_swimlane_id": 1,
    "changes": {"title": TITLE},
    "before": {"title": "Test event"},
    "toggled": False,
    "move": {
        "position": 1,
        "column_id": 2,
        "swimlane_id": 1,
        "src_column_id": 1,
        "dst_column_id": 2,
        "src_swimlane_id": 1,
        "src_position": 1,
        "date_moved": _WHEN,
    },
    "subtask": {
        "id": 0,
        "title": TITLE,
        "status": 0,
        "time_estimated": 0,
        "time_spent": 0,
        "task_id": 0,
        "user_id": 0,
        "position": 1,
        "username": None,
        "name": None,
    },
    "comment": {
        "id": 0,
        "task_id": 0,
        "user_id": 1,
        "date_creation": _WHEN,
        "date_modification": _WHEN,
        "comment": TITLE,
        "reference": "",
        "visibility": "app-user",
        "username": "admin",
        "name": None,
        "email": None,
    },
    "file": {
        "id": 0,
        "name": "test.txt",
        "is_image": 0,
        "task_id": 0,
        "date": _WHEN,
        "user_id": 1,
        "size": 0,
        "etag": "",
    },
    "task_link": {
        "id": 0,
        "opposite_task_id": 0,
        "task_id": 0,
        "link_id": 1,
        "label": "relates to",
        "opposite_link_id": 1,
    },
}

_FAVOURITES = ("task.move.column", "task.create", "task.update")


def sample_event(patterns: str = "*") -> tuple[str, dict[str, Any]]:
    """Return the name and the facts of an event that a filter takes, preferably of a task that moved.

    The facts hold what any event needs. Its ids are 0, which nothing real has.
    """
    names = (*_FAVOURITES, *WEBHOOK_EVENTS)
    return next((name for name in names if wants(patterns, name)), _FAVOURITES[0]), _SAMPLE


_under_way: set[asyncio.Task[Outcome]] = set()


def send_test(endpoint_id: int, *, policy: Policy | None = None) -> Outcome:
    """Send one event that never happened to an endpoint, disabled or not, and return what came of it.

    It takes as long as the receiver, at most the endpoint's deadline: a screen calls it in a thread. Its id begins
    with ``msg_test``. It is not queued, not repeated, and counts neither for nor against the endpoint.
    Raises NotFoundError for an unknown endpoint.
    """
    rules = policy or Policy()
    with connected():
        endpoint = endpoints.get_endpoint(endpoint_id)
        row = EndpointRow._make(getattr(endpoint, each) for each in EndpointRow._fields)
        name, facts = sample_event(endpoint.events)
        claimed = Claimed("", row, 0.0, 0, f"msg_test{secrets.token_hex(9)}", 0, None, name, 1, 0, None)
        event = EventRow(0, name, json.dumps(facts), "admin")
        request = requests.build(claimed, event, settings.webhook_token(), rules)
    if isinstance(request, Outcome):
        return request
    return asyncio.run(_send(request))


async def _send(post: Post) -> Outcome:
    sending = asyncio.get_running_loop().create_task(send(post))
    _under_way.add(sending)
    try:
        return await sending
    except asyncio.CancelledError:
        return Outcome(time.time(), 0.0, INTERRUPTED, "kbtui was closed before the receiver answered.")
    finally:
        _under_way.discard(sending)


def interrupt_tests() -> None:
    """End the tests that are under way, in whatever thread: a program that is being left does not wait for them."""
    for sending in list(_under_way):
        with suppress(RuntimeError):  # its loop has been closed: it has just ended by itself
            sending.get_loop().call_soon_threadsafe(sending.cancel)


@contextmanager
def connected() -> Iterator[None]:
    """Connect this thread to the database if it is not, and leave it as it was."""
    if not database.is_closed():
        yield
        return
    connect_thread()
    try:
        yield
    finally:
        database.close()

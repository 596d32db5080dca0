"""The trial: one test event, sent at once, so that a person sees what a receiver answers."""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kbtui.core.db.database import connect_thread
from kbtui.core.db.engine import database
from kbtui.core.projects import settings
from kbtui.webhooks import endpoints, requests
from kbtui.webhooks.attempt import Outcome, Post, send
from kbtui.webhooks.failures import INTERRUPTED
from kbtui.webhooks.outbox import Claimed, EndpointRow
from kbtui.webhooks.policy import Policy
from kbtui.webhooks.requests import EventRow
from kbtui.webhooks.sample import sample_event

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

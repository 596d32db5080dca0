"""The trial: one test event, sent at once, so that a person sees what a receiver answers."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from kbtui.core import settings
from kbtui.core.database import connect_thread, database
from kbtui.webhooks import endpoints, requests
from kbtui.webhooks.attempt import Outcome, send
from kbtui.webhooks.outbox import Claimed
from kbtui.webhooks.policy import Policy
from kbtui.webhooks.sample import sample_event


def send_test(endpoint_id: int, *, policy: Policy | None = None) -> Outcome:
    """Send one event that never happened to an endpoint, disabled or not, and return what came of it.

    It takes as long as the receiver, at most the endpoint's deadline: a screen calls it in a thread. Its id begins
    with ``msg_test``. It is not queued, not repeated, and counts neither for nor against the endpoint.
    Raises NotFoundError for an unknown endpoint.
    """
    rules = policy or Policy()
    with connected():
        endpoint = endpoints.get_endpoint(endpoint_id)
        row = dict(endpoint.__data__)
        name, facts = sample_event(row["events"])
        claimed = Claimed("", row, 0.0, 0, f"msg_test{secrets.token_hex(9)}", 0, None, name, 1, 0, None)
        event = (name, json.dumps(facts), "admin")
        request = requests.build(claimed, event, settings.webhook_token(), rules)
    if isinstance(request, Outcome):
        return request
    return asyncio.run(send(request))


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

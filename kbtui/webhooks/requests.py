"""Requests: from a claimed delivery and its event to the POST that announces it."""

import json
import time
from collections.abc import Iterable
from typing import NamedTuple

from peewee import JOIN, BaseQuery

from kbtui.core.db.engine import database
from kbtui.core.db.models import Event, EventText
from kbtui.core.db.prepared import prepared
from kbtui.core.events.facts import read_facts
from kbtui.webhooks import formats, signatures
from kbtui.webhooks.attempt import Outcome, Post
from kbtui.webhooks.failures import PAYLOAD
from kbtui.webhooks.outbox import Claimed
from kbtui.webhooks.policy import Policy


class EventRow(NamedTuple):
    """What an event's payload is made of; ``text`` is the long description that stands beside its facts."""

    id: int
    name: str
    facts: str | bytes
    author: str | None
    text: str | bytes | None = None


@prepared(EventRow._make)
def _event(event_id: int) -> BaseQuery:
    # As bytes: a text that is damaged would make the query fail.
    as_bytes = "bytea" if database.is_postgres else "blob"
    return (
        Event.select(Event.id, Event.name, Event.facts.cast(as_bytes), Event.author, EventText.text.cast(as_bytes))
        .join(EventText, JOIN.LEFT_OUTER)
        .where(Event.id == event_id)
    )


def read_events(claimed: list[Claimed]) -> dict[int, EventRow]:
    """Return the events of deliveries, by id."""
    found = (_event.first(each.event_id) for each in claimed)
    return {each.id: each for each in found if each is not None}


def build(claimed: Claimed, event: EventRow | None, token: str, policy: Policy) -> Post | Outcome:
    """Render a delivery's request; an event that cannot be rendered becomes the outcome that says so.

    The body depends on the event's frozen facts and the format it was queued in alone, so an attempt that is
    repeated sends the same bytes.
    """
    endpoint = claimed.endpoint
    now = time.time()
    payload_format = claimed.format or endpoint.format
    try:
        if event is None:
            raise ValueError("the event is gone")
        payload = formats.render(payload_format, event.name, read_facts(event.facts, event.text), event.author)
        own = json.loads(endpoint.headers)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        detail = f"The event cannot be written as {payload_format} ({type(error).__name__}); it is not sent."
        return Outcome(now, 0.0, PAYLOAD, detail)
    secrets = [endpoint.secret]
    if endpoint.old_secret_until > now:
        secrets.append(endpoint.old_secret)
    fields = signatures.headers(claimed.webhook_id, int(now), payload.body, secrets)
    return Post(
        url=endpoint.url,
        token=token,
        body=payload.body,
        headers=(*without(payload.headers, own), *own.items(), *fields),
        deadline=policy.deadline or endpoint.deadline,
        ca_file=endpoint.ca_file,
        use_proxy=bool(endpoint.use_proxy),
        answer_limit=policy.answer_limit,
        answer_kept=policy.answer_kept,
    )


def without(headers: Iterable[tuple[str, str]], own: Iterable[str]) -> list[tuple[str, str]]:
    """Leave out what the endpoint's own headers replace."""
    replaced = {name.lower() for name in own}
    return [(name, value) for name, value in headers if name.lower() not in replaced]

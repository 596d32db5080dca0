"""Requests: from a claimed delivery and its event to the POST that announces it."""

import json
import time
from collections.abc import Iterable

from kbtui.core.db.database import fetch_all
from kbtui.core.events.facts import read_facts
from kbtui.webhooks import formats, signatures
from kbtui.webhooks.attempt import Outcome, Post
from kbtui.webhooks.failures import PAYLOAD
from kbtui.webhooks.outbox import Claimed
from kbtui.webhooks.policy import Policy

EventRow = tuple[str, str | bytes, str | None, str | bytes | None]
"""An event's name, its facts as they are stored, its author, and the long description that stands beside them."""


def read_events(claimed: list[Claimed]) -> dict[int, EventRow]:
    """Return the events of deliveries, by id."""
    ids = [each.event_id for each in claimed]
    marks = ", ".join("?" * len(ids))
    # As bytes: a text that is damaged would make the query fail, and with it the deliveries of all other events.
    rows = fetch_all(
        "SELECT v.id, v.name, CAST(v.facts AS BLOB), v.author, CAST(x.text AS BLOB) FROM events v"
        f" LEFT JOIN event_texts x ON x.id = v.text_id WHERE v.id IN ({marks})",
        tuple(ids),
    )
    return {event_id: (name, facts, author, text) for event_id, name, facts, author, text in rows}


def build(claimed: Claimed, event: EventRow | None, token: str, policy: Policy) -> Post | Outcome:
    """Render a delivery's request; an event that cannot be rendered becomes the outcome that says so.

    The body depends on the event's frozen facts and the format it was queued in alone, so an attempt that is
    repeated sends the same bytes.
    """
    endpoint = claimed.endpoint
    now = time.time()
    payload_format = claimed.format or endpoint["format"]
    try:
        if event is None:
            raise ValueError("the event is gone")
        name, facts, author, text = event
        payload = formats.render(payload_format, name, read_facts(facts, text), author)
        own = json.loads(endpoint["headers"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        detail = f"The event cannot be written as {payload_format} ({type(error).__name__}); it is not sent."
        return Outcome(now, 0.0, PAYLOAD, detail)
    secrets = [endpoint["secret"]]
    if endpoint["old_secret_until"] > now:
        secrets.append(endpoint["old_secret"])
    fields = signatures.headers(claimed.webhook_id, int(now), payload.body, secrets)
    return Post(
        url=endpoint["url"],
        token=token,
        body=payload.body,
        headers=(*without(payload.headers, own), *own.items(), *fields),
        deadline=policy.deadline or endpoint["deadline"],
        ca_file=endpoint["ca_file"],
        use_proxy=bool(endpoint["use_proxy"]),
        answer_limit=policy.answer_limit,
        answer_kept=policy.answer_kept,
    )


def without(headers: Iterable[tuple[str, str]], own: Iterable[str]) -> list[tuple[str, str]]:
    """Leave out what the endpoint's own headers replace."""
    replaced = {name.lower() for name in own}
    return [(name, value) for name, value in headers if name.lower() not in replaced]

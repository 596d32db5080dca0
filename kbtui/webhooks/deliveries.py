"""Deliveries: looking them up, with what was sent and what came back."""

import json
import shlex
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from peewee import JOIN, Case, ColumnBase, fn

from kbtui.core.db.engine import database
from kbtui.core.db.lookup import read_number
from kbtui.core.db.models import Attempt, Delivery, Endpoint, Event, EventText
from kbtui.core.db.prepared import rows, scalar
from kbtui.core.events.facts import read_facts
from kbtui.core.values.text import clean_text
from kbtui.errors import NotFoundError
from kbtui.webhooks.formats import render
from kbtui.webhooks.policy import MASK, Policy
from kbtui.webhooks.requests import without
from kbtui.webhooks.urls import origin, parse

STATES = ("ready", "sending", "blocked", "done", "dead")


class DeliveryRow(NamedTuple):
    """A delivery as lists show it; times are Unix seconds."""

    id: int
    webhook_id: str
    state: str
    event_id: int
    event_name: str
    task_id: int | None
    endpoint_id: int
    endpoint: str
    """The endpoint's name."""
    attempt: int
    """How many attempts were made."""
    date_creation: float
    due_at: float
    finished_at: float
    last_status: int | None
    last_error: str
    last_ms: float | None
    held: str
    """Why it is not sent: its endpoint is ``paused`` or ``disabled``; else empty."""
    max_attempts: int
    """How many attempts there can be."""
    next_try: float | None
    """When a ready one is tried."""
    waits_for: int | None
    """The id of the delivery, of another task, that had to come before it."""


class AttemptRow(NamedTuple):
    """One POST of a delivery, and what came back."""

    number: int
    started_at: float
    ms: float | None
    status: int | None
    error: str
    detail: str
    answer_headers: str
    answer: str
    """The answer's first bytes, decoded; what is no UTF-8 in them is replaced."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries are meant: those in a state, to an endpoint, about a task, since a time; None means any."""

    state: str | None = None
    endpoint_id: int | None = None
    task_id: int | None = None
    since: float | None = None
    """The event happened then or later, in Unix seconds."""

    def condition(self) -> ColumnBase:
        """Return the condition that a delivery of the filter meets."""
        condition: ColumnBase = Delivery.id > 0
        if self.state is not None:
            condition &= Delivery.state == self.state
        if self.endpoint_id is not None:
            condition &= Delivery.endpoint_id == self.endpoint_id
        if self.task_id is not None:
            condition &= Delivery.event.in_(Event.select(Event.id).where(Event.task_id == self.task_id))
        if self.since is not None:
            condition &= Delivery.date_creation >= self.since
        return condition


ALL = Filter()


def list_deliveries(
    *, state: str | None = None, limit: int = 50, offset: int = 0, only: Filter = ALL
) -> list[DeliveryRow]:
    """Return deliveries, the newest first, at most ``limit`` from an offset on."""
    only = only if state is None else replace(only, state=state)
    page = Delivery.select(Delivery.id).where(only.condition()).order_by(Delivery.id.desc())
    ids = rows(page.limit(limit).offset(offset), scalar)
    return _read(Delivery.id.in_(ids))


def _read(which: ColumnBase) -> list[DeliveryRow]:
    """Return the deliveries of a condition, the newest first."""
    query = (
        Delivery.select(
            Delivery.id,
            Delivery.webhook_id,
            Delivery.state,
            Delivery.event_id,
            Delivery.event_name,
            Event.task_id,
            Delivery.endpoint_id,
            Endpoint.name,
            Delivery.attempt,
            Delivery.date_creation,
            Delivery.due_at,
            Delivery.finished_at,
            Delivery.last_status,
            Delivery.last_error,
            Delivery.last_ms,
            Case(None, [(Endpoint.is_enabled == 0, "disabled"), (Endpoint.is_paused == 1, "paused")], ""),
            Endpoint.schedule,
            Endpoint.paused_until,
            Delivery.waits_for,
        )
        .join_from(Delivery, Endpoint)
        .join_from(Delivery, Event)
        .where(which)
        .order_by(Delivery.id.desc())
    )
    return rows(query, _delivery_row)


def _delivery_row(values: tuple[Any, ...]) -> DeliveryRow:
    row = DeliveryRow(*values)
    schedule, paused_until = values[-3], values[-2]
    next_try = max(row.due_at, paused_until) if row.state == "ready" and not row.held else None
    return row._replace(max_attempts=len(Policy().steps(schedule)), next_try=next_try)


def count_deliveries(only: Filter = ALL) -> int:
    """Return how many deliveries there are."""
    return int(Delivery.select(fn.count(Delivery.id)).where(only.condition()).scalar())


def count_newer(delivery_id: int, only: Filter = ALL) -> int:
    """Return how many deliveries come before this one in :func:`list_deliveries`: its offset there."""
    newer = (Delivery.id > delivery_id) & only.condition()
    return int(Delivery.select(fn.count(Delivery.id)).where(newer).scalar())


def get_delivery(delivery_id: int) -> DeliveryRow:
    """Return a delivery; raise NotFoundError when there is none with this id."""
    found = _read(Delivery.id == delivery_id)
    if not found:
        raise NotFoundError(f"There is no delivery {delivery_id}.")
    return found[0]


def find_delivery(ref: str) -> int:
    """Return the id of the delivery that an id (``12``, ``#12``) or a webhook-id means; raise NotFoundError."""
    number, webhook_id = read_number(ref), clean_text(ref).strip()
    query = Delivery.select(Delivery.id).where((Delivery.id == (number or 0)) | (Delivery.webhook_id == webhook_id))
    found: list[int] = rows(query, scalar)
    if not found:
        raise NotFoundError(f'There is no delivery "{ref}"; see: kbtui deliveries list')
    return found[0]


def list_attempts(delivery_id: int) -> list[AttemptRow]:
    """Return the attempts of a delivery, oldest first."""
    query = Attempt.select(*(getattr(Attempt, name) for name in AttemptRow._fields))
    return rows(query.where(Attempt.delivery_id == delivery_id).order_by(Attempt.id), _attempt_row)


def _attempt_row(values: tuple[Any, ...]) -> AttemptRow:
    *told, answer = values
    return AttemptRow._make((*told, bytes(answer).decode("utf-8", "replace")))


class _Request(NamedTuple):
    """What a delivery's request is made of."""

    url: str
    own_format: str
    endpoint_format: str
    own_headers: str
    secret: str
    webhook_id: str
    name: str
    facts: bytes
    author: str | None
    text: bytes | None


def read_request(delivery_id: int) -> tuple[str, list[tuple[str, str]], str]:
    """Return the URL with the token masked, the headers and the body that are sent. Raises NotFoundError.

    What differs from attempt to attempt, the timestamp and the signature, is said in words.
    """
    as_bytes = "bytea" if database.is_postgres else "blob"  # a damaged text would make the query fail
    query = (
        Delivery.select(
            Endpoint.url,
            Delivery.format,
            Endpoint.format,
            Endpoint.headers,
            Endpoint.secret,
            Delivery.webhook_id,
            Event.name,
            Event.facts.cast(as_bytes),
            Event.author,
            EventText.text.cast(as_bytes),
        )
        .join_from(Delivery, Endpoint)
        .join_from(Delivery, Event)
        .join_from(Event, EventText, JOIN.LEFT_OUTER)
        .where(Delivery.id == delivery_id)
    )
    found = rows(query, _Request._make)
    if not found:
        raise NotFoundError(f"There is no delivery {delivery_id}.")
    row = found[0]
    masked = origin(row.url) + parse(row.url).with_token("").removesuffix("token=") + f"token={MASK}"
    try:
        payload = render(row.own_format or row.endpoint_format, row.name, read_facts(row.facts, row.text), row.author)
        own_headers = dict.fromkeys(json.loads(row.own_headers), MASK)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return masked, [], ""
    headers = [*without(payload.headers, own_headers), *own_headers.items(), ("webhook-id", row.webhook_id)]
    headers.append(("webhook-timestamp", "the moment of the attempt"))
    if row.secret:
        headers.append(("webhook-signature", f"v1,{MASK}"))
    return masked, headers, payload.body.decode()


def curl(delivery_id: int) -> str:
    """Return a command line that sends a delivery's request by hand, the token masked. Raises NotFoundError."""
    url, headers, body = read_request(delivery_id)
    told = [(name, value) for name, value in headers if name not in ("webhook-timestamp", "webhook-signature")]
    sent = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in told]
    return " ".join(["curl", "--globoff", "-X POST", *sent, f"--data-raw {shlex.quote(body)}", shlex.quote(url)])

"""Redelivery: what a person does about single deliveries, or about all that failed."""

import time
from collections.abc import Iterable
from typing import NamedTuple

from peewee import BaseQuery, Case, ColumnBase, chunked

from kbtui.core.db.database import transactional
from kbtui.core.db.models import FINISHED, UNFINISHED, Delivery, Endpoint, Event
from kbtui.core.db.prepared import rows, scalar
from kbtui.errors import InvalidError, NotFoundError
from kbtui.webhooks import outbox
from kbtui.webhooks.lines import find_heads, let_go

SKIPPED = "skipped"


class _Row(NamedTuple):
    state: str
    endpoint_id: int
    task_id: int | None
    waits_for: int | None


@transactional
def resend(delivery_id: int) -> None:
    """Send a delivery again, with the same id and the same bytes: a finished one anew, a waiting one at once.

    It stands in its task's line again, before all later ones but one that is being sent. A pause of
    the endpoint that its failures or its Retry-After have brought about ends. Raises NotFoundError; InvalidError for
    one that is being sent, or that waits for another one.
    """
    row = _read(delivery_id)
    now = time.time()
    if row.state == "sending":
        raise InvalidError(f"Delivery {delivery_id} is being sent right now.")
    if row.state == "blocked":
        raise InvalidError(f"Delivery {delivery_id} waits for {_what_for(row)}; resend or skip that one.")
    if row.state == "ready":
        Delivery.update(scheduled_at=now, due_at=now).where(Delivery.id == delivery_id).execute()
    else:
        _restart(Delivery.id == delivery_id, now)
        find_heads(row.endpoint_id, now)
    outbox.end_pause.run(row.endpoint_id)


def _what_for(row: _Row) -> str:
    """Return what a blocked delivery waits for, in words."""
    earlier = Delivery.select(Delivery.id).where(
        (Delivery.id == row.waits_for) & Delivery.task_id.is_null(False) & Delivery.state.in_(UNFINISHED)
    )
    return f"delivery {row.waits_for}" if earlier.exists() else "an earlier one of its task"


def _failed(since: float, endpoint_id: int | None) -> ColumnBase:
    """Return the condition for what was given up since a time, but not by a person."""
    failed: ColumnBase = (Delivery.state == "dead") & (Delivery.last_error != SKIPPED) & (Delivery.finished_at >= since)
    return failed if endpoint_id is None else failed & (Delivery.endpoint_id == endpoint_id)


def _restart(which: ColumnBase, now: float) -> int:
    """Put finished deliveries back into their lines, all blocked; return how many."""
    task = (
        Event.select(Case(Endpoint.is_ordered, [(1, Event.task_id)]))
        .from_(Event, Endpoint)
        .where((Event.id == Delivery.event_id) & (Endpoint.id == Delivery.endpoint_id))
    )
    restarted: int = (
        Delivery.update(
            state="blocked",
            task_id=task,
            attempt=0,
            refusals=0,
            scheduled_at=now,
            due_at=now,
            finished_at=0,
            last_error="",
        )
        .where(which & Delivery.state.in_(FINISHED))
        .execute()
    )
    return restarted


def list_failed(since: float = 0.0, *, endpoint_id: int | None = None) -> list[int]:
    """Return the ids of all that :func:`resend_failed` sends again, oldest first."""
    failed: BaseQuery = Delivery.select(Delivery.id).where(_failed(since, endpoint_id)).order_by(Delivery.id)
    return rows(failed, scalar)


@transactional
def resend_failed(since: float = 0.0, *, endpoint_id: int | None = None) -> int:
    """Send all again that failed for good since a time (Unix seconds), not what a person skipped; return how many."""
    now = time.time()
    count = 0
    endpoints = Endpoint.select(Endpoint.id)
    for each in rows(endpoints if endpoint_id is None else endpoints.where(Endpoint.id == endpoint_id), scalar):
        restarted = _restart(_failed(since, each), now)
        if restarted:
            count += restarted
            find_heads(each, now)
            outbox.end_pause.run(each)
    return count


@transactional
def skip(delivery_id: int) -> None:
    """Give a waiting delivery up, so that the next one of its task can go; it can be resent later.

    Raises NotFoundError; InvalidError for one that is being sent or finished.
    """
    row = _read(delivery_id)
    if row.state not in ("ready", "blocked"):
        what = "being sent right now" if row.state == "sending" else "finished already"
        raise InvalidError(f"Delivery {delivery_id} is {what}; only one that waits can be skipped.")
    now = time.time()
    Delivery.update(state="dead", finished_at=now, last_error=SKIPPED).where(Delivery.id == delivery_id).execute()
    let_go(delivery_id, row.endpoint_id, row.task_id, now)


class _Held(NamedTuple):
    name: str
    is_enabled: int


def held(ids: Iterable[int]) -> str:
    """Say in a sentence which endpoints of deliveries get nothing for now, "" when all do."""
    meant: set[int] = set()
    for some in chunked(ids, 1000):  # one statement takes so many values and no more
        meant.update(rows(Delivery.select(Delivery.endpoint_id).distinct().where(Delivery.id.in_(some)), scalar))
    stopped = (Endpoint.is_paused == 1) | (Endpoint.is_enabled == 0)
    query = Endpoint.select(Endpoint.name, Endpoint.is_enabled).where(stopped & Endpoint.id.in_(sorted(meant)))
    return " ".join(
        f"{each.name} is {'paused: resume' if each.is_enabled else 'disabled: enable'} it, and they go."
        for each in rows(query.order_by(Endpoint.id), _Held._make)
    )


def list_behind(delivery_id: int) -> list[int]:
    """Return the ids of those that wait in the same line as a delivery or for it, oldest first."""
    row = _read(delivery_id)
    in_line = (Delivery.endpoint_id == row.endpoint_id) & (Delivery.task_id == row.task_id)
    waits = Delivery.waits_for == delivery_id
    behind = waits if row.task_id is None else in_line | waits
    query = Delivery.select(Delivery.id).where(behind & Delivery.state.in_(UNFINISHED) & (Delivery.id != delivery_id))
    return rows(query.order_by(Delivery.id), scalar)


def _read(delivery_id: int) -> _Row:
    query = Delivery.select(Delivery.state, Delivery.endpoint_id, Delivery.task_id, Delivery.waits_for)
    found = rows(query.where(Delivery.id == delivery_id), _Row._make)
    if not found:
        raise NotFoundError(f"There is no delivery {delivery_id}.")
    return found[0]

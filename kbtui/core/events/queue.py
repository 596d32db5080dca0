"""The queue: a delivery for each endpoint that wants an event, inserted with it, in the order they are to be made."""

import secrets
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from peewee import BaseQuery, Case, Value, fn

from kbtui.core.db.models import UNFINISHED, Delivery, Endpoint
from kbtui.core.db.prepared import prepared


class _Receiver(NamedTuple):
    """An endpoint, as far as recording needs it."""

    id: int
    format: str
    patterns: str
    project_id: int | None
    is_ordered: int


@prepared(_Receiver._make)
def _receivers() -> BaseQuery:
    return Endpoint.select(Endpoint.id, Endpoint.format, Endpoint.events, Endpoint.project, Endpoint.is_ordered).where(
        Endpoint.is_enabled == 1
    )


def queue_deliveries(
    event_id: int,
    name: str,
    announced: str | None,
    project_id: int | None,
    task_id: int | None,
    now: float,
    after_task_id: int | None,
) -> int:
    """Insert a delivery for each endpoint that wants the event; return how many these are.

    The order is decided here: while an earlier one for the same endpoint and task is unfinished, or the one of
    another task that it waits for, the new one is ``blocked``; finishing those readies it.
    """
    queued = 0
    for endpoint in _receivers.all():
        if announced is not None and endpoint.format != announced:
            continue
        if endpoint.project_id is not None and endpoint.project_id != project_id:
            continue
        if not wants(endpoint.patterns, name):
            continue
        line, after = (task_id, after_task_id) if endpoint.is_ordered else (None, None)
        _insert_delivery.run(
            f"msg_{secrets.token_hex(13)}", event_id, endpoint.id, line, name, endpoint.format, now, after
        )
        queued += 1
    return queued


@prepared()
def _insert_delivery(
    webhook_id: str,
    event_id: int,
    endpoint_id: int,
    task_id: int | None,
    event_name: str,
    payload_format: str,
    now: float,
    after_task_id: int | None,
) -> BaseQuery:
    """Insert a delivery, ready or blocked. One without a task waits for nothing, no task is waited for by nobody."""
    earlier, other = Delivery.alias("earlier"), Delivery.alias("other")
    same_line = (earlier.endpoint == endpoint_id) & (earlier.task_id == task_id) & earlier.state.in_(UNFINISHED)
    other_line = (other.endpoint == endpoint_id) & (other.task_id == after_task_id) & other.state.in_(UNFINISHED)
    waits = fn.EXISTS(earlier.select(Value(1)).where(same_line)) | fn.EXISTS(other.select(Value(1)).where(other_line))
    return Delivery.insert(
        {
            Delivery.webhook_id: webhook_id,
            Delivery.event: event_id,
            Delivery.endpoint: endpoint_id,
            Delivery.task_id: task_id,
            Delivery.event_name: event_name,
            Delivery.format: payload_format,
            Delivery.state: Case(None, [(waits, "blocked")], "ready"),
            Delivery.date_creation: now,
            Delivery.scheduled_at: now,
            Delivery.due_at: now,
            Delivery.waits_for: other.select(fn.max(other.id)).where(other_line),
        }
    )


@lru_cache(maxsize=1024)
def wants(patterns: str, name: str) -> bool:
    """Return whether a comma-separated list of patterns, such as ``task.move.*,comment.*``, takes an event."""
    return any(fnmatchcase(name, pattern.strip()) for pattern in patterns.split(",") if pattern.strip())

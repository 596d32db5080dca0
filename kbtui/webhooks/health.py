"""Health: how an endpoint has been answering, in words and numbers, for the status bar.

Everything is read with queries of bounded cost, however many deliveries wait: this is asked several times a second.
"""

import time
from dataclasses import dataclass
from typing import Literal, NamedTuple

from peewee import BaseQuery, Select, fn

from kbtui.core.db.models import UNFINISHED, Attempt, Delivery, Endpoint
from kbtui.core.db.prepared import ByIndex, prepared, scalar
from kbtui.webhooks import outbox
from kbtui.webhooks.policy import BUDGET_MS, Policy
from kbtui.webhooks.urls import origin

MOST_COUNTED = 9999
"""More deliveries than this are not counted; they are ``9999+``."""

SPARKS = 20
_REMEMBERED = 100
State = Literal["idle", "ok", "slow", "failing", "stopped", "resting", "paused", "disabled"]
Level = Literal["good", "warning", "bad", "off"]

_LEVELS: dict[State, Level] = {
    "idle": "good",
    "ok": "good",
    "slow": "warning",
    "resting": "warning",
    "failing": "bad",
    "stopped": "bad",
    "disabled": "bad",
    "paused": "off",
}


@dataclass(frozen=True, slots=True)
class Health:
    """How one endpoint is doing.

    ``idle`` it was never sent anything; ``ok``, ``slow`` it answers, the last time within or above the budget;
    ``failing`` the last attempts failed; ``stopped`` so many did that only the oldest event is tried; ``resting``
    the receiver asked to be left alone for a while; ``paused``, ``disabled`` by a person, or because of ``reason``.
    """

    endpoint_id: int
    name: str
    origin: str
    """Scheme, host and port of the URL: what may be shown of it."""
    state: State
    reason: str
    """What went wrong, as a sentence; empty while nothing does."""
    failures: int
    """How many attempts failed in a row."""
    last_ms: float | None
    last_status: int | None
    p50: float | None
    p95: float | None
    latencies: tuple[float, ...]
    """The last answers' milliseconds, oldest first, for a sparkline."""
    waiting: int
    """How many deliveries are unfinished, at most :data:`MOST_COUNTED` + 1."""
    next_try: float | None
    """When the next attempt is due, in Unix seconds; None when nothing waits, or nothing is sent to the endpoint."""

    @property
    def level(self) -> Level:
        """Return how bad it is, for the colour: good, warning (above the budget), bad (failing), off (paused)."""
        return _LEVELS[self.state]

    @property
    def waiting_text(self) -> str:
        """Return how many wait: ``12``, or ``9999+``."""
        return f"{MOST_COUNTED}+" if self.waiting > MOST_COUNTED else str(self.waiting)


class _Row(NamedTuple):
    """What an endpoint's row says of how it is doing."""

    id: int
    name: str
    url: str
    is_enabled: int
    disabled_reason: str
    is_paused: int
    paused_until: float
    failures: int


class _Answer(NamedTuple):
    ms: float | None
    status: int | None
    detail: str


@prepared(_Row._make)
def _rows() -> BaseQuery:
    return Endpoint.select(*(getattr(Endpoint, name) for name in _Row._fields)).order_by(Endpoint.id)


@prepared(_Row._make)
def _row(endpoint_id: int) -> BaseQuery:
    return Endpoint.select(*(getattr(Endpoint, name) for name in _Row._fields)).where(Endpoint.id == endpoint_id)


@prepared(_Answer._make)
def _last_answers(endpoint_id: int, count: int) -> BaseQuery:
    answers = Attempt.select(Attempt.ms, Attempt.status, Attempt.detail).where(Attempt.endpoint_id == endpoint_id)
    return answers.order_by(Attempt.id.desc()).limit(count)


@prepared(scalar)
def count_waiting(endpoint_id: int, most: int) -> BaseQuery:
    """Count an endpoint's unfinished deliveries up to a number."""
    counted = (
        Delivery.select(Delivery.id)
        .from_(ByIndex(Delivery, "deliveries_unfinished"))
        .where((Delivery.endpoint_id == endpoint_id) & Delivery.state.in_(UNFINISHED))
        .limit(most)
        .alias("counted")
    )
    return Select((counted,), (fn.count(counted.c.id),))


def health(endpoint_id: int, *, policy: Policy | None = None) -> Health | None:
    """Return how an endpoint is doing, None when there is none with this id."""
    row = _row.first(endpoint_id)
    return _health(row, policy or Policy(), time.time()) if row else None


def all_health(*, policy: Policy | None = None) -> list[Health]:
    """Return how every endpoint is doing, oldest first."""
    return [_health(row, policy or Policy(), time.time()) for row in _rows.all()]


def waiting(endpoint_id: int) -> int:
    """Return how many deliveries of an endpoint are unfinished, at most :data:`MOST_COUNTED` + 1."""
    return int(count_waiting.one(endpoint_id, MOST_COUNTED + 1))


def _health(row: _Row, policy: Policy, now: float) -> Health:
    last = _last_answers.all(row.id, _REMEMBERED)
    answered = [(float(each.ms), int(each.status)) for each in reversed(last) if each.ms is not None and each.status]
    latencies = [ms for ms, _ in answered]
    state = _state(
        is_enabled=bool(row.is_enabled),
        is_paused=bool(row.is_paused),
        is_resting=row.paused_until > now,
        failures=row.failures,
        breaker=policy.breaker,
        last_ms=latencies[-1] if latencies else None,
    )
    return Health(
        endpoint_id=row.id,
        name=row.name,
        origin=origin(row.url),
        state=state,
        reason=row.disabled_reason or (str(last[0].detail) if last and row.failures else ""),
        failures=row.failures,
        last_ms=latencies[-1] if latencies else None,
        last_status=answered[-1][1] if answered else None,
        p50=_percentile(latencies, 0.50),
        p95=_percentile(latencies, 0.95),
        latencies=tuple(latencies[-SPARKS:]),
        waiting=waiting(row.id),
        next_try=_next_try(row.id, row.paused_until) if row.is_enabled and not row.is_paused else None,
    )


def _state(
    *, is_enabled: bool, is_paused: bool, is_resting: bool, failures: int, breaker: int, last_ms: float | None
) -> State:
    if not is_enabled:
        return "disabled"
    if is_paused:
        return "paused"
    if failures >= breaker:
        return "stopped"
    if failures:
        return "failing"
    if is_resting:
        return "resting"
    if last_ms is None:
        return "idle"
    return "slow" if last_ms > BUDGET_MS else "ok"


def _next_try(endpoint_id: int, paused_until: float) -> float | None:
    due_at = outbox.first_due.one(endpoint_id)
    return None if due_at is None else max(float(due_at), float(paused_until))


def _percentile(values: list[float], part: float) -> float | None:
    """Return the nearest-rank percentile: the least value that ``part`` of all are not above."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[max(0, -(-int(len(ranked) * part * 1000) // 1000) - 1)]

"""Health: how an endpoint has been answering, in words and numbers, for the status bar.

Everything is read with queries of bounded cost, however many deliveries wait: this is asked several times a second.
"""

import time
from dataclasses import dataclass
from typing import Any, Literal

from kbtui.core.db.database import fetch_all, fetch_one
from kbtui.webhooks.outbox import FIRST_DUE, UNFINISHED
from kbtui.webhooks.policy import BUDGET_MS, Policy
from kbtui.webhooks.urls import origin

MOST_COUNTED = 9999
"""More deliveries than this are not counted; they are ``9999+``."""

SPARKS = 20
_REMEMBERED = 100
_ENDPOINTS = "SELECT id, name, url, is_enabled, disabled_reason, is_paused, paused_until, failures FROM endpoints"

WAITING = f"""SELECT count(*) FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_unfinished
    WHERE endpoint_id = ? AND {UNFINISHED} LIMIT ?)"""

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


def health(endpoint_id: int, *, policy: Policy | None = None) -> Health | None:
    """Return how an endpoint is doing, None when there is none with this id."""
    row = fetch_one(f"{_ENDPOINTS} WHERE id = ?", (endpoint_id,))
    return _health(row, policy or Policy(), time.time()) if row else None


def all_health(*, policy: Policy | None = None) -> list[Health]:
    """Return how every endpoint is doing, oldest first."""
    return [_health(row, policy or Policy(), time.time()) for row in fetch_all(f"{_ENDPOINTS} ORDER BY id")]


def waiting(endpoint_id: int) -> int:
    """Return how many deliveries of an endpoint are unfinished, at most :data:`MOST_COUNTED` + 1."""
    row = fetch_one(WAITING, (endpoint_id, MOST_COUNTED + 1))
    return int(row[0]) if row else 0


def _health(row: tuple[Any, ...], policy: Policy, now: float) -> Health:
    endpoint_id, name, url, is_enabled, disabled_reason, is_paused, paused_until, failures = row
    attempts = fetch_all(
        "SELECT ms, status, detail FROM attempts WHERE endpoint_id = ? ORDER BY id DESC LIMIT ?",
        (endpoint_id, _REMEMBERED),
    )
    answered = [(float(ms), int(status)) for ms, status, _ in reversed(attempts) if ms is not None and status]
    latencies = [ms for ms, _ in answered]
    is_resting = paused_until > now
    state = _state(
        is_enabled=bool(is_enabled),
        is_paused=bool(is_paused),
        is_resting=is_resting,
        failures=failures,
        breaker=policy.breaker,
        last_ms=latencies[-1] if latencies else None,
    )
    return Health(
        endpoint_id=endpoint_id,
        name=name,
        origin=origin(url),
        state=state,
        reason=disabled_reason or (str(attempts[0][2]) if attempts and failures else ""),
        failures=failures,
        last_ms=latencies[-1] if latencies else None,
        last_status=answered[-1][1] if answered else None,
        p50=_percentile(latencies, 0.50),
        p95=_percentile(latencies, 0.95),
        latencies=tuple(latencies[-SPARKS:]),
        waiting=waiting(endpoint_id),
        next_try=_next_try(endpoint_id, paused_until) if is_enabled and not is_paused else None,
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
    row = fetch_one(FIRST_DUE, (endpoint_id,))
    if row is None or row[0] is None:
        return None
    return max(float(row[0]), float(paused_until))


def _percentile(values: list[float], part: float) -> float | None:
    """Return the nearest-rank percentile: the least value that ``part`` of all are not above."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[max(0, -(-int(len(ranked) * part * 1000) // 1000) - 1)]

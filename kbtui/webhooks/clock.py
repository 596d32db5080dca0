"""The clock, and what to do when it is set while deliveries are planned by it.

Leases and due times are Unix times, since several processes and restarts share them. Set back, the clock must not
strand them for as long as it was wrong; set forward, it must not end the lease of a request that is still under way.
"""

import time
from collections.abc import Callable

from peewee import BaseQuery, ColumnBase

from kbtui.core.db.database import transactional
from kbtui.core.db.models import Attempt, Delivery, Endpoint
from kbtui.core.db.prepared import prepared, scalar
from kbtui.webhooks.policy import Policy

STEP = 1.0
"""A smaller difference, in seconds, is drift or a slow moment."""


class Clock:
    """Tell the time, and notice when it is set, by a clock that cannot be."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._difference = now() - time.monotonic()

    def is_set(self) -> bool:
        """Return whether :meth:`step` would return one."""
        return abs(self.now() - time.monotonic() - self._difference) > STEP

    def step(self) -> float:
        """Return by how many seconds the clock has been set since the last call: 0 for none, negative for back."""
        difference = self.now() - time.monotonic()
        step = difference - self._difference
        self._difference = difference
        return step if abs(step) > STEP else 0.0


@prepared(scalar)
def planned_later(late: float) -> BaseQuery:
    """Return whether something that is ready was planned after a time."""
    return Delivery.select(Delivery.id).where((Delivery.state == "ready") & (Delivery.scheduled_at > late)).limit(1)


@prepared(scalar)
def leased_later(late: float) -> BaseQuery:
    """Return whether a lease ends after a time."""
    return Delivery.select(Delivery.id).where((Delivery.state == "sending") & (Delivery.leased_until > late)).limit(1)


def _was_tried_later(late: float) -> ColumnBase:
    """Return the condition for an endpoint whose last attempt was made after a time.

    Where that is later than now, its pause was reckoned by another clock.
    """
    last = (
        Attempt.select(Attempt.started_at)
        .where(Attempt.endpoint_id == Endpoint.id)
        .order_by(Attempt.id.desc())
        .limit(1)
    )
    condition: ColumnBase = (Endpoint.paused_until > 0) & (last > late)
    return condition


@prepared(scalar)
def tried_later(late: float) -> BaseQuery:
    """Return whether the last attempt of an endpoint that is left alone was made after a time."""
    return Endpoint.select(Endpoint.id).where(_was_tried_later(late)).limit(1)


def was_set_back(now: float, policy: Policy) -> bool:
    """Return whether something was planned under a clock that has since been set back."""
    late = now + STEP
    found = planned_later.first(late) or leased_later.first(late + policy.longest_lease) or tried_later.first(late)
    return found is not None


@transactional
def repair(now: float, policy: Policy) -> None:
    """Make due what was planned in the future, and cut leases and pauses, after the clock was set back.

    Otherwise all of them would be a day late when the clock was a day early.
    """
    late, longest = now + STEP, policy.longest_lease
    is_ready, is_sending = Delivery.state == "ready", Delivery.state == "sending"
    Delivery.update(scheduled_at=now, due_at=now).where(is_ready & (Delivery.scheduled_at > late)).execute()
    Delivery.update(leased_until=now + longest).where(is_sending & (Delivery.leased_until > late + longest)).execute()
    Endpoint.update(paused_until=0).where(_was_tried_later(late)).execute()
    Endpoint.update(failing_since=now).where(Endpoint.failing_since > late).execute()

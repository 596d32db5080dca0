"""The clock, and what to do when it is set while deliveries are planned by it.

Leases and due times are Unix times, since several processes and restarts share them. Set back, the clock must not
strand them for as long as it was wrong; set forward, it must not end the lease of a request that is still under way.
"""

import time
from collections.abc import Callable

from kbtui.core.db.database import fetch_one, transactional
from kbtui.core.db.engine import database
from kbtui.webhooks.policy import Policy

STEP = 1.0
"""A smaller difference, in seconds, is drift or a slow moment."""

_TRIED_LATER = """paused_until > 0 AND
    (SELECT started_at FROM attempts WHERE endpoint_id = endpoints.id ORDER BY id DESC LIMIT 1) > ?"""
"""SQL for an endpoint whose last attempt was made later than now: its pause was reckoned by another clock."""


class Clock:
    """Tell the time, and notice when it is set, by a clock that cannot be."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._difference = now() - time.monotonic()

    def is_set(self) -> bool:
        """Tell whether :meth:`step` would return one."""
        return abs(self.now() - time.monotonic() - self._difference) > STEP

    def step(self) -> float:
        """Return by how many seconds the clock has been set since the last call: 0 for none, negative for back."""
        difference = self.now() - time.monotonic()
        step = difference - self._difference
        self._difference = difference
        return step if abs(step) > STEP else 0.0


def was_set_back(now: float, policy: Policy) -> bool:
    """Tell whether something was planned under a clock that has since been set back."""
    late = now + STEP
    return any(
        fetch_one(f"SELECT 1 FROM {where} LIMIT 1", (limit,))
        for where, limit in (
            ("deliveries WHERE state = 'ready' AND scheduled_at > ?", late),
            ("deliveries WHERE state = 'sending' AND leased_until > ?", late + policy.longest_lease),
            (f"endpoints WHERE {_TRIED_LATER}", late),
        )
    )


@transactional
def repair(now: float, policy: Policy) -> None:
    """Make due what was planned in the future, and cut leases and pauses, after the clock was set back.

    Otherwise all of them would be a day late when the clock was a day early.
    """
    late = now + STEP
    database.execute_sql(
        "UPDATE deliveries SET scheduled_at = ?, due_at = ? WHERE state = 'ready' AND scheduled_at > ?",
        (now, now, late),
    )
    database.execute_sql(
        "UPDATE deliveries SET leased_until = ? WHERE state = 'sending' AND leased_until > ?",
        (now + policy.longest_lease, late + policy.longest_lease),
    )
    database.execute_sql(f"UPDATE endpoints SET paused_until = 0 WHERE {_TRIED_LATER}", (late,))
    database.execute_sql("UPDATE endpoints SET failing_since = ? WHERE failing_since > ?", (now, late))

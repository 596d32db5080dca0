"""Retention: how long finished deliveries are kept, and clearing away those that are older.

What was delivered is kept for some days, and at most so many of it; what was given up is kept longer, since somebody
may still want to send it again. A delivery goes with its attempts. Events are the board's history and its feed of
changes: none is ever removed, so no screen that is slow to read them can miss one. Nor is a delivery that still waits.
"""

import math
import time
from dataclasses import dataclass

from kbtui.core.db.database import fetch_all, fetch_one, transactional
from kbtui.core.db.engine import database
from kbtui.core.projects import settings
from kbtui.errors import InvalidError

BATCH = 200
"""How many rows are looked at in one transaction: the few milliseconds that takes are all anybody waits for it."""

DAY = 86400.0

MOST_DAYS = 36_500
MOST_ROWS = 10_000_000

_DAYS, _ROWS, _FAILED_DAYS = "retention_days", "retention_rows", "retention_failed_days"

_PAGE = """SELECT finished_at, id, state FROM deliveries INDEXED BY deliveries_finished
    WHERE state IN ('done', 'dead') AND finished_at <= ? AND (finished_at, id) > (?, ?)
    ORDER BY finished_at, id LIMIT ?"""
_SURPLUS = """SELECT finished_at, id FROM deliveries INDEXED BY deliveries_finished
    WHERE state IN ('done', 'dead') AND state = 'done' ORDER BY finished_at DESC, id DESC LIMIT 1 OFFSET ?"""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long finished deliveries are kept: those delivered for some days and up to some number, whichever is less."""

    days: float = 7
    rows: int = 10_000
    failed_days: float = 30
    """How many days those that were given up are kept."""


@dataclass(slots=True)
class Pruned:
    """How many deliveries were removed."""

    done: int = 0
    dead: int = 0


def read_retention() -> Retention:
    """Return what the board is set to; the usual numbers where that makes no sense."""
    usual = Retention()
    try:
        chosen = Retention(
            days=float(settings.get(_DAYS, str(usual.days))),
            rows=int(settings.get(_ROWS, str(usual.rows))),
            failed_days=float(settings.get(_FAILED_DAYS, str(usual.failed_days))),
        )
        check_retention(chosen)
    except (ValueError, InvalidError):
        return usual
    return chosen


@transactional
def save_retention(retention: Retention) -> None:
    """Set how long the board keeps finished deliveries from now on; raise InvalidError for what makes no sense."""
    check_retention(retention)
    settings.put(_DAYS, f"{retention.days:g}")
    settings.put(_ROWS, str(retention.rows))
    settings.put(_FAILED_DAYS, f"{retention.failed_days:g}")


def check_retention(retention: Retention) -> None:
    """Raise InvalidError unless all three can be kept to."""
    for days in (retention.days, retention.failed_days):
        if not 0 <= days <= MOST_DAYS:
            raise InvalidError(f"Deliveries are kept for 0 to {MOST_DAYS:,} days, not {days:g}.")
    if not 0 <= retention.rows <= MOST_ROWS:
        raise InvalidError(f"0 to {MOST_ROWS:,} deliveries are kept, not {retention.rows:,}.")


class Pruning:
    """One walk over what has finished, the oldest first, a batch at a time; in between everybody else has a turn."""

    def __init__(self, retention: Retention, now: float) -> None:
        """Begin a walk; ``now`` is Unix seconds."""
        self.pruned = Pruned()
        self.is_over = False
        self._done_until = (now - retention.days * DAY, math.inf)
        self._dead_until = (now - retention.failed_days * DAY, math.inf)
        surplus = fetch_one(_SURPLUS, (retention.rows,))
        if surplus is not None:
            self._done_until = max(self._done_until, (float(surplus[0]), float(surplus[1])))
        self._at = (-math.inf, 0)

    def step(self) -> None:
        """Look at the next batch, and remove what of it is too old."""
        latest = max(self._done_until[0], self._dead_until[0])
        page = fetch_all(_PAGE, (latest, *self._at, BATCH))
        if not page:
            self.is_over = True
            return
        old = [
            (delivery_id, state)
            for finished_at, delivery_id, state in page
            if (finished_at, delivery_id) <= (self._done_until if state == "done" else self._dead_until)
        ]
        if old:
            self._remove([delivery_id for delivery_id, _ in old])
            self.pruned.done += sum(state == "done" for _, state in old)
            self.pruned.dead += sum(state == "dead" for _, state in old)
        self._at = (float(page[-1][0]), int(page[-1][1]))

    @transactional
    def _remove(self, ids: list[int]) -> None:
        # Looked at again under the lock: one of them may just have been sent again.
        marks = ", ".join("?" * len(ids))
        database.execute_sql(f"DELETE FROM deliveries WHERE id IN ({marks}) AND state IN ('done', 'dead')", tuple(ids))


class Upkeep:
    """Prune a little whenever there is nothing better to do, and a whole walk from time to time."""

    def __init__(self, every: float, patience: float = 3600.0) -> None:
        """Walk every so many seconds; when there is no idleness for ``patience`` seconds more, walk nonetheless."""
        self._every = every
        self._patience = patience
        self._next_at = time.monotonic()
        self._walk: Pruning | None = None

    def is_due(self, *, idle: bool) -> bool:
        """Tell whether :meth:`step` has something to do."""
        return time.monotonic() >= self._next_at + (0.0 if idle else self._patience)

    def step(self, now: float) -> bool:
        """Go one step of a walk, at the time ``now``; return whether something was removed."""
        self._walk = self._walk or Pruning(read_retention(), now)
        before = self._walk.pruned.done + self._walk.pruned.dead
        self._walk.step()
        if self._walk.is_over:
            self._next_at = time.monotonic() + self._every
        removed = self._walk.pruned.done + self._walk.pruned.dead > before
        self._walk = None if self._walk.is_over else self._walk
        return removed


def prune(retention: Retention | None = None) -> Pruned:
    """Remove all that is too old now, in small transactions, by the board's setting or by another one."""
    kept = retention or read_retention()
    check_retention(kept)
    walk = Pruning(kept, time.time())
    while not walk.is_over:
        walk.step()
    return walk.pruned

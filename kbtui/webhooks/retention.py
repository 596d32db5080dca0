"""Retention: how long what was sent is kept, and clearing away what is older.

What was delivered is kept for some days, and at most so many of it; what was given up is kept longer, since somebody
may still want to send it again. A delivery goes with its attempts; one that still waits never goes. An event goes when
it is old and has no delivery any more, with a long description that no other event tells. The activity, which people
and screens read, stays for ever.
"""

import math
import time
from dataclasses import dataclass
from typing import NamedTuple

from peewee import fn

from kbtui.core.db.database import transactional
from kbtui.core.db.engine import database
from kbtui.core.db.models import FINISHED, Delivery, Event, EventText
from kbtui.core.db.prepared import rows
from kbtui.core.projects import settings
from kbtui.core.tasks.removals import drop_removed
from kbtui.errors import InvalidError

BATCH = 200
"""How many rows are looked at in one transaction: the few milliseconds that takes are all anybody waits for it."""

DAY = 86400.0

MOST_DAYS = 36_500
MOST_ROWS = 10_000_000

_DAYS, _ROWS, _FAILED_DAYS = "retention_days", "retention_rows", "retention_failed_days"
_EVENT_DAYS = "retention_event_days"

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
    event_days: float = 90
    """How many days an event is kept that has no delivery any more."""


@dataclass(slots=True)
class Pruned:
    """How many deliveries were removed, delivered and given up, and how many events."""

    done: int = 0
    dead: int = 0
    events: int = 0

    @property
    def count(self) -> int:
        """Return how many rows were removed."""
        return self.done + self.dead + self.events


def read_retention() -> Retention:
    """Return what the board is set to; the usual numbers where that makes no sense."""
    usual = Retention()
    try:
        chosen = Retention(
            days=float(settings.get(_DAYS, str(usual.days))),
            rows=int(settings.get(_ROWS, str(usual.rows))),
            failed_days=float(settings.get(_FAILED_DAYS, str(usual.failed_days))),
            event_days=float(settings.get(_EVENT_DAYS, str(usual.event_days))),
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
    settings.put(_EVENT_DAYS, f"{retention.event_days:g}")


def check_retention(retention: Retention) -> None:
    """Raise InvalidError unless all of it can be kept to."""
    for what, days in (
        ("Deliveries", retention.days),
        ("Deliveries", retention.failed_days),
        ("Events", retention.event_days),
    ):
        if not 0 <= days <= MOST_DAYS:
            raise InvalidError(f"{what} are kept for 0 to {MOST_DAYS:,} days, not {days:g}.")
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
        self._events_until = int(now - retention.event_days * DAY)
        surplus = database.execute_sql(_SURPLUS, (retention.rows,)).fetchone()
        if surplus is not None:
            self._done_until = max(self._done_until, (float(surplus[0]), float(surplus[1])))
        self._at = (-math.inf, 0)
        self._event_at: _EventKey | None = None

    def step(self) -> None:
        """Look at the next batch, first of deliveries, then of events, and remove what of it is too old."""
        if self._event_at is None:
            self._step_deliveries()
        else:
            self._step_events(self._event_at)

    def _step_deliveries(self) -> None:
        latest = max(self._done_until[0], self._dead_until[0])
        page = database.execute_sql(_PAGE, (latest, *self._at, BATCH)).fetchall()
        if not page:
            self._event_at = _EventKey(0, 0)
            self._step_events(self._event_at)
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
        Delivery.delete().where(Delivery.id.in_(ids) & Delivery.state.in_(FINISHED)).execute()

    def _step_events(self, at: "_EventKey") -> None:
        after = (Event.date_creation > at.date) | ((Event.date_creation == at.date) & (Event.id > at.id))
        query = Event.select(Event.date_creation, Event.id).where(
            (Event.date_creation >= at.date) & after & (Event.date_creation <= self._events_until)
        )
        page = rows(query.order_by(Event.date_creation, Event.id).limit(BATCH), _EventKey._make)
        if not page:
            self.is_over = True
            return
        self._remove_events([each.id for each in page])
        self._event_at = page[-1]

    @transactional
    def _remove_events(self, ids: list[int]) -> None:
        has_none = ~fn.EXISTS(Delivery.select(Delivery.id).where(Delivery.event == Event.id))
        old = rows(Event.select(Event.id, Event.text).where(Event.id.in_(ids) & has_none), _OldEvent._make)
        self.pruned.events += Event.delete().where(Event.id.in_([each.id for each in old])).execute()
        texts = {each.text_id for each in old if each.text_id is not None}
        is_told = fn.EXISTS(Event.select(Event.id).where(Event.text == EventText.id))
        EventText.delete().where(EventText.id.in_(texts) & ~is_told).execute()


class _EventKey(NamedTuple):
    """By which events are walked over."""

    date: int
    id: int


class _OldEvent(NamedTuple):
    id: int
    text_id: int | None


class Upkeep:
    """Prune a little whenever there is nothing better to do, and a whole walk from time to time."""

    def __init__(self, every: float, patience: float = 3600.0) -> None:
        """Walk every so many seconds; when there is no idleness for ``patience`` seconds more, walk nonetheless."""
        self._every = every
        self._patience = patience
        self._next_at = time.monotonic()
        self._walk: Pruning | None = None

    def is_due(self, *, idle: bool) -> bool:
        """Return whether :meth:`step` has something to do."""
        return time.monotonic() >= self._next_at + (0.0 if idle else self._patience)

    def step(self, now: float) -> bool:
        """Go one step of a walk, at the time ``now``; return whether something was removed."""
        if self._walk is None:
            drop_removed(now)
            self._walk = Pruning(read_retention(), now)
        before = self._walk.pruned.count
        self._walk.step()
        if self._walk.is_over:
            self._next_at = time.monotonic() + self._every
        removed = self._walk.pruned.count > before
        self._walk = None if self._walk.is_over else self._walk
        return removed


def prune(retention: Retention | None = None) -> Pruned:
    """Remove all that is too old now, in small transactions, by the board's setting or by another one."""
    kept = retention or read_retention()
    check_retention(kept)
    drop_removed(time.time())
    walk = Pruning(kept, time.time())
    while not walk.is_over:
        walk.step()
    return walk.pruned

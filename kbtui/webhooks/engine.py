"""The engine: claim what is due, send it, write what came of it, rest until there is more.

It lives in one event loop and one thread, with that thread's database connection. A turn is short and never awaits;
requests run between turns. Nothing that happens to the database or to a request ends it: a database that is locked
or full is tried again while the requests go on.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable

from kbtui.core.db.database import checkpoint, transaction
from kbtui.core.db.engine import database
from kbtui.core.projects import settings
from kbtui.errors import DatabaseError
from kbtui.webhooks import attempt, clock, outbox, requests, results
from kbtui.webhooks.attempt import Outcome, Post
from kbtui.webhooks.failures import INTERNAL, INTERRUPTED
from kbtui.webhooks.outbox import Claimed
from kbtui.webhooks.policy import Policy
from kbtui.webhooks.requests import EventRow
from kbtui.webhooks.results import Report, Settled, report
from kbtui.webhooks.retention import Upkeep

log = logging.getLogger(__name__)


class Engine:
    """Deliver until told to stop, or, ``until_idle``, until nothing is due."""

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        on_attempt: Callable[[Report], None] | None = None,
        until_idle: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.policy = policy or Policy()
        self.trouble = ""
        """What keeps the engine from its work, as a sentence; empty while nothing does."""
        self.sent = 0
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(6)}"
        self._on_attempt = on_attempt
        self._until_idle = until_idle
        self._clock = clock.Clock(now)
        self._wake = asyncio.Event()
        self._claimed: list[Claimed] = []
        self._requests: dict[asyncio.Task[None], Claimed] = {}
        self._finished: list[tuple[Claimed, Outcome]] = []
        self._one_by_one = False
        self._data_version = (-1, -1)
        self._next_due: float | None = None
        self._is_idle = False
        self._leave_leases_until = 0.0
        self._is_repaired = False
        self._worked_at = self._checkpointed_at = time.monotonic()
        self._is_dirty = False
        self._upkeep = Upkeep(self.policy.prune_every)
        self._stop_at: float | None = None

    def wake(self) -> None:
        """Look for work now. Call it in the engine's loop."""
        self._wake.set()

    def stop(self, within: float) -> None:
        """Claim nothing more, give what is under way that many seconds to end, then end. Call it in the loop."""
        self._stop_at = time.monotonic() + within
        self._wake.set()

    async def run(self) -> None:
        """Deliver until stopped. Raises only what is a fault of kbtui's own; it can be called again after that."""
        waits = 0
        while True:
            try:
                self._turn()
            except DatabaseError as error:
                waits += 1
                await self._do_without_database(error, waits)
            else:
                waits = 0
                self.trouble = ""
                if self._is_over():
                    return
                await self._rest()
            self._end_requests_in_time()

    def _is_over(self) -> bool:
        if self._requests or self._finished or self._claimed:
            return False
        return self._stop_at is not None or (self._until_idle and self._is_idle)

    def _end_requests_in_time(self) -> None:
        if self._has_to_end():
            for request in self._requests:
                request.cancel()

    def _has_to_end(self) -> bool:
        return self._stop_at is not None and time.monotonic() >= self._stop_at

    async def _do_without_database(self, error: DatabaseError, waits: int) -> None:
        self.trouble = str(error)
        # Others may have waited as well: they are to write their results before their leases are taken for ended.
        self._leave_leases(self.policy.grace)
        if self._has_to_end() and not self._requests:
            # What could not be written is given back when its lease ends.
            self._finished.clear()
        await asyncio.sleep(self.policy.database_retry * (1 if self._stop_at is not None else min(waits, 10)))

    def _leave_leases(self, seconds: float) -> None:
        self._leave_leases_until = max(self._leave_leases_until, time.monotonic() + seconds)

    def _turn(self) -> None:
        """Write what has finished, claim what is due, start its requests, and reckon when there will be more."""
        now = self._clock.now()
        self._mind_clock(now)
        self._data_version = database.commits()
        self._settle_one_by_one(now)
        settled = self._settle_and_claim(now)
        self._start_claimed()
        self._next_due = self._reckon(now)
        self._report(settled)

    def _settle_and_claim(self, now: float) -> list[Settled]:
        batch = list(self._finished)
        free = self.policy.in_flight - len(self._requests) - len(self._claimed)
        if self._stop_at is not None:
            free = 0
        self._is_idle = True
        if not batch and not (free and outbox.is_due(now)):
            return []
        self._one_by_one = bool(batch)
        with transaction():
            settled = results.settle(batch, now, self.policy)
            if free and time.monotonic() >= self._leave_leases_until:
                results.give_back(self._held(), now, self.policy)
            own = Counter(each.endpoint.id for each in self._requests.values())
            claimed = outbox.claim(self.owner, free, own, now, self.policy) if free else []
        self._one_by_one = False
        del self._finished[: len(batch)]
        self._claimed += claimed
        self._is_idle = not claimed
        self._is_dirty = True
        self._worked_at = time.monotonic()
        return settled

    def _held(self) -> set[int]:
        """Return the deliveries that are in our hands, whatever a clock says about their leases."""
        return {each.id for each in (*self._requests.values(), *self._claimed, *(done for done, _ in self._finished))}

    def _reckon(self, now: float) -> float | None:
        """Return when there will be more to do, as far as it depends on the time."""
        if self._stop_at is not None or len(self._requests) >= self.policy.in_flight:
            return None
        due = outbox.next_due(now)
        left_alone = self._leave_leases_until - time.monotonic()
        if left_alone > 0:
            return min(now + left_alone, due or now + left_alone)
        return due

    def _settle_one_by_one(self, now: float) -> None:
        """After a turn that failed: write each result by itself, and drop the one that cannot be written.

        Its lease will end, and its attempts are counted, so it cannot go on for ever.
        """
        if not self._one_by_one:
            return
        while self._finished:
            try:
                settled = results.settle(self._finished[:1], now, self.policy)
            except DatabaseError:
                raise
            except Exception:
                log.exception("A result could not be written")
            else:
                self._report(settled)
            del self._finished[0]
        self._one_by_one = False

    def _mind_clock(self, now: float) -> None:
        step = self._clock.step()
        if step > 0:
            # Requests that are under way have not become older; who sends them is still at it.
            self._leave_leases(self.policy.longest_lease)
        if step < 0:
            self._is_repaired = False
        if not self._is_repaired and clock.was_set_back(now, self.policy):
            clock.repair(now, self.policy)
        self._is_repaired = True

    def _start_claimed(self) -> None:
        """Start the requests of what was claimed; after a failure, of what was claimed before it."""
        if not self._claimed:
            return
        if self._stop_at is not None:
            self._finished += [(each, _interrupted(0.0)) for each in self._claimed]
            self._claimed.clear()
            self._wake.set()
            return
        token = settings.webhook_token()
        events = requests.read_events(self._claimed)
        for each in self._claimed:
            sending = self._send(each, events.get(each.event_id), token)
            self._requests[asyncio.get_running_loop().create_task(sending)] = each
        self._claimed.clear()

    async def _send(self, claimed: Claimed, event: EventRow | None, token: str) -> None:
        """Make one attempt and note what came of it, whatever that is: the edge that nothing gets past."""
        start = time.monotonic()
        try:
            request = requests.build(claimed, event, token, self.policy)
            outcome = request if isinstance(request, Outcome) else await self._attempt(claimed, request)
        except asyncio.CancelledError:
            outcome = _interrupted((time.monotonic() - start) * 1000)
        except Exception as error:
            log.exception("An attempt failed in an unexpected way")
            outcome = Outcome(time.time(), 0.0, INTERNAL, f"kbtui could not send it ({type(error).__name__}).")
        self._finished.append((claimed, outcome))
        task = asyncio.current_task()
        if task is not None:
            self._requests.pop(task, None)
        self._wake.set()

    async def _attempt(self, claimed: Claimed, request: Post) -> Outcome:
        """Send, unless this process was suspended since the claim for so long that another one may be sending it.

        The clock may also have been set. Whichever it was, giving it back changes nothing unless it is still ours.
        """
        if self._clock.now() > claimed.start_before:
            return _interrupted(0.0, "kbtui was suspended, or the clock was set, before this could be sent.")
        return await attempt.send(request)

    def _report(self, settled: list[Settled]) -> None:
        for each in settled:
            self.sent += each.verdict.state == "done"
            if self._on_attempt is None:
                continue
            try:
                self._on_attempt(report(each, self.policy))
            except Exception:
                log.exception("A finished attempt could not be told")

    async def _rest(self) -> None:
        """Wait until a request ends, this process commits, another one does, or something becomes due."""
        self._checkpoint_in_time()
        while not self._wake.is_set():
            now = self._clock.now()
            if self._next_due is not None and now >= self._next_due:
                return
            seconds = self.policy.poll if self._next_due is None else min(self.policy.poll, self._next_due - now)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
            if self._wake.is_set():
                break
            if self._stop_at is not None or self._clock.is_set() or self._others_committed():
                return
            self._checkpoint_in_time()
        self._wake.clear()

    def _others_committed(self) -> bool:
        try:
            changed = database.commits() != self._data_version
        except DatabaseError:
            return True  # the turn finds out what is wrong
        self._is_dirty = self._is_dirty or changed
        return changed

    def _checkpoint_in_time(self) -> None:
        """Move the log into the database file while nothing is being sent; now and then also while something is."""
        now = time.monotonic()
        idle = not self._requests and now - self._worked_at >= self.policy.checkpoint_after
        self._prune(idle=idle)
        overdue = now - self._checkpointed_at >= self.policy.checkpoint_every
        if not self._is_dirty or not (idle or overdue):
            return
        self._checkpointed_at = now
        with contextlib.suppress(DatabaseError):
            checkpoint()
            self._is_dirty = False

    def _prune(self, *, idle: bool) -> None:
        """Remove some of what has been finished for too long; what cannot be done now is done later."""
        if self._stop_at is None and self._upkeep.is_due(idle=idle):
            with contextlib.suppress(DatabaseError):
                self._is_dirty = self._upkeep.step(self._clock.now()) or self._is_dirty


def _interrupted(ms: float, detail: str = "kbtui was closed before the receiver answered.") -> Outcome:
    return Outcome(time.time() - ms / 1000, ms, INTERRUPTED, detail)

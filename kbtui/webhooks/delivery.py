"""Delivery: the engine in a thread of its own, for a screen, for a command, or for as long as there is a process.

On the thread of a screen, requests would delay key presses. The thread wakes at once when this process commits an
event, and within a tenth of a second when another one does.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from kbtui.core.db.database import close, connect_thread
from kbtui.core.events import log
from kbtui.errors import DatabaseError
from kbtui.webhooks import outbox
from kbtui.webhooks.engine import Engine
from kbtui.webhooks.policy import Policy
from kbtui.webhooks.results import Report
from kbtui.webhooks.sender_lock import SenderLock
from kbtui.webhooks.test_event import connected, send_test

__all__ = ["DeliveryThread", "Progress", "Report", "deliver_forever", "deliver_until_idle", "send_test"]

logger = logging.getLogger(__name__)

WAKE_DELAY = 0.02
"""Seconds between a commit of this process and looking for its event. Python runs one thread at a time: begun at once,
the request would compete with the painting of the very change it announces (a move took 3.1 ms instead of 2.3).
"""


class Progress(NamedTuple):
    """What a command sent, and what it left."""

    sent: int
    """How many were delivered."""
    left: int
    """How many are still unfinished, due or not; at most 10,000."""


class DeliveryThread:
    """The engine in its thread. ``start`` it once, ``stop`` it once; between them it cannot die."""

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        on_attempt: Callable[[Report], None] | None = None,
        until_idle: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """``on_attempt`` is called in the engine's thread, after what it tells has been written."""
        self._policy = policy or Policy()
        self._make_engine: Callable[[], Engine] = partial(
            Engine, self._policy, on_attempt=on_attempt, until_idle=until_idle, now=now
        )
        self._engine: Engine | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="kbtui delivery", daemon=True)
        self._stop_listening: Callable[[], None] | None = None
        self._is_woken = False
        self._is_stopping = threading.Event()
        self._started = threading.Event()
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Return what keeps the engine from its work, as a sentence; empty while nothing does."""
        return self._trouble or (self._engine.trouble if self._engine else "")

    @property
    def sent(self) -> int:
        """Return how many events have been delivered since the start."""
        return self._engine.sent if self._engine else 0

    @property
    def is_running(self) -> bool:
        """Tell whether the thread is alive."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start delivering for the open database."""
        self._stop_listening = log.on_commit(lambda recorded: self.wake())
        self._thread.start()
        self._started.wait(5)

    def wake(self) -> None:
        """Look for work, in a moment: the screen, which has just committed, paints first. Any thread may call it."""
        if self._is_woken or self._loop is None:
            return
        self._is_woken = True
        self._call(self._soon)

    def stop(self, timeout: float = 2.0) -> None:
        """Stop within that many seconds: requests under way get most of it, those that last longer are given back."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        self._is_stopping.set()
        within = max(0.0, timeout - min(0.4, timeout / 2))
        self._call(lambda: self._engine.stop(within) if self._engine else None)
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for an ``until_idle`` engine; return whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _call(self, function: Callable[[], None]) -> None:
        # A loop that has been closed has nothing left to be told.
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(function)

    def _soon(self) -> None:
        if self._loop is not None:
            self._loop.call_later(WAKE_DELAY, self._woken)

    def _woken(self) -> None:
        self._is_woken = False
        if self._engine is not None:
            self._engine.wake()

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        try:
            with SenderLock():
                loop.run_until_complete(self._supervise())
                loop.run_until_complete(_end_tasks())
        finally:
            with contextlib.suppress(DatabaseError):
                close()
            loop.close()

    async def _supervise(self) -> None:
        """Start the engine, and start it again whenever it fails; its requests go on meanwhile."""
        engine = self._engine = self._make_engine()
        self._loop = asyncio.get_running_loop()
        self._started.set()
        while not self._is_stopping.is_set():
            try:
                connect_thread(busy_timeout=self._policy.busy_timeout)
                self._trouble = ""
                await engine.run()
            except DatabaseError as error:
                self._trouble = str(error)
            except Exception as error:
                logger.exception("Delivery failed and is started again")
                self._trouble = f"Delivery failed ({type(error).__name__}) and is started again."
            else:
                return
            await asyncio.sleep(self._policy.restart_delay)


async def _end_tasks() -> None:
    """Cancel what a failed engine has left behind."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def deliver_until_idle(
    seconds: float | None = 2.0,
    *,
    policy: Policy | None = None,
    on_attempt: Callable[[Report], None] | None = None,
    beside_others: bool = False,
) -> Progress:
    """Send what is due, for at most that many seconds, or, with None, until nothing is due.

    Unless ``beside_others``, nothing is sent while another process delivers. What is left stays queued.
    """
    lock = SenderLock()
    try:
        with connected():
            if not beside_others and not lock.take_alone():
                return Progress(0, waiting())
            if not outbox.is_due(time.time()):
                return Progress(0, waiting())
            thread = DeliveryThread(policy, on_attempt=on_attempt, until_idle=True)
            thread.start()
            try:
                thread.join(None if seconds is None else max(0.0, seconds - 0.3))
            finally:
                thread.stop(0.3)
            return Progress(thread.sent, waiting())
    finally:
        lock.leave()


def deliver_forever(
    stopping: threading.Event,
    *,
    policy: Policy | None = None,
    on_attempt: Callable[[Report], None] | None = None,
    on_trouble: Callable[[str], None] | None = None,
    timeout: float = 2.0,
) -> int:
    """Deliver until ``stopping`` is set, which a signal handler may do; return how many were delivered.

    It then ends within ``timeout`` seconds. ``on_trouble`` is told, once a second at most, what keeps the engine from
    its work, as a sentence, and with an empty text that nothing does any more.
    """
    thread = DeliveryThread(policy, on_attempt=on_attempt)
    thread.start()
    trouble = ""
    try:
        while not stopping.wait(1.0) and thread.is_running:
            if on_trouble is not None and thread.trouble != trouble:
                trouble = thread.trouble
                on_trouble(trouble)
    finally:
        thread.stop(timeout)
    return thread.sent


def waiting() -> int:
    """Return how many deliveries of all endpoints are unfinished, at most 10,000."""
    return outbox.count_unfinished(10_000)

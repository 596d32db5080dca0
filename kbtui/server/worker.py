"""The worker: the one thread of a server that works on the database, so that its loop never waits for a lock.

SQLite has one writer anyway; more threads would only stand in each other's way.
"""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from kbtui.core.db.database import close, connect_thread
from kbtui.errors import DatabaseError

R = TypeVar("R")


class Worker:
    """A thread with a connection of its own, and a few without one for what takes long without the database."""

    def __init__(self, busy_timeout: float, hashers: int = 2) -> None:
        self._busy_timeout = busy_timeout
        self._board = ThreadPoolExecutor(1, "kbtui server")
        self._hashing = ThreadPoolExecutor(hashers, "kbtui hashing")

    async def run(self, function: Callable[[], R]) -> R:
        """Return what a function of core returns, called in the worker's thread. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._board, self._connected, function)

    async def hash(self, function: Callable[[], R]) -> R:
        """Return what a function returns that only computes."""
        return await asyncio.get_running_loop().run_in_executor(self._hashing, function)

    def close(self) -> None:
        """Finish what is under way, then disconnect and end."""
        with contextlib.suppress(RuntimeError):  # the interpreter is on its way out, and the connection with it
            self._board.submit(_disconnect)
        self._board.shutdown()
        self._hashing.shutdown()

    def _connected(self, function: Callable[[], R]) -> R:
        connect_thread(busy_timeout=self._busy_timeout)
        return function()


def _disconnect() -> None:
    with contextlib.suppress(DatabaseError):
        close()

"""How far a long command has come, on stderr; a short one says nothing."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress

from kbtui.cli.output import counted, visible
from kbtui.core.db.notice import Notice

_ANEW = "\r\x1b[K"
"""What makes a terminal write the line anew."""

PATIENCE = 1.0
"""Seconds before anything is said, and between two sayings."""


class Progress:
    """Tell on stderr how many tasks are done, from the first second on: on a terminal in one line, else line by line.

    ``clock`` returns seconds.
    """

    def __init__(self, doing: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._doing = doing
        self._clock = clock
        self._next = clock() + PATIENCE
        self._said = False

    def __call__(self, done: int, total: int) -> None:
        """Take note of how many tasks are done, and say so now and then."""
        now = self._clock()
        if now < self._next or sys.stderr is None:
            return
        self._next = now + (0.1 if sys.stderr.isatty() else PATIENCE)
        self._said = True
        words = f"{self._doing}: {done:,} of {counted(total, 'task')}"
        print(f"\r{words}" if sys.stderr.isatty() else words, file=sys.stderr, end=self._end(), flush=True)

    def finish(self) -> None:
        """Leave the line that was written on the terminal, if one was."""
        if self._said and sys.stderr is not None and sys.stderr.isatty():
            print(file=sys.stderr, flush=True)

    def _end(self) -> str:
        return "" if sys.stderr.isatty() else "\n"


def print_notice(notice: Notice) -> None:
    """Print what opening the database has to say on stderr; on a terminal, how far it is stays in one line."""
    if sys.stderr is None:
        return
    line = visible(f"kbtui: {notice.text}")
    with suppress(OSError):  # nobody reads it; the work goes on
        if sys.stderr.isatty():
            print(f"{_ANEW}{line}", file=sys.stderr, end="" if notice.is_passing else "\n", flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

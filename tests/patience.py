"""How long tests wait: for what has to come, as good as for ever; for a promised time, as long as was promised."""

import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 90.0
"""Seconds after which what has to come is given up; a test that passes does not wait that long on a busy machine."""


def starved(pid: int) -> float:
    """Return for how many seconds a process's threads have waited for a processor until now; 0.0 where nobody tells.

    What is promised within some seconds (docs: proc_pid_schedstat(5)) is promised for a machine that has time for it.
    """
    nanoseconds = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError, IndexError, ValueError):  # the thread has ended meanwhile
            nanoseconds += int(thread.read_text(encoding="ascii").split()[1])
    return nanoseconds / 1e9


class Stopwatch:
    """Measure how long a process takes, without the time for which others kept it from a processor."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._began = time.monotonic()
        self._before = starved(pid)
        self._starved = 0.0

    def read(self) -> float:
        """Return the seconds so far; read it often, for what a thread waited is forgotten with the thread."""
        self._starved = max(self._starved, starved(self._pid) - self._before)
        return time.monotonic() - self._began - self._starved

"""The sender lock: whether some process is delivering for a database.

A lock on a file beside the database, shared by all that deliver. The system lets go of it when a process ends, however
it ends; a note in the database would have to grow old before anyone could tell that its writer was killed.
"""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from kbtui.core.db.engine import database
from kbtui.core.db.files import make_private


class SenderLock:
    """This process's share of the lock; use it as a context manager, or with ``take`` and ``leave``."""

    def __init__(self) -> None:
        self.path = f"{database.database}-deliver"
        self._file: int | None = None

    def take(self) -> None:
        """Tell others that this process delivers. Where files cannot be locked it goes on without."""
        for _ in range(20):
            if self._lock(fcntl.LOCK_SH):
                return
            # Somebody is just finding out that nobody delivers: that takes a moment.
            time.sleep(0.01)

    def take_alone(self) -> bool:
        """Take the lock only if nobody else has it; return whether that was so."""
        if not self._lock(fcntl.LOCK_EX):
            return False
        return self._lock(fcntl.LOCK_SH)

    def leave(self) -> None:
        """Tell others that this process delivers no more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> "SenderLock":
        self.take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def _lock(self, lock: int) -> bool:
        try:
            if self._file is None:
                make_private(Path(self.path))
                self._file = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
            fcntl.flock(self._file, lock | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # Some network file systems know no locks: then several deliver, which is safe, if not thrifty.
            return True
        return True

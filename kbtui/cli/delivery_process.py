"""A process that delivers for the one that started it, until that one ends or closes the pipe between them.

In one process, sending would take its turns from answering: a call that made an event took twice as long while the
events before it were on their way.
"""

import signal
import subprocess
import sys
import threading

from kbtui.core.db import database
from kbtui.core.db.engine import database as board
from kbtui.errors import DatabaseError
from kbtui.webhooks.delivery import deliver_forever
from kbtui.webhooks.sender_lock import SenderLock

STOP_SECONDS = 2.0
"""How long requests under way have to end."""


class DeliveryProcess:
    """The process that delivers for this one, which begins once nobody else delivers for the database."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.sent = 0
        """How many events it has delivered, once it has ended."""

    @property
    def is_at_work(self) -> bool:
        """Return whether it runs."""
        return self._process is not None and self._process.poll() is None

    def take_over(self) -> None:
        """Begin to deliver, unless that is done already, here or elsewhere."""
        if self.is_at_work:
            return
        lock = SenderLock()
        alone = lock.take_alone()
        lock.leave()
        if alone:
            self._process = subprocess.Popen(  # noqa: S603 - this Python, and a path that is no command
                [sys.executable, "-m", "kbtui.cli.delivery_process", str(board.database)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )

    def stop(self) -> None:
        """End delivering; what is not sent yet stays queued."""
        if self._process is None:
            return
        try:
            output, _ = self._process.communicate(timeout=STOP_SECONDS + 5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            output, _ = self._process.communicate()
        self.sent += int(output) if output.strip().isdecimal() else 0
        self._process = None


def main(path: str) -> None:
    """Deliver until standard input ends, and print how many were delivered."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # they reach both processes, and the other one tells
        signal.signal(number, signal.SIG_IGN)
    try:
        database.connect(path, must_exist=True)
    except DatabaseError:  # the process that started this one sees it too, and says so
        return
    stopping = threading.Event()

    def await_end() -> None:
        sys.stdin.buffer.read()
        stopping.set()

    threading.Thread(target=await_end, daemon=True).start()
    try:
        print(deliver_forever(stopping, timeout=STOP_SECONDS))
    finally:
        database.close()


if __name__ == "__main__":
    main(sys.argv[1])

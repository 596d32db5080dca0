"""Other processes that use the database, or get in its way."""

import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.core.new_boards import CONNECT

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


def python(script: str, *arguments: object, without: Collection[str] = ()) -> subprocess.Popen[str]:
    """Start a script in a process of its own, without some of the environment's variables."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if name not in without},
    )


HOLD_ON_SERVER = f"""
import sys
{CONNECT}
connect(sys.argv[1])
with database.transaction():
    print("held", flush=True)
    sys.stdin.readline()
database.close()
"""


@contextmanager
def locked(board: Path | str) -> Iterator[Callable[[], None]]:
    """Let another process hold the lock of a board, by its file or its name; yields what makes it let go."""
    holder = python(HOLD_ON_SERVER if "://" in str(board) else HOLD, board)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"

    def release() -> None:
        holder.communicate("\n")

    try:
        yield release
    finally:
        if holder.returncode is None:
            release()
        assert holder.returncode == 0

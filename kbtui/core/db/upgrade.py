"""Bringing a file of an older version to today's: never without room for it, nor without a copy of what it was.

All of it happens in one transaction that holds the file's lock; a step that fails leaves the file as it was.
"""

import filecmp
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

from kbtui.core.db import files
from kbtui.core.db.engine.sqlite import SqliteEngine
from kbtui.core.db.migrations import MIGRATIONS
from kbtui.core.db.notice import Notice, Tell
from kbtui.errors import DatabaseError, DatabaseFullError

PROGRESS_SECONDS = 1.0
"""How long it may take before anything is said of how far it is, and how long until the next time."""

MARGIN = 1024 * 1024
"""Bytes beside those that the copy and the new tables take."""

_PAGES = 256
"""How many pages are copied at a time: 1 MiB."""

_OPCODES = 100_000
"""After how many of its steps SQLite lets us look at the clock: some milliseconds."""


def upgrade(engine: SqliteEngine, version: int, tell: Tell) -> None:
    """Bring a file of this version to today's, in the transaction that is open.

    Raises DatabaseFullError when there is no room for it, DatabaseError when no copy can be kept.
    """
    path = Path(engine.database)
    _check_room(path, len(MIGRATIONS))
    clock = _Clock(tell)
    try:
        copy, is_new = _keep_copy(engine, path, version, clock)
        made = "is kept as" if is_new else "was kept before as"
        change = f"{path} is brought from version {version} to {len(MIGRATIONS)}"
        tell(Notice(f"{change}; a copy of what it was {made} {copy}"))
        with _watched(engine, lambda: clock.tell(f"Bringing {path.name} to version {len(MIGRATIONS)}")):
            for step in MIGRATIONS[version:]:
                step(engine)
    finally:
        clock.end()


class _Clock:
    """Says now and then how far the work is, once it takes longer than a moment."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._started = time.monotonic()
        self._next = self._started + PROGRESS_SECONDS
        self._has_told = False

    def tell(self, what: str) -> None:
        """Say what is being done, and for how long already, unless something was said just now."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PROGRESS_SECONDS
            self._has_told = True
            self._tell(Notice(f"{what}: {now - self._started:.0f} s so far", is_passing=True))

    def end(self) -> None:
        """Say how long it took, if anything was said of how far it was."""
        if self._has_told:
            self._tell(Notice(f"That took {time.monotonic() - self._started:.0f} s"))


def _check_room(path: Path, version: int) -> None:
    """Raise DatabaseFullError unless the disk has room for the copy, and for what is written anew into the log."""
    log = path.with_name(f"{path.name}-wal")
    needed = 2 * (path.stat().st_size + (log.stat().st_size if log.exists() else 0)) + MARGIN
    free = shutil.disk_usage(path.resolve().parent).free
    if free < needed:
        raise DatabaseFullError(
            f"{path} must be brought to version {version}, which takes {_mebibytes(needed)} beside it, but"
            f" {_mebibytes(free)} are free; nothing was changed. Free some room, then try again."
        )


def _keep_copy(engine: SqliteEngine, path: Path, version: int, clock: _Clock) -> tuple[Path, bool]:
    """Copy the file to one named after its version; return where the copy is, and whether it is new.

    A copy that is there already is never overwritten: an equal one will do, beside another one it gets a number.
    Raises DatabaseError.
    """
    part = path.with_name(f"{path.name}.v{version}.part")
    try:
        part.unlink(missing_ok=True)  # of a copy that was interrupted
        files.make_private(part)
        _copy(engine, part, lambda share: clock.tell(f"Copying {path.name}, {share:.0%}"))
        for name in _names(path, version):
            if not os.path.lexists(name):
                part.rename(name)
                return name, True
            if filecmp.cmp(part, name, shallow=False):
                part.unlink()
                return name, False
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise DatabaseError(
            f"No copy of {path} could be kept, so it was not brought to a newer version; nothing was changed: {error}."
        ) from error
    raise AssertionError("there is always another number")


def _names(path: Path, version: int) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.v{version}")
    for number in count(2):
        yield path.with_name(f"{path.name}.v{version}-{number}")


def _copy(engine: SqliteEngine, target: Path, progress: Callable[[float], None]) -> None:
    """Copy what is committed, and make sure that it is on the disk."""
    with closing(engine.new_connection()) as source, closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = off")
        source.backup(copy, pages=_PAGES, progress=lambda _, left, total: progress(1 - left / max(total, 1)))
    with target.open("r+b") as file:
        os.fsync(file.fileno())


@contextmanager
def _watched(engine: SqliteEngine, look: Callable[[], None]) -> Iterator[None]:
    """Look at the clock while SQLite works; a statement is not interrupted."""
    connection: sqlite3.Connection = engine.connection()  # type: ignore[no-untyped-call]

    def watch() -> int:
        look()
        return 0  # go on

    connection.set_progress_handler(watch, _OPCODES)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def _mebibytes(size: int) -> str:
    return f"{size / 1024 / 1024:,.1f} MiB"

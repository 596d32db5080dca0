"""The engines: all that SQLite and PostgreSQL do differently, and the one database of this process.

A process has one connection that writes, lent to one thread at a time in the order they ask, and each thread that reads
has a connection of its own beside it. A lock that another program holds so stops who writes, never who reads.
"""

import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import peewee

from kbtui import errors
from kbtui.core.db.sqlite_search import SqliteSearch, add_functions

logging.getLogger("peewee").setLevel(logging.INFO)  # below that it writes every value down, passwords and tokens too

APPLICATION_ID = 0x6B627475
"""``kbtu`` in ASCII, written into the file's header: it tells a board from any other SQLite database."""

LEAST_SQLITE = (3, 35, 0)
"""The first SQLite with ``RETURNING``."""

PRAGMAS = ("foreign_keys = 1", "synchronous = normal", "wal_autocheckpoint = 0", "temp_store = memory")
"""What every connection is set to. None checkpoints by itself: that runs inside a commit and can hold it for 1 s."""


class Turns:
    """A lock that is taken in the order it was asked for, within a time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()

    def take(self, seconds: float) -> bool:
        """Wait for one's turn for at most that many seconds; return whether it came."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(seconds):
            return True
        with self._guard:
            if turn.is_set():  # it came just now
                return True
            self._waiting.remove(turn)
            return False

    def give(self) -> None:
        """End one's turn; whoever has waited longest is next."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False


class _ReadableCursor(sqlite3.Cursor):
    """A cursor that fails in sentences too: damage may show in the middle of a table, after the first rows."""

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.DatabaseError as error:
            raise database.explain(error) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite3.DatabaseError as error:
            raise database.explain(error) from error


class SqliteEngine(SqliteSearch):
    """A board in one SQLite file."""

    is_postgres = False

    def __init__(self, path: str | None = None, *, busy_timeout: float = 5.0) -> None:
        """``busy_timeout`` is how many seconds a thread waits for a lock unless it says otherwise."""
        super().__init__(path, autoconnect=False, timeout=busy_timeout, returning_clause=True)
        self._busy_timeout = busy_timeout
        self._turns = Turns()
        self._writer: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._mine = threading.local()
        self._committed = 0
        self._readers = 0
        self._guard = threading.Lock()

    # -- Connections

    def open_writer(self) -> None:
        """Open the connection that writes, and switch a new file to write-ahead logging.

        A file of another program is left as it is. Raises a DatabaseError.
        """
        try:
            writer = sqlite3.connect(
                self.database, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False
            )
            self._writer = writer
            _set_pragmas(writer)
            if not self.is_foreign():
                self._use_wal(writer)
            writer.execute("PRAGMA busy_timeout = 0")
            self._file = _identity(self.database)
        except sqlite3.DatabaseError as error:
            self.close_all()
            raise self.explain(error) from error
        except errors.DatabaseError:
            self.close_all()
            raise

    def open_reader(self, busy_timeout: float | None = None) -> None:
        """Connect the calling thread for reading, unless it is; ``busy_timeout`` is how long it waits for locks."""
        self._mine.patience = self._busy_timeout if busy_timeout is None else busy_timeout
        try:
            if self.connect(reuse_if_open=True):
                reader: sqlite3.Connection = self.connection()  # type: ignore[no-untyped-call]
                with self._guard:
                    self._readers += 1
                _set_pragmas(reader)
                reader.execute("PRAGMA query_only = 1")
            if busy_timeout is not None:
                reader = self.connection()  # type: ignore[no-untyped-call]
                reader.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
        except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
            self.close_reader()
            raise self.explain(error) from error

    def close_reader(self) -> None:
        """Disconnect the calling thread; the last one out moves the log into the file."""
        if self.deferred or self.is_closed():
            return
        with self._guard:
            self._readers -= 1
            is_last = self._readers <= 0
        if is_last:
            self.close_all()
        else:
            self.close()

    def close_all(self) -> None:
        """Close the connection that writes and the calling thread's."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if not self.deferred and not self.is_closed():
            self.close()

    @property
    def is_open(self) -> bool:
        """Return whether the calling thread is connected."""
        return not self.deferred and not self.is_closed()

    def is_foreign(self) -> bool:
        """Return whether the file is in use by another program, which must find it as it left it."""
        assert self._writer is not None  # noqa: S101 - it was opened
        used: int = self._writer.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]
        application: int = self._writer.execute("PRAGMA application_id").fetchone()[0]
        return bool(used) and application != APPLICATION_ID

    def _use_wal(self, writer: sqlite3.Connection) -> None:
        """Switch the file to write-ahead logging, which stays with it once set.

        SQLite does not wait for the lock here, so two programs that make the same file at once have to try again.
        Raises DatabaseError where such a log cannot be kept.
        """
        deadline = time.monotonic() + 5
        mode: str = writer.execute("PRAGMA journal_mode").fetchone()[0]
        while mode != "wal":
            try:
                mode = writer.execute("PRAGMA journal_mode = wal").fetchone()[0]
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                if mode != "wal":
                    raise errors.DatabaseError(
                        f"{self.database} cannot be shared between programs; choose a file on a disk of this computer."
                    )

    # -- Transactions

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Lend the connection that writes to the calling thread, for one transaction.

        Raises DatabaseBusyError when it, or the file's lock, cannot be had in time, DatabaseGoneError when the file is
        not where it was.
        """
        patience = getattr(self._mine, "patience", self._busy_timeout)
        if not self._turns.take(patience):
            raise self._busy()
        state = self._state  # type: ignore[attr-defined]
        reader = state.conn
        try:
            self.check_file()
            state.conn = self._writer
            yield
        finally:
            state.conn = reader
            self._turns.give()

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction that writes: whoever waits for the lock has read nothing yet that could grow old."""
        deadline = time.monotonic() + getattr(self._mine, "patience", self._busy_timeout)
        pause = 0.001
        while True:
            try:
                self.execute_sql("BEGIN IMMEDIATE")
            except errors.DatabaseBusyError:
                if time.monotonic() + pause > deadline:
                    raise
                time.sleep(pause)
                pause = min(pause * 2, 0.02)
            else:
                return

    def commit(self) -> None:
        """Commit; raise DatabaseFullError and its like when the file cannot take it."""
        try:
            super().commit()
        except peewee.DatabaseError as error:
            raise self.explain(error) from error
        self._committed += 1
        self._mine.committed = getattr(self._mine, "committed", 0) + 1

    def rollback(self) -> None:
        """Roll back, unless SQLite has done so already, as it does on a full disk."""
        if self.connection().in_transaction:  # type: ignore[no-untyped-call]
            super().rollback()

    @contextmanager
    def waiting(self, seconds: float) -> Iterator[None]:
        """Let the calling thread wait that long for the lock, as for another program that migrates the file."""
        usual = getattr(self._mine, "patience", self._busy_timeout)
        self._mine.patience = seconds
        try:
            yield
        finally:
            self._mine.patience = usual

    def check_file(self) -> None:
        """Raise DatabaseGoneError when the file that was opened is not at its place any more."""
        if self._file != _identity(self.database):
            raise errors.DatabaseGoneError(
                f"{self.database} was removed or replaced while it was open; nothing is written to it any more. "
                "Put the file back, or end kbtui and start it again."
            )

    def commits(self) -> tuple[int, int]:
        """Return what differs after each commit that is not the calling thread's: by other programs, by other threads.

        Asking costs some microseconds and waits for no lock.
        """
        assert self._writer is not None  # noqa: S101 - it was opened
        try:
            version: int = self._writer.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise self.explain(error) from error
        return version, self._committed - getattr(self._mine, "committed", 0)

    def checkpoint(self) -> None:
        """Move what is committed from the log into the file, without making anyone wait."""
        self.execute_sql("PRAGMA wal_checkpoint(PASSIVE)")

    # -- The schema

    def create_table(self, model: type[peewee.Model]) -> None:
        """Create a model's table and its indexes."""
        model.create_table(safe=False)

    # -- Statements

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run one statement; raise the matching DatabaseError when SQLite cannot.

        Raises InvalidError for a number of more than 64 bits.
        """
        try:
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        except peewee.IntegrityError:
            raise
        except OverflowError as error:
            raise errors.InvalidError("A number is too large; nothing was changed.") from error
        except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
            raise self.explain(error) from error

    def cursor(self, named_cursor: Any = None) -> sqlite3.Cursor:
        """Return a cursor of the calling thread's connection."""
        cursor: sqlite3.Cursor = self.connection().cursor(_ReadableCursor)  # type: ignore[no-untyped-call]
        return cursor

    def explain(self, error: BaseException) -> errors.DatabaseError:
        """Return an error of SQLite as a sentence that says what to do, by its code."""
        where = self.database or "the database"
        code = _sqlite_code(error)
        if code in _BUSY:
            return self._busy()
        if code == sqlite3.SQLITE_FULL:
            return errors.DatabaseFullError(
                f"No room is left for {where}; nothing was changed. Free some, then try again."
            )
        if code == sqlite3.SQLITE_READONLY:
            return errors.DatabaseReadOnlyError(
                f"{where} cannot be written; check the permissions of the file and its folder."
            )
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return errors.DatabaseCorruptError(
                f"{where} is damaged or is no kbtui database. Restore a copy, or choose another file with --database."
            )
        if code == sqlite3.SQLITE_IOERR:
            return errors.DatabaseError(
                f"{where} cannot be read or written; check that its disk is there and not full."
            )
        if code == sqlite3.SQLITE_CANTOPEN:
            return errors.DatabaseError(f"{where} cannot be opened; check that its folder exists and can be written.")
        return errors.DatabaseError(f"{where}: {error}")

    def _busy(self) -> errors.DatabaseBusyError:
        return errors.DatabaseBusyError(
            f"{self.database} is locked by another program; nothing was changed. Try again."
        )


_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _set_pragmas(connection: sqlite3.Connection) -> None:
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    add_functions(connection)


def _identity(path: str) -> tuple[int, int] | None:
    """Return which file is at a path, None for none."""
    try:
        stat = os.stat(Path(path))
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _sqlite_code(error: BaseException | None) -> int | None:
    """Return SQLite's primary result code of an error or of what lies behind it; None when it has none."""
    while error is not None:
        code: int | None = getattr(error, "sqlite_errorcode", None)
        if code is not None:
            return code & 0xFF
        cause = error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
        error = cause or error.__cause__ or error.__context__
    return None


database = cast(SqliteEngine, peewee.DatabaseProxy())
"""The one database of this process. Which engine it is, is decided when it is opened."""

database.initialize(SqliteEngine())  # type: ignore[attr-defined]

"""SQLite: a board in one file."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import quote_from_bytes

import peewee

from kbtui import errors
from kbtui.core.db import files
from kbtui.core.db.engine.base import APPLICATION_ID, Engine
from kbtui.core.db.engine.sqlite_search import SqliteSearch, add_functions

LEAST_SQLITE = (3, 35, 0)
"""The first SQLite with ``RETURNING``."""

PRAGMAS = ("foreign_keys = 1", "synchronous = normal", "wal_autocheckpoint = 0", "temp_store = memory")
"""What every connection is set to. None checkpoints by itself: that runs inside a commit and can hold it for 1 s."""


class _ReadableCursor(sqlite3.Cursor):
    """A cursor that fails in sentences too: damage may show in the middle of a table, after the first rows."""

    def __init__(self, engine: "SqliteEngine", connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._engine = engine

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.DatabaseError as error:
            raise self._engine.explain(error) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite3.DatabaseError as error:
            raise self._engine.explain(error) from error


class SqliteEngine(SqliteSearch, Engine, peewee.SqliteDatabase):
    """A board in one SQLite file."""

    is_postgres = False
    driver_error = sqlite3.DatabaseError

    def __init__(self, path: str | None = None, *, busy_timeout: float = 5.0) -> None:
        """``busy_timeout`` is how many seconds a thread waits for a lock unless it says otherwise."""
        super().__init__(path, busy_timeout=busy_timeout, timeout=busy_timeout, returning_clause=True)
        self._opened: files.Identity | None = None

    # -- Connections

    def open_writer(self) -> None:
        """Open the connection that writes, and switch a new file to write-ahead logging.

        A file of another program is left as it is. Raises a DatabaseError.
        """
        try:
            writer = self.new_connection()
            self._writer = writer
            _set_pragmas(writer)
            if not self.is_foreign():
                self._use_wal(writer)
                writer.execute("SELECT 1 FROM sqlite_master").fetchone()  # from here on there is a log to be known
            writer.execute("PRAGMA busy_timeout = 0")
            self._opened = files.identify(self.database)
        except sqlite3.DatabaseError as error:
            self.close_all()
            raise self.explain(error) from error
        except errors.DatabaseError:
            self.close_all()
            raise

    def new_connection(self) -> sqlite3.Connection:
        """Return another connection to the file, which has to be there: SQLite would make one that is gone anew."""
        path = quote_from_bytes(os.fsencode(os.path.abspath(self.database)))
        return sqlite3.connect(
            f"file://{path}?mode=rw",
            uri=True,
            timeout=self._busy_timeout,
            isolation_level=None,
            check_same_thread=False,
        )

    def _connect(self) -> sqlite3.Connection:
        return self.new_connection()

    def _prepare_reader(self) -> None:
        reader: sqlite3.Connection = self.connection()  # type: ignore[no-untyped-call]
        _set_pragmas(reader)
        reader.execute("PRAGMA query_only = 1")

    def _set_reader_timeout(self, seconds: float) -> None:
        self.connection().execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")  # type: ignore[no-untyped-call]

    def check_file(self) -> None:
        """Raise DatabaseGoneError when the file that was opened, or its log, is not at its place any more."""
        if self._opened != files.identify(self.database):
            raise errors.DatabaseGoneError(
                f"{self.database} was removed or replaced while it was open; nothing is written to it any more. "
                "Move the file back to its place, or end kbtui and start it again."
            )

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

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction that writes: whoever waits for the lock has read nothing yet that could grow old."""
        deadline = time.monotonic() + self.patience
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

    def rollback(self) -> None:
        """Roll back, unless SQLite has done so already, as it does on a full disk."""
        if self.connection().in_transaction:  # type: ignore[no-untyped-call]
            super().rollback()

    def commits(self) -> tuple[int, int]:
        """Return what differs after each commit that is not the calling thread's: by other programs, by other threads.

        Asking costs some microseconds and waits for no lock. Raises DatabaseGoneError when the file is not in place,
        DatabaseError when another thread has closed it.
        """
        self.check_file()
        if self._writer is None:
            raise errors.DatabaseError(f"{self.database} has been closed.")
        try:
            version: int = self._writer.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise self.explain(error) from error
        return version, self._committed_by_other_threads()

    def checkpoint(self) -> None:
        """Move what is committed from the log into the file, without making anyone wait."""
        self.execute_sql("PRAGMA wal_checkpoint(PASSIVE)")

    # -- The schema

    def is_foreign(self) -> bool:
        """Return whether the file is in use by another program, which must find it as it left it."""
        assert self._writer is not None  # noqa: S101 - it was opened
        used: int = self._writer.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]
        application: int = self._writer.execute("PRAGMA application_id").fetchone()[0]
        return bool(used) and application != APPLICATION_ID

    def read_version(self) -> int:
        """Return how many steps of the schema the file has seen, 0 for a new one."""
        version: int = self.execute_sql("PRAGMA user_version").fetchone()[0]
        return version

    def write_version(self, version: int) -> None:
        """Write down how many steps of the schema the file has seen, and that it is a board."""
        self.execute_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        self.execute_sql(f"PRAGMA user_version = {version}")

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Let tables be made anew: what refers to them would go with the old ones.

        It can only be switched outside of a transaction.
        """
        self.execute_sql("PRAGMA foreign_keys = 0")
        try:
            yield
        finally:
            self.execute_sql("PRAGMA foreign_keys = 1")

    def create_table(self, model: type[peewee.Model]) -> None:
        """Create a model's table and its indexes."""
        model.create_table(safe=False)

    def follow_ids(self, model: type[peewee.Model]) -> None:
        """Do nothing: SQLite goes on from the largest id there was."""

    # -- Statements

    def cursor(self, named_cursor: Any = None) -> sqlite3.Cursor:
        """Return a cursor of the calling thread's connection."""
        cursor: sqlite3.Cursor = self.connection().cursor(partial(_ReadableCursor, self))  # type: ignore[no-untyped-call]
        return cursor

    def stored_text(self, text: peewee.Node) -> Any:
        """Return a text as bytes, which are read whatever they are."""
        return peewee.Cast(text, "BLOB")

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


def _sqlite_code(error: BaseException | None) -> int | None:
    """Return SQLite's primary result code of an error or of what lies behind it; None when it has none."""
    while error is not None:
        code: int | None = getattr(error, "sqlite_errorcode", None)
        if code is not None:
            return code & 0xFF
        cause = error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
        error = cause or error.__cause__ or error.__context__
    return None

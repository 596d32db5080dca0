"""The SQLite database: connecting, transactions, and errors in words.

One process has one database open at a time; each thread connects to it by itself. Every transaction begins
with ``BEGIN IMMEDIATE``, so a writer waits for the lock before it reads what it is about to change.
"""

import functools
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import peewee

from kbtui import errors

P = ParamSpec("P")
R = TypeVar("R")

logging.getLogger("peewee").setLevel(logging.INFO)  # below that it writes every value down, passwords and tokens too

APPLICATION_ID = 0x6B627475
"""``kbtu`` in ASCII, written into the file's header: it tells a board from any other SQLite database."""

LEAST_SQLITE = (3, 35, 0)
"""The first SQLite with ``RETURNING``."""


class KbtuiCursor(sqlite3.Cursor):
    """A cursor that fails in sentences too: damage may show in the middle of a table, after the first rows."""

    def fetchone(self) -> Any:
        """Return the next row, None after the last one; raise the matching DatabaseError when SQLite cannot."""
        try:
            return super().fetchone()
        except sqlite3.DatabaseError as error:
            raise explain(error, database.database) from error

    def fetchall(self) -> list[Any]:
        """Return the rows that are left; raise the matching DatabaseError when SQLite cannot."""
        try:
            return super().fetchall()
        except sqlite3.DatabaseError as error:
            raise explain(error, database.database) from error


class KbtuiDatabase(peewee.SqliteDatabase):
    """peewee's SQLite database, whose failures are sentences."""

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
            raise explain(error, self.database) from error

    def cursor(self, named_cursor: Any = None) -> sqlite3.Cursor:
        """Return a cursor of the calling thread's connection."""
        cursor: sqlite3.Cursor = self.connection().cursor(KbtuiCursor)  # type: ignore[no-untyped-call]
        return cursor

    def after_commit(self, fn: Callable[[], R]) -> Callable[[], R]:
        """Call ``fn`` after the commit, once however often the transaction asks for it; not after a rollback."""
        if fn not in self._state.commit_callbacks:  # type: ignore[attr-defined]
            super().after_commit(fn)
        return fn

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction; raise DatabaseBusyError when the lock cannot be had in time."""
        try:
            super().begin(lock_type)
        except peewee.DatabaseError as error:
            raise explain(error, self.database) from error

    def commit(self) -> None:
        """Commit; raise DatabaseFullError and its like when the file cannot take it."""
        try:
            super().commit()
        except peewee.DatabaseError as error:
            raise explain(error, self.database) from error

    def rollback(self) -> None:
        """Roll back, unless SQLite has done so already, as it does on a full disk."""
        if self.connection().in_transaction:  # type: ignore[no-untyped-call]
            super().rollback()


database = KbtuiDatabase(None, lock_type="IMMEDIATE", autoconnect=False)


def explain(error: Exception, path: str | None) -> errors.DatabaseError:
    """Turn an error of SQLite into a sentence that says what to do."""
    text = str(error).lower()
    where = path or "the database"
    if "locked" in text or "busy" in text:
        return errors.DatabaseBusyError(f"{where} is locked by another program; nothing was changed. Try again.")
    if "full" in text:
        return errors.DatabaseFullError(f"No room is left for {where}; nothing was changed. Free some, then try again.")
    if "readonly" in text or "read-only" in text:
        return errors.DatabaseReadOnlyError(
            f"{where} cannot be written; check the permissions of the file and its folder."
        )
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return errors.DatabaseCorruptError(
            f"{where} is damaged or is no kbtui database. Restore a copy, or choose another file with --database."
        )
    if "disk i/o" in text:
        return errors.DatabaseError(f"{where} cannot be read or written; check that its disk is there and not full.")
    if "unable to open" in text:
        return errors.DatabaseError(f"{where} cannot be opened; check that its folder exists and can be written.")
    return errors.DatabaseError(f"{where}: {error}")


def connect(path: str | Path, *, busy_timeout: float = 5.0) -> None:
    """Open the database for this process, create or migrate it as needed, and connect this thread.

    ``busy_timeout`` is how many seconds a statement waits for another program's lock.
    Raises a DatabaseError when the file cannot be used.
    """
    from kbtui.core.db.migrations import migrate  # the list of migrations is needed here only

    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        raise errors.DatabaseError(
            f"kbtui needs SQLite {'.'.join(map(str, LEAST_SQLITE))} or newer; this Python has {sqlite3.sqlite_version}."
        )
    close()
    if "\0" in str(path):
        raise errors.DatabaseError(f"{str(path)!r} cannot be a database: a path has no NUL in it.")
    try:
        file = Path(path).expanduser()
    except RuntimeError as error:  # Python's way to say so
        raise errors.DatabaseError(f"{path} cannot be found: there is no such user. Choose another file.") from error
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.DatabaseError(f"The folder {file.parent} cannot be made: {error.strerror}.") from error
    database.init(str(file), timeout=busy_timeout, returning_clause=True)  # type: ignore[arg-type]
    connect_thread()
    try:
        migrate(database)
    except BaseException:
        close()
        raise


def connect_thread(*, busy_timeout: float | None = None) -> None:
    """Connect the calling thread to the open database, with the pragmas every connection has."""
    try:
        database.connect(reuse_if_open=True)
        connection = database.connection()  # type: ignore[no-untyped-call]
        for pragma in ("foreign_keys = 1", "synchronous = normal", "wal_autocheckpoint = 0", "temp_store = memory"):
            connection.execute(f"PRAGMA {pragma}")
        if busy_timeout is not None:
            connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
        if not is_foreign(connection):
            _use_wal(connection)
    except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
        close()
        raise explain(error, database.database) from error
    except errors.DatabaseError:
        close()
        raise


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Tell whether the file is in use by another program, which must find it as it left it."""
    used: int = connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return bool(used) and application != APPLICATION_ID


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to write-ahead logging, which stays with the file once set.

    SQLite does not wait for the lock here, so two programs that make the same file at once have to try again.
    Raises DatabaseError where such a log cannot be kept.
    """
    deadline = time.monotonic() + 5
    mode: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
    while mode != "wal":
        try:
            mode = connection.execute("PRAGMA journal_mode = wal").fetchone()[0]
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            if mode != "wal":
                raise errors.DatabaseError(
                    f"{database.database} cannot be shared between programs; choose a file on a disk of this computer."
                )


def close() -> None:
    """Disconnect the calling thread; the last one out moves the log into the file."""
    if database.deferred or database.is_closed():
        return
    database.close()


def checkpoint() -> None:
    """Move what is committed from the log into the file, without making anyone wait.

    Connections never do so by themselves: SQLite's automatic checkpoint runs inside a commit and can hold a
    key press for a second.
    """
    database.execute_sql("PRAGMA wal_checkpoint(PASSIVE)")


def transactional(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` in one transaction: all it changes is committed together, or nothing is.

    Inside another transactional function it joins that transaction.
    """

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction():
            return function(*args, **kwargs)

    return wrapper


@contextmanager
def transaction() -> Iterator[None]:
    """Open a transaction, or join the one that is open. Never ``await`` inside."""
    if database.in_transaction():
        yield
        return
    with database.transaction():
        yield


def fetch_one(sql: str, params: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
    """Return the first row of a query as a tuple, or None."""
    row: tuple[Any, ...] | None = database.execute_sql(sql, params).fetchone()
    return row


def fetch_all(sql: str, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return all rows of a query as tuples."""
    rows: list[tuple[Any, ...]] = database.execute_sql(sql, params).fetchall()
    return rows


def fetch_dicts(sql: str, params: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    """Return all rows of a query as dicts, keyed by column name in the query's order."""
    cursor = database.execute_sql(sql, params)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def insert_row(table: str, values: dict[str, Any]) -> int:
    """Insert a row, keyed by column name, and return its id."""
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" * len(values))
    sql = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'
    row_id: int = database.execute_sql(sql, tuple(values.values())).lastrowid
    return row_id

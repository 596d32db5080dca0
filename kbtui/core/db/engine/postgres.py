"""PostgreSQL: a board in one schema of a server's database, through psycopg 3.

The first statement of a transaction that writes takes a lock that all programs on the board share, as BEGIN IMMEDIATE
does in a file: without it, an event with a smaller number could be committed after one with a larger, and be missed.
"""

import contextlib
import sys
import zlib
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import peewee

from kbtui import errors
from kbtui.core.db.engine.base import APPLICATION_ID, Engine, too_large
from kbtui.core.db.engine.postgres_search import PostgresSearch

# Who works on a file must not wait for the driver, so peewee was kept from it; from here on it may be imported.
if sys.modules.get("psycopg", ...) is None:
    del sys.modules["psycopg"]

import psycopg
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

if TYPE_CHECKING:
    from psycopg.abc import Buffer

_BUSY = ("55P03", "40P01", "40001")
"""SQLSTATE of a lock that could not be had in time, and of a transaction that stood in another's way."""

_FULL = ("53100",)
_READ_ONLY = ("25006", "42501")
_CORRUPT = ("XX001", "XX002")
_TOO_LARGE = ("22003",)
_REFUSED = ("28000", "28P01", "3D000")
"""A user, a password or a database that the server does not take."""

_CROWDED = ("53200", "53300")
"""No memory or no connection is left."""

_CUT = ("08", "57P0")
"""How the SQLSTATE of a connection begins that was cut, or could not be made."""


class _Number(Loader):
    """Reads a sum as Python's own number, as SQLite hands it out."""

    def load(self, data: "Buffer") -> int | float:
        text = bytes(data)
        return int(text) if text.lstrip(b"-").isdigit() else float(text)


class _Flag(Loader):
    """Reads what is true or false as 1 or 0, as SQLite hands it out."""

    def load(self, data: "Buffer") -> int:
        return int(bytes(data) == b"t")


class _Adapter(peewee.Psycopg3Adapter):
    """The driver for peewee, which could not see it when it was imported."""

    txn_idle = TransactionStatus.IDLE
    txn_inerror = TransactionStatus.INERROR
    txn_unknown = TransactionStatus.UNKNOWN

    def check_driver(self) -> None:
        """Do nothing: the driver is there, or this module would not be."""

    def get_binary_type(self) -> type[psycopg.Binary]:
        """Return what bytes are wrapped in."""
        return psycopg.Binary

    def connect(self, db: "PostgresEngine", **params: Any) -> "psycopg.Connection[tuple[Any, ...]]":
        """Return a connection that only reads."""
        return db.new_connection(read_only=True)


class PostgresEngine(PostgresSearch, Engine, peewee.PostgresqlDatabase):
    """A board in a schema of a PostgreSQL database."""

    is_postgres = True
    driver_error = psycopg.Error
    psycopg2_adapter = psycopg3_adapter = _Adapter

    def __init__(self, url: str, *, schema: str = "public", busy_timeout: float = 5.0) -> None:
        """``url`` is a connection URI or string of libpq; ``schema`` must be there.

        Raises DatabaseError for a URI that cannot be read.
        """
        self._conninfo = url
        self._schema = schema
        try:
            place = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:  # its text has the URL in it, with the password
            raise errors.DatabaseError(
                "The URL of the database cannot be read; write it as postgresql://user@host/name."
            ) from error
        # What is shown of it: never the password.
        name = f"{place.get('dbname', '')} on {place.get('host', 'this computer')}, schema {schema}"
        super().__init__(name, busy_timeout=busy_timeout)
        self._numbered = 0
        self._lock_key = zlib.crc32(schema.encode()) - 2**31  # a signed number of 32 bits

    # -- Connections

    def new_connection(self, *, read_only: bool) -> "psycopg.Connection[tuple[Any, ...]]":
        """Return another connection to the server. Raises psycopg.Error."""
        options = f"-c search_path={self._schema} -c default_transaction_read_only={'on' if read_only else 'off'}"
        connection = psycopg.connect(self._conninfo, autocommit=True, options=options)
        connection.adapters.register_loader("numeric", _Number)
        connection.adapters.register_loader("bool", _Flag)
        return connection

    def open_writer(self) -> None:
        """Open the connection that writes. Raises DatabaseError."""
        try:
            self._writer = self.new_connection(read_only=False)
        except psycopg.Error as error:
            raise self.explain(error) from error

    def check_file(self) -> None:
        """Connect again when the connection that writes was cut. Raises DatabaseError when that cannot be."""
        if self._writer is None or self._writer.closed:
            self.open_writer()

    def _prepare_reader(self) -> None:
        """Do nothing: the connection was made to read only."""

    def _set_reader_timeout(self, seconds: float) -> None:
        """Do nothing: who reads waits for no lock."""

    # -- Transactions

    def begin(self, isolation_level: Any = None) -> None:
        """Begin a transaction that writes, as soon as no other program has one open on this board."""
        milliseconds = max(1, int(self.patience * 1000))  # 0 would be for ever
        statements = (
            "BEGIN ISOLATION LEVEL READ COMMITTED",
            f"SET LOCAL lock_timeout = {milliseconds}",
            f"SELECT pg_advisory_xact_lock({APPLICATION_ID}, {self._lock_key})",
            "SET LOCAL lock_timeout = 0",
        )
        self._note_change()
        try:
            self.connection().execute("; ".join(statements))  # type: ignore[no-untyped-call]
        except psycopg.Error as error:
            self.rollback()
            raise self.explain(error) from error

    def rollback(self) -> None:
        """Roll back. A connection that was cut has done so, and must not hide why it was."""
        connection: psycopg.Connection[Any] = self.connection()  # type: ignore[no-untyped-call]
        with contextlib.suppress(psycopg.OperationalError):
            connection.rollback()

    def commit(self) -> None:
        """Commit; a transaction in which a statement failed is no success, though the server would take the COMMIT."""
        (has_number,) = self.execute_sql("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").fetchone()
        self._numbered += has_number
        super().commit()

    def commits(self) -> tuple[int, int]:
        """Return what differs after each commit that is not the calling thread's: by other programs, by other threads.

        The server numbers all transactions that write; how many there were and which are under way tells of others',
        when those of this process are not counted. What is no change of this board may make a difference too.
        """
        snapshot: str = self.execute_sql("SELECT pg_current_snapshot()::text").fetchone()[0]
        _, count, under_way = snapshot.split(":")
        return hash((int(count) - self._numbered, under_way)), self._committed_by_other_threads()

    def checkpoint(self) -> None:
        """Do nothing: the server does it."""

    # -- The schema

    def is_foreign(self) -> bool:
        """Return whether the schema has tables that are not a board's."""
        return self._has_tables() and not self._has_version()

    def _has_tables(self) -> bool:
        query = "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema())"
        return bool(self.execute_sql(query).fetchone()[0])

    def _has_version(self) -> bool:
        return self.execute_sql("SELECT to_regclass('schema_version')").fetchone()[0] is not None

    def read_version(self) -> int:
        """Return how many steps of the schema the board has seen, 0 for a new one."""
        if not self._has_version():
            return 0
        version: int = self.execute_sql("SELECT max(version) FROM schema_version").fetchone()[0]
        return version

    def write_version(self, version: int) -> None:
        """Write down how many steps of the schema the board has seen."""
        self.execute_sql("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
        self.execute_sql("DELETE FROM schema_version")
        self.execute_sql("INSERT INTO schema_version (version) VALUES (%s)", (version,))

    def rebuilding(self) -> AbstractContextManager[None]:
        """Do nothing: tables can be altered while others refer to them."""
        return contextlib.nullcontext()

    def create_table(self, model: type[peewee.Model]) -> None:
        """Create a model's table and its indexes; all tables have row ids of their own here."""
        meta: Any = model._meta
        without, meta.without_rowid = meta.without_rowid, False
        try:
            model.create_table(safe=False)
        finally:
            meta.without_rowid = without

    def follow_ids(self, model: type[peewee.Model]) -> None:
        """Let the next id of a table be larger than all there are, after rows were inserted with ids of their own."""
        table = f'"{model._meta.table_name}"'
        self.execute_sql(f"SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {table}))", (table,))

    # -- Statements

    def explain(self, error: BaseException) -> errors.KbtuiError:
        """Return an error of the server as a sentence that says what to do, by its SQLSTATE."""
        cause = _driver_error(error)
        state = cause.sqlstate if cause is not None else None
        if state in _BUSY:
            return self._busy()
        if state in _FULL:
            return errors.DatabaseFullError(f"No room is left for {self.database}; nothing was changed.")
        if state in _READ_ONLY:
            return errors.DatabaseReadOnlyError(f"{self.database} cannot be written; ask for the right to change it.")
        if state in _CORRUPT:
            return errors.DatabaseCorruptError(f"{self.database} is damaged. Restore a backup.")
        if state in _TOO_LARGE:
            return too_large()
        if state is None and isinstance(cause, psycopg.DataError):
            return errors.InvalidError("A text cannot be stored as it is; nothing was changed.")
        if state in _REFUSED:
            return errors.DatabaseError(
                f"{self.database} does not let you in; check the user, the password and the database of the URL."
            )
        if state in _CROWDED:
            return errors.DatabaseError(f"{self.database} is used by too many; try again later.")
        if isinstance(cause, psycopg.OperationalError) and (state is None or state.startswith(_CUT)):
            return errors.DatabaseError(f"{self.database} cannot be reached; check that the server runs.")
        return errors.DatabaseError(f"{self.database}: {cause}")

    def _busy(self) -> errors.DatabaseBusyError:
        return errors.DatabaseBusyError(
            f"{self.database} is locked by another program; nothing was changed. Try again."
        )


def _driver_error(error: BaseException | None) -> psycopg.Error | None:
    """Return the driver's error in what peewee made of it."""
    while error is not None:
        if isinstance(error, psycopg.Error):
            return error
        error = getattr(error, "orig", None) or error.__cause__ or error.__context__
    return None

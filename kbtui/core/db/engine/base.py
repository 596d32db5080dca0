"""What both engines share: one connection that writes, lent in the order it was asked for, and a reader a thread."""

import itertools
import threading
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

import peewee

from kbtui import errors

APPLICATION_ID = 0x6B627475
"""``kbtu`` in ASCII: in a file's header it tells a board from any other SQLite database, on a server our locks."""


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


_beginnings = itertools.count(step=1 << 40)


class _Changes(threading.local):
    """How many statements of a thread may have changed the rows of a table, and of any table.

    Each engine counts from another number: what is known of one database is never taken for known of the next.
    """

    def __init__(self) -> None:
        self.by_table: dict[str, int] = {}
        self.anywhere = next(_beginnings)


_changes = _Changes()  # of all databases that are opened one after the other: no number comes twice


class Engine(peewee.Database):
    """A board's database: what the program may ask of it, whichever it is."""

    is_postgres: ClassVar[bool]

    def __init__(self, name: str | None = None, *, busy_timeout: float = 5.0, **options: Any) -> None:
        """``busy_timeout`` is how many seconds a thread waits for a lock unless it says otherwise."""
        super().__init__(name, autoconnect=False, **options)
        self._busy_timeout = busy_timeout
        self._turns = Turns()
        self._writer: Any = None
        self._mine = threading.local()
        self._committed = 0
        self._readers = 0
        self._guard = threading.Lock()

    def joined(self, values: peewee.Node, separator: str) -> peewee.Node:
        """Return what joins the texts of a group, in the order in which the query has them."""
        joining: peewee.Node = (peewee.fn.string_agg if self.is_postgres else peewee.fn.group_concat)(values, separator)
        return joining

    # -- Connections

    @abstractmethod
    def open_writer(self) -> None:
        """Open the connection that writes. Raises a DatabaseError."""

    def open_reader(self, busy_timeout: float | None = None) -> None:
        """Connect the calling thread for reading, unless it is; ``busy_timeout`` is how long it waits for locks."""
        self._mine.patience = self._busy_timeout if busy_timeout is None else busy_timeout
        try:
            if not self.is_open:
                self.check_file()
                self.connect()
                with self._guard:
                    self._readers += 1
                self._prepare_reader()
            if busy_timeout is not None:
                self._set_reader_timeout(busy_timeout)
        except (peewee.DatabaseError, self.driver_error) as error:
            self.close_reader()
            raise self.explain(error) from error

    def close_reader(self) -> None:
        """Disconnect the calling thread; the last one out closes the connection that writes too."""
        if not self.is_open:
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
        if self.is_open:
            self.close()

    @property
    def is_open(self) -> bool:
        """Return whether the calling thread is connected."""
        return not self.deferred and not self.is_closed()

    @property
    def patience(self) -> float:
        """Return how many seconds the calling thread waits for a lock."""
        return float(getattr(self._mine, "patience", self._busy_timeout))

    @contextmanager
    def waiting(self, seconds: float) -> Iterator[None]:
        """Let the calling thread wait that long for the lock, as for another program that migrates the board."""
        usual = self.patience
        self._mine.patience = seconds
        try:
            yield
        finally:
            self._mine.patience = usual

    @abstractmethod
    def check_file(self) -> None:
        """Raise DatabaseGoneError when the file that was opened is not at its place any more."""

    @abstractmethod
    def _prepare_reader(self) -> None:
        """Set the calling thread's connection up: it may not write."""

    @abstractmethod
    def _set_reader_timeout(self, seconds: float) -> None:
        """Let the calling thread's connection wait that long for locks."""

    # -- Transactions

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Lend the connection that writes to the calling thread, for one transaction.

        Raises DatabaseBusyError when it, or the lock between programs, cannot be had in time, DatabaseGoneError when
        the database is not where it was.
        """
        if not self._turns.take(self.patience):
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

    def commit(self) -> None:
        """Commit; raise DatabaseFullError and its like when that cannot be."""
        try:
            super().commit()
        except peewee.DatabaseError as error:
            raise self.explain(error) from error
        self._committed += 1
        self._mine.committed = getattr(self._mine, "committed", 0) + 1

    @abstractmethod
    def commits(self) -> tuple[int, int]:
        """Return what differs after each commit that is not the calling thread's: by other programs, by other threads.

        Asking waits for no lock. Raises DatabaseGoneError when the database is not where it was.
        """

    def _committed_by_other_threads(self) -> int:
        return self._committed - int(getattr(self._mine, "committed", 0))

    @abstractmethod
    def checkpoint(self) -> None:
        """Move what is committed to where it belongs, without making anyone wait."""

    # -- The schema

    @abstractmethod
    def is_foreign(self) -> bool:
        """Return whether the database is in use by another program, which must find it as it left it."""

    @abstractmethod
    def read_version(self) -> int:
        """Return how many steps of the schema the database has seen, 0 for a new one."""

    @abstractmethod
    def write_version(self, version: int) -> None:
        """Write down how many steps of the schema the database has seen."""

    @abstractmethod
    def rebuilding(self) -> AbstractContextManager[None]:
        """Let tables be made anew while others refer to them; entered before the transaction."""

    @abstractmethod
    def create_table(self, model: type[peewee.Model]) -> None:
        """Create a model's table and its indexes."""

    @abstractmethod
    def follow_ids(self, model: type[peewee.Model]) -> None:
        """Let the next id of a table be larger than all there are, after rows were inserted with ids of their own."""

    # -- Search

    def create_search(self) -> None:
        """Make the index over the titles of tasks from what is in the table, where the engine has one of its own."""

    def having(
        self, parts: Sequence[str], task_id: peewee.Field, has: Callable[[str], peewee.Expression]
    ) -> list[peewee.Expression]:
        """Return the conditions that a task has all these folded texts in its number and title: ``has`` for each."""
        return [has(part) for part in parts]

    def contains(self, text: peewee.Node, part: str) -> peewee.Expression:
        """Return the condition that a text has another in it, letter by letter."""
        return peewee.fn.strpos(text, part) > 0

    def folded(self, text: peewee.Node) -> Any:
        """Return a text as it is compared, in no case."""
        return peewee.fn.lower(text)

    def unindexed(self, field: peewee.Field) -> Any:
        """Return a field so that the planner finds no index for it, where it would otherwise take the wrong one."""
        return field

    def stored_text(self, text: peewee.Node) -> Any:
        """Return a text as it is stored, where a damaged one would otherwise make the whole query fail."""
        return text

    # -- Statements

    def changes_of(self, model: type[peewee.Model]) -> int:
        """Return a number that grows with all by which the calling thread may have changed a table's rows.

        It grows with each of its transactions too: what was read in one is known while the number is the same.
        """
        return _changes.anywhere + _changes.by_table.get(model._meta.table_name, 0)

    def _note_change(self, sql: str = "") -> None:
        if sql.startswith(('INSERT INTO "', 'INSERT OR IGNORE INTO "', 'UPDATE "')):
            table = sql.split('"', 2)[1]
            _changes.by_table[table] = _changes.by_table.get(table, 0) + 1
        else:  # what is deleted may take rows of other tables along
            _changes.anywhere += 1

    driver_error: type[Exception]
    """What the driver raises, before peewee has put a name of its own on it."""

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run one statement; raise the matching DatabaseError when it cannot be, IntegrityError as it is.

        Raises InvalidError for a number of more than 64 bits.
        """
        if not sql.startswith("SELECT"):
            self._note_change(sql)
        try:
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        except peewee.IntegrityError:
            raise
        except OverflowError as error:
            raise too_large() from error
        except (peewee.DatabaseError, self.driver_error) as error:
            raise self.explain(error) from error

    @abstractmethod
    def explain(self, error: BaseException) -> errors.KbtuiError:
        """Return what went wrong as a sentence that says what to do, by its code."""

    @abstractmethod
    def _busy(self) -> errors.DatabaseBusyError:
        """Return the error for a lock that cannot be had in time."""


def too_large() -> errors.InvalidError:
    """Return the error for a number that no column can hold."""
    return errors.InvalidError("A number is too large; nothing was changed.")

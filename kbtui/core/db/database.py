"""Opening the database, and transactions."""

import functools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

from kbtui import config, errors
from kbtui.core.db import files, schema
from kbtui.core.db.engine import LEAST_SQLITE, Engine, SqliteEngine, database
from kbtui.core.db.models import Setting
from kbtui.core.db.notice import Notice, Tell, keep_silent

P = ParamSpec("P")
R = TypeVar("R")

_TOLD = "told_of_readers"
"""The setting that is there once the person was told that others can read the file."""


class _AfterCommit(threading.local):
    """What the calling thread's transaction asks to be called when it has been committed."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[], object]] = []


_after_commit = _AfterCommit()


def connect(path: str | Path, *, busy_timeout: float = 5.0, tell: Tell = keep_silent, must_exist: bool = False) -> None:
    """Open the database file for this process, create or migrate it as needed, and connect this thread.

    ``busy_timeout`` is how many seconds a statement waits for another program's lock; ``tell`` says what a person
    should know: that an older file is being migrated, and, once, that others can read the file. A file that
    ``must_exist`` is not made: DatabaseGoneError is raised instead.
    Raises a DatabaseError when the file cannot be used.
    """
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        raise errors.DatabaseError(
            f"kbtui needs SQLite {'.'.join(map(str, LEAST_SQLITE))} or newer; this Python has {sqlite3.sqlite_version}."
        )
    close()
    file = _file(str(path))
    if not must_exist:
        _make(file)
    elif not file.exists():
        raise errors.DatabaseGoneError(f"{file} is not there any more. Move the file back to its place.")
    _open(SqliteEngine(str(file), busy_timeout=busy_timeout), tell)
    _tell_of_readers(file, tell)


def _make(file: Path) -> None:
    """Make the file and its folder unless they are there."""
    try:
        files.make_folder(file.parent)
    except OSError as error:
        raise errors.DatabaseError(f"The folder {file.parent} cannot be made: {error.strerror}.") from error
    with suppress(OSError):  # why it cannot be made, SQLite says when it opens it
        files.make_private(file)


def connect_server(url: str, *, schema: str = "public", busy_timeout: float = 5.0) -> None:
    """Open a board on a PostgreSQL server for this process, create or migrate it as needed, and connect this thread.

    ``url`` is a connection URI of libpq; the board is in ``schema``, which must be there.
    Raises a DatabaseError when it cannot be used.
    """
    try:
        from kbtui.core.db.engine.postgres import PostgresEngine  # brings psycopg, three times as much as peewee
    except ImportError as error:
        raise errors.DatabaseError(
            "A board on a PostgreSQL server needs psycopg; install it with: pip install 'psycopg[binary]'"
        ) from error

    close()
    _open(PostgresEngine(url, schema=schema, busy_timeout=busy_timeout), keep_silent)


def _open(engine: Engine, tell: Tell) -> None:
    """Make an engine the one of this process."""
    database.initialize(engine)  # type: ignore[attr-defined]
    engine.open_writer()
    try:
        connect_thread()
        schema.prepare(engine, tell)
    except BaseException:
        engine.close_all()
        raise


def _tell_of_readers(file: Path, tell: Tell) -> None:
    """Say that others can read the file, once until it is private again."""
    if tell is keep_silent:
        return
    is_readable = files.is_readable_by_others(file)
    was_told = Setting.get_or_none(Setting.key == _TOLD) is not None
    if is_readable is was_told:
        return
    with suppress(errors.DatabaseError), transaction():  # a busy or full database is told about the next time
        Setting.delete().where(Setting.key == _TOLD).execute()
        if is_readable:
            Setting.insert(key=_TOLD, value="1").execute()
    if is_readable:
        command = files.private_command(file)
        tell(Notice(f"Others on this computer may read {file}; keep it to yourself with: {command}"))


def _file(path: str) -> Path:
    """Return the file that is meant; raise DatabaseError for what cannot be one."""
    if "\0" in path:
        raise errors.DatabaseError(f"{path!r} cannot be a database: a path has no NUL in it.")
    if path == ":memory:":
        raise errors.DatabaseError(f"{path} cannot be shared between programs; give the path of a file.")
    if complaint := config.complain_of_url(path):
        raise errors.DatabaseError(complaint)
    try:
        return Path(path).expanduser()
    except RuntimeError as error:  # Python's way to say so
        raise errors.DatabaseError(f"{path} cannot be found: there is no such user. Choose another file.") from error


def connect_thread(*, busy_timeout: float | None = None) -> None:
    """Connect the calling thread to the open database; ``busy_timeout`` is how many seconds it waits for locks."""
    database.open_reader(busy_timeout)


def close() -> None:
    """Disconnect the calling thread; the last one out moves the log into the file."""
    database.close_reader()


def checkpoint() -> None:
    """Move what is committed from the log into the file, without making anyone wait."""
    database.checkpoint()


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
    """Open a transaction that may write, or join the one that is open. Never ``await`` inside.

    Only in one can anything be changed. Raises DatabaseBusyError when the lock cannot be had in time.
    """
    if database.in_transaction():
        yield
        return
    _after_commit.listeners.clear()
    with database.writing(), database.transaction():
        yield
    listeners, _after_commit.listeners = _after_commit.listeners, []
    for listener in listeners:
        listener()


def after_commit(listener: Callable[[], object]) -> bool:
    """Call ``listener`` after the commit, once however often the transaction asks for it; not after a rollback.

    Return whether the transaction asks for it for the first time. It must not fail: what was committed was committed.
    """
    is_new = listener not in _after_commit.listeners
    if is_new:
        _after_commit.listeners.append(listener)
    return is_new

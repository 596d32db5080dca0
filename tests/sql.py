"""Plain SQL, with ``?`` for values, for tests that look at the tables or put into them what the program never would."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kbtui.core.db.database import transaction
from kbtui.core.db.engine import database
from kbtui.core.db.models import BaseModel

Row = TypeVar("Row", bound=BaseModel)


def execute(sql: str, params: tuple[Any, ...] = ()) -> Any:
    """Run one statement, in a transaction of its own where none is open, and return its cursor."""
    text = sql if database.param == "?" else sql.replace("%", "%%").replace("?", database.param)
    if sql.startswith("PRAGMA") and "=" in sql:  # it is the connection that writes that is to be broken
        return writer().execute(sql)
    if sql.lstrip().upper().startswith(("SELECT", "PRAGMA", "EXPLAIN")):
        return database.execute_sql(text, params)
    with transaction():
        return database.execute_sql(text, params)


def create(model: type[Row], **fields: Any) -> Row:
    """Insert a row by its model, without the rules of the board."""
    with transaction():
        row: Row = model.create(**fields)
        return row


def writer() -> sqlite3.Connection:
    """Return the connection that writes, to look at or to break."""
    connection: sqlite3.Connection | None = database._writer
    assert connection is not None
    return connection


def fetch_one(sql: str, params: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
    """Return the first row of a query as a tuple, or None."""
    row: tuple[Any, ...] | None = execute(sql, params).fetchone()
    return row


def fetch_all(sql: str, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return all rows of a query as tuples."""
    return [tuple(row) for row in execute(sql, params).fetchall()]


def fetch_dicts(sql: str, params: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    """Return all rows of a query as dicts, keyed by column name in the query's order."""
    cursor = execute(sql, params)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def counters() -> list[tuple[Any, ...]]:
    """Return the largest id that each table has given away; nothing on a server, where a rollback leaves gaps."""
    return [] if database.is_postgres else fetch_all("SELECT * FROM sqlite_sequence")


def restart_ids(*tables: str) -> None:
    """Let the ids of some tables, which are empty, begin with 1 again."""
    for table in tables:
        if database.is_postgres:
            with transaction():
                database.execute_sql("SELECT setval(pg_get_serial_sequence(%s, 'id'), 1, false)", (table,))
        else:
            execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))


def rows_written(change: Callable[[], object]) -> int:
    """Make a change and return how many rows it has inserted, changed or deleted."""
    if not database.is_postgres:
        before: int = writer().total_changes
        change()
        return writer().total_changes - before
    engine: Any = database.obj  # type: ignore[attr-defined]
    execute_sql, written = engine.execute_sql, 0

    def count(sql: str, params: Any = None) -> Any:
        nonlocal written
        cursor = execute_sql(sql, params)
        written += 0 if sql.startswith("SELECT") else cursor.rowcount
        return cursor

    engine.execute_sql = count
    try:
        change()
    finally:
        del engine.execute_sql
    return written


def size() -> int:
    """Return how many bytes the board takes on the disk."""
    if database.is_postgres:
        tables = "SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        ((taken,),) = fetch_all(f"SELECT sum(pg_total_relation_size(oid)) FROM ({tables}) t")
    else:
        ((taken,),) = fetch_all("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    return int(taken)


def insert_row(table: str, values: dict[str, Any]) -> int:
    """Insert a row, keyed by column name, and return its id."""
    names = ", ".join(f'"{name}"' for name in values)
    with transaction():
        # Read to its end: what is still under way cannot be committed.
        ((row_id, *_),) = execute(
            f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(values))}) RETURNING *',
            tuple(values.values()),
        ).fetchall()
    return int(row_id)


@contextmanager
def traced() -> Iterator[list[str]]:
    """Collect the statements that the calling thread's connections run, but for looking for others' commits."""
    statements: list[str] = []

    def note(statement: str) -> None:
        if statement != "PRAGMA data_version":
            statements.append(statement)

    connections: list[sqlite3.Connection] = [writer(), database.connection()]  # type: ignore[no-untyped-call]
    for connection in connections:
        connection.set_trace_callback(note)
    try:
        yield statements
    finally:
        for connection in connections:
            connection.set_trace_callback(None)

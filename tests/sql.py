"""Plain SQL, with ``?`` for values, for tests that look at the tables or put into them what the program never would."""

import sqlite3
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

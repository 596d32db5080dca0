"""New boards for the tests of the core: each in a file of its own, or all in the one schema of a server."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from kbtui.core.db import database, engine, models, schema

ENGINE = os.environ.get("KBTUI_TEST_ENGINE", "sqlite")
"""On which database these tests run: sqlite, which needs nothing, or postgres."""

SLOWER = 1 if ENGINE == "sqlite" else 3
"""How many times as long a statement takes that has to go to a server; random tests make so many times fewer boards."""

MANY = 1 << 18
"""The bytes of a table from which on it is faster to give it another file than to delete its rows."""

Fill = Callable[[], object]


def nothing() -> None:
    """Leave a new board as it is."""


class NewBoards:
    """Makes boards on the server with this URI, or in files where there is none; keeps templates in ``folder``."""

    def __init__(self, folder: Path, server: str = "") -> None:
        self._folder, self._server = folder, server
        self._templates: dict[Fill, Path] = {}

    def connect(self, path: Path | None = None, fill: Fill = nothing) -> str:
        """Connect to a new board that ``fill`` has put something on; return its name, see :data:`CONNECT`.

        The server has one board, which is made as new. The file at ``path``, or one that the next call replaces, is a
        copy of one that was filled before.
        """
        database.close()
        if self._server:
            connect_emptied(self._server)
            fill()
            return self._server
        path = path or self._folder / "board.db"
        for old in path.parent.glob(f"{path.name}*"):
            old.unlink()
        shutil.copy(self._template(fill), path)
        database.connect(path)
        return str(path)

    def _template(self, fill: Fill) -> Path:
        if fill not in self._templates:
            path = self._folder / f"template{len(self._templates)}.db"
            database.connect(path)
            fill()
            database.close()
            self._templates[fill] = path
        return self._templates[fill]


def connect_emptied(url: str) -> None:
    """Connect to the board of a server, made as new: to delete what few rows there are is the fastest way."""
    database.connect_server(url)
    tables = [f'"{model._meta.table_name}"' for model in reversed(models.MODELS)]
    execute = engine.database.execute_sql
    with database.transaction():
        sizes = execute("SELECT " + ", ".join(f"pg_table_size('{table}')" for table in tables)).fetchone()
        for table, size in zip(tables, sizes, strict=True):
            execute(f"TRUNCATE {table} CASCADE" if size > MANY else f"DELETE FROM {table}")
        execute("SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value > 0")
        schema.insert_first_rows(engine.database)


CONNECT = """
from kbtui.core.db import database

def connect(name):
    (database.connect_server if "://" in name else database.connect)(name)
"""
"""With this a script begins that is to connect to a board by its name."""

"""The engines: all that SQLite and PostgreSQL do differently, and the one database of this process.

A process has one connection that writes, lent to one thread at a time in the order they ask, and each thread that reads
has a connection of its own beside it. A lock that another program holds so stops who writes, never who reads.
"""

import logging
from typing import cast

import peewee

from kbtui.core.db.engine.base import APPLICATION_ID, Engine
from kbtui.core.db.engine.sqlite import LEAST_SQLITE, SqliteEngine

__all__ = ["APPLICATION_ID", "LEAST_SQLITE", "Engine", "SqliteEngine", "database"]

logging.getLogger("peewee").setLevel(logging.INFO)  # below that it writes every value down, passwords and tokens too

database = cast(Engine, peewee.DatabaseProxy())
"""The one database of this process. Which engine it is, is decided when it is opened."""

database.initialize(SqliteEngine())  # type: ignore[attr-defined]

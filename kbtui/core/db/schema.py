"""The schema: making a new database from the models, and bringing an older file to them.

``PRAGMA user_version`` counts the steps a file has seen. All of it happens inside one ``BEGIN IMMEDIATE``, which is the
lock between processes: the second of two that start at once waits, looks again, and finds nothing left to do.
"""

from kbtui import errors
from kbtui.core.db.engine import APPLICATION_ID, SqliteEngine
from kbtui.core.db.models import MODELS, Link, User

VERSION = 3
"""How many steps today's schema is from an empty file."""

LINK_TYPES = (
    (1, "relates to", 0),
    (2, "blocks", 3),
    (3, "is blocked by", 2),
    (4, "duplicates", 5),
    (5, "is duplicated by", 4),
    (6, "is a child of", 7),
    (7, "is a parent of", 6),
    (8, "targets milestone", 9),
    (9, "is a milestone of", 8),
    (10, "fixes", 11),
    (11, "is fixed by", 10),
)
"""Kanboard's internal link types, with its ids: id, label, id of the opposite (0: its own)."""

PATIENCE = 30.0
"""Seconds to wait for another program that is making or migrating the same file."""


def prepare(engine: SqliteEngine) -> None:
    """Bring the open database to today's schema; raise in words when it is newer, or no board at all."""
    if _version(engine) == VERSION:
        return
    with engine.waiting(PATIENCE), engine.writing():
        # Tables that are made anew would take along what refers to them; it can only be switched off out here.
        engine.execute_sql("PRAGMA foreign_keys = 0")
        try:
            with engine.transaction():
                _bring_up_to_date(engine)
        finally:
            engine.execute_sql("PRAGMA foreign_keys = 1")


def _bring_up_to_date(engine: SqliteEngine) -> None:
    version = _version(engine)
    if version == VERSION:
        return
    if version == 0:
        create(engine)
    else:
        # Only a file of an older version needs them.
        from kbtui.core.db.migrations import MIGRATIONS

        for step in MIGRATIONS[version:]:
            step(engine)
    engine.create_search()
    engine.execute_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    engine.execute_sql(f"PRAGMA user_version = {VERSION}")


def create(engine: SqliteEngine) -> None:
    """Create every table, the user ``admin`` and Kanboard's link types."""
    for model in MODELS:
        engine.create_table(model)
    User.insert(username="admin", role="app-admin").execute()
    for link_id, label, opposite_id in LINK_TYPES:
        Link.insert(id=link_id, label=label, opposite_id=opposite_id).execute()


def _version(engine: SqliteEngine) -> int:
    """Return how many steps the file has seen, having made sure that it is ours."""
    version: int = engine.execute_sql("PRAGMA user_version").fetchone()[0]
    if engine.is_foreign():
        raise errors.DatabaseCorruptError(
            f"{engine.database} is a database of another program. Choose another file with --database."
        )
    if version > VERSION:
        raise errors.DatabaseNewerError(
            f"{engine.database} was written by a newer kbtui (schema {version}, this one knows {VERSION}). "
            "Upgrade kbtui, or choose another file with --database."
        )
    return version

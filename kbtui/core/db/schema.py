"""The schema: making a new database from the models, and bringing an older file to them.

``PRAGMA user_version`` counts the steps a file has seen. All of it happens inside one ``BEGIN IMMEDIATE``, which is the
lock between processes: the second of two that start at once waits, looks again, and finds nothing left to do.
"""

from kbtui import errors
from kbtui.core.db.engine import Engine, SqliteEngine
from kbtui.core.db.models import MODELS, Link, User
from kbtui.core.db.notice import Tell, keep_silent

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


def prepare(engine: Engine, tell: Tell = keep_silent) -> None:
    """Bring the open database to today's schema; raise in words when it is newer, or no board at all.

    ``tell`` gets what a person should know of an older one: where a copy of it is kept, and how far the work is.
    """
    if _version(engine) == VERSION:
        return
    with engine.waiting(PATIENCE), engine.writing(), engine.rebuilding(), engine.transaction():
        _bring_up_to_date(engine, tell)


def _bring_up_to_date(engine: Engine, tell: Tell) -> None:
    version = _version(engine)
    if version == VERSION:
        return
    if version == 0:
        create(engine)
    elif isinstance(engine, SqliteEngine):
        from kbtui.core.db.upgrade import upgrade  # only a file of an older version needs it

        upgrade(engine, version, tell)
    engine.create_search()
    engine.write_version(VERSION)


def create(engine: Engine) -> None:
    """Create every table, the user ``admin`` and Kanboard's link types."""
    for model in MODELS:
        engine.create_table(model)
    insert_first_rows(engine)


def insert_first_rows(engine: Engine) -> None:
    """Insert what every board begins with."""
    User.insert(username="admin", role="app-admin").execute()
    for link_id, label, opposite_id in LINK_TYPES:
        Link.insert(id=link_id, label=label, opposite_id=opposite_id).execute()
    engine.follow_ids(Link)


def _version(engine: Engine) -> int:
    """Return how many steps the file has seen, having made sure that it is ours."""
    version = engine.read_version()
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

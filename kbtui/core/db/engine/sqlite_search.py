"""Search in SQLite: an index over the numbers and titles of tasks, and text compared as it is folded."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import peewee

from kbtui.core.db.engine.base import Engine
from kbtui.core.values.text import fold

INDEX = "tasks_search"
"""The index over the numbers and titles of tasks, in parts of three letters."""

LEAST_PART = 3
"""The letters of the shortest text that the index finds."""

_TEXT = "'#' || {row}.id || ' ' || {row}.folded"

_STATEMENTS = (
    # The texts are the table's, so none is kept a second time; they are folded, so nothing needs folding here.
    f"CREATE VIRTUAL TABLE {INDEX} USING fts5(text, content = '', tokenize = 'trigram case_sensitive 1')",
    f"INSERT INTO {INDEX} (rowid, text) SELECT id, {_TEXT.format(row='tasks')} FROM tasks",
    f"""CREATE TRIGGER {INDEX}_insert AFTER INSERT ON tasks BEGIN
        INSERT INTO {INDEX} (rowid, text) VALUES (new.id, {_TEXT.format(row="new")});
    END""",
    f"""CREATE TRIGGER {INDEX}_delete AFTER DELETE ON tasks BEGIN
        INSERT INTO {INDEX} ({INDEX}, rowid, text) VALUES ('delete', old.id, {_TEXT.format(row="old")});
    END""",
    # Texts of one or two letters are looked for in all titles: here, without the rows that they stand in.
    f"CREATE INDEX {INDEX}_titles ON tasks (folded)",
    # Only a new title changes the index: a move, or an edit of anything else, leaves it alone.
    f"""CREATE TRIGGER {INDEX}_update AFTER UPDATE OF folded ON tasks WHEN old.folded <> new.folded BEGIN
        INSERT INTO {INDEX} ({INDEX}, rowid, text) VALUES ('delete', old.id, {_TEXT.format(row="old")});
        INSERT INTO {INDEX} (rowid, text) VALUES (new.id, {_TEXT.format(row="new")});
    END""",
)


class SqliteSearch(Engine):
    """What an SQLite database does for the search."""

    def create_search(self) -> None:
        """Make the index from what is in the table, unless it is there; none where SQLite has no FTS5."""
        if self._has_fts5() and not self.has_search():
            for statement in _STATEMENTS:
                self.execute_sql(statement)

    def has_search(self) -> bool:
        """Return whether the open database has the index."""
        return self._has(f"SELECT 1 FROM sqlite_master WHERE name = '{INDEX}'")

    def _has_fts5(self) -> bool:
        return self._has("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")

    def _has(self, sql: str) -> bool:
        return self.execute_sql(sql).fetchone() is not None

    def having(
        self, parts: Sequence[str], task_id: peewee.Field, has: Callable[[str], peewee.Expression]
    ) -> list[peewee.Expression]:
        """Return the conditions that a task has all these folded texts in its number and title.

        ``has`` returns the condition for one that the index does not find: those of one or two letters.
        """
        indexed = [part for part in parts if len(part) >= LEAST_PART] if self.has_search() else []
        conditions = [has(part) for part in parts if part not in indexed]
        if indexed:
            phrases = " AND ".join('"{}"'.format(part.replace('"', '""')) for part in indexed)
            found = peewee.SQL(f"(SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH ?)", (phrases,))
            conditions.append(task_id.in_(found))
        return conditions

    def unindexed(self, field: peewee.Field) -> Any:
        """Return a field so that SQLite, which knows nothing of how many rows have which value, takes another index."""
        return peewee.Expression(field, "+", peewee.Value(0, converter=False))

    def contains(self, text: peewee.Node, part: str) -> peewee.Expression:
        """Return the condition that a text has another in it, letter by letter."""
        return peewee.fn.instr(text, part) > 0

    def folded(self, text: peewee.Node) -> Any:
        """Return a text as it is searched, see :func:`kbtui.core.values.text.fold`."""
        return peewee.fn.kbtui_fold(text)


def add_functions(connection: sqlite3.Connection) -> None:
    """Let a connection call what the search needs."""
    connection.create_function("kbtui_fold", 1, _fold, deterministic=True)


def _fold(text: object) -> str | None:
    return None if text is None else fold(str(text))

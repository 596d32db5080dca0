"""Search in PostgreSQL: an index over the numbers and titles of tasks, and text compared as it is folded."""

import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import peewee

from kbtui import errors
from kbtui.core.db.engine.base import Engine

INDEX = "tasks_search"
"""The index over the numbers and titles of tasks, in parts of three letters."""

_NUMBERED = "'#' || id::text || ' ' || folded"
"""What is searched, as the index and every query have to write it: the one finds the other by it."""

_FOLDING = ("casefold(text COLLATE pg_unicode_fast)", "replace(lower(text), 'ß', 'ss')")
"""How a text loses its case: by PostgreSQL 18, and by older ones, which miss some rare letters."""


class PostgresSearch(Engine):
    """What a PostgreSQL database does for the search."""

    def create_search(self) -> None:
        """Make what folds a text, and the index where the server has pg_trgm; without it, titles are looked through."""
        folding = _FOLDING[0] if self._has("SELECT to_regproc('casefold') IS NOT NULL") else _FOLDING[1]
        self.execute_sql(
            "CREATE OR REPLACE FUNCTION kbtui_fold(text TEXT) RETURNS TEXT LANGUAGE SQL IMMUTABLE PARALLEL SAFE RETURN "
            f"regexp_replace(normalize({folding}, NFKD), '[{_marks()}]', '', 'g')"
        )
        if operators := self._trigrams():
            self.execute_sql(f"CREATE INDEX IF NOT EXISTS {INDEX} ON tasks USING gin (({_NUMBERED}) {operators})")

    def has_search(self) -> bool:
        """Return whether the open database has the index."""
        return self._has(f"SELECT to_regclass('{INDEX}') IS NOT NULL")

    def _trigrams(self) -> str:
        """Return the operators of pg_trgm, "" where it cannot be had; another board may have brought it already."""
        try:
            with self.savepoint():
                self.execute_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except (errors.DatabaseError, peewee.IntegrityError):  # it isn't there, may not be made, or is being made
            return ""
        (schema,) = self.execute_sql(
            "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace"
            " WHERE extname = 'pg_trgm'"
        ).fetchone()
        return f"{schema}.gin_trgm_ops"

    def _has(self, sql: str) -> bool:
        return bool(self.execute_sql(sql).fetchone()[0])

    def having(
        self, parts: Sequence[str], task_id: peewee.Field, has: Callable[[str], peewee.Expression]
    ) -> list[peewee.Expression]:
        """Return the conditions that a task has all these folded texts in its number and title."""
        numbered: Any = peewee.SQL("'#'")
        for part in (task_id.cast("TEXT"), peewee.SQL("' '"), task_id.model.folded):
            numbered = peewee.Expression(numbered, peewee.OP.CONCAT, part)
        return [peewee.Expression(numbered, peewee.OP.LIKE, f"%{_literally(part)}%") for part in parts]

    def folded(self, text: peewee.Node) -> Any:
        """Return a text as it is searched, see :func:`kbtui.core.values.text.fold`."""
        return peewee.fn.kbtui_fold(text)


def _literally(part: str) -> str:
    """Return a text as LIKE takes it by the letter."""
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _marks() -> str:
    """Return all combining characters as the ranges of a regular expression's class."""
    return "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in _ranges())


def _ranges() -> Iterator[tuple[int, int]]:
    marks = [number for number in range(sys.maxunicode + 1) if unicodedata.combining(chr(number))]
    for _, group in groupby(enumerate(marks), lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in group]
        yield numbers[0], numbers[-1]

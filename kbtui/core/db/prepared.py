"""Queries that are compiled once and then run with other values.

Building a query and turning it into SQL is most of what a small statement costs in peewee (a move: 8.3 ms instead of
0.4). The text does not depend on the values, so it is kept: the decorated function is called once for each kind of
database, with slots in place of its arguments, and says in peewee what the statement is. Whoever calls it gets rows::

    @prepared(Card._make)
    def _cards(column_id: int, limit: int) -> BaseQuery:
        return Task.select(Task.id, Task.title).where(Task.column_id == column_id).limit(limit)

    _cards.all(3, 20)
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from inspect import signature
from typing import Any, Generic, ParamSpec, TypeVar

from peewee import SQL, BaseQuery, Context, Model, Node

from kbtui.core.db.engine import database

P = ParamSpec("P")
R = TypeVar("R")

_SLOT = re.compile("\0([0-9]+)\0")
"""Where an argument goes until the text is complete: what a driver takes for a mark may stand in a constant too."""


class _Slot(Node):
    """Stands for an argument while a query is compiled.

    Everything else becomes part of the text: a constant that is bound like an argument hides from the planner that a
    partial index fits (a count took 6.7 times as long).
    """

    def __init__(self, index: int) -> None:
        self._index = index

    def __sql__(self, context: Context) -> Context:
        # Peewee writes some parts twice, to see what they look like: which slot it is must be told by the text.
        written: Context = context.literal(f"\0{self._index}\0")
        return written


class Prepared(Generic[P, R]):
    """A statement with the type of its rows. Arguments are positional, and go to the database as they are."""

    def __init__(
        self, build: Callable[P, BaseQuery], row: Callable[[tuple[Any, ...]], R], arguments: int | None = None
    ) -> None:
        """``arguments`` is how many there are, where the function does not name them."""
        self._build, self._row = build, row
        self._arguments = len(signature(build).parameters) if arguments is None else arguments
        self._compiled: dict[str, tuple[str, tuple[int, ...]]] = {}
        self.__doc__ = build.__doc__

    def all(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """Return all rows."""
        row = self._row
        return [row(each) for each in self._run(args).fetchall()]

    def first(self, *args: P.args, **kwargs: P.kwargs) -> R | None:
        """Return the first row, or None."""
        found = self._run(args).fetchone()
        return None if found is None else self._row(found)

    def one(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the first row of a statement that always has one."""
        return self._row(self._run(args).fetchone())

    def run(self, *args: P.args, **kwargs: P.kwargs) -> int:
        """Run a statement that changes rows; return how many it changed."""
        changed: int = self._run(args).rowcount
        return changed

    def sql(self) -> str:
        """Return the statement's text for the open database."""
        return (self._compiled.get(database.param) or self._compile(database.param))[0]

    def _run(self, args: tuple[Any, ...]) -> Any:
        mark: str = database.param
        text, order = self._compiled.get(mark) or self._compile(mark)
        return database.execute_sql(text, tuple(args[index] for index in order))

    def _compile(self, mark: str) -> tuple[str, tuple[int, ...]]:
        slots: Any = [_Slot(index) for index in range(self._arguments)]
        query = self._build(*slots).bind(database)  # type: ignore[call-arg]
        context = database.get_sql_context()
        with context(value_literals=True):
            text, bound = context.parse(query)
        assert not bound, f"constants are part of the text, not {bound}"  # noqa: S101 - a fault of kbtui's own
        text = text.replace("%", "%%") if mark == "%s" else text
        compiled = _SLOT.sub(mark, text), tuple(int(index) for index in _SLOT.findall(text))
        self._compiled[mark] = compiled
        return compiled


def prepared(row: Callable[[tuple[Any, ...]], R] = tuple) -> Callable[[Callable[P, BaseQuery]], Prepared[P, R]]:  # type: ignore[assignment]
    """Compile the query that a function returns once; ``row`` makes what is handed out of a row's values."""
    return lambda build: Prepared(build, row)


def insert_row(model: type[Model], values: Mapping[str, Any]) -> int:
    """Insert a row with values by the names of its columns, the others having their defaults; return its id."""
    row_id: int = _insertion(model, tuple(values)).one(*values.values())
    return row_id


def write_row(model: type[Model], row_id: int, values: Mapping[str, Any]) -> None:
    """Write columns of a row by their names."""
    _update(model, tuple(values)).run(*values.values(), row_id)


@lru_cache(maxsize=256)
def _insertion(model: type[Model], names: tuple[str, ...]) -> Prepared[..., int]:
    table: Any = model

    def build(*slots: Any) -> BaseQuery:
        fields = [table._meta.combined[name] for name in names]
        query: BaseQuery = table.insert(dict(zip(fields, slots, strict=True))).returning(table.id)
        return query

    return Prepared(build, scalar, len(names))


@lru_cache(maxsize=256)
def _update(model: type[Model], names: tuple[str, ...]) -> Prepared[..., int]:
    table: Any = model

    def build(*slots: Any) -> BaseQuery:
        fields = [table._meta.combined[name] for name in names]
        query: BaseQuery = table.update(dict(zip(fields, slots[:-1], strict=True))).where(table.id == slots[-1])
        return query

    return Prepared(build, scalar, len(names) + 1)


def scalar(values: tuple[Any, ...]) -> Any:
    """Return the only value of a row."""
    return values[0]


def rows(query: BaseQuery, row: Callable[[tuple[Any, ...]], R]) -> list[R]:
    """Run a query that is built at each call, since its shape depends on what is asked; return its rows."""
    # Not as peewee hands them out: it would look at every value, which takes longer than reading them.
    found: list[tuple[Any, ...]] = database.execute(query).fetchall()  # type: ignore[no-untyped-call]
    return [row(each) for each in found]


class ByIndex(Node):
    """A table that SQLite is to read by a certain index, where it would guess that another one is as good.

    It goes into a query's ``from_``. Other databases have no such clause, and know more of their tables.
    """

    def __init__(self, model: type[Model], index: str) -> None:
        self._model, self._index = model, index

    def __sql__(self, context: Context) -> Context:
        context.sql(self._model)
        if not database.is_postgres:
            context.literal(f' INDEXED BY "{self._index}"')
        return context


def among(row_ids: Iterable[int]) -> Node:
    """Return ids as a set for ``in_``, written out: thousands of bound values cost more than what they find."""
    return SQL(f"({','.join(map(str, row_ids)) or 'NULL'})")

"""Queries that are compiled once."""

import pytest
from peewee import BaseQuery

from kbtui.core.db.models import Setting
from kbtui.core.db.prepared import ByIndex, prepared, scalar
from tests import sql

pytestmark = pytest.mark.usefixtures("board")


@prepared(scalar)
def _keys(but: str, value: str, limit: int) -> BaseQuery:
    wanted = Setting.alias()
    chosen = wanted.select(wanted.key).where(wanted.key.startswith("t.") & (wanted.value == value)).limit(limit)
    return Setting.select(Setting.key).where(Setting.key.in_(chosen) & (Setting.key != but)).order_by(Setting.key)


@prepared(scalar)
def _by_index() -> BaseQuery:
    return Setting.select(Setting.key).from_(ByIndex(Setting, "no_such_index"))


def test_arguments_inside_a_subquery_are_bound_once_and_in_their_order() -> None:
    for key, value in (("t.a", "x"), ("t.b", "x"), ("t.c", "y"), ("t.d", "x")):
        sql.create(Setting, key=key, value=value)

    assert _keys.all("t.a", "x", 3) == ["t.b", "t.d"]
    assert _keys.all("t.a", "x", 2) == ["t.b"]


def test_sqlite_is_told_which_index_to_read() -> None:
    assert 'INDEXED BY "no_such_index"' in _by_index.sql()

"""Queries that are compiled once: the text, its constants, and its arguments, on either engine."""

from typing import TYPE_CHECKING, NamedTuple

import pytest
from peewee import BaseQuery, fn

from kbtui.core.db import database
from kbtui.core.db.engine import database as engine
from kbtui.core.db.models import Project, Setting, Task
from kbtui.core.db.prepared import prepared, rows, scalar
from kbtui.core.projects import columns, projects
from tests.core.conftest import insert_task

pytestmark = pytest.mark.usefixtures("board")


class Named(NamedTuple):
    """A setting, as a row of a query."""

    key: str
    value: str


def put(*settings: tuple[str, str]) -> None:
    """Store settings as they are."""
    with database.transaction():
        for key, value in settings:
            Setting.insert(key=key, value=value).execute()


def test_a_query_is_built_once_however_often_it_is_asked() -> None:
    built: list[bool] = []

    @prepared(Named._make)
    def find(value: str) -> BaseQuery:
        built.append(True)
        return Setting.select(Setting.key, Setting.value).where(Setting.value == value).order_by(Setting.key)

    put(("a", "1"), ("b", "2"), ("c", "2"))

    assert find.all("2") == [Named("b", "2"), Named("c", "2")]
    assert find.first("1") == Named("a", "1")
    assert find.first("3") is None
    assert find.one("2") == Named("b", "2")
    assert len(built) == 1


def test_a_statement_says_how_many_rows_it_changed() -> None:
    @prepared()
    def replace(new: str, old: str) -> BaseQuery:
        return Setting.update(value=new).where(Setting.value == old)

    put(("a", "1"), ("b", "1"), ("c", "2"))

    with database.transaction():
        assert replace.run("3", "1") == 2
        assert replace.run("3", "1") == 0


def test_arguments_go_where_they_are_named_in_any_order_and_as_often_as_they_are() -> None:
    @prepared(scalar)
    def find(low: str, high: str, key: str) -> BaseQuery:
        within = (Setting.value < high) & (Setting.value > low)
        return Setting.select(Setting.key).where(within & (Setting.value != key) & (Setting.key != key)).limit(5)

    put(("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"))

    assert find.all("1", "4", "b") == ["c"]
    assert find.all("1", "3", "x") == ["b"]


def test_a_subquery_gets_its_arguments_too() -> None:
    @prepared(Named._make)
    def find(key: str, value: str) -> BaseQuery:
        values = Setting.select(Setting.value).where(Setting.key == key)
        return Setting.select(Setting.key, Setting.value).where(Setting.value.in_(values) & (Setting.value == value))

    put(("a", "1"), ("b", "2"))

    assert find.all("a", "1") == [Named("a", "1")]
    assert find.all("a", "2") == []


@pytest.mark.parametrize("constant", ["100%", "%s", "what?", "?", "it's", 'a "b"', "%%", "a\\b"])
def test_a_constant_stays_what_it_is(constant: str) -> None:
    @prepared(Named._make)
    def find(key: str) -> BaseQuery:
        return Setting.select(Setting.key, Setting.value).where((Setting.value == constant) & (Setting.key == key))

    put(("a", constant), ("b", "other"))

    assert find.all("a") == [Named("a", constant)]
    assert find.all("b") == []


@pytest.mark.parametrize("value", ["100%", "%s", "what?", "it's", 'a "b"', "; DROP TABLE settings"])
def test_an_argument_stays_what_it_is(value: str) -> None:
    @prepared(scalar)
    def find(value: str) -> BaseQuery:
        return Setting.select(Setting.key).where(Setting.value == value)

    put(("a", value), ("b", "other"))

    assert find.all(value) == ["a"]


@prepared(scalar)
def _count_open(column_id: int, swimlane_id: int) -> BaseQuery:
    in_cell = (Task.column_id == column_id) & (Task.swimlane_id == swimlane_id) & (Task.is_active == 1)
    return Task.select(fn.COUNT(Task.id)).where(in_cell)


def test_constants_are_part_of_the_text_so_that_a_partial_index_is_used() -> None:
    text = _count_open.sql()

    assert '"is_active" = 1' in text
    assert text.count(engine.param) == 2
    if engine.is_postgres:
        with database.transaction(), engine.savepoint() as to_be_undone:
            engine.execute_sql("SET LOCAL enable_seqscan = off")
            engine.execute_sql("DROP INDEX tasks_column, tasks_swimlane, tasks_project")  # as good in a small table
            found = engine.execute_sql(f"EXPLAIN {text}", (1, 1)).fetchall()
            to_be_undone.rollback()
        assert any("tasks_cell" in line for (line,) in found)
    else:
        plan = engine.execute_sql(f"EXPLAIN QUERY PLAN {text}", (1, 1)).fetchall()
        assert "INDEX tasks_cell (column_id=? AND swimlane_id=?)" in plan[0][3]


def test_a_prepared_query_counts_what_is_there(project: int) -> None:
    task_id = insert_task(project)
    task = Task.get_by_id(task_id)

    assert _count_open.one(task.column_id, task.swimlane_id) == 1
    assert _count_open.one(columns.list_columns(project)[1].id, task.swimlane_id) == 0


def test_rows_are_typed_where_a_query_is_built_at_each_call(project: int) -> None:
    projects.create_project("Other")

    assert rows(Project.select(Project.name).order_by(Project.id), scalar) == ["Website", "Other"]


if TYPE_CHECKING:  # mypy complains of an ignored error that is none: so these two are refused

    @prepared(str)
    def _find_number(number: int) -> BaseQuery:
        return Setting.select(Setting.key)

    _right: list[str] = _find_number.all(1)
    _find_number.all("x")  # type: ignore[arg-type]
    _wrong: list[int] = _find_number.all(1)  # type: ignore[assignment]


def test_each_engine_has_a_text_of_its_own() -> None:
    @prepared(scalar)
    def find(value: str) -> BaseQuery:
        return Setting.select(Setting.key).where(Setting.value == value)

    text = find.sql()

    assert engine.param in text
    assert ("?" if engine.is_postgres else "%s") not in text

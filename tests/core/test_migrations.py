"""The schema: the models say what the tables are, and what a key press asks is answered by an index."""

import sqlite3
from pathlib import Path
from typing import Any

import peewee
import pytest

from kbtui.core.db import database, migrations, models
from kbtui.core.db.migrations import LINK_TYPES, MIGRATIONS, migrate
from kbtui.core.events import log, snapshot
from kbtui.core.projects import columns, projects, swimlanes
from kbtui.core.tasks import moves, ranks, tasks
from kbtui.core.views import board as board_reads

pytestmark = pytest.mark.usefixtures("board")

MODELS: list[type[peewee.Model]] = sorted(models.BaseModel.__subclasses__(), key=lambda model: str(model.__name__))

TYPES = {"AUTO": "INTEGER", "INT": "INTEGER", "TEXT": "TEXT", "FLOAT": "REAL", "BLOB": "BLOB"}


def described(model: type[peewee.Model]) -> list[tuple[str, str, bool]]:
    """Return the name, SQL type and nullability of each field of a model, in order."""
    fields: list[Any] = model._meta.sorted_fields
    return [(field.column_name, TYPES[field.field_type], bool(field.null)) for field in fields]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.__name__))
def test_a_model_matches_its_table_column_by_column(model: type[peewee.Model]) -> None:
    table: str = model._meta.table_name
    rows = database.fetch_all(f'PRAGMA table_info("{table}")')

    assert described(model) == [(name, sql_type, not not_null) for _, name, sql_type, not_null, *_ in rows]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.__name__))
def test_a_model_and_its_table_agree_on_what_a_field_is_when_nobody_says(model: type[peewee.Model]) -> None:
    table: str = model._meta.table_name
    rows = database.fetch_all(f'PRAGMA table_info("{table}")')
    stored = {name: default for _, name, _, _, default, _ in rows if default is not None}
    fields: list[Any] = model._meta.sorted_fields

    told = {field.column_name: field.default for field in fields if field.default is not None}

    assert told == {name: database.fetch_one(f"SELECT {default}")[0] for name, default in stored.items()}  # type: ignore[index]


def test_every_table_has_a_model() -> None:
    tables = {name for (name,) in database.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'")}

    assert tables - {"sqlite_sequence"} == {model._meta.table_name for model in MODELS}


def test_migrating_again_changes_nothing(board: Path) -> None:
    connection = database.database.connection()  # type: ignore[no-untyped-call]
    before = list(connection.iterdump())

    migrate(database.database)

    assert list(connection.iterdump()) == before
    assert database.fetch_one("PRAGMA user_version") == (len(MIGRATIONS),)


def test_what_was_queued_before_there_were_formats_has_its_endpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", MIGRATIONS[:1])
    database.connect(tmp_path / "old.db")
    database.database.execute_sql(
        "INSERT INTO endpoints (name, url, format) VALUES ('Chat', 'http://127.0.0.1:9/', 'kanboard-1.2')"
    )
    database.database.execute_sql("INSERT INTO events (name, facts, date_creation) VALUES ('task.update', '{}', 1)")
    database.database.execute_sql(
        "INSERT INTO deliveries (webhook_id, event_id, endpoint_id, event_name, state, date_creation, scheduled_at,"
        " due_at) VALUES ('msg_1', 1, 1, 'task.update', 'ready', 1, 1, 1)"
    )
    monkeypatch.setattr(migrations, "MIGRATIONS", MIGRATIONS)
    database.connect(tmp_path / "old.db")

    assert database.fetch_all("SELECT format FROM deliveries") == [("kanboard-1.2",)]
    database.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(database: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, fail))

    with pytest.raises(ZeroDivisionError):
        database.connect(tmp_path / "new.db")

    file = sqlite3.connect(tmp_path / "new.db")
    assert file.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    assert file.execute("PRAGMA user_version").fetchone() == (0,)
    file.close()


def test_a_board_of_an_older_version_gets_the_steps_it_lacks(board: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database.close()
    calls: list[object] = []
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, calls.append))

    database.connect(board)
    database.connect(board)

    assert calls == [database.database]
    assert database.fetch_one("PRAGMA user_version") == (len(MIGRATIONS) + 1,)


def test_a_new_board_has_its_first_user_and_the_link_types() -> None:
    assert database.fetch_all("SELECT id, username, role, is_active FROM users") == [(1, "admin", "app-admin", 1)]
    assert database.fetch_all("SELECT id, label, opposite_id FROM links ORDER BY id") == list(LINK_TYPES)
    opposites = {link_id: opposite or link_id for link_id, _, opposite in LINK_TYPES}
    assert all(opposites[opposites[link_id]] == link_id for link_id in opposites)


def plan_of(sql: str, *params: object) -> list[str]:
    """Return the steps in which SQLite answers a query."""
    return [row[3] for row in database.fetch_all(f"EXPLAIN QUERY PLAN {sql}", params)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Return a list that collects each statement that is run from now on."""
    statements: list[tuple[str, Any]] = []
    run = database.KbtuiDatabase.execute_sql

    def listen(self: database.KbtuiDatabase, sql: str, params: Any = None) -> Any:
        statements.append((sql, params))
        return run(self, sql, params)

    monkeypatch.setattr(database.KbtuiDatabase, "execute_sql", listen)
    return statements


def plans(asked: list[tuple[str, Any]]) -> list[str]:
    """Return the steps of all that was asked."""
    queries = [(sql, params) for sql, params in asked if sql.lstrip().startswith(("SELECT", "UPDATE"))]
    return [step for sql, params in queries for step in plan_of(sql, *(params or ()))]


def test_a_cell_is_counted_from_its_index_alone(project: int, asked: list[tuple[str, Any]]) -> None:
    cell = ranks.Cell(columns.list_columns(project)[0].id, swimlanes.default_swimlane(project).id)
    asked.clear()

    ranks.count_cell(cell)

    (sql, params), *_ = asked
    assert "INDEX tasks_cell (column_id=? AND swimlane_id=?)" in plan_of(sql, *params)[0]
    opcodes = {row[1] for row in database.fetch_all(f"EXPLAIN {sql}", params)}
    assert "Column" not in opcodes, "no task's row is looked at"


def test_cards_come_in_the_order_of_the_index_without_a_sort(project: int, asked: list[tuple[str, Any]]) -> None:
    cell = ranks.Cell(columns.list_columns(project)[0].id, swimlanes.default_swimlane(project).id)
    asked.clear()

    board_reads.read_cards(cell, 10, 20)

    steps = plans(asked)
    assert "SEARCH t USING INDEX tasks_cell (column_id=? AND swimlane_id=?)" in steps
    assert all("subquery" in step for step in steps if step.startswith("SCAN")), "the tags of one card"
    assert steps.count("USE TEMP B-TREE FOR ORDER BY") == 1, "of a card's tags alone"


def test_the_counts_of_a_board_come_from_an_index_alone(project: int, asked: list[tuple[str, Any]]) -> None:
    board_reads.read_board(project)

    steps = plans(asked)
    assert "SEARCH tasks USING COVERING INDEX tasks_project (project_id=? AND is_active=?)" in steps
    assert not [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step]


def test_a_position_is_counted_from_the_index_of_the_cell_up_to_the_task(project: int) -> None:
    steps = plan_of(f"SELECT {snapshot.POSITION} FROM tasks t WHERE t.id = ?", 1)

    assert any("INDEX tasks_cell (column_id=? AND swimlane_id=? AND rank<?)" in step for step in steps)
    assert not [step for step in steps if step.startswith("SCAN")]


def test_a_move_scans_no_table(project: int, asked: list[tuple[str, Any]]) -> None:
    ready = columns.list_columns(project)[1].id
    task_ids = [tasks.create_task(project, "Task") for _ in range(5)]
    asked.clear()

    moves.move_task(task_ids[0], position=3)
    moves.move_task(task_ids[0], column_id=ready)
    moves.move_task(task_ids[1], column_id=ready, position=1)

    scans = [step for step in plans(asked) if step.startswith("SCAN") and "CONSTANT ROW" not in step]
    assert set(scans) <= {"SCAN endpoints"}, "which are few"


def test_the_feed_reads_on_from_where_it_was(project: int, asked: list[tuple[str, Any]]) -> None:
    feed = log.Feed()
    projects.create_project("Other")
    asked.clear()

    assert len(feed.read()) == 1

    assert plans(asked) == ["SEARCH events USING INTEGER PRIMARY KEY (rowid>?)"]

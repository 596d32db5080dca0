"""The schema: the models say what the tables are, and what a key press asks is answered by an index."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from kbtui.core.db import database, engine, schema, upgrade
from kbtui.core.db.engine import APPLICATION_ID, SqliteEngine
from kbtui.core.db.engine.sqlite_search import INDEX
from kbtui.core.db.migrations import MIGRATIONS
from kbtui.core.db.models import MODELS, Task
from kbtui.core.db.schema import LINK_TYPES, VERSION
from kbtui.core.events import snapshot
from kbtui.core.events.feed import Feed
from kbtui.core.projects import columns, members, projects, swimlanes
from kbtui.core.tasks import moves, ranks, tasks
from kbtui.core.views import board as board_reads
from tests import sql
from tests.sql import fetch_all

pytestmark = [pytest.mark.usefixtures("board"), pytest.mark.sqlite_only]


def described() -> dict[str, object]:
    """Return all that the open file's schema says: columns, keys, checks and indexes, whatever their spelling."""
    tables = [name for (name,) in fetch_all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found: dict[str, object] = {}
    for table in tables:
        text = str(fetch_all("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))[0][0])
        found[table] = (
            fetch_all(f'PRAGMA table_xinfo("{table}")'),
            sorted(row[2:] for row in fetch_all(f'PRAGMA foreign_key_list("{table}")')),
            sorted(indexed(*row[1:]) for row in fetch_all(f'PRAGMA index_list("{table}")')),
            sorted(re.findall(r"AUTOINCREMENT|WITHOUT ROWID|CHECK \(.*?\)\)", text.replace("((", "("))),
        )
    found["triggers"] = fetch_all("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    return found


def indexed(name: str, is_unique: int, origin: str, is_partial: int) -> tuple[object, ...]:
    """Return what an index is over, in which order, and which rows it has."""
    text = str((fetch_all("SELECT sql FROM sqlite_master WHERE name = ?", (name,)) or [("",)])[0][0] or "")
    over = re.sub(r'["()\s]', "", re.sub(r"^.* ON ", "", re.sub(r'"\w+"\.(?=")', "", text)).lower()).replace("!=", "<>")
    columns = tuple(row[2] for row in fetch_all(f'PRAGMA index_info("{name}")'))
    return name if origin == "c" else origin, is_unique, is_partial, columns, over


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_file_of_an_older_version_becomes_what_a_new_one_is(board: Path, tmp_path: Path, version: int) -> None:
    new = described()
    make_old(tmp_path / "old.db", version)

    database.connect(tmp_path / "old.db")

    assert described() == new
    assert fetch_all("PRAGMA user_version") == [(VERSION,)]
    assert fetch_all("PRAGMA foreign_key_check") == []


def test_a_new_file_is_what_the_models_say() -> None:
    tables = {name for (name,) in fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'")}

    tables = {name for name in tables if not name.startswith(INDEX)}
    assert tables - {"sqlite_sequence"} == {model._meta.table_name for model in MODELS}
    for model in MODELS:
        fields: list[Any] = model._meta.sorted_fields
        columns = fetch_all(f'PRAGMA table_info("{model._meta.table_name}")')
        stored = {name: fetch_all(f"SELECT {default}")[0][0] for _, name, _, _, default, _ in columns if default}
        assert [(field.column_name, not field.null) for field in fields] == [
            (name, bool(not_null)) for _, name, _, not_null, *_ in columns
        ]
        assert {field.column_name: field.default for field in fields if field.default is not None} == stored


def make_old(path: Path, version: int, *statements: str) -> None:
    """Make a board as an older kbtui did, with what some SQL puts into it."""
    path.touch(mode=0o600)
    engine = SqliteEngine(str(path))
    engine.open_writer()
    engine.open_reader()
    try:
        with engine.writing(), engine.transaction():
            for step in MIGRATIONS[:version]:
                step(engine)
            for statement in statements:
                engine.execute_sql(statement)
            engine.execute_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            engine.execute_sql(f"PRAGMA user_version = {version}")
    finally:
        engine.close_all()


def test_migrating_again_changes_nothing(board: Path) -> None:
    connection = engine.database.connection()  # type: ignore[no-untyped-call]
    before = list(connection.iterdump())

    schema.prepare(engine.database)

    assert list(connection.iterdump()) == before
    assert len(MIGRATIONS) == VERSION


def test_what_was_queued_before_there_were_formats_has_its_endpoints(tmp_path: Path) -> None:
    make_old(
        tmp_path / "old.db",
        1,
        "INSERT INTO endpoints (name, url, format) VALUES ('Chat', 'http://127.0.0.1:9/', 'kanboard-1.2')",
        "INSERT INTO events (name, facts, date_creation) VALUES ('task.update', '{}', 1)",
        "INSERT INTO deliveries (webhook_id, event_id, endpoint_id, event_name, state, date_creation, scheduled_at,"
        " due_at) VALUES ('msg_1', 1, 1, 'task.update', 'ready', 1, 1, 1)",
    )

    database.connect(tmp_path / "old.db")

    assert sql.fetch_all("SELECT format FROM deliveries") == [("kanboard-1.2",)]


def test_a_project_without_members_stays_open_to_all_unless_it_is_private(tmp_path: Path) -> None:
    make_old(
        tmp_path / "old.db",
        2,
        "INSERT INTO projects (name, position, is_private) VALUES ('Open', 1, 0), ('Own', 2, 1), ('Team', 3, 0)",
        "INSERT INTO project_users (project_id, user_id) VALUES (3, 1)",
    )

    database.connect(tmp_path / "old.db")

    assert sql.fetch_all("SELECT name, is_open FROM projects ORDER BY id") == [("Open", 1), ("Own", 0), ("Team", 0)]


def test_an_owner_who_had_been_taken_out_of_a_project_gets_no_right_by_the_migration(tmp_path: Path) -> None:
    make_old(
        tmp_path / "old.db",
        2,
        "INSERT INTO users (username) VALUES ('mika')",
        "INSERT INTO projects (name, position, owner_id) VALUES ('Open', 1, 2), ('Team', 2, 2), ('Ours', 3, 2)",
        "INSERT INTO project_users (project_id, user_id) VALUES (2, 1), (3, 1), (3, 2)",
    )

    database.connect(tmp_path / "old.db")

    assert [members.project_role(project_id, 2) for project_id in (1, 2, 3)] == [members.MANAGER, None, members.MANAGER]


def test_rows_that_refer_to_a_table_made_anew_stay(tmp_path: Path) -> None:
    make_old(
        tmp_path / "old.db",
        2,
        "INSERT INTO projects (name, position) VALUES ('Team', 1)",
        "INSERT INTO project_users (project_id, user_id) VALUES (1, 1)",
    )

    database.connect(tmp_path / "old.db")

    assert sql.fetch_all("SELECT project_id, user_id FROM project_users") == [(1, 1)]
    assert sql.fetch_all("PRAGMA foreign_keys") == [(1,)]


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(database: object) -> None:
        raise ZeroDivisionError

    make_old(tmp_path / "old.db", 2)
    before = dump(tmp_path / "old.db")
    monkeypatch.setattr(upgrade, "MIGRATIONS", (*MIGRATIONS, fail))

    with pytest.raises(ZeroDivisionError):
        database.connect(tmp_path / "old.db")

    assert dump(tmp_path / "old.db") == before


def dump(path: Path) -> list[object]:
    """Return all that is in a file."""
    file = sqlite3.connect(path)
    try:
        return [*file.iterdump(), file.execute("PRAGMA user_version").fetchone()]
    finally:
        file.close()


def test_a_new_board_has_its_first_user_and_the_link_types() -> None:
    assert sql.fetch_all("SELECT id, username, role, is_active FROM users") == [(1, "admin", "app-admin", 1)]
    assert sql.fetch_all("SELECT id, label, opposite_id FROM links ORDER BY id") == list(LINK_TYPES)
    opposites = {link_id: opposite or link_id for link_id, _, opposite in LINK_TYPES}
    assert all(opposites[opposites[link_id]] == link_id for link_id in opposites)


def plan_of(sql: str, *params: object) -> list[str]:
    """Return the steps in which SQLite answers a query; the short names that peewee gives tables are resolved."""
    tables = {alias: table for table, alias in re.findall(r'"(\w+)" AS "(t\d+)"', sql)}
    steps = [row[3] for row in fetch_all(f"EXPLAIN QUERY PLAN {sql}", params)]
    return [re.sub(r"\bt\d+\b", lambda match: tables.get(match[0], match[0]), step) for step in steps]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Return a list that collects each statement that is run from now on."""
    statements: list[tuple[str, Any]] = []
    run = engine.SqliteEngine.execute_sql

    def listen(self: engine.SqliteEngine, sql: str, params: Any = None) -> Any:
        statements.append((sql, params))
        return run(self, sql, params)

    monkeypatch.setattr(engine.SqliteEngine, "execute_sql", listen)
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
    opcodes = {row[1] for row in fetch_all(f"EXPLAIN {sql}", params)}
    assert "Column" not in opcodes, "no task's row is looked at"


def test_cards_come_in_the_order_of_the_index_without_a_sort(project: int, asked: list[tuple[str, Any]]) -> None:
    cell = ranks.Cell(columns.list_columns(project)[0].id, swimlanes.default_swimlane(project).id)
    asked.clear()

    board_reads.read_cards(cell, ranks.Key(10, 0), 20)

    steps = plans(asked)

    assert "SEARCH tasks USING INDEX tasks_cell (column_id=? AND swimlane_id=? AND rank>?)" in steps
    assert [step for step in steps if step.startswith("SCAN")] == ["SCAN named"], "the tags of one card"
    assert steps.count("USE TEMP B-TREE FOR ORDER BY") == 1, "of a card's tags alone"


def test_the_counts_of_a_board_come_from_an_index_alone(project: int, asked: list[tuple[str, Any]]) -> None:
    board_reads.read_board(project)

    steps = plans(asked)

    assert "SEARCH tasks USING COVERING INDEX tasks_project (project_id=? AND is_active=?)" in steps
    assert not [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step]


def test_a_position_is_counted_from_the_index_of_the_cell_up_to_the_task(project: int) -> None:
    text, params = Task.select(snapshot.position_of(Task)).where(Task.id == 1).sql()

    steps = plan_of(text, *params)

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
    assert set(scans) <= {"SCAN endpoints", "SCAN named", "SCAN top", "SCAN reached"}, "few, or what a search has found"


def test_the_feed_reads_on_from_where_it_was(project: int, asked: list[tuple[str, Any]]) -> None:
    feed = Feed()
    projects.create_project("Other")
    asked.clear()

    assert len(feed.read()) == 1

    assert plans(asked) == ["SEARCH activity USING INTEGER PRIMARY KEY (rowid>?)"]


FACTS = {
    "task": {
        "id": 7,
        "title": "Task",
        "description": "Long",
        "column_id": 2,
        "swimlane_id": 1,
        "column_title": "Ready",
    },
    "tags": ["ui"],
    "move": {"position": 1, "src_column_id": 1, "src_swimlane_id": 1, "src_position": 3, "date_moved": 5},
    "changes": {"description": "Long"},
}


@pytest.mark.parametrize("version", [1, 2])
def test_what_happened_before_there_was_an_activity_is_told_by_it(tmp_path: Path, version: int) -> None:
    facts = json.dumps(FACTS)
    make_old(
        tmp_path / "old.db",
        version,
        "INSERT INTO events (id, name, formats, project_id, task_id, author_id, author, date_creation, facts) VALUES"
        f" (3, 'task.move.column', NULL, 1, 7, 1, 'admin', 100, '{facts}'),"
        f" (4, 'task.move.column', 'kanboard-1.2', 1, 7, 1, 'admin', 100, '{facts}'),"
        " (5, 'task.close', NULL, 1, 7, 0, NULL, 200, '{damaged'),"
        ' (6, \'comment.create\', NULL, 1, 7, 0, NULL, 300, \'{"task": 3, "comment": {"comment": "Look\\nhere"}}\')',
    )

    database.connect(tmp_path / "old.db")

    columns = "id, task_id, column_id, swimlane_id, src_column_id, src_swimlane_id, author, date_creation"
    assert fetch_all(f"SELECT {columns} FROM activity ORDER BY id") == [
        (3, 7, 2, 1, 1, 1, "admin", 100),
        (5, 7, None, None, None, None, None, 200),
        (6, 7, None, None, None, None, None, 300),
    ]
    assert [json.loads(text) for (text,) in fetch_all("SELECT details FROM activity ORDER BY id")] == [
        {
            "task": {"id": 7, "title": "Task", "column_title": "Ready"},
            "move": {"position": 1, "src_column_id": 1, "src_swimlane_id": 1, "src_position": 3},
            "changes": {"description": ""},
        },
        {},
        {"comment": {"comment": "Look"}},
    ]


def test_the_directions_of_a_link_find_each_other_also_where_their_types_tell_it_no_more(tmp_path: Path) -> None:
    task = "INSERT INTO tasks (title, project_id, column_id, swimlane_id, rank, date_creation, date_modification,"
    make_old(
        tmp_path / "old.db",
        2,
        "INSERT INTO projects (name, position) VALUES ('Team', 1)",
        "INSERT INTO columns (project_id, title, position) VALUES (1, 'Todo', 1)",
        "INSERT INTO swimlanes (project_id, name, position) VALUES (1, 'Default', 1)",
        *(f"{task} date_moved) VALUES ('Task', 1, 1, 1, {rank}, 1, 1, 1)" for rank in range(2)),
        "INSERT INTO task_links (link_id, task_id, opposite_task_id) VALUES (1, 1, 2), (2, 1, 2), (1, 2, 1), (3, 2, 1)",
        "INSERT INTO task_links (link_id, task_id, opposite_task_id) VALUES (10, 1, 2), (11, 2, 1), (6, 1, 2)",
        "UPDATE links SET opposite_id = 1 WHERE id IN (10, 11)",
    )

    database.connect(tmp_path / "old.db")

    pairs = dict(sql.fetch_all("SELECT id, opposite_id FROM task_links"))
    assert pairs == {1: 3, 2: 4, 3: 1, 4: 2, 5: 6, 6: 5, 7: None}

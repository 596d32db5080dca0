"""A new board for each test of the core: in a file of its own, or on a server."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kbtui.core.db import database, engine, models, schema
from kbtui.core.events import log
from kbtui.core.projects import projects
from tests import postgres, sql

ENGINE = os.environ.get("KBTUI_TEST_ENGINE", "sqlite")
"""On which database these tests run: sqlite, which needs nothing, or postgres."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out on a server what is about SQLite's file."""
    if ENGINE == "sqlite":
        return
    for item in items:
        if item.get_closest_marker("sqlite_only"):
            item.add_marker(pytest.mark.skip(reason="it is about SQLite's file"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Run a PostgreSQL server and make a board on it; return its URI."""
    with postgres.running_server() as url:
        yield url


@pytest.fixture
def board(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Connect to a new board and return the path of its file; everything is done by the user admin."""
    path = tmp_path / "kbtui.db"
    if ENGINE == "postgres":
        connect_emptied(request.getfixturevalue("server"))
    else:
        database.connect(path)
    with log.authored_by(1):
        yield path
    database.close()


def connect_emptied(url: str) -> None:
    """Connect to the board of a server, made as new: to empty its tables takes a tenth of making them."""
    database.connect_server(url)
    tables = ", ".join(f'"{model._meta.table_name}"' for model in models.MODELS)
    with database.transaction():
        engine.database.execute_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        schema.insert_first_rows(engine.database)


@pytest.fixture
def project(board: Path) -> int:
    """Create a project with the default columns and return its id."""
    return projects.create_project("Website")


def recorded(*, after: int = 0) -> list[tuple[str, str, str]]:
    """Return the name, the action and the noun's name of each event of the board's structure, oldest first."""
    rows = sql.fetch_all("SELECT name, facts FROM events WHERE id > ? ORDER BY id", (after,))
    facts = [(name, json.loads(text)) for name, text in rows]
    return [(name, known["action"], known["name"]) for name, known in facts if name.endswith(".change")]


def last_event_id() -> int:
    """Return the id of the newest event, 0 before the first."""
    row = sql.fetch_one("SELECT coalesce(max(id), 0) FROM events")
    assert row is not None
    return int(row[0])


def insert_task(project_id: int, **fields: int) -> int:
    """Put a task in a project's first column and default swimlane, without the rules of the board."""
    columns = sql.fetch_one('SELECT id FROM "columns" WHERE project_id = ? ORDER BY position', (project_id,))
    swimlane = sql.fetch_one("SELECT id FROM swimlanes WHERE project_id = ? AND is_default = 1", (project_id,))
    assert columns is not None
    assert swimlane is not None
    row: dict[str, int | str] = {
        "title": "Write it down",
        "project_id": project_id,
        "column_id": columns[0],
        "swimlane_id": swimlane[0],
        "rank": 1,
        "date_creation": 0,
        "date_modification": 0,
        "date_moved": 0,
        **fields,
    }
    task: models.Task = sql.create(models.Task, **row)
    return int(task.id)


def facts_after(event_id: int) -> list[tuple[str, dict[str, Any]]]:
    """Return the name and the facts of each event after one, oldest first."""
    rows = sql.fetch_all("SELECT name, facts FROM events WHERE id > ? ORDER BY id", (event_id,))
    return [(name, json.loads(text)) for name, text in rows]


def names_after(event_id: int) -> list[str]:
    """Return the name of each event after one, oldest first."""
    return [name for name, _ in facts_after(event_id)]

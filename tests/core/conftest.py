"""A new board for each test of the core: in a file of its own, or on a server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kbtui.core.db import database, models
from kbtui.core.events import log
from kbtui.core.projects import projects
from tests import postgres, sql
from tests.core.new_boards import ENGINE, NewBoards


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what is about the other engine."""
    other = "postgres" if ENGINE == "sqlite" else "sqlite"
    for item in items:
        if item.get_closest_marker(f"{other}_only"):
            item.add_marker(pytest.mark.skip(reason=f"{other} only"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Run a PostgreSQL server and make a board on it; return its URI."""
    with postgres.running_server() as url:
        yield url


@pytest.fixture(scope="session")
def boards(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> NewBoards:
    """Return what makes boards that are new."""
    server = request.getfixturevalue("server") if ENGINE == "postgres" else ""
    return NewBoards(tmp_path_factory.mktemp("templates"), server)


@pytest.fixture
def board_name(tmp_path: Path, boards: NewBoards) -> Iterator[str]:
    """Connect to a new board and return its name; everything is done by the user admin."""
    name = boards.connect(tmp_path / "kbtui.db")
    with log.authored_by(1):
        yield name
    database.close()


@pytest.fixture
def board(board_name: str, tmp_path: Path) -> Path:
    """Connect to a new board and return where its file is, if it has one."""
    return tmp_path / "kbtui.db"


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

"""A board whose changes are announced, with short times."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kbtui.core.db import database
from kbtui.core.events import log
from tests.core.new_boards import NewBoards


@pytest.fixture(scope="session")
def boards(tmp_path_factory: pytest.TempPathFactory) -> NewBoards:
    """Return what makes boards that are new."""
    return NewBoards(tmp_path_factory.mktemp("templates"))


@pytest.fixture
def board(tmp_path: Path, boards: NewBoards) -> Iterator[Path]:
    """Connect to a new database file and return its path; everything is done by the user admin."""
    path = tmp_path / "kbtui.db"
    boards.connect(path)
    with log.authored_by(1):
        yield path
    database.close()

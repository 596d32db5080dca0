"""A board whose changes are announced, with short times."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kbtui.core.db import database
from kbtui.core.events import log


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Path]:
    """Connect to a new database file and return its path; everything is done by the user admin."""
    path = tmp_path / "kbtui.db"
    database.connect(path)
    with log.authored_by(1):
        yield path
    database.close()

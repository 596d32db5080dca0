"""How often a command asks the database."""

import contextlib
from typing import Any

import pytest

from kbtui.core.db import database
from tests import sql
from tests.cli.conftest import Run

MOST = 12
"""Statements of a move with one endpoint, beyond opening the file."""


@pytest.mark.parametrize("place", [("--column", "Ready"), ("--column", "Done", "--position", "1"), ("--position", "1")])
def test_a_move_asks_the_database_twelve_times_at_most(
    run: Run, monkeypatch: pytest.MonkeyPatch, place: tuple[str, ...]
) -> None:
    run("webhook", "add", "http://127.0.0.1:9/")
    for title in ("One", "Two", "Three"):
        run("task", "add", title, "--no-deliver")
    tracing, connect = contextlib.ExitStack(), database.connect
    traced: list[list[str]] = []

    def connect_traced(*given: Any, **named: Any) -> None:
        connect(*given, **named)
        traced.append(tracing.enter_context(sql.traced()))

    close = database.close

    def close_traced() -> None:
        tracing.close()
        close()

    monkeypatch.setattr(database, "connect", connect_traced)
    monkeypatch.setattr(database, "close", close_traced)

    moved = run("task", "move", "2", *place, "--no-deliver")

    assert moved.status == 0, moved.err
    assert moved.out.startswith('Moved task #2 "Two" to ')
    assert "1 delivery left queued" in moved.err
    [statements] = traced
    assert len(statements) <= MOST, "\n".join(statements)

"""How often the database is asked: a move, from the key to the drawn board, takes ten statements at most."""

from pathlib import Path

import pytest

from kbtui.core.db import models
from tests import sql
from tests.tui.board_fixtures import open_desk

MOST = 10
"""Statements of a move with one endpoint, the beginning and the end of its transaction among them."""

FULL = {(0, column): 60 for column in range(4)}
"""A cell of which a small part is shown."""


@pytest.mark.parametrize("keys", [("L",), ("H",), ("J",), ("K",), ("right_curly_bracket",)], ids="".join)
async def test_a_move_asks_the_database_ten_times_at_most(tmp_path: Path, keys: tuple[str, ...]) -> None:
    async with open_desk(tmp_path, FULL) as desk:
        sql.create(models.Endpoint, name="Receiver", url="http://127.0.0.1:9/")
        await desk.press("l", "j", "j")
        desk.news()

        with sql.traced() as statements:
            await desk.press(*keys)

        assert len(desk.news()) == 1
        assert len(statements) <= MOST, "\n".join(statements)


async def test_a_task_that_goes_down_a_long_cell_asks_ten_times_at_most_at_each_step(tmp_path: Path) -> None:
    async with open_desk(tmp_path, FULL) as desk:
        sql.create(models.Endpoint, name="Receiver", url="http://127.0.0.1:9/")
        counts = []
        for _ in range(40):
            with sql.traced() as statements:
                await desk.press("J")
            counts.append(len(statements))

        assert desk.order(0, 0)[40] == "s0c0n0"
        assert max(counts) <= MOST, counts


async def test_a_drop_asks_the_database_ten_times_at_most(tmp_path: Path) -> None:
    async with open_desk(tmp_path, FULL) as desk:
        sql.create(models.Endpoint, name="Receiver", url="http://127.0.0.1:9/")
        start, end = desk.find("s0c0n1"), desk.find("s0c2n1")

        with sql.traced() as statements:
            await desk.drag(start, end)

        assert "s0c0n1" in desk.order(0, 2)
        assert len(statements) <= MOST, "\n".join(statements)

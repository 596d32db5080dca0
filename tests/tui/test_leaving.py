"""Leaving the program: nothing typed is lost without a question."""

from pathlib import Path

import pytest

from kbtui.tui.screens.confirm import ConfirmScreen
from tests.tui.board_fixtures import open_desk
from tests.tui.task_fixtures import TWO, open_task


@pytest.mark.parametrize(
    "keys",
    [("c", *"words"), ("c", *"words", "escape"), ("escape", "n", *"words", "escape")],
    ids=["an editor", "a draft", "the draft of a new task"],
)
async def test_what_was_typed_is_asked_about_before_leaving(tmp_path: Path, keys: tuple[str, ...]) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press(*keys, "ctrl+q")
        asked = isinstance(desk.app.screen, ConfirmScreen)
        await desk.press("escape")
        stayed = desk.app.return_code is None
        await desk.press("ctrl+q", "y")

        assert (asked, stayed, desk.app.return_code) == (True, True, 0)


async def test_without_anything_typed_leaving_asks_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        await desk.press("q")

        assert desk.app.return_code == 0

"""Leaving the program: nothing typed is lost without a question."""

from pathlib import Path

import pytest

from kbtui.core.tasks import comments, removals
from kbtui.tui.screens.leave import LeaveScreen
from kbtui.tui.screens.task_form import TaskForm
from tests.tui.board_fixtures import open_desk
from tests.tui.screen_fixtures import shown
from tests.tui.task_fixtures import TWO, hint, is_editing, open_task


@pytest.mark.parametrize(
    "keys",
    [("c", *"words"), ("c", *"words", "escape"), ("escape", "n", *"words", "escape")],
    ids=["an editor", "a draft", "the draft of a new task"],
)
async def test_what_was_typed_is_asked_about_before_leaving(tmp_path: Path, keys: tuple[str, ...]) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press(*keys, "ctrl+q")
        asked = isinstance(desk.app.screen, LeaveScreen)
        await desk.press("escape")
        stayed = desk.app.return_code is None
        await desk.press("ctrl+q", "y")

        assert (asked, stayed, desk.app.return_code) == (True, True, 0)


async def test_without_anything_typed_leaving_asks_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        await desk.press("q")

        assert desk.app.return_code == 0


async def test_the_question_names_the_drafts_and_leads_to_the_latest(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press(
            "escape", "n", *"words", "escape", "e", "x", "escape", "enter", "c", *"more", "escape", "escape"
        )
        await desk.press("q")
        drawn = " ".join(shown(desk).split())
        assert all(words in drawn for words in ("a comment on #1", "changes of #1", "a new task in “Website”"))

        await desk.press("g")
        await desk.wait_for(lambda: is_editing(desk))
        assert hint(desk) == "Here is your draft again."
        await desk.press("ctrl+s", "escape")
        assert [comment.comment for comment in comments.list_comments(1)] == ["more"]
        await desk.press("q", "g")

        form = desk.app.screen
        assert isinstance(form, TaskForm)
        assert form.task_id == 1


async def test_a_draft_of_what_is_gone_asks_nothing(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("c", *"more", "escape")
        removals.remove_task(1)
        await desk.wait_for(lambda: desk.app.screen is desk.app.board_screen)
        await desk.press("q")

        assert desk.app.return_code == 0


async def test_ctrl_c_in_a_form_asks_and_goes_on_there(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        await desk.press("n", *"words", "ctrl+c")
        assert isinstance(desk.app.screen, LeaveScreen)
        await desk.press("g", "!")

        form = desk.app.screen
        assert isinstance(form, TaskForm)
        assert form.values()["title"] == "words!"

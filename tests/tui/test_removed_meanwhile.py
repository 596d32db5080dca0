"""What another program did a moment ago, of which the screen does not know yet, meets a key press."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kbtui.core.projects import projects
from kbtui.core.tasks import comments, links, ranks, subtasks, tasks
from kbtui.errors import DatabaseBusyError
from kbtui.tui.screens.transfer import TransferScreen
from tests.tui.board_fixtures import Desk, open_desk
from tests.tui.task_fixtures import TWO, WIDE, open_task


def put_something_on_it(desk: Desk) -> None:
    comments.add_comment(1, "Words")
    subtasks.add_subtask(1, "Step")
    links.add_task_link(1, 2, 2)


def hold_the_news(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the screen not look for what others do."""
    monkeypatch.setattr(desk.app.feed, "others_committed", lambda: False)


def notes(desk: Desk) -> str:
    """Return what is said, wherever it is."""
    return " ".join([desk.said, *(note.message for note in desk.app._notifications)])


@pytest.mark.parametrize(
    ("removal", "keys"),
    [
        ("comments.remove_comment(1)", ("4", "enter")),
        ("subtasks.remove_subtask(1)", ("3", "enter")),
        ("subtasks.remove_subtask(1)", ("3", "space")),
        ("links.remove_task_link(1)", ("5", "t")),
        ("removals.remove_task(1)", ("x",)),
        ("removals.remove_task(1)", ("E",)),
        ("removals.remove_task(1)", ("s",)),
        ("removals.remove_task(1)", ("D",)),
        ("removals.remove_task(1)", ("enter",)),
        ("removals.remove_task(1)", ("2", "enter")),
    ],
)
async def test_a_key_for_what_has_just_been_removed_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removal: str, keys: tuple[str, ...]
) -> None:
    async with open_task(tmp_path, size=WIDE, prepare=put_something_on_it) as desk:
        hold_the_news(desk, monkeypatch)
        await desk.elsewhere(f"from kbtui.core.tasks import comments, links, subtasks\n{removal}")
        await desk.press(*keys)
        await desk.pilot.pause()
        await desk.press("question_mark")  # the application is as alive as ever

        assert desk.app.is_running
        assert type(desk.app.screen).__name__ == "HelpScreen" or desk.app.screen.query("RowEditor")


@pytest.mark.parametrize("key", ["a", "n", "e", "x", "enter", "L", "D", "p"])
async def test_a_key_on_a_board_whose_project_has_just_been_removed_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        hold_the_news(desk, monkeypatch)
        await desk.elsewhere("projects.create_project('Other')\nremovals.remove_task(1)\nremovals.remove_task(2)\n"
                             "projects.remove_project(1)")  # fmt: skip
        await desk.press(key)
        await desk.pilot.pause()

        assert desk.app.is_running


async def test_what_cannot_be_read_when_it_is_told_is_read_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_cell: Callable[..., int] = ranks.count_cell
    refusals = iter([True])

    def refuse_once(*given: object) -> int:
        if next(refusals, False):
            raise DatabaseBusyError("The database is locked by another program.")
        return count_cell(*given)

    async with open_desk(tmp_path, TWO) as desk:
        monkeypatch.setattr(ranks, "count_cell", refuse_once)
        tasks.create_task(desk.project_id, "a new one", position=1)
        refused = desk.said
        await desk.wait_for(lambda: desk.shows("a new one"))

        assert "is locked by another program" in refused


async def test_a_task_of_an_inactive_project_can_be_duplicated_there(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        projects.create_project("Other")
        projects.update_project(desk.project_id, is_active=0)
        await desk.press("D")

        assert isinstance(desk.app.screen, TransferScreen)
        assert desk.app.screen.project.chosen == desk.project_id

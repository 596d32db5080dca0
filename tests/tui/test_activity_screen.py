"""The activity of a project: sentences, filters, more of them, and the way to the task."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from kbtui.core.events import log
from kbtui.core.projects import users
from kbtui.core.tasks import comments, subtasks, tasks
from kbtui.tui.screens.activity import ActivityScreen
from kbtui.tui.screens.task import TaskScreen
from tests.tui.board_fixtures import Desk, open_desk
from tests.tui.screen_fixtures import HOSTILE, screen_lines, shown
from tests.tui.task_fixtures import NARROW, TWO, WIDE, is_on_board


def activity(desk: Desk) -> ActivityScreen:
    screen = desk.app.screen
    assert isinstance(screen, ActivityScreen), screen
    return screen


def sentences(desk: Desk) -> list[str]:
    return [row.facts[2] for row in activity(desk).listed.rows]


def some_history(desk: Desk) -> None:
    tasks.close_task(2)
    comments.add_comment(1, "yes")
    users.add_user("maria")
    with log.authored_by(2):
        subtasks.add_subtask(1, "Step")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_what_happened_is_told_newest_first(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_desk(tmp_path, TWO, size=size) as desk:
        some_history(desk)
        await desk.press("a")

        assert sentences(desk)[:3] == [
            "maria added the subtask “Step” of #1 “s0c0n0”",
            "admin commented on #1 “s0c0n0”: yes",
            "admin closed #2 “s0c0n1”",
        ]
        assert "maria added the subtask “Step” of #1 “s0c0n0”" in shown(desk)


async def test_the_kind_the_person_and_the_task_are_filtered(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO, size=WIDE) as desk:
        some_history(desk)
        await desk.press("a", "f", "down", "down", "down", "down", "enter")
        assert activity(desk).kind.chosen == "comments"
        assert sentences(desk) == ["admin commented on #1 “s0c0n0”: yes"]

        await desk.press("escape", "r")
        assert len(sentences(desk)) > 3
        await desk.press("p", "down", "down", "enter")
        assert activity(desk).person.chosen == "maria"
        assert sentences(desk) == ["maria added the subtask “Step” of #1 “s0c0n0”"]

        await desk.press("escape", "r", "t", *"#2", "enter")
        assert sentences(desk) == ["admin closed #2 “s0c0n1”", "admin created #2 “s0c0n1” in Backlog"]


async def test_a_task_that_is_not_there_is_named(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        await desk.press("a", "t", *"#99", "enter")

        assert "There is no task #99." in activity(desk).line.text


async def test_what_happens_meanwhile_appears_on_top_and_the_cursor_stays(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        some_history(desk)
        await desk.press("a", "down")
        marked = activity(desk).listed.row
        comments.add_comment(2, "just now")
        await desk.pilot.pause()

        assert sentences(desk)[0] == "admin commented on #2 “s0c0n1”: just now"
        assert activity(desk).listed.row == marked


async def test_enter_goes_to_the_task_and_esc_comes_back(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        some_history(desk)
        await desk.press("a", "enter")
        assert isinstance(desk.app.screen, TaskScreen)
        assert desk.app.screen.task_id == 1

        await desk.press("escape", "escape")
        assert is_on_board(desk)


async def test_a_task_that_is_gone_is_named(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        desk.app.undo_stack.remove_task(1)
        await desk.press("a", "enter")

        assert activity(desk).line.text == "✗ There is no task #1."


async def test_more_is_read_when_the_end_is_reached(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        for number in range(150):
            comments.add_comment(1, f"number {number}")
        await desk.press("a")
        assert len(sentences(desk)) == 60

        await desk.press("G")
        assert len(sentences(desk)) > 60
        await desk.press("G", "G")
        await desk.press("G")
        assert len(sentences(desk)) == len(set(sentences(desk))) == 155
        assert "admin created #1 “s0c0n0” in Backlog" in sentences(desk)


async def test_the_activity_of_one_task_opens_from_its_screen(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        some_history(desk)
        await desk.press("g", "enter", "a")

        assert all("#1" in each for each in sentences(desk))


async def test_hostile_text_is_shown_as_text(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO, size=NARROW) as desk:
        for text in HOSTILE.values():
            tasks.update_task(1, title=text[:150])
            comments.add_comment(1, text)
        await desk.press("a")

        for line in screen_lines(desk):
            assert line.isprintable()
            assert cell_len(line) == NARROW[0]


async def test_double_click_opens_the_task(tmp_path: Path) -> None:
    async with open_desk(tmp_path, TWO) as desk:
        some_history(desk)
        await desk.press("a")
        listed = activity(desk).listed
        await desk.click(listed.region.x + 20, listed.region.y + 1, times=2)

        assert isinstance(desk.app.screen, TaskScreen)

"""The dialogs of a task's screen: another project, a copy, recurrence."""

import time
from pathlib import Path

import pytest

from kbtui.core.projects import categories, projects, swimlanes, users
from kbtui.core.tasks import links, recurrence, tasks
from kbtui.core.values.dates import parse_due
from kbtui.tui.screens.task import TaskScreen
from kbtui.tui.widgets.dialog import Notice
from kbtui.tui.widgets.fields import Field
from tests.tui.board_fixtures import Desk
from tests.tui.screen_fixtures import frame_is_whole, go_to, rows, shown
from tests.tui.task_fixtures import NARROW, WIDE, first_task, lines_of, open_task, said


def another_project(desk: Desk) -> None:
    """Make a project with a category of the same name, and give the task what is mapped."""
    other = projects.create_project("Another [b]")
    categories.add_category(other, "Bug")
    bug = categories.add_category(desk.project_id, "Bug")
    tasks.update_task(1, owner_id=users.add_user("maria"), category_id=bug, tags=["ui"])


def hint(desk: Desk, name: str) -> str:
    return desk.app.screen.query_one(f"#field-{name}", Field).hint


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_what_becomes_of_a_task_is_shown_before_it_moves(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_task(tmp_path, size=size, prepare=another_project) as desk:
        await desk.press("m")

        assert "first column" in hint(desk, "column_id")
        assert hint(desk, "swimlane_id") == "stays: there is one of this name"
        assert hint(desk, "category_id") == "stays: there is one of this name"
        assert hint(desk, "owner_id") == "stays: a member there"
        assert "Another [b]" in shown(desk)
        assert frame_is_whole(desk)
        assert desk.news() == []


async def test_a_task_moves_to_another_project_and_back(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=another_project) as desk:
        await desk.press("m", "ctrl+s")
        assert said(desk) == "Moved #1 to Another [b]; u takes it back."
        assert first_task(desk).project_name == "Another [b]"
        assert first_task(desk).category_name == "Bug"
        assert "Another [b] › Backlog" in shown(desk)
        assert desk.news() == ["task.move.project"]

        await desk.press("u")
        assert first_task(desk).project_id == desk.project_id
        assert said(desk) == "Undone: moved #1 to another project."


async def test_the_place_in_the_other_project_can_be_chosen(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=another_project) as desk:
        await desk.press("m", "tab", "enter", "down", "enter", "ctrl+s")

        assert first_task(desk).column_title == "Ready"


async def test_what_cannot_be_mapped_says_why(tmp_path: Path) -> None:
    def prepare(desk: Desk) -> None:
        another_project(desk)
        tasks.update_task(1, category_id=categories.add_category(desk.project_id, "Only here"))
        (default, *_others) = swimlanes.list_swimlanes(desk.project_id)
        swimlanes.update_swimlane(default.id, name="Ours")

    async with open_task(tmp_path, prepare=prepare) as desk:
        await desk.press("m")

        assert hint(desk, "category_id") == "was Only here; none of this name there"
        assert hint(desk, "swimlane_id") == "was Ours; none of this name there"


async def test_a_copy_is_made_here_and_elsewhere(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=another_project) as desk:
        await desk.press("D", "ctrl+s")
        assert said(desk) == "Duplicated #1 as #3; u takes it back."
        await desk.press("D", "enter", "down", "enter", "ctrl+s")

        copies = [tasks.get_task(task_id) for task_id in (3, 4)]
        assert [copy.project_name for copy in copies] == ["Website", "Another [b]"]
        assert [link.opposite_task_id for link in links.list_task_links(1)] == [3, 4]
        await desk.press("u", "u")
        assert rows("SELECT count(*) FROM tasks") == [(2,)]


async def test_nothing_happens_on_esc(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=another_project) as desk:
        before = first_task(desk)
        for key in ("m", "D", "R", "l", "f"):
            await desk.press(key)
            assert not isinstance(desk.app.screen, TaskScreen)
            assert frame_is_whole(desk)
            await desk.press("escape")
            assert isinstance(desk.app.screen, TaskScreen)

        assert first_task(desk) == before
        assert desk.news() == []


async def test_recurrence_is_set_with_a_preview_and_undone(tmp_path: Path) -> None:
    due = parse_due("2027-01-31", time.time())
    async with open_task(tmp_path, prepare=lambda desk: tasks.update_task(1, date_due=due)) as desk:
        await desk.press("R", "enter", "down", "enter", "tab", "enter", "end", "enter", "tab", "home", "shift+end", "1")
        await desk.press("tab", "enter", "down", "enter")
        preview = desk.app.screen.query_one("#preview", Notice).text
        assert preview == (
            "When it is closed, a new one is made in the first column, due 28 Feb 2027 if that happened now."
        )
        assert frame_is_whole(desk)
        await desk.press("ctrl+s")

        task = first_task(desk)
        assert task.recurrence_status == recurrence.PENDING
        assert task.recurrence_trigger == recurrence.ON_CLOSE
        assert (task.recurrence_factor, task.recurrence_timeframe) == (1, recurrence.MONTHS)
        words = " ".join(" ".join(lines_of(desk, "fields")).split())
        assert "Recurs when it is closed, 1" in words
        assert "month on" in words

        await desk.press("x")
        assert desk.news() == ["task.update", "task.close", "task.create"]
        assert first_task(desk).recurrence_child == 3


async def test_an_impossible_factor_is_complained_about(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("R")
        factor = await go_to(desk, "#factor")
        factor.value = "99999"
        await desk.press("enter")
        await desk.pilot.pause()

        assert "A whole number from" in desk.app.screen.query_one("#field-factor", Field).complaint
        assert desk.news() == []


async def test_a_task_that_has_come_again_says_as_which(tmp_path: Path) -> None:
    def prepare(desk: Desk) -> None:
        tasks.update_task(1, recurrence_status=1, recurrence_trigger=2)
        tasks.close_task(1)
        tasks.open_task(1)

    async with open_task(tmp_path, size=WIDE, prepare=prepare) as desk:
        assert "it has, as #3" in "\n".join(lines_of(desk, "fields"))
        await desk.press("R")
        assert "It has come again, as #3" in shown(desk)

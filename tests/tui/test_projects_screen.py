"""The list of projects, driven by keys and the mouse."""

from pathlib import Path

from textual.widgets import OptionList

from kbtui.core.projects import columns, projects
from kbtui.tui.screens.projects import ProjectNameScreen, ProjectPicker
from kbtui.tui.widgets.fields import LineInput
from tests.tui.board_fixtures import Cells, Desk, open_desk
from tests.tui.screen_fixtures import (
    HOSTILE,
    Text,
    click_on,
    complaint,
    do,
    frame_is_whole,
    go_to,
    notice,
    paste,
    shown,
)

ONE: Cells = {(0, 0): 1}
SMALL = (80, 24)


def names() -> list[str]:
    return [project.name for project in projects.list_projects()]


def shown_project(desk: Desk) -> int:
    assert desk.app.board_screen is not None
    return desk.app.board_screen.project_id


async def test_a_project_is_chosen_with_the_keyboard(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        other = projects.create_project("Other")
        await desk.press("p")
        assert "● Website  1 task" in shown(desk)
        await desk.press("down", "enter")

        assert shown_project(desk) == other


async def test_typing_filters_and_esc_takes_the_filter_back_first(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        other = projects.create_project("House and garden")
        await do(desk, "p", "g", "a", "r")
        picker = desk.app.screen
        assert isinstance(picker, ProjectPicker)
        assert picker.query_one(OptionList).option_count == 1
        await desk.press("x")
        assert notice(desk) == "No project has this in its name."
        await desk.press("escape")
        assert picker.query_one(OptionList).option_count == 2

        await do(desk, "slash", Text("gard"), "enter")

        assert shown_project(desk) == other


async def test_a_new_project_is_shown_at_once(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "p", "n", Text("Brand [new]"), "enter")

        created = projects.find_project("Brand [new]")
        assert shown_project(desk) == created.id
        assert columns.list_columns(created.id)[0].title == "Backlog"


async def test_a_name_that_cannot_be_taken_is_told_and_kept_in_the_field(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("p", "n", "enter")
        assert "The project name is empty" in complaint(desk, "name")
        await do(desk, Text("x" * 300), "enter")

        screen = desk.app.screen
        assert isinstance(screen, ProjectNameScreen)
        assert screen.query_one(LineInput).value == "x" * 300
        assert "300 characters long; it can have at most 255" in complaint(desk, "name")
        assert names() == ["Website"]
        assert frame_is_whole(desk)


async def test_projects_are_renamed_to_whatever_is_typed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("p")
        for text in HOSTILE.values():
            await desk.press("r")
            desk.app.screen.query_one(LineInput).value = ""
            await paste(desk, text)
            assert frame_is_whole(desk)
            await desk.press("enter")
            assert frame_is_whole(desk)

        assert names() == [list(HOSTILE.values())[-1]]


async def test_a_project_that_holds_tasks_is_not_removed_and_says_why(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("p", "delete")
        assert "This cannot be undone" in shown(desk)
        await desk.press("y")

        assert "still holds 1 task" in notice(desk)
        assert names() == ["Website"]


async def test_an_empty_project_is_removed_only_after_asking(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        projects.create_project("Empty")
        await desk.press("p", "down", "delete", "enter")
        assert names() == ["Website", "Empty"]

        await click_on(desk, "#remove")
        await click_on(desk, "#yes")

        assert names() == ["Website"]


async def test_projects_are_reordered_and_the_mark_goes_along(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        projects.create_project("Second")
        projects.create_project("Third")
        await desk.press("p", "shift+down", "shift+down", "shift+up")
        assert names() == ["Second", "Website", "Third"]

        await do(desk, "slash", Text("web"), "shift+down")

        assert "Empty the filter" in notice(desk)
        assert names() == ["Second", "Website", "Third"]


async def test_the_list_follows_what_other_programs_do(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("p")
        await desk.elsewhere("projects.create_project('From elsewhere')")

        await desk.wait_for(lambda: "From elsewhere" in shown(desk))


async def test_everything_works_with_the_mouse(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        other = projects.create_project("Other")
        await desk.press("p")
        await click_on(desk, "#new")
        await paste(desk, "Third")
        await click_on(desk, "#cancel")
        assert names() == ["Website", "Other"]
        await click_on(desk, "CloseMark")
        assert desk.app.screen is desk.app.board_screen

        await desk.press("p")
        await click_on(desk, "#projects", (6, 2))

        assert shown_project(desk) == other


async def test_a_renamed_project_shows_its_new_name(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("p", "r")
        (await go_to(desk, "#name")).value = "Renamed"
        await click_on(desk, "#save")

        assert "● Renamed" in shown(desk)
        await desk.press("escape")
        assert "Renamed" in desk.said


async def test_a_key_says_who_may_see_a_project_and_changes_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("p")
        assert "members only" not in shown(desk)

        await desk.press("ctrl+o")

        assert "● Website  1 task · members only" in shown(desk)
        assert notice(desk) == "“Website”: only its owner and its members may see it."
        assert projects.list_projects()[0].is_open == 0

        await desk.press("ctrl+o")
        assert notice(desk) == "“Website”: everybody may see it."
        assert projects.list_projects()[0].is_open == 1


async def test_a_private_project_is_not_opened_and_says_why(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        projects.create_project("Diary", is_private=1)
        await desk.press("p", "down", "ctrl+o")

        assert "Diary  0 tasks · private" in shown(desk)
        assert "one person's own" in notice(desk)

"""Clicks and the wheel on the board."""

from pathlib import Path

import pytest
from textual.events import MouseScrollDown, MouseScrollLeft, MouseScrollRight, MouseScrollUp

from kbtui.tui.widgets.board_view import BoardView
from tests.tui.board_fixtures import open_desk

LONG = {(0, 0): 40, (0, 1): 2, (1, 0): 3, (1, 1): 1, (2, 0): 3}
WIDE = (60, 30)
"""A size in which two of the four columns are shown."""


# Clicks


async def test_a_click_selects_the_task_under_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.click(*desk.find("s1c2n1"))

        assert desk.title == "s1c2n1"
        assert desk.news() == []


async def test_a_click_on_free_ground_selects_what_is_nearest_in_that_cell(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 2, (1, 1): 2}) as desk:
        x, y = desk.find("s1c1n1")
        await desk.click(x, y + 1)
        below = desk.title
        await desk.click(x + 30, y)

        assert below == "s1c1n1"
        assert desk.title is None
        assert desk.view.cell == desk.cell(1, 2)


async def test_a_double_click_asks_for_the_task_or_for_a_new_one(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        x, y = desk.find("s2c1n2")
        await desk.click(x, y, times=2)
        await desk.press("escape")
        await desk.click(x, y + 3, times=2)

        assert desk.asked == [BoardView.TaskChosen(desk.task_id("s2c1n2")), BoardView.CellChosen(desk.cell(2, 1))]


async def test_a_click_on_a_plus_asks_for_a_task_in_that_column(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("j", "j", "j")
        for column in (0, 3):
            left = desk.view.model.layout.column_left(column)
            await desk.click(desk.lines[0].index("+", left), 0)
            await desk.press("escape")
        await desk.click(2, 0)

        assert desk.asked == [BoardView.CellChosen(desk.cell(1, 0)), BoardView.CellChosen(desk.cell(1, 3))]


async def test_a_click_on_a_swimlanes_head_collapses_it_and_another_opens_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.click(*desk.find("Middle"))
        collapsed = desk.shows("s1c0n0"), desk.title
        await desk.click(*desk.find("Middle"))

        assert collapsed == (False, "s0c0n0")
        assert desk.shows("s1c0n0")


async def test_a_click_on_how_many_more_there_are_turns_the_page(tmp_path: Path) -> None:
    async with open_desk(tmp_path, LONG) as desk:
        x, y = desk.find("▼")
        await desk.click(x + 1, y)
        turned = desk.shows("s0c0n0 "), desk.shows("▲")
        for _ in range(8):
            await desk.click(x + 1, y)
        bottom = desk.shows("s0c0n39"), desk.shows("▼")
        for _ in range(12):
            await desk.click(*desk.find("s0c0n" if not desk.shows("▲") else "▲"))

        assert turned == (False, True)
        assert bottom == (True, False)
        assert desk.shows("s0c0n0 ")


async def test_quick_clicks_on_how_many_more_there_are_open_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, LONG) as desk:
        x, y = desk.find("▼")
        await desk.click(x + 1, y, times=2)
        await desk.click(*desk.find("▲"), times=2)

        assert desk.asked == []


async def test_a_double_click_on_a_card_that_the_first_click_moved_asks_for_that_card(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 30}, size=(80, 24)) as desk:
        await desk.elsewhere("for number in range(1, 31): tasks.update_task(number, title=f'card {number} ' * 9)")
        await desk.wait_for(lambda: desk.shows("#3 card 3"))
        mark = desk.find("▼")[1]
        cut = max(number for number in range(1, 31) if desk.shows(f"#{number} card"))
        x, y = desk.find(f"#{cut} card")
        assert mark - y < 3
        await desk.click(x, y, times=2)

        assert desk.asked == [BoardView.TaskChosen(cut)]


# The wheel


async def test_the_wheel_scrolls_the_cell_under_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path, LONG) as desk:
        x, y = desk.find("s0c0n2")
        await desk.wheel(MouseScrollDown, x, y, times=5)
        down = desk.shows("s0c0n4 "), desk.shows("s0c0n5 "), desk.shows("s0c1n0 ")
        await desk.wheel(MouseScrollUp, x, y, times=5)

        assert down == (False, True, True)
        assert desk.shows("s0c0n0 ")
        assert desk.news() == []


async def test_the_wheel_scrolls_the_swimlanes_where_a_cell_has_no_more(tmp_path: Path) -> None:
    async with open_desk(tmp_path, LONG, size=(80, 24)) as desk:
        x = desk.view.model.layout.column_left(2) + 2
        await desk.wheel(MouseScrollDown, x, 5, times=10)
        down = desk.shows("s2c0n0 "), desk.shows("Default swimlane")
        await desk.wheel(MouseScrollUp, x, 5, times=10)

        assert down == (True, False)
        assert desk.shows("Default swimlane")


@pytest.mark.parametrize(
    ("right", "left", "shift"), [(MouseScrollRight, MouseScrollLeft, False), (MouseScrollDown, MouseScrollUp, True)]
)
async def test_the_wheel_scrolls_sideways(
    tmp_path: Path, right: type[MouseScrollDown], left: type[MouseScrollUp], shift: bool
) -> None:
    async with open_desk(tmp_path, size=WIDE) as desk:
        await desk.wheel(right, 5, 5, times=7, shift=shift)
        end = desk.shows("s0c3n0"), desk.shows("s0c0n0")
        await desk.wheel(left, 5, 5, times=7, shift=shift)

        assert end == (True, False)
        assert desk.shows("s0c0n0")


async def test_keys_reach_the_task_that_was_scrolled_out_of_sight(tmp_path: Path) -> None:
    async with open_desk(tmp_path, LONG) as desk:
        await desk.press("j")
        await desk.wheel(MouseScrollDown, *desk.find("s0c0n2"), times=9)
        scrolled = desk.shows("s0c0n1 "), desk.title
        await desk.press("L")

        assert scrolled == (False, "s0c0n1")
        assert desk.order(0, 1)[1] == "s0c0n1"
        assert desk.title == "s0c0n1"
        assert desk.shows("s0c0n1 ")

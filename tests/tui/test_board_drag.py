"""Tasks dragged from place to place with the mouse."""

from pathlib import Path

import pytest
from textual.events import MouseScrollDown, MouseScrollRight

from tests.tui.board_fixtures import SIZE, open_desk

LONG = {(0, 0): 40, (0, 1): 2, (1, 0): 3, (1, 1): 1, (2, 0): 3}
WIDE = (60, 30)
"""A size in which two of the four columns are shown."""


async def test_a_task_is_dragged_down_and_up_within_its_cell(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        x, y = desk.find("s0c0n0")
        await desk.drag((x, y), (x, desk.find("s0c0n1")[1] + 1))
        down = desk.order(0, 0), desk.news(), desk.title
        await desk.drag(desk.find("s0c0n2"), (x, y - 1))

        assert down == (["s0c0n1", "s0c0n0", "s0c0n2"], ["task.move.position"], "s0c0n0")
        assert desk.order(0, 0) == ["s0c0n2", "s0c0n1", "s0c0n0"]
        assert desk.news() == ["task.move.position"]
        assert desk.title == "s0c0n2"


async def test_a_task_dragged_across_columns_lands_between_the_cards_there(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        x, y = desk.find("s0c2n1")
        await desk.drag(desk.find("s0c0n0"), (x, y))

        assert desk.order(0, 2) == ["s0c2n0", "s0c0n0", "s0c2n1", "s0c2n2"]
        assert desk.order(0, 0) == ["s0c0n1", "s0c0n2"]
        assert desk.title == "s0c0n0"
        assert desk.news() == ["task.move.column"]


async def test_a_task_dragged_to_another_swimlane_and_column_records_both_moves(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.drag(desk.find("s0c0n0"), desk.find("s2c3n0"))

        assert desk.order(2, 3)[0] == "s0c0n0"
        assert desk.news() == ["task.move.swimlane", "task.move.column"]


async def test_a_task_dragged_into_an_empty_cell_is_alone_there(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 3}) as desk:
        x, y = desk.find("Middle")
        await desk.drag(desk.find("s0c0n1"), (x + 65, y + 2))

        assert desk.order(1, 2) == ["s0c0n1"]
        assert desk.order(0, 0) == ["s0c0n0", "s0c0n2"]


async def test_a_task_dragged_below_the_last_card_becomes_the_last(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        x, y = desk.find("s2c1n2")
        await desk.drag(desk.find("s0c0n0"), (x, y + 6))

        assert desk.order(2, 1)[-1] == "s0c0n0"


async def test_a_task_dragged_onto_a_collapsed_swimlane_becomes_the_last_of_its_cell(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.click(*desk.find("Middle"))
        left = desk.view.model.layout.column_left(2)
        y = desk.find("Middle")[1]
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(left + 3, y)
        mark = desk.shows("lands here")
        await desk.drop(left + 3, y)

        assert mark
        assert desk.order(1, 2) == ["s1c2n0", "s1c2n1", "s1c2n2", "s0c0n0"]


async def test_a_dragged_task_is_shown_under_the_mouse_with_its_landing_place(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        x, y = desk.find("s0c3n1")
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(x, y)
        ghost, mark = desk.lines[y], desk.find("lands here")
        await desk.drop(x, y)

        assert "s0c0n0" in ghost
        assert mark[1] == y - 1
        assert not desk.shows("lands here")


async def test_a_task_let_go_where_it_was_stays_there_and_records_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        x, y = desk.find("s1c1n1")
        await desk.drag((x, y), (x + 3, y))
        await desk.drag((x, y), (x, y + 1))
        await desk.drag((x, y), (x, y - 1))

        assert desk.news() == []
        assert desk.order(1, 1) == ["s1c1n0", "s1c1n1", "s1c1n2"]


async def test_escape_lets_go_of_a_dragged_task(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        there = desk.find("s0c3n1")
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(*there)
        await desk.press("escape")
        gone = not desk.shows("lands here")
        await desk.drop(*there)

        assert gone
        assert desk.news() == []


async def test_another_screen_takes_a_dragged_task_out_of_the_hand(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        there = desk.find("s0c3n1")
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(*there)
        await desk.press("n")
        held = desk.view.is_dragging
        await desk.drop(*there)
        await desk.press("escape")
        await desk.carry(there[0] - 20, there[1])

        assert not held
        assert not desk.shows("lands here")
        assert desk.news() == []


@pytest.mark.parametrize("outside", [(5, SIZE[1] - 1), (5, SIZE[1] - 2), (100, 0), (119, SIZE[1] - 1)])
async def test_a_drop_outside_of_the_cells_changes_nothing(tmp_path: Path, outside: tuple[int, int]) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.drag(desk.find("s0c0n0"), outside)

        assert desk.news() == []
        assert not desk.view.is_dragging
        assert not desk.shows("lands here")


async def test_holding_a_task_at_the_edge_of_a_cell_scrolls_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path, LONG) as desk:
        x, y = desk.find("▼")
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(x, y)
        await desk.wait_for(lambda: desk.shows("s0c0n38 "))
        await desk.carry(x, y - 1)
        await desk.drop(x, y)

        assert desk.order(0, 0)[0] == "s0c0n1"
        assert desk.order(0, 0).index("s0c0n0") > 25
        assert len(desk.order(0, 0)) == 40
        assert desk.title == "s0c0n0"


async def test_holding_a_task_at_the_right_edge_brings_the_next_columns(tmp_path: Path) -> None:
    async with open_desk(tmp_path, size=WIDE) as desk:
        y = desk.find("s0c0n0")[1]
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(WIDE[0] - 1, y)
        await desk.wait_for(lambda: desk.shows("s0c3n1"))
        await desk.drop(WIDE[0] - 1, y)

        assert "s0c0n0" in desk.order(0, 3)


async def test_holding_a_task_at_the_bottom_brings_the_next_swimlanes(tmp_path: Path) -> None:
    async with open_desk(tmp_path, size=(100, 20)) as desk:
        bottom = desk.view.size.height - 1
        x, y = desk.find("s0c0n0")
        await desk.take(x, y)
        await desk.carry(x, bottom)
        await desk.wait_for(lambda: desk.shows("s2c0n2"))
        await desk.drop(x, bottom - 1)

        assert "s0c0n0" in desk.order(2, 0)


async def test_the_wheel_turns_while_a_task_is_held(tmp_path: Path) -> None:
    async with open_desk(tmp_path, LONG) as desk:
        x, y = desk.find("s0c0n4")
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(x, y)
        await desk.wheel(MouseScrollDown, x, y, times=4)
        await desk.drop(x, y)

        assert desk.order(0, 0)[7:9] == ["s0c0n0", "s0c0n8"]


async def test_turning_the_wheel_sideways_over_a_collapsed_swimlane_with_a_task_held_breaks_nothing(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path, size=WIDE) as desk:
        await desk.click(*desk.find("Middle"))
        x, y = desk.find("Middle")
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(x, y)
        await desk.wheel(MouseScrollRight, x, y, times=2)
        mark = desk.shows("lands here")
        await desk.drop(*desk.find("Middle"))

        assert mark
        assert desk.order(1, 2)[-1] == "s0c0n0"


async def test_a_second_press_while_the_release_was_lost_starts_afresh(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(*desk.find("s0c2n0"))
        await desk.drag(desk.find("s1c0n0"), desk.find("s1c2n0"))

        assert desk.order(1, 2)[0] == "s1c0n0"
        assert desk.order(0, 0)[0] == "s0c0n0"
        assert not desk.view.is_dragging

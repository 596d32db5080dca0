"""What other people change while somebody looks at the board, or holds a task."""

from pathlib import Path

import pytest
from textual.events import MouseScrollDown

from tests.tui.board_fixtures import SIZE, open_desk

LONG = {(0, 0): 40, (0, 1): 2, (1, 0): 3, (1, 1): 1, (2, 0): 3}


async def test_a_task_added_elsewhere_shows_and_the_cursor_stays_on_its_task(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("j")
        await desk.elsewhere("tasks.create_task(1, 'from elsewhere', position=1)")
        await desk.wait_for(lambda: desk.shows("from elsewhere"))

        assert desk.title == "s0c0n1"
        assert desk.order(0, 0)[0] == "from elsewhere"


async def test_the_cursor_follows_its_task_when_somebody_moves_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("j")
        column_id, swimlane_id = desk.cell(2, 3)
        task_id = desk.task_id("s0c0n1")
        await desk.elsewhere(
            f"moves.move_task({task_id}, column_id={column_id}, swimlane_id={swimlane_id}, position=1)"
        )
        await desk.wait_for(lambda: desk.view.cell == desk.cell(2, 3))

        assert desk.title == "s0c0n1"


async def test_what_others_change_leaves_the_scroll_where_it_is(tmp_path: Path) -> None:
    async with open_desk(tmp_path, LONG) as desk:
        await desk.wheel(MouseScrollDown, *desk.find("s0c0n2"), times=9)
        first = desk.lines[4]
        await desk.elsewhere("tasks.create_task(1, 'from elsewhere', column_id=2)")
        await desk.wait_for(lambda: desk.shows("from elsewhere"))
        beside = desk.lines[4][:25]
        await desk.elsewhere(
            f"tasks.update_task({desk.task_id('s0c0n20')}, color_id='red')\nprojects.update_project(1, name='New')"
        )
        await desk.wait_for(lambda: "New" in desk.said)

        assert beside == first[:25]
        assert desk.lines[4][:25] == first[:25]
        assert desk.title == "s0c0n0"


async def test_what_others_change_leaves_the_swimlanes_scrolled_as_they_are(tmp_path: Path) -> None:
    async with open_desk(tmp_path, size=(80, 20)) as desk:
        x = desk.view.model.layout.column_left(2) + 2
        await desk.wheel(MouseScrollDown, x, 5, times=10)
        scroll = desk.view.model.scroll
        await desk.elsewhere(f"tasks.update_task({desk.task_id('s2c0n0')}, title='changed elsewhere')")
        await desk.wait_for(lambda: desk.shows("changed elsewhere"))

        assert scroll > 0
        assert desk.view.model.scroll == scroll
        assert desk.title == "s0c0n0"


async def test_a_task_moved_elsewhere_while_it_is_dragged_lands_once(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        task_id = desk.task_id("s0c0n0")
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(*desk.find("s0c2n1"))
        await desk.elsewhere(f"moves.move_task({task_id}, swimlane_id={desk.swimlanes[1]})")
        await desk.wait_for(lambda: desk.shows("Middle (13)"))
        await desk.drop(*desk.find("s0c2n2"))

        assert "s0c0n0" in desk.order(0, 2)
        assert sum(desk.order(swimlane, column).count("s0c0n0") for swimlane in range(3) for column in range(4)) == 1


async def test_a_drop_counts_from_where_the_task_stands_by_then(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 6}) as desk:
        x, y = desk.find("s0c0n2")
        await desk.take(x, y)
        await desk.carry(x + 2, y)
        await desk.elsewhere(f"tasks.close_task({desk.task_id('s0c0n0')})")
        await desk.wait_for(lambda: desk.shows("Backlog") and " 5 +" in desk.lines[0])
        await desk.carry(x, desk.find("s0c0n4")[1] + 1)
        await desk.drop(x, desk.find("s0c0n4")[1] + 1)

        assert desk.order(0, 0) == ["s0c0n1", "s0c0n3", "s0c0n4", "s0c0n2", "s0c0n5"]


@pytest.mark.parametrize("what", ["tasks.close_task({})", "removals.remove_task({})"])
async def test_a_task_that_goes_away_while_it_is_dragged_is_said_to_be_gone(tmp_path: Path, what: str) -> None:
    async with open_desk(tmp_path) as desk:
        task_id = desk.task_id("s0c0n0")
        there = desk.find("s0c2n1")
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(*there)
        await desk.elsewhere(what.format(task_id))
        await desk.wait_for(lambda: " 8 +" in desk.lines[0])
        await desk.drop(*there)

        assert f"#{task_id}" in desk.said
        assert len(desk.order(0, 2)) == 3


async def test_a_column_that_goes_away_under_a_dragged_task_breaks_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 3}) as desk:
        x, y = desk.find("s0c0n0")
        await desk.take(x, y)
        await desk.carry(SIZE[0] - 10, y)
        await desk.elsewhere(f"columns.remove_column({desk.columns[3]})")
        await desk.wait_for(lambda: "Done" not in desk.lines[0])
        await desk.carry(SIZE[0] - 11, y)
        await desk.drop(SIZE[0] - 12, y)

        assert desk.order(0, 2) == ["s0c0n0"]


async def test_the_last_swimlane_going_away_under_a_dragged_task_breaks_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 3}) as desk:
        await desk.take(*desk.find("s0c0n0"))
        await desk.carry(40, desk.find("Bottom")[1] + 2)
        await desk.elsewhere(f"swimlanes.remove_swimlane({desk.swimlanes[2]})")
        await desk.wait_for(lambda: not desk.shows("Bottom"))
        await desk.drop(40, desk.find("Middle")[1] + 2)

        assert desk.order(1, 1) == ["s0c0n0"]


async def test_a_flood_of_changes_shows_and_so_does_what_comes_after_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("j")
        await desk.elsewhere(
            "with database.transaction():\n    for number in range(1200): tasks.create_task(1, 'flood', position=1)"
        )
        await desk.wait_for(lambda: " 1209 +" in desk.lines[0])
        await desk.elsewhere("tasks.create_task(1, 'after the flood', column_id=2)")
        await desk.wait_for(lambda: desk.shows("after the flood"))

        assert desk.title == "s0c0n1"
        assert desk.shows(" s0c0n1 ")


async def test_another_project_shows_when_this_one_is_removed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {}) as desk:
        await desk.elsewhere("projects.create_project('Garden')\nprojects.remove_project(1)")
        await desk.wait_for(lambda: "Garden" in desk.said or "removed" in desk.said)
        await desk.press("j", "k", "L", "z")

        assert desk.app.board_screen is not None
        assert desk.app.board_screen.project_id != 1

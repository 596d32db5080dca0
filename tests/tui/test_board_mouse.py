"""The mouse on the board: clicks, the wheel, and tasks dragged from place to place."""

from pathlib import Path

import pytest
from textual.events import MouseScrollDown, MouseScrollLeft, MouseScrollRight, MouseScrollUp

from kbtui.tui.widgets.board_view import BoardView
from tests.tui.board_fixtures import SIZE, open_desk

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


# Dragging


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


# What others do meanwhile


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

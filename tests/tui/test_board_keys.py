"""The keys of the board: each says by the database, and by the cursor, what it does."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from rich.cells import cell_len

from kbtui.core.tasks.ranks import find_location
from kbtui.tui.screens.board import BoardScreen
from kbtui.tui.widgets.board_model import ON_HEAD
from kbtui.tui.widgets.board_view import BoardView
from kbtui.tui.widgets.key_bar import KeyBar
from kbtui.tui.widgets.status_bar import StatusBar
from tests.tui.board_fixtures import THREE_EACH, Desk, open_desk
from tests.tui.test_glyphs import NASTY

MANY = {(0, 0): 40, (0, 1): 2, (1, 0): 3, (2, 0): 3}


def place_of(desk: Desk, title: str) -> tuple[int, int, int]:
    """Return the indexes of the swimlane and the column, and the position of a task in the database."""
    place = find_location(desk.task_id(title))
    assert place is not None
    return desk.swimlanes.index(place.cell.swimlane_id), desk.columns.index(place.cell.column_id), place.position


# The cursor


@pytest.mark.parametrize(("down", "up", "right", "left"), [("j", "k", "l", "h"), ("down", "up", "right", "left")])
async def test_the_cursor_goes_to_the_next_task_in_each_direction(
    tmp_path: Path, down: str, up: str, right: str, left: str
) -> None:
    async with open_desk(tmp_path) as desk:
        where = [desk.title]
        for key in (down, right, up, left):
            await desk.press(key)
            where.append(desk.title)

        assert where == ["s0c0n0", "s0c0n1", "s0c1n1", "s0c1n0", "s0c0n0"]
        assert desk.news() == []


async def test_the_cursor_crosses_swimlanes_down_and_up_again(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        down = []
        for _ in range(9):
            down.append(desk.title)
            await desk.press("j")
        up = []
        for _ in range(9):
            up.append(desk.title)
            await desk.press("k")

        expected = [f"s{swimlane}c0n{number}" for swimlane in range(3) for number in range(3)]
        assert down == expected
        assert up == expected[::-1]


async def test_the_cursor_stops_at_the_edges_of_the_board(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 1, (2, 3): 1}) as desk:
        await desk.press(*"hhkk")
        first = desk.view.model.cursor
        await desk.press(*"llllljjjjj")
        last = desk.view.model.cursor

        assert (first.swimlane, first.column, first.index) == (0, 0, 0)
        assert (last.swimlane, last.column, last.index) == (2, 3, 0)
        assert desk.title == "s2c3n0"


async def test_the_cursor_passes_through_empty_cells(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 1, (2, 0): 2}) as desk:
        await desk.press("j")
        inside = desk.view.cell, desk.title
        await desk.press("j")
        below = desk.title
        await desk.press("k", "k")

        assert inside == (desk.cell(1, 0), None)
        assert below == "s2c0n0"
        assert desk.title == "s0c0n0"


async def test_going_sideways_stays_level_with_the_card_beside(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 3, (0, 1): 3}, size=(120, 44)) as desk:
        await desk.elsewhere(f"tasks.update_task({desk.task_id('s0c1n0')}, title='tall ' * 16, score=3)")
        await desk.wait_for(lambda: desk.shows("tall tall"))
        await desk.press("j", "l")

        assert desk.title is not None
        assert desk.title.startswith("tall")  # its lines reach down beside the second card


async def test_a_collapsed_swimlane_is_one_step_for_the_cursor(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("j", "j", "j", "z")
        collapsed = desk.view.model.cursor, desk.title, desk.shows("s1c0n0")
        await desk.press("k")
        above = desk.title
        await desk.press("j", "j")
        below = desk.title
        await desk.press("k", "l", "z")

        assert collapsed[0].index == ON_HEAD
        assert collapsed[1:] == (None, False)
        assert (above, below) == ("s0c0n2", "s2c0n0")
        assert desk.title == "s1c1n0"
        assert desk.shows("s1c0n0")
        assert desk.news() == []


async def test_keys_that_need_a_task_do_nothing_on_a_collapsed_swimlane(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("z", *"HJKLxDeg", "G", "delete", "left_curly_bracket", "right_curly_bracket", "pagedown")

        assert desk.news() == []
        assert isinstance(desk.app.screen, BoardScreen)
        assert desk.view.model.cursor.index == ON_HEAD


@pytest.mark.parametrize(("first", "last"), [("g", "G"), ("home", "end")])
async def test_first_and_last_go_to_the_ends_of_the_cell(tmp_path: Path, first: str, last: str) -> None:
    async with open_desk(tmp_path, MANY) as desk:
        await desk.press(last)
        bottom = desk.title, desk.shows("s0c0n39")
        await desk.press(first)

        assert bottom == ("s0c0n39", True)
        assert desk.title == "s0c0n0"
        assert desk.shows("s0c0n0")


async def test_page_keys_turn_the_pages_of_a_cell_and_stay_in_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path, MANY) as desk:
        titles = []
        for _ in range(12):
            await desk.press("pagedown")
            titles.append(desk.title)
        for _ in range(12):
            await desk.press("pageup")

        assert len(set(titles[:3])) == 3
        assert titles[-1] == "s0c0n39"
        assert desk.title == "s0c0n0"


async def test_the_card_under_the_cursor_is_always_wholly_shown(tmp_path: Path) -> None:
    async with open_desk(tmp_path, MANY, size=(80, 24)) as desk:
        for _ in range(45):
            await desk.press("j")
            assert desk.title is not None
            assert desk.shows(f" {desk.title} ")


async def test_density_shows_one_line_a_task_and_keeps_the_cursor(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 12}) as desk:
        await desk.press("j", "j", "v")
        x, y = desk.find("s0c0n2")
        compact = desk.title, desk.find("s0c0n3") == (x, y + 1)
        await desk.press("v")

        assert compact == ("s0c0n2", True)
        assert desk.title == "s0c0n2"
        assert desk.find("s0c0n3")[1] > desk.find("s0c0n2")[1] + 1


# Moving tasks


@pytest.mark.parametrize("keys", [("enter", "x", "u", "escape"), ("enter", "x", "u", "ctrl+y", "u", "escape")])
async def test_the_cursor_is_on_its_task_again_when_it_comes_back_in_the_tasks_screen(
    tmp_path: Path, keys: tuple[str, ...]
) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("j", *keys)
        await desk.wait_for(lambda: desk.app.screen is desk.app.board_screen)
        assert desk.title == "s0c0n1"

        await desk.press("L")

        assert desk.order(0, 1)[1] == "s0c0n1"


def spare_lines(desk: Desk, swimlane: int, column: int) -> int:
    """Return how many lines below the last card of a cell could show more of what is above."""
    model = desk.view.model
    window, body = model.window(swimlane, column), model.layout.bands[swimlane].body
    if not window.first or not window.cards or window.hidden_below(body):
        return 0
    return body - window.tops[-1] - window.heights[-1]


@pytest.mark.parametrize("size", [(80, 24), (120, 44)])
async def test_no_lines_are_left_free_below_while_tasks_are_hidden_above(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_desk(tmp_path, {(0, 0): 30, (0, 1): 4, (1, 0): 9}, size=size) as desk:
        most = 3  # a card that does not fit, and the marks of what is above and below
        for keys in (("G", "v"), ("v",), ("G",), ("v", "G"), ("x", "x", "x"), ("v",)):
            await desk.press(*keys)
            assert spare_lines(desk, 0, 0) <= most, keys
        await desk.press("G")
        for height in (60, 30, 90):
            await desk.pilot.resize_terminal(120, height)
            await desk.pilot.pause()
            assert spare_lines(desk, 0, 0) <= most, height


async def test_in_the_compact_view_spare_lines_go_below(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 12, (1, 0): 3, (2, 0): 2}, size=(120, 60)) as desk:
        await desk.press("v")

        bodies = [band.body for band in desk.view.model.layout.bands]
        assert bodies[:2] == [14, 5]


@pytest.mark.parametrize(("right", "left"), [("L", "H"), ("shift+right", "shift+left")])
async def test_moving_right_and_left_is_recorded_and_the_cursor_follows(tmp_path: Path, right: str, left: str) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("j", right)
        there = place_of(desk, "s0c0n1"), desk.title, desk.news()
        await desk.press(left)

        assert there == ((0, 1, 2), "s0c0n1", ["task.move.column"])
        assert place_of(desk, "s0c0n1") == (0, 0, 2)
        assert desk.title == "s0c0n1"
        assert desk.news() == ["task.move.column"]


@pytest.mark.parametrize(("down", "up"), [("J", "K"), ("shift+down", "shift+up")])
async def test_moving_down_and_up_is_recorded_and_the_cursor_follows(tmp_path: Path, down: str, up: str) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press(down)
        there = desk.order(0, 0), desk.title, desk.news()
        await desk.press(up)

        assert there == (["s0c0n1", "s0c0n0", "s0c0n2"], "s0c0n0", ["task.move.position"])
        assert desk.order(0, 0) == ["s0c0n0", "s0c0n1", "s0c0n2"]
        assert desk.title == "s0c0n0"
        assert desk.news() == ["task.move.position"]


async def test_moving_past_an_end_records_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 2, (2, 3): 2}) as desk:
        await desk.press("K", "H", "left_curly_bracket")
        await desk.press("l", "l", "l", "j", "j", "G", "J", "L", "right_curly_bracket")

        assert desk.title == "s2c3n1"
        assert desk.news() == []
        assert desk.order(0, 0) == ["s0c0n0", "s0c0n1"]
        assert desk.order(2, 3) == ["s2c3n0", "s2c3n1"]


async def test_a_task_moved_beside_a_shorter_column_becomes_its_last(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 4, (0, 1): 1}) as desk:
        await desk.press("G", "L")

        assert desk.order(0, 1) == ["s0c1n0", "s0c0n3"]
        assert desk.title == "s0c0n3"


async def test_braces_move_a_task_to_the_swimlanes_below_and_above(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("right_curly_bracket")
        below = desk.order(1, 0), desk.title, desk.news()
        await desk.press("left_curly_bracket")

        assert below == (["s1c0n0", "s1c0n1", "s1c0n2", "s0c0n0"], "s0c0n0", ["task.move.swimlane"])
        assert desk.order(0, 0) == ["s0c0n1", "s0c0n2", "s0c0n0"]
        assert desk.title == "s0c0n0"
        assert desk.news() == ["task.move.swimlane"]


async def test_a_task_can_be_moved_into_a_collapsed_swimlane_and_undone(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("j", "j", "j", "z", "k", "right_curly_bracket")
        inside = desk.order(1, 0), desk.view.model.cursor
        await desk.press("u")

        assert inside[0][-1] == "s0c0n2"
        assert (inside[1].swimlane, inside[1].index) == (1, ON_HEAD)
        assert place_of(desk, "s0c0n2") == (0, 0, 3)
        assert desk.title == "s0c0n2"


async def test_a_task_walks_over_the_whole_board_and_arrives(tmp_path: Path) -> None:
    async with open_desk(tmp_path, size=(80, 24)) as desk:
        await desk.press("L", "L", "L", "right_curly_bracket", "H", "right_curly_bracket", "K", "H", "H")

        assert desk.title == "s0c0n0"
        assert place_of(desk, "s0c0n0")[:2] == (2, 0)
        assert desk.shows(" s0c0n0 ")
        assert sum(len(desk.order(swimlane, column)) for swimlane, column in THREE_EACH) == 36


# Closing, duplicating, removing, and back


async def test_closing_a_task_can_be_undone_and_redone(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("j", "x")
        closed = desk.order(0, 0), desk.title
        await desk.press("u")
        opened = desk.order(0, 0), desk.title
        await desk.press("ctrl+y")

        assert closed == (["s0c0n0", "s0c0n2"], "s0c0n2")
        assert sorted(opened[0]) == ["s0c0n0", "s0c0n1", "s0c0n2"]
        assert opened[1] == "s0c0n1"
        assert desk.order(0, 0) == ["s0c0n0", "s0c0n2"]
        assert desk.news() == ["task.close", "task.open", "task.close"]


async def test_closing_every_task_leaves_an_empty_board_that_explains_itself(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 2}) as desk:
        await desk.press("x", "x", "x")

        assert desk.news() == ["task.close", "task.close"]
        assert desk.title is None
        assert desk.shows("no tasks on this board yet")


async def test_duplicating_a_task_adds_its_copy_and_undo_takes_it_back(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("D")
        doubled = len(desk.order(0, 0)), desk.order(0, 0)[-1]
        await desk.press("u")

        assert doubled == (4, "[DUPLICATE] s0c0n0")
        assert desk.order(0, 0) == ["s0c0n0", "s0c0n1", "s0c0n2"]


async def test_a_removed_task_comes_back_where_it_was(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("j", "delete")
        gone = desk.order(0, 0)
        await desk.press("u")

        assert gone == ["s0c0n0", "s0c0n2"]
        assert desk.order(0, 0) == ["s0c0n0", "s0c0n1", "s0c0n2"]
        assert desk.title == "s0c0n1"
        assert desk.news() == ["task.remove", "task.restore"]


async def test_moves_are_undone_in_turn_and_redone(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        before = desk.order(0, 0)
        await desk.press("L", "right_curly_bracket", "J", "u", "u", "u")
        undone = desk.order(0, 0), desk.title
        await desk.press("ctrl+y", "ctrl+y", "ctrl+y")

        assert undone == (before, "s0c0n0")
        assert place_of(desk, "s0c0n0")[:2] == (1, 1)
        assert desk.title == "s0c0n0"


async def test_undoing_nothing_says_so(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("u")
        undo = desk.said
        await desk.press("ctrl+y")

        assert "nothing to undo" in undo
        assert "nothing to redo" in desk.said


async def test_a_move_that_another_program_blocks_is_said_and_changes_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        with closing(sqlite3.connect(desk.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await desk.press("L", "x", "D", "delete", "u")
            blocked = desk.said, desk.order(0, 0), desk.title
            other.execute("ROLLBACK")
        await desk.press("L")

        assert "locked by another program" in blocked[0] or "nothing to undo" in blocked[0]
        assert blocked[1:] == (["s0c0n0", "s0c0n1", "s0c0n2"], "s0c0n0")
        assert desk.news() == ["task.move.column"]


@pytest.mark.parametrize("width", [120, 40, 3])
async def test_the_bars_are_as_wide_as_the_screen_whatever_is_said(tmp_path: Path, width: int) -> None:
    async with open_desk(tmp_path, size=(width, 24)) as desk:
        widths = set()
        for text in NASTY:
            desk.app.say(text * 3, bad=True)
            bars = [
                bar.render_line(0)
                for bar in (desk.view.screen.query_one(StatusBar), desk.view.screen.query_one(KeyBar))
            ]
            widths |= {(bar.cell_length, cell_len(bar.text)) for bar in bars}
            assert not any(control in bar.text for bar in bars for control in "\x00\x1b\n\x9b\u202e")

        assert widths == {(width, width)}


# What cannot be done


async def test_a_move_past_the_end_of_the_board_is_refused_in_words(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        first = []
        for key in ("H", "K", "left_curly_bracket"):
            await desk.press(key)
            first.append(desk.said.split("  ")[0])
        await desk.press("J", "J", "J")
        last = [desk.said.split("  ")[0]]
        await desk.press("L", "L", "L", "L")
        last.append(desk.said.split("  ")[0])
        await desk.press("right_curly_bracket", "right_curly_bracket", "right_curly_bracket")
        last.append(desk.said.split("  ")[0])

        assert first == [
            " #1 is in the first column.",
            " #1 is the first of its cell.",
            " #1 is in the first swimlane.",
        ]
        assert last == [" #1 is the last of its cell.", " #1 is in the last column.", " #1 is in the last swimlane."]


@pytest.mark.parametrize("key", ["H", "L", "J", "K", "left_curly_bracket", "e", "x", "enter", "D", "delete"])
async def test_without_a_task_under_the_cursor_a_key_says_so(tmp_path: Path, key: str) -> None:
    async with open_desk(tmp_path, {}) as desk:
        await desk.press(key)

        assert "There is no task under the cursor." in desk.said
        assert desk.news() == []
        assert desk.app.screen is desk.app.board_screen


async def test_what_was_said_goes_when_something_else_is_done(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.press("H")
        before = desk.said
        await desk.press("L")

        assert "first column" in before
        assert "first column" not in desk.said


# Keys of one's own


async def test_keys_can_be_bound_anew(tmp_path: Path) -> None:
    keys = {"task.move.right": "m", "cursor.down": "t,ctrl+n", "swimlane.toggle": "f6"}
    async with open_desk(tmp_path, keys=keys) as desk:
        await desk.press("j", "L", "z")
        old = desk.title, desk.news(), set(desk.view.model.collapsed)
        await desk.press("t", "m", "ctrl+n", "f6")

        assert old == ("s0c0n0", [], set())
        assert place_of(desk, "s0c0n1") == (0, 1, 2)
        assert desk.news() == ["task.move.column"]
        assert desk.view.model.collapsed == {desk.swimlanes[0]}


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"task.bogus": "m"}, 'there is no binding "task.bogus"'),
        ({"task.close": "ctrl-x"}, '"task.close" has no key "ctrl-x"'),
        ({"app.settings": ","}, '"app.settings" has an empty key'),
        ({"task.move.right": "n"}, 'leaves "task.new" without a key'),
        ({"task.move.right": "L,j", "cursor.down": "s"}, "Website"),
        ({"task.new": "x", "task.close": "n", "project.rename": "f2,ctrl++,>", "app.help": "minus"}, "Website"),
    ],
    ids=["unknown binding", "unknown key", "comma", "taken key", "freed key", "no mistake"],
)
async def test_a_mistake_in_ones_own_keys_is_said_in_words(tmp_path: Path, keys: dict[str, str], sentence: str) -> None:
    async with open_desk(tmp_path, keys=keys) as desk:
        assert sentence in desk.said
        assert ("config.toml" in desk.said) == (sentence != "Website")


async def test_an_empty_board_says_nothing_of_a_key_that_was_given_away(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {}, keys={"task.move.right": "n"}) as desk:
        text = "\n".join(desk.lines)

    assert "There are no tasks on this board yet." in text
    assert "shows every key" in text
    assert "to write the first one" not in text


async def test_an_unknown_theme_is_said_in_words(tmp_path: Path) -> None:
    async with open_desk(tmp_path, theme="nonsense") as desk:
        assert 'there is no theme "nonsense"' in desk.said
        assert desk.app.theme == "kbtui"


@pytest.mark.parametrize("theme", ["kbtui", "textual-light", "catppuccin-latte", "solarized-light"])
async def test_labels_and_warnings_stand_out_from_the_ground_of_a_theme(tmp_path: Path, theme: str) -> None:
    async with open_desk(tmp_path, theme=theme) as desk:
        card = desk.view.get_component_styles("board-view--card").background
        status = desk.view.screen.query_one(StatusBar)
        labels = [desk.view.get_component_styles(f"board-view--card-{name}").color for name in ("label", "today")]
        states = [status.get_component_styles(f"status-bar--{name}").color for name in ("good", "warning")]

        assert all(abs(color.brightness - card.brightness) > 0.25 for color in labels)
        assert all(abs(color.brightness - status.styles.background.brightness) > 0.25 for color in states)


def test_every_key_has_an_id_and_a_tooltip() -> None:
    bindings = [*BoardView.BINDINGS, *BoardScreen.BINDINGS]

    without = [binding for binding in bindings if not getattr(binding, "id", "") or not getattr(binding, "tooltip", "")]

    assert bindings
    assert without == []

"""The screen of a task: what it shows, how one gets about, and what others do meanwhile."""

from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.binding import Binding
from textual.widget import Widget

from kbtui.core.tasks import comments, files, links, subtasks, tasks
from kbtui.tui.screens.task import TaskScreen
from kbtui.tui.widgets.key_bar import KeyBar
from kbtui.tui.widgets.row_editor import RowEditor
from kbtui.tui.widgets.row_list import RowList
from kbtui.tui.widgets.task_section import TaskSection
from tests.tui.board_fixtures import Desk
from tests.tui.screen_fixtures import HOSTILE, screen_lines, shown
from tests.tui.task_fixtures import (
    FIRST,
    NARROW,
    WIDE,
    first_task,
    go_to_field,
    is_editing,
    is_on_board,
    lines_of,
    open_task,
    said,
    section,
    task_screen,
)


def full(desk: Desk) -> None:
    """Put something of everything on the first task."""
    tasks.update_task(1, title="Retry `it`", description="# Head\n\n- one **bold**\n- two", tags=["ui"], score=5)
    subtasks.add_subtask(1, "Write", status=1, user_id=1, time_estimated=3, time_spent=1.5)
    comments.add_comment(1, "I *tried* it.")
    links.add_task_link(1, 2, 2)
    files.add_file(1, "notes.txt", b"x" * 3000)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_everything_on_a_task_is_shown(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_task(tmp_path, size=size, prepare=full) as desk:
        assert "Retry `it`" in shown(desk)
        assert "Website › Backlog › Default swimlane · position 1" in shown(desk)
        assert lines_of(desk, "description")[1:5] == ["▌ Head", "▌", "▌ • one bold", "▌ • two"]
        assert "◐ Write  @admin  1.5/3h" in lines_of(desk, "subtasks")[1]
        assert lines_of(desk, "comments")[1:3] == ["  admin  <15m", "  I tried it."]
        assert lines_of(desk, "links")[1].startswith("  blocks #2 s0c0n1  Website › Backlog")
        assert lines_of(desk, "files")[1] == "  ▤ notes.txt  3 KiB · <15m  @admin"
        assert lines_of(desk, "activity")[1] == "  <15m  admin attached notes.txt to this task"
        assert said(desk) == "created <15m ago · in Backlog for <15m · modified <15m ago"


async def test_an_empty_task_says_which_key_adds_something(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE) as desk:
        for noun, key in (("subtasks", "s"), ("comments", "c"), ("links", "l"), ("files", "f")):
            assert f": {key} " in lines_of(desk, noun)[1]
        assert "enter writes one" in lines_of(desk, "description")[1]


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_hostile_text_is_shown_as_text(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_task(tmp_path, size=size, prepare=full) as desk:
        for kind, text in HOSTILE.items():
            tasks.update_task(
                1, title=text[:150], description=f"{text}\n\n- {text}\n\n```\n{text}\n```", tags=["a [b]"]
            )
            tasks.update_task(2, title=text[:150])
            subtasks.update_subtask(1, title=text[:150])
            comments.update_comment(1, f"> {text}\n\n| a | b |\n|---|---|\n| {text} | [x]({text[:9]}) |")
            files.add_file(1, text[:100], b"")
            for key in ("1", "3", "6"):
                await desk.press(key)
                for line in screen_lines(desk):
                    assert line.isprintable(), kind
                    assert cell_len(line) == size[0], kind
            if kind == "markup":
                assert "[bold red]not markup[/]" in "\n".join(lines_of(desk, "subtasks"))


async def test_the_cursor_goes_from_section_to_section(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE, prepare=full) as desk:
        seen = [desk.app.focused.id if desk.app.focused else None]
        for _ in range(20):
            await desk.press("down")
            focused = desk.app.focused
            if focused is not None and focused.id != seen[-1]:
                seen.append(focused.id)

        assert seen[:7] == ["description", "subtasks", "comments", "fields", "links", "files", "activity"]


async def test_a_number_goes_to_a_section_and_shows_it(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=full) as desk:
        for number, noun in enumerate(
            ("description", "fields", "subtasks", "comments", "links", "files", "activity"), 1
        ):
            await desk.press(str(number))
            assert desk.app.focused is section(desk, noun)
            assert desk.app.screen.region.contains(*section(desk, noun).region.offset)


async def test_a_long_comment_is_scrolled_through_before_the_next(tmp_path: Path) -> None:
    def prepare(desk: Desk) -> None:
        comments.add_comment(1, "\n".join(f"line {number}" for number in range(60)))
        comments.add_comment(1, "the next")

    async with open_task(tmp_path, prepare=prepare) as desk:
        await desk.press("4")
        seen = set()
        for _ in range(30):
            seen |= {line.strip(" ▌") for line in screen_lines(desk)}
            if section(desk, "comments").cursor == 1:
                break
            await desk.press("down")

        assert {f"line {number}" for number in range(60)} <= {line.split("  ")[0] for line in seen}
        assert section(desk, "comments").cursor == 1


async def test_the_end_of_a_long_list_is_reached_at_once(tmp_path: Path) -> None:
    def prepare(desk: Desk) -> None:
        for number in range(120):
            comments.add_comment(1, f"comment {number}")

    async with open_task(tmp_path, prepare=prepare) as desk:
        await desk.press("4", "G")

        assert "comment 119" in shown(desk)


async def test_another_width_changes_the_columns_and_keeps_focus_and_cursor(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=NARROW, prepare=full) as desk:
        await go_to_field(desk, "score")
        await desk.pilot.resize_terminal(*WIDE)
        await desk.pilot.pause()

        assert len(task_screen(desk).query("#left, #right")) == 2
        fields = section(desk, "fields")
        assert fields.has_focus
        assert fields.row is not None
        assert fields.row.key == "score"

        await desk.pilot.resize_terminal(*NARROW)
        await desk.pilot.pause()
        assert not task_screen(desk).query("#left, #right")
        assert section(desk, "fields").has_focus


async def test_esc_goes_back_to_the_board_and_the_cursor_is_where_it_was(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("escape")

        assert is_on_board(desk)
        assert desk.title == FIRST


async def test_a_double_click_on_the_board_still_edits(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE) as desk:
        await desk.press("escape")
        await desk.click(*desk.find(FIRST), times=2)

        assert type(desk.app.screen).__name__ == "TaskForm"


async def test_what_another_program_changes_is_shown_without_losing_the_place(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE, prepare=full) as desk:
        await desk.press("3")
        await desk.elsewhere(
            "from kbtui.core.tasks import comments, subtasks, files, links\n"
            "tasks.update_task(1, title='Other', description='New text')\n"
            "comments.add_comment(1, 'From elsewhere')\nsubtasks.add_subtask(1, 'Later')\n"
            "files.add_file(1, 'b.txt', b'')\nlinks.remove_task_link(1)\nmoves.move_task(1, column_id=2)"
        )
        await desk.wait_for(lambda: "Website › Ready" in shown(desk))
        told = {
            "description": "  New text",
            "comments": "From elsewhere",
            "subtasks": "Later",
            "files": "b.txt",
            "links": "No links yet",
        }
        await desk.wait_for(lambda: all(text in "\n".join(lines_of(desk, noun)) for noun, text in told.items()))

        assert desk.app.focused is section(desk, "subtasks")
        assert section(desk, "subtasks").cursor == 0


async def test_a_task_removed_elsewhere_is_left_and_what_was_typed_is_kept(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("c", *"words")
        await desk.elsewhere("removals.remove_task(1)")
        await desk.wait_for(lambda: is_on_board(desk))
        await desk.pilot.pause()

        assert "Task #1 was removed." in desk.said


async def test_closing_and_opening_says_so_and_can_be_undone(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("x")
        assert said(desk) == "Closed #1; u opens it again."
        assert "✓ closed" in shown(desk)

        await desk.press("u")
        assert said(desk) == "Undone: closed #1."
        assert first_task(desk).is_active == 1

        await desk.press("ctrl+y")
        assert said(desk) == "Redone: closed #1."
        assert first_task(desk).is_active == 0

        await desk.press("x")
        assert said(desk) == "Opened #1 again."


async def test_nothing_to_undo_is_said(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("u")

        assert said(desk) == "✗ There is nothing to undo."


async def test_a_removed_task_is_left_and_undo_brings_all_of_it_back(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=full) as desk:
        await desk.press("delete")
        assert is_on_board(desk)
        assert "Removed #1; u brings it back." in desk.said

        await desk.press("u", "g", "enter")
        assert "Write" in "\n".join(lines_of(desk, "subtasks"))
        assert "I tried it." in "\n".join(lines_of(desk, "comments"))


async def test_undo_of_the_creation_leaves_the_screen_of_the_task(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("escape", "n", *"Short", "enter", "enter")
        assert isinstance(desk.app.screen, TaskScreen)

        await desk.press("u")
        await desk.pilot.pause()

        assert is_on_board(desk)


async def test_a_click_on_the_line_of_keys_does_what_the_key_does(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        bar = desk.app.screen.query_one(KeyBar)
        line = bar.render_line(0).text
        await desk.click(line.index("Comment"), bar.region.y)
        await desk.pilot.pause()

        assert is_editing(desk)


async def test_the_form_opens_and_saves(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("e", *" more", "enter")

        assert first_task(desk).title == f"{FIRST} more"
        assert said(desk) == "Saved #1; u takes it back."
        assert not is_editing(desk)


@pytest.mark.parametrize(
    "owner", [TaskScreen, RowList, RowEditor, *TaskSection.__subclasses__()], ids=lambda each: each.__name__
)
def test_every_binding_has_an_id_and_a_tooltip(owner: type[Widget]) -> None:
    for binding in owner.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id, binding
        assert binding.tooltip, binding

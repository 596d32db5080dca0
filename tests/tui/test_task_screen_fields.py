"""The fields and the description of a task, edited where they stand, and in the person's own editor."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kbtui.core.db import database
from kbtui.core.projects import categories, users
from kbtui.core.tasks import comments, subtasks, tasks
from kbtui.core.values.dates import parse_due
from kbtui.core.values.text import clean_line
from kbtui.tui.widgets.row_editor import RowEditor
from tests.terminal import Terminal
from tests.tui.board_fixtures import Desk, make_project
from tests.tui.screen_fixtures import HOSTILE, paste
from tests.tui.task_fixtures import (
    FIRST,
    WIDE,
    first_task,
    go_to_field,
    hint,
    is_editing,
    lines_of,
    open_task,
    said,
    section,
)


def people_and_categories(desk: Desk) -> None:
    users.add_user("maria", name="Maria Example")
    categories.add_category(desk.project_id, "Bug")


@pytest.mark.parametrize(
    ("name", "keys", "stored"),
    [
        ("title", [*" more", "enter"], f"{FIRST} more"),
        ("column_id", ["down", "enter"], 2),
        ("swimlane_id", ["down", "enter"], 2),
        ("position", ["backspace", "2", "enter"], 2),
        ("color_id", ["r", "enter"], "red"),
        ("owner_id", ["down", "down", "enter"], 2),
        ("category_id", ["down", "enter"], 1),
        ("priority", ["up", "up", "enter"], 2),
        ("score", ["backspace", "8", "enter"], 8),
        ("date_due", [*"2027-01-31", "enter"], int(time.mktime((2027, 1, 31, 0, 0, 0, 0, 0, -1)))),
        ("date_started", [*"2026-01-02 03:04", "enter"], int(time.mktime((2026, 1, 2, 3, 4, 0, 0, 0, -1)))),
        ("time_estimated", ["backspace", *"1.5", "enter"], 1.5),
        ("time_spent", ["backspace", *"90m", "enter"], 1.5),
        ("tags", [*"ui, new", "enter"], ["new", "ui"]),
        ("reference", [*"T-9", "enter"], "T-9"),
    ],
)
async def test_a_field_is_edited_where_it_stands(tmp_path: Path, name: str, keys: list[str], stored: Any) -> None:
    async with open_task(tmp_path, prepare=people_and_categories) as desk:
        await go_to_field(desk, name)
        await desk.press("enter", *keys)
        await desk.pilot.pause()

        assert getattr(first_task(desk), name) == stored
        assert not is_editing(desk)
        assert said(desk).endswith("changed; u takes it back.")
        assert desk.app.focused is section(desk, "fields")

        await desk.press("u")
        assert getattr(first_task(desk), name) != stored


BAD = (
    ("title", "", "The title is empty"),
    ("title", "x" * 201, "at most 200"),
    ("position", "0", "from 1 on"),
    ("priority", "much", "whole number"),
    ("date_due", "someday", "is no date"),
    ("time_spent", "-1", "Hours are a number"),
    ("time_spent", "1e9", "Hours are a number"),
    ("reference", "x" * 256, "at most 255"),
)


async def test_a_value_that_cannot_be_kept_says_why_and_stays(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE) as desk:
        before = first_task(desk)
        for name, typed, complaint in BAD:
            await go_to_field(desk, name)
            await desk.press("enter", "home", "shift+end", "backspace")
            await paste(desk, typed)
            await desk.press("enter")
            await desk.pilot.pause()

            assert complaint in hint(desk), name
            assert desk.app.screen.query_one(RowEditor).value == typed
            await desk.press("escape")
        assert first_task(desk) == before


async def test_hostile_text_is_taken_as_text(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await go_to_field(desk, "title")
        for kind, text in HOSTILE.items():
            await desk.press("enter", "home", "shift+end", "backspace")
            await paste(desk, text[:190])
            await desk.press("enter")
            await desk.pilot.pause()

            title = first_task(desk).title
            assert title.isprintable() or kind in ("emoji", "right to left")
            assert title == clean_line(title, "title")
            assert not is_editing(desk)


async def test_what_is_left_with_esc_is_kept_and_comes_back(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await go_to_field(desk, "title")
        await desk.press("enter", *" draft", "escape")
        assert not is_editing(desk)
        assert said(desk) == "Kept as a draft; editing it again brings it back."
        assert first_task(desk).title == FIRST

        await desk.press("escape", "enter", "2", "enter")
        await desk.pilot.pause()
        assert hint(desk) == "Here is your draft again."
        await desk.press("enter")
        await desk.pilot.pause()

        assert first_task(desk).title == f"{FIRST} draft"


async def test_leaving_the_screen_while_typing_keeps_a_draft(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=lambda desk: tasks.update_task(1, description="old")) as desk:
        await desk.press("enter", *" new")
        section(desk, "fields").focus()
        await desk.press("escape", "enter", "enter")
        await desk.pilot.pause()

        assert desk.app.screen.query_one(RowEditor).value == "old new"


async def test_esc_closes_a_list_of_choices_at_once(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await go_to_field(desk, "column_id")
        await desk.press("enter", "escape")
        await desk.pilot.pause()

        assert not is_editing(desk)
        assert desk.news() == []


async def test_no_letter_reaches_the_program_from_an_editor(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await go_to_field(desk, "color_id")
        await desk.press("enter", "q", "x", "w", "comma", "question_mark", "2")
        await desk.pilot.pause()

        assert is_editing(desk)
        assert desk.app.is_running
        assert first_task(desk).is_active == 1


async def test_a_double_click_edits_a_field_and_a_click_elsewhere_leaves_it_open(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE) as desk:
        fields = section(desk, "fields")
        await desk.click(fields.region.x + 14, fields.region.y + 1, times=2)
        await desk.pilot.pause()
        assert is_editing(desk)

        await desk.press(*" more")
        await desk.click(section(desk, "subtasks").region.x + 4, section(desk, "subtasks").region.y)
        assert is_editing(desk)
        assert desk.app.screen.query_one(RowEditor).value == f"{FIRST} more"


async def test_a_date_says_how_it_is_understood(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await go_to_field(desk, "date_due")
        await desk.press("enter", *"tom")
        assert "such as friday" in hint(desk)
        await desk.press(*"orrow")
        assert hint(desk).startswith("→ ")
        await desk.press("enter")
        await desk.pilot.pause()

        assert first_task(desk).date_due == parse_due("tomorrow", time.time())


async def test_status_project_and_recurrence_do_what_changes_them(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await go_to_field(desk, "is_active")
        await desk.press("enter")
        assert first_task(desk).is_active == 0

        await go_to_field(desk, "project_id")
        await desk.press("enter")
        assert "There is no other project" in said(desk)

        await go_to_field(desk, "recurrence")
        await desk.press("enter")
        assert type(desk.app.screen).__name__ == "RecurrenceForm"


async def test_a_field_of_the_program_is_not_edited(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await go_to_field(desk, "date_creation")
        await desk.press("enter")

        assert not is_editing(desk)
        assert said(desk) == "Created is kept by the program itself."


async def test_a_change_by_somebody_else_reaches_an_untouched_editor(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await go_to_field(desk, "title")
        await desk.press("enter")
        tasks.update_task(1, title="Theirs")
        await desk.pilot.pause()

        assert desk.app.screen.query_one(RowEditor).value == "Theirs"
        assert hint(desk) == "Changed meanwhile by somebody else."


async def test_a_change_by_somebody_else_leaves_what_was_typed_and_warns(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await go_to_field(desk, "title")
        await desk.press("enter", *" mine")
        tasks.update_task(1, title="Theirs")
        await desk.pilot.pause()

        assert desk.app.screen.query_one(RowEditor).value == f"{FIRST} mine"
        assert "Changed meanwhile to “Theirs”" in hint(desk)
        await desk.press("enter")
        await desk.pilot.pause()
        assert first_task(desk).title == f"{FIRST} mine"


async def test_the_description_is_edited_where_it_stands(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("enter", *"# A", "enter", *"b", "ctrl+s")
        await desk.pilot.pause()

        assert first_task(desk).description == "# A\nb"
        assert lines_of(desk, "description")[1:4] == ["▌ A", "▌", "▌ b"]
        await desk.press("u")
        assert said(desk) == "Undone: edited #1."
        assert first_task(desk).description == ""


@pytest.mark.parametrize("label", ["Title", "Column", "Swimlane", "Assignee", "Colour"])
async def test_a_double_click_edits_a_field_of_any_kind(tmp_path: Path, label: str) -> None:
    async with open_task(tmp_path, size=WIDE) as desk:
        lines = lines_of(desk, "fields")
        y = next(y for y, line in enumerate(lines) if label in line)
        await desk.pilot.click(section(desk, "fields"), offset=(lines[y].index(label) + 14, y), times=2)
        await desk.pilot.pause()

        assert is_editing(desk)


# The person's own editor


def editor(folder: Path, program: str) -> str:
    """Write an editor that does something to the file it is given, and return its command."""
    script = folder / "editor.py"
    script.write_text(f"import sys\npath = sys.argv[1]\ntext = open(path).read()\n{program}\n")
    return f"{sys.executable} {script}"


@contextmanager
def task_in_terminal(folder: Path, command: str) -> Iterator[Terminal]:
    """Open the first task in a real terminal, with an editor."""
    path = folder / "kbtui.db"
    make_project(path, {(0, 0): 1})
    tasks.update_task(1, description="before")
    database.close()
    (folder / "config.toml").touch()
    environ = {"KBTUI_CONFIG": str(folder / "config.toml"), "EDITOR": command, "VISUAL": ""}
    program = [sys.executable, "-m", "kbtui", "--database", str(path)]
    with Terminal(program, columns=100, rows=30, environ=environ) as terminal:
        terminal.wait_for(lambda: "▶ #" in terminal.text)
        terminal.press("enter")
        terminal.wait_for_text("before")
        yield terminal
    database.connect(path)


@pytest.fixture
def _closed() -> Iterator[None]:
    yield
    database.close()


@pytest.mark.usefixtures("_closed")
def test_the_description_is_edited_in_the_editor_of_the_person(tmp_path: Path) -> None:
    command = editor(tmp_path, "open(path, 'w').write(text + ' and after')")

    with task_in_terminal(tmp_path, command) as terminal:
        terminal.press("E")
        terminal.wait_for_text("before and after")
        terminal.wait_for_text("Description changed; u takes it back.")

    assert tasks.get_task(1).description == "before and after"


@pytest.mark.usefixtures("_closed")
def test_a_comment_is_edited_in_the_editor_of_the_person(tmp_path: Path) -> None:
    command = editor(tmp_path, "open(path, 'w').write(text + 'more')")

    with task_in_terminal(tmp_path, command) as terminal:
        terminal.press("4", "E")
        terminal.wait_for_text("Commented; u takes it back.")
        terminal.press("E")
        terminal.wait_for_text("Comment changed; u takes it back.")

    assert [each.comment for each in comments.list_comments(1)] == ["moremore"]


@pytest.mark.usefixtures("_closed")
def test_what_an_editor_wrote_before_it_failed_is_kept(tmp_path: Path) -> None:
    command = editor(tmp_path, "open(path, 'w').write('half of it')\nsys.exit(3)")

    with task_in_terminal(tmp_path, command) as terminal:
        terminal.press("E")
        terminal.wait_for_text("ended with status 3. What was written is kept as a draft")
        terminal.press("enter")
        terminal.wait_for_text("Here is your draft again.")
        terminal.press("\x13")
        terminal.wait_for_text("Description changed")

    assert tasks.get_task(1).description == "half of it"


@pytest.mark.usefixtures("_closed")
def test_an_editor_that_is_not_there_is_named(tmp_path: Path) -> None:
    with task_in_terminal(tmp_path, "no-such-editor -w") as terminal:
        terminal.press("E")
        terminal.wait_for_text("no-such-editor cannot be started")

    assert tasks.get_task(1).description == "before"


async def test_a_terminal_that_cannot_be_handed_over_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "true")
    async with open_task(tmp_path, size=WIDE) as desk:
        await desk.press("E")

        assert "cannot be handed to another program" in said(desk)
        assert not is_editing(desk)


@pytest.mark.usefixtures("_closed")
def test_what_is_typed_in_one_go_with_the_key_of_an_editor_lands_in_it(tmp_path: Path) -> None:
    with task_in_terminal(tmp_path, "true") as terminal:
        terminal.send(b"cxhello xu l")
        terminal.wait_for_text("xhello xu l")
        terminal.send(b"\x13")
        terminal.wait_for_text("Commented; u takes it back.")
        terminal.send(b"snew step, x\r")
        terminal.wait_for_text("Added the subtask")

    assert [each.comment for each in comments.list_comments(1)] == ["xhello xu l"]
    assert [each.title for each in subtasks.list_subtasks(1)] == ["new step, x"]
    assert tasks.get_task(1).is_active == 1

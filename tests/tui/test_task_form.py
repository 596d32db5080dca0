"""The form of a task, driven by keys and the mouse."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from textual import events
from textual.widgets import Input

from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.projects import categories, columns, projects, swimlanes, tags, users
from kbtui.core.tasks import moves, tasks, transfers
from kbtui.core.values.dates import parse_due
from kbtui.tui.screens.help import HelpScreen
from kbtui.tui.screens.task_form import TaskForm
from kbtui.tui.widgets.board_view import BoardView
from tests import sql
from tests.tui.board_fixtures import Cells, open_desk
from tests.tui.screen_fixtures import (
    HOSTILE,
    Text,
    click_on,
    complaint,
    do,
    frame_is_whole,
    go_to,
    is_in_view,
    notice,
    paste,
    rows,
    shown,
    type_ahead,
)

ONE: Cells = {(0, 0): 1}
SMALL = (80, 24)


def last_task() -> TaskSnapshot:
    [(task_id,)] = rows("SELECT max(id) FROM tasks")
    return tasks.get_task(task_id)


def changes_of_last_update() -> dict[str, Any]:
    return dict(
        sql.fetch_all(
            "SELECT key, value FROM json_each((SELECT facts FROM events WHERE name = 'task.update'"
            " ORDER BY id DESC LIMIT 1), '$.changes')"
        )
    )


async def test_a_task_is_written_with_the_keyboard_alone(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        user_id = users.add_user("maria")
        category_id = categories.add_category(desk.project_id, "Bug")

        await do(desk, "n", *"Fix", "tab", *"Li", "enter", *"2", "tab", *"u,", "v", "tab")
        await desk.press("enter", "down", "enter", "tab", "enter", "down", "enter", "tab")
        await desk.press("enter", "down", "down", "enter", "tab", "enter", "down", "enter", "tab", "r", "tab")
        await do(desk, "up", "up", "tab", "5", "backspace", "8", "tab", Text("tomorrow"), "ctrl+s")

        task = last_task()
        assert (task.title, task.description, task.tags) == ("Fix", "Li\n2", ["u", "v"])
        assert (task.column_id, task.swimlane_id) == (desk.columns[1], desk.swimlanes[1])
        assert (task.owner_id, task.category_id, task.color_id) == (user_id, category_id, "red")
        assert (task.priority, task.score) == (2, 8)
        assert task.date_due == parse_due("tomorrow", time.time())
        assert desk.title == "Fix"


async def test_enter_in_the_title_saves_into_the_cell_under_the_cursor(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "l", "n", Text("Short"), "enter")

        assert desk.order(0, 1) == ["Short"]
        assert desk.app.screen is desk.app.board_screen
        assert desk.news() == ["task.create"]


async def test_ctrl_enter_saves_too(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "n", Text("Short"), "tab", "x", "ctrl+enter")

        assert last_task().description == "x"


async def test_a_task_is_written_with_the_mouse(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=(160, 45)) as desk:
        await desk.press("n")
        await paste(desk, "With the mouse")
        await click_on(desk, "#color_id", (13, 1))
        await click_on(desk, "#column_id")
        await click_on(desk, "#column_id SelectOverlay", (4, 3))
        await click_on(desk, "#save")

        task = last_task()
        assert (task.title, task.color_id, task.column_id) == ("With the mouse", "cyan", desk.columns[2])


async def test_the_line_of_keys_and_the_cross_can_be_clicked(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "n", Text("Kept"))
        await click_on(desk, "CloseMark")

        assert isinstance(desk.app.screen.query(BoardView).first(), BoardView)
        await desk.press("n")
        await click_on(desk, "DialogKeys", (3, 0))
        assert last_task().title == "Kept"


async def test_what_was_typed_survives_esc_and_comes_back(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "n", Text("Half a"), "tab", Text("thought"), "escape")
        assert "Kept as a draft; n brings it back." in desk.said

        await desk.press("n")
        assert "draft" in notice(desk)
        await desk.press("enter")

        assert (last_task().title, last_task().description) == ("Half a", "thought")
        await desk.press("n")
        assert desk.app.screen.query_one("#title").value == ""  # type: ignore[attr-defined]


async def test_a_draft_can_be_thrown_away(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "n", Text("Nonsense"), "escape", "n", "ctrl+l", "escape", "n")

        form = desk.app.screen
        assert isinstance(form, TaskForm)
        assert form.values()["title"] == ""
        assert notice(desk) == ""


async def test_an_untouched_form_leaves_no_draft_and_no_task(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("n", "escape", "n")

        assert notice(desk) == ""
        assert desk.news() == []


async def test_the_form_stays_open_for_another_task(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "n", "ctrl+n", Text("One"), "enter")
        assert "Created #2" in notice(desk)
        await click_on(desk, "#another")
        await go_to(desk, "#title")
        await do(desk, Text("Two"), "enter")

        assert desk.order(0, 0) == ["s0c0n0", "One", "Two"]
        assert desk.app.screen is desk.app.board_screen


async def test_only_what_was_changed_is_sent(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "e", "end", Text(" more"), "ctrl+s")

        assert desk.news() == ["task.update"]
        assert changes_of_last_update() == {"title": "s0c0n0 more"}


async def test_an_edit_that_changes_nothing_records_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("e", "x", "backspace", "ctrl+s")

        assert desk.app.screen is desk.app.board_screen
        assert desk.news() == []


async def test_another_column_is_a_move_that_can_be_undone(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("e")
        await go_to(desk, "#column_id")
        await desk.press("enter", "down", "down", "enter", "ctrl+s")
        assert desk.news() == ["task.move.column"]
        assert desk.order(0, 2) == ["s0c0n0"]

        await desk.press("u")

        assert desk.order(0, 0) == ["s0c0n0"]


async def test_what_somebody_else_changed_meanwhile_is_taken_over_and_told(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "e", "end", Text("!"))
        await desk.elsewhere("tasks.update_task(1, description='Theirs', score=5)")
        await desk.wait_for(lambda: "Description" in notice(desk))

        assert "changed meanwhile" in complaint(desk, "score")
        await desk.press("ctrl+s")

        task = tasks.get_task(1)
        assert (task.title, task.description, task.score) == ("s0c0n0!", "Theirs", 5)
        assert changes_of_last_update() == {"title": "s0c0n0!"}


async def test_a_field_both_have_changed_is_not_overwritten_in_silence(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "e", "end", Text("!"))
        await desk.elsewhere("tasks.update_task(1, title='Theirs')")
        await desk.wait_for(lambda: "Theirs" in complaint(desk, "title"))
        assert tasks.get_task(1).title == "Theirs"

        await desk.press("ctrl+s")

        assert tasks.get_task(1).title == "s0c0n0!"


async def test_a_change_found_only_while_saving_stops_the_save_once(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "e", "end", Text("!"))
        desk.app.feed.last_id += 1
        tasks.update_task(1, title="Theirs")
        await desk.press("ctrl+s")
        assert "Theirs" in complaint(desk, "title")
        assert tasks.get_task(1).title == "Theirs"

        await desk.press("ctrl+s")

        assert tasks.get_task(1).title == "s0c0n0!"


async def test_a_task_that_was_removed_meanwhile_keeps_what_was_typed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "e", "end", Text("!"))
        await desk.elsewhere("removals.remove_task(1)")
        await desk.wait_for(lambda: "removed meanwhile" in notice(desk))
        await desk.press("ctrl+s")

        form = desk.app.screen
        assert isinstance(form, TaskForm)
        assert form.values()["title"] == "s0c0n0!"
        assert "There is no task #1" in notice(desk)


async def test_a_new_category_can_be_chosen_at_once(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("e")
        categories.add_category(desk.project_id, "Bug [red]")
        await go_to(desk, "#category_id")
        await desk.press("enter", "down", "enter", "ctrl+s")

        assert tasks.get_task(1).category_name == "Bug [red]"


async def test_esc_keeps_what_was_changed_as_a_draft_and_says_so(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("e", "x", "escape")
        assert desk.app.screen is desk.app.board_screen
        assert "Kept as a draft; e brings it back." in desk.said

        await desk.press("e")
        form = desk.app.screen
        assert isinstance(form, TaskForm)
        assert form.values()["title"] == "s0c0n0x"
        assert "draft" in notice(desk)
        await desk.press("ctrl+l")
        assert form.values()["title"] == "s0c0n0"
        await desk.press("escape", "e")

        assert notice(desk) == ""
        assert desk.news() == []


async def test_a_draft_of_what_others_have_changed_meanwhile_says_so_and_keeps_both(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("e", "x", "escape")
        tasks.update_task(1, title="Theirs", description="Theirs too")
        await desk.press("e")

        form = desk.app.screen
        assert isinstance(form, TaskForm)
        assert form.values()["title"] == "s0c0n0x"
        await desk.wait_for(lambda: "changed meanwhile to “Theirs”" in complaint(desk, "title"))
        assert form.values()["description"] == "Theirs too"


async def test_keys_behind_a_save_that_fails_are_thrown_away_and_named(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        type_ahead(desk, "n", "enter", "H", "x", "escape")
        await desk.wait_for(lambda: isinstance(desk.app.screen, TaskForm) and "thrown away" in notice(desk))

        form = desk.app.screen
        assert isinstance(form, TaskForm)
        assert (
            notice(desk)
            == "Not saved: see the field that is marked. What was typed behind it was thrown away: H x escape"
        )
        assert form.values()["title"] == ""
        assert desk.news() == []


async def test_a_locked_database_loses_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "n", Text("Precious"))
        other = sqlite3.connect(desk.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await desk.press("enter")
        form = desk.app.screen
        assert isinstance(form, TaskForm)
        assert "Nothing you typed is lost" in notice(desk)
        assert form.values()["title"] == "Precious"

        other.execute("ROLLBACK")
        other.close()
        await desk.press("enter")

        assert last_task().title == "Precious"


async def test_titles_that_cannot_be_taken_are_told_beside_the_field(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("n")
        for title, sentence in (("", "is empty"), ("   ", "is empty"), ("x" * 201, "201 characters long; it can have")):
            (await go_to(desk, "#title")).value = title
            await go_to(desk, "#score")
            await desk.press("ctrl+s")

            assert f"The title is {sentence.removeprefix('is ')}" in complaint(desk, "title")
            assert desk.app.focused is not None
            assert desk.app.focused.id == "title"
            assert frame_is_whole(desk)
        assert desk.news() == []


async def test_a_title_that_grows_too_long_says_so_as_it_is_typed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("n")
        await paste(desk, "x" * 203)

        assert "3 characters too many; 200 fit." in complaint(desk, "title")


async def test_a_due_date_shows_how_it_is_understood_as_it_is_typed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("n")
        await go_to(desk, "#date_due")
        await do(desk, Text("2030-05-17 9:30"))
        assert "→ Fri 17 May 2030 09:30" in complaint(desk, "date_due")

        await do(desk, "ctrl+u", Text("2020-01-01"))
        assert "already past" in complaint(desk, "date_due")


async def test_bad_due_dates_are_told_and_nothing_is_saved(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "n", Text("Title"))
        field = await go_to(desk, "#date_due")
        for text in ("someday", "2027-02-30", "2027-01-01 25:99", "\x1b[31m", "[bold]"):
            field.value = ""
            await do(desk, Text(text), "enter")

            assert "✗" in complaint(desk, "date_due")
            assert desk.news() == []
            assert frame_is_whole(desk)


async def test_bad_numbers_are_told_beside_their_fields(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "n", Text("Title"))
        for name, text in (("score", "many"), ("priority", "1.5"), ("score", "9" * 30)):
            field = await go_to(desk, f"#{name}")
            field.value = text
            await desk.press("enter")

            assert f"The {name} is" in complaint(desk, name)
            assert desk.news() == []
            field.value = "1"


async def test_hostile_text_in_every_field_is_text_and_breaks_no_border(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("n", "ctrl+n")
        form = desk.app.screen
        for text in HOSTILE.values():
            await paste(desk, text)
            form.query_one("#description").focus()
            await paste(desk, text)
            for name in ("tags", "score", "date_due"):
                form.query_one(f"#{name}", Input).value = text
            await desk.pilot.pause()
            assert frame_is_whole(desk)
            for name in ("score", "date_due"):
                form.query_one(f"#{name}", Input).value = ""
            await desk.press("ctrl+s")

            kept = text.translate(dict.fromkeys((0, 7, 0x1B, 0x7F, 0x85), "\ufffd"))
            assert (last_task().title, last_task().description) == (kept, kept)


async def test_hostile_text_can_be_edited_without_being_changed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        text = "".join(HOSTILE.values())[:200]
        tasks.update_task(1, title=text, description=text, tags=[text])
        desk.news()
        await desk.press("e")
        assert frame_is_whole(desk)
        await desk.press("ctrl+s")

        assert desk.app.screen is desk.app.board_screen
        assert desk.news() == []


async def test_several_lines_pasted_into_the_title_become_one(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("n")
        await paste(desk, "one\r\ntwo\n")
        await desk.press("enter")

        assert last_task().title == "one two"


async def test_a_tag_is_completed_from_those_the_project_knows(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        tags.add_tag(desk.project_id, "backend")
        await do(desk, "n", Text("Title"))
        assert "known: backend" in complaint(desk, "tags")
        await go_to(desk, "#tags")
        await do(desk, Text("ui, ba"))
        await desk.wait_for(lambda: "backend" in shown(desk).split("known")[0])
        await desk.press("right", "enter")

        assert last_task().tags == ["backend", "ui"]


async def test_every_field_comes_into_view_on_a_small_screen(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=(80, 16)) as desk:
        await desk.press("n")
        seen = []
        for _ in range(11):
            assert desk.app.focused is not None
            assert is_in_view(desk.app.focused)
            seen.append(desk.app.focused.id)
            await desk.press("tab")

        assert seen[:3] == ["title", "description", "tags"]
        assert seen[-1] == "date_due"


async def test_the_keys_of_the_form_are_the_persons_own(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL, keys={"form.save": "f5"}) as desk:
        await do(desk, "n", Text("Title"))
        assert "f5 Save" in shown(desk)
        await desk.press("f5")

        assert last_task().title == "Title"


async def test_help_is_at_hand_while_a_text_is_typed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("n", "question_mark", "f1")

        assert isinstance(desk.app.screen, HelpScreen)
        assert "Save the task" in shown(desk)


async def test_what_is_typed_before_the_form_is_drawn_is_in_the_title(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        desk.app.push_screen(TaskForm.for_new_task(desk.project_id, desk.cell(0, 0)))
        for letter in "Fast":
            desk.app.post_message(events.Key(letter, letter))
        await desk.pilot.pause()
        await desk.press("enter")

        assert last_task().title == "Fast"


async def test_a_closed_task_can_be_edited_but_not_moved(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        tasks.close_task(1)
        await desk.app.push_screen(TaskForm.for_task(1))
        await desk.pilot.pause()
        await go_to(desk, "#column_id")
        await desk.press("enter", "down", "enter", "ctrl+s")

        assert "Task #1 is closed; open it before moving it." in notice(desk)
        assert isinstance(desk.app.screen, TaskForm)


def test_opening_the_board_loads_none_of_the_other_screens() -> None:
    program = (
        "import sys, kbtui.tui.app\n"
        "print([name for name in sys.modules if name.startswith('kbtui.tui.screens.') and 'board' not in name],"
        " 'httpx' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["[]", "False"]


async def test_what_cannot_be_chosen_any_more_stays_until_something_else_is_chosen(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        gone = users.add_user("maria")
        tasks.update_task(1, owner_id=gone)
        users.update_user(gone, is_active=0)
        moves.move_task(1, swimlane_id=desk.swimlanes[1])
        swimlanes.update_swimlane(desk.swimlanes[1], is_active=0)
        desk.news()
        desk.app.push_screen(TaskForm.for_task(1))
        await desk.pilot.pause()
        assert "maria (not a member)" in shown(desk)
        assert "Middle (inactive)" in shown(desk)
        await do(desk, Text("!"), "ctrl+s")

        assert desk.news() == ["task.update"]
        assert changes_of_last_update() == {"title": "s0c0n0!"}


async def test_a_task_that_went_to_another_project_offers_what_is_there(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("e")
        there = projects.create_project("Elsewhere")
        columns.add_column(there, "Only here")
        transfers.move_task_to_project(1, there)
        assert "Column" in notice(desk)
        await go_to(desk, "#column_id")
        await desk.press("enter", "end", "enter", "ctrl+s")

        assert tasks.get_task(1).column_title == "Only here"


async def test_colours_are_chosen_with_the_arrows_as_well(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("n")
        picker = await go_to(desk, "#color_id")
        seen = []
        for key in ("right", "down", "down", "left", "up", "end", "home", "p", "p"):
            await desk.press(key)
            seen.append(picker.value)

        assert seen == [
            "blue", "dark_grey", "dark_grey", "deep_orange", "yellow", "amber", "yellow", "purple", "pink",
        ]  # fmt: skip
        assert "Pink" in shown(desk)


async def test_ctrl_z_in_a_line_takes_back_what_was_typed_word_by_word(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("e", *" two words")
        form = desk.app.screen
        assert isinstance(form, TaskForm)
        seen = []
        for _ in range(4):
            await desk.press("ctrl+z")
            seen.append(form.values()["title"])

        assert seen == ["s0c0n0 two ", "s0c0n0 two", "s0c0n0 ", "s0c0n0"]
        await desk.press("ctrl+z", "tab", *"three", "ctrl+z")
        assert form.values()["title"] == "s0c0n0"
        assert form.values()["description"] == ""

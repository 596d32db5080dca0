"""Subtasks, comments and links of a task, by keys and by mouse."""

from pathlib import Path

from textual.widgets import OptionList

from kbtui.core.projects import users
from kbtui.core.tasks import comments, links, subtasks, tasks
from kbtui.core.values.text import clean_text
from kbtui.tui.screens.task import TaskScreen
from kbtui.tui.screens.task_picker import TaskPicker
from kbtui.tui.widgets.row_editor import RowEditor
from tests.tui.board_fixtures import Desk
from tests.tui.screen_fixtures import HOSTILE, frame_is_whole, notice, paste, shown
from tests.tui.task_fixtures import (
    NARROW,
    SECOND,
    WIDE,
    hint,
    is_editing,
    lines_of,
    open_task,
    said,
    section,
    task_screen,
)


def three_steps(desk: Desk) -> None:
    for title in ("one", "two", "three"):
        subtasks.add_subtask(1, title, user_id=1)


def titles() -> list[str]:
    return [each.title for each in subtasks.list_subtasks(1)]


# Subtasks


async def test_subtasks_are_added_one_after_the_other(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("s", *"one", "enter")
        await desk.pilot.pause()
        await desk.press(*"two", "enter")
        await desk.pilot.pause()
        await desk.press("escape")

        assert titles() == ["one", "two"]
        assert not is_editing(desk)
        assert desk.news() == ["subtask.create", "subtask.create"]
        assert lines_of(desk, "subtasks")[0].split()[:2] == ["Subtasks", "✓0/2"]


async def test_all_of_a_subtask_is_edited(tmp_path: Path) -> None:
    def prepare(desk: Desk) -> None:
        three_steps(desk)
        users.add_user("maria")

    async with open_task(tmp_path, prepare=prepare) as desk:
        await desk.press("3", "enter", *" more", "tab", "enter", "down", "enter", "tab", "enter", "down", "enter")
        await desk.press("tab", "home", "shift+end", *"2.5", "tab", "home", "shift+end", *"90m", "ctrl+s")
        await desk.pilot.pause()

        first = subtasks.list_subtasks(1)[0]
        assert (first.title, first.status, first.user_id) == ("one more", 1, 2)
        assert (first.time_estimated, first.time_spent) == (2.5, 1.5)
        assert desk.news() == ["subtask.update"]


async def test_a_bad_subtask_is_complained_about_and_kept(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=three_steps) as desk:
        await desk.press("s", "enter")
        await desk.pilot.pause()
        assert "The title is empty" in hint(desk)

        await paste(desk, "x" * 256)
        await desk.press("enter")
        await desk.pilot.pause()
        assert "at most 255" in hint(desk)

        await desk.press("escape", "s")
        await desk.pilot.pause()
        assert desk.app.screen.query_one(RowEditor).value["title"] == "x" * 256
        assert len(titles()) == 3


async def test_space_goes_through_the_three_states(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=three_steps) as desk:
        await desk.press("3")
        seen = []
        for _ in range(3):
            await desk.press("space")
            seen.append((subtasks.list_subtasks(1)[0].status, lines_of(desk, "subtasks")[1][2], said(desk)))

        assert seen == [
            (1, "◐", "Subtask is in progress now."),
            (2, "☑", "Subtask is done now."),
            (0, "☐", "Subtask is todo now."),
        ]


async def test_a_subtask_is_moved_by_keys_and_the_cursor_goes_with_it(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=three_steps) as desk:
        await desk.press("3", "shift+down", "shift+down", "shift+down")
        assert titles() == ["two", "three", "one"]
        assert section(desk, "subtasks").cursor == 2

        await desk.press("shift+up", "u")
        assert titles() == ["two", "three", "one"]
        assert "Undone: edited a subtask of #1." in said(desk)


async def test_a_subtask_is_moved_by_dragging(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE, prepare=three_steps) as desk:
        left, top = section(desk, "subtasks").region.offset
        await desk.take(left + 8, top + 1)
        await desk.carry(left + 8, top + 2)
        await desk.carry(left + 8, top + 3)
        assert [line.split()[-2] for line in lines_of(desk, "subtasks")[1:4]] == ["two", "three", "one"]
        assert titles() == ["one", "two", "three"]
        await desk.drop(left + 8, top + 3)

        assert titles() == ["two", "three", "one"]
        assert desk.news() == ["subtask.update"]


async def test_a_click_on_the_state_toggles_and_a_double_click_edits(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE, prepare=three_steps) as desk:
        left, top = section(desk, "subtasks").region.offset
        await desk.click(left + 2, top + 2)
        assert [each.status for each in subtasks.list_subtasks(1)] == [0, 1, 0]

        await desk.click(left + 8, top + 1, times=2)
        await desk.pilot.pause()
        assert is_editing(desk)
        assert desk.app.screen.query_one(RowEditor).value["title"] == "one"


async def test_a_removed_subtask_comes_back_at_its_place(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=three_steps) as desk:
        await desk.press("3", "down", "delete")
        assert titles() == ["one", "three"]
        assert said(desk) == "Removed the subtask; u brings it back."

        await desk.press("u")
        assert titles() == ["one", "two", "three"]


async def test_a_subtask_removed_elsewhere_stays_in_its_editor(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=three_steps) as desk:
        await desk.press("3", "enter", *" more")
        subtasks.remove_subtask(1)
        await desk.pilot.pause()
        assert "Removed meanwhile" in hint(desk)

        await desk.press("enter")
        await desk.pilot.pause()
        assert hint(desk) == "✗ There is no subtask 1."
        assert desk.app.screen.query_one(RowEditor).value["title"] == "one more"


async def test_the_titles_end_adds_by_mouse(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE) as desk:
        widget = section(desk, "subtasks")
        await desk.click(widget.region.right - 4, widget.region.y)
        await desk.pilot.pause()

        assert is_editing(desk)


# Comments


async def test_a_comment_is_written_edited_and_removed(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("c", *"**yes**", "enter", *"no", "ctrl+s")
        await desk.pilot.pause()
        assert [each.comment for each in comments.list_comments(1)] == ["**yes**\nno"]
        assert [line.strip(" ▌") for line in lines_of(desk, "comments")[2:4]] == ["yes", "no"]

        await desk.press("enter", *"!", "ctrl+s")
        await desk.pilot.pause()
        assert comments.list_comments(1)[0].comment == "**yes**\nno!"

        await desk.press("delete")
        assert comments.list_comments(1) == []
        assert said(desk) == "Removed the comment; u brings it back."

        await desk.press("u", "u")
        assert comments.list_comments(1)[0].comment == "**yes**\nno"
        assert desk.news() == [
            "comment.create", "comment.update", "comment.delete", "comment.create", "comment.update"
        ]  # fmt: skip


async def test_a_comment_survives_esc(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("c", *"half", "escape")
        assert comments.list_comments(1) == []

        await desk.press("c")
        await desk.pilot.pause()
        assert desk.app.screen.query_one(RowEditor).value == "half"


async def test_an_empty_comment_is_not_saved(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("c", "space", "ctrl+s")
        await desk.pilot.pause()

        assert "The comment is empty" in hint(desk)
        assert desk.news() == []


async def test_a_hostile_comment_is_kept_as_it_was_meant(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        for kind, text in HOSTILE.items():
            await desk.press("c")
            await paste(desk, text)
            await desk.press("ctrl+s")
            await desk.pilot.pause()

            comment = comments.list_comments(1)[-1].comment
            assert comment == clean_text(text).strip(), kind
            if kind == "markup":
                assert "[bold red]not markup[/]" in shown(desk)


async def test_an_open_comment_stays_while_others_comment(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE) as desk:
        await desk.press("c", *"mine")
        comments.add_comment(1, "theirs")
        await desk.pilot.pause()
        await desk.press(*" too", "ctrl+s")
        await desk.pilot.pause()

        assert [each.comment for each in comments.list_comments(1)] == ["theirs", "mine too"]


# Links


async def test_a_link_is_added_with_a_type_and_shows_on_both_tasks(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("l", *SECOND, "shift+tab", "enter", "down", "enter", "ctrl+s")

        assert [each.label for each in links.list_task_links(1)] == ["blocks"]
        assert [each.label for each in links.list_task_links(2)] == ["is blocked by"]
        assert "blocks #2" in lines_of(desk, "links")[1]
        assert said(desk) == "Linked #2; u takes it back."

        await desk.press("u")
        assert links.list_task_links(1) == links.list_task_links(2) == []


async def test_the_picker_finds_by_number_and_words_of_any_case(tmp_path: Path) -> None:
    def prepare(desk: Desk) -> None:
        tasks.update_task(2, title="Größe des Ärmels")
        tasks.create_task(desk.project_id, "Another one")

    async with open_task(tmp_path, prepare=prepare) as desk:
        await desk.press("l")
        screen = desk.app.screen
        assert isinstance(screen, TaskPicker)
        for words, found in (("#2", [2]), ("ÄRMELS grö", [2]), ("another ONE", [3]), ("nothing", []), ("", [3, 2])):
            screen.words.value = words
            await desk.pilot.pause()
            assert sorted(task.id for task in screen._shown) == sorted(found)
        assert frame_is_whole(desk)


async def test_linking_nothing_and_linking_twice_are_refused(tmp_path: Path) -> None:
    async with open_task(tmp_path) as desk:
        await desk.press("l", *"zzz", "enter")
        assert "Mark a task first" in notice(desk)
        await desk.press("escape", "l", "enter", "l", "enter")

        assert "is linked to #2 in this way already" in said(desk)
        assert len(links.list_task_links(1)) == 1


async def test_a_link_is_changed_removed_and_followed(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=lambda desk: links.add_task_link(1, 2, 1)) as desk:
        await desk.press("5", "t", "shift+tab", "enter", "down", "enter", "ctrl+s")
        assert [each.label for each in links.list_task_links(2)] == ["is blocked by"]

        await desk.press("enter")
        assert isinstance(desk.app.screen, TaskScreen)
        assert desk.app.screen.task_id == 2
        await desk.press("escape")
        assert task_screen(desk).task_id == 1

        await desk.press("delete")
        assert links.list_task_links(1) == []
        assert said(desk) == "Removed the link; u brings it back."


async def test_a_task_is_picked_by_mouse(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE) as desk:
        widget = section(desk, "links")
        await desk.click(widget.region.right - 4, widget.region.y)
        listed = desk.app.screen.query_one("#tasks", OptionList)
        await desk.click(listed.region.x + 4, listed.region.y)

        assert [each.opposite_task_id for each in links.list_task_links(1)] == [2]


async def test_what_is_being_written_survives_a_change_of_the_width(tmp_path: Path) -> None:
    async with open_task(tmp_path, size=WIDE) as desk:
        await desk.press("c", *"This is a te")
        await desk.pilot.resize_terminal(*NARROW)
        await desk.pilot.pause()
        await desk.press(*"xt", "ctrl+s")
        await desk.wait_for(lambda: not task_screen(desk).query("#left"))

        assert comments.list_comments(1)[0].comment == "This is a text"
        assert tasks.get_task(1).is_active == 1


async def test_an_edit_of_a_subtask_leaves_what_others_changed_meanwhile(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=lambda desk: subtasks.add_subtask(1, "Step")) as desk:
        await desk.press("3", "enter", *" edited")
        change = "subtasks.update_subtask(1, status=2, time_spent=3)"
        await desk.elsewhere(f"from kbtui.core.tasks import subtasks\n{change}")
        await desk.press("enter")
        await desk.wait_for(lambda: subtasks.get_subtask(1).title == "Step edited")

        assert (subtasks.get_subtask(1).status, subtasks.get_subtask(1).time_spent) == (2, 3)


async def test_a_comment_that_is_being_edited_says_what_others_made_of_it_meanwhile(tmp_path: Path) -> None:
    async with open_task(tmp_path, prepare=lambda desk: comments.add_comment(1, "Old")) as desk:
        await desk.press("4", "enter", *" mine")
        await desk.elsewhere("from kbtui.core.tasks import comments\ncomments.update_comment(1, 'Theirs')")
        await desk.wait_for(lambda: "Changed meanwhile by somebody else" in hint(desk))
        await desk.press("escape")

        assert comments.get_comment(1).comment == "Theirs"

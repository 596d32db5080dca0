from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def task(ok: Callable[..., str]) -> None:
    ok("task", "add", "Fix the login")
    ok("user", "add", "mira", "--name", "Mira")


def titles(listed: list[dict[str, Any]]) -> list[str]:
    return [each["title"] for each in listed]


def test_every_field_of_a_subtask_can_be_given(answer: Callable[..., Any]) -> None:
    options = ["--assignee", "MIRA", "--estimate", "2.5", "--spent", "1", "--status", "In progress", "--position", "9"]

    added = answer("subtask", "add", "fix the login", "Reproduce", *options)

    assert (added["username"], added["time_estimated"], added["time_spent"]) == ("mira", 2.5, 1)
    assert (added["status"], added["position"], added["queued"]) == (1, 1, 0)
    assert answer("task", "show", "1")["time_estimated"] == 2.5


def test_subtasks_are_listed_in_their_order_and_moved(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    assert ok("subtask", "add", "1", "One") == 'Added subtask #1 "One" to task #1.\n'
    ok("subtask", "add", "1", "Two", "--assignee", "mira", "--spent", "1.5")
    ok("subtask", "add", "1", "Zero", "--position", "1")

    assert titles(answer("subtask", "list", "1")) == ["Zero", "One", "Two"]
    assert ok("subtask", "move", "zero", "99") == 'Moved subtask #3 "Zero" to position 3.\n'
    assert ok("subtask", "move", "3", "3") == 'Nothing moves: subtask #3 "Zero" stands there already.\n'
    assert titles(answer("subtask", "list", "1")) == ["One", "Two", "Zero"]
    heads, *rows = ok("subtask", "list", "1").splitlines()
    assert heads.split() == ["ID", "POS", "STATUS", "SPENT", "ESTIMATE", "ASSIGNEE", "TITLE"]
    assert rows[1].split() == ["#2", "2", "Todo", "1.5", "Mira", "Two"]


def test_a_subtask_is_edited(ok: Callable[..., str], answer: Callable[..., Any], run: Run) -> None:
    ok("subtask", "add", "1", "One", "--assignee", "mira", "--estimate", "1")

    edited = answer("subtask", "edit", "One", "--title", "Uno", "--assignee", "none", "--status", "done")

    assert (edited["title"], edited["user_id"], edited["status"], edited["changed"]) == ("Uno", 0, 2, True)
    assert edited["time_estimated"] == 1
    assert ok("subtask", "edit", "1", "--status", "2") == 'Nothing differs: subtask #1 "Uno" stays as it is.\n'
    assert run("subtask", "edit", "1").status == 2


def test_a_toggle_goes_through_the_states_and_assigns(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    ok("subtask", "add", "1", "One")
    ok("subtask", "add", "1", "Two", "--assignee", "mira")

    assert ok("subtask", "toggle", "One", "2") == (
        'Subtask #1 "One" is in progress (admin) now.\nSubtask #2 "Two" is in progress (Mira) now.\n'
    )
    statuses = [answer("subtask", "toggle", "1")["subtasks"][0]["status"] for _ in range(2)]
    assert statuses == [2, 0]


def test_removed_subtasks_are_gone(ok: Callable[..., str]) -> None:
    ok("subtask", "add", "1", "One")
    ok("subtask", "add", "1", "Two")

    assert ok("subtask", "remove", "1", "two") == (
        'Removed subtask #1 "One" from task #1.\nRemoved subtask #2 "Two" from task #1.\n'
    )
    assert ok("subtask", "list", "1") == "There are no subtasks of task #1.\n"


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["add", "1", " "], "The title is empty"),
        (["add", "1", "x" * 256], "at most 255"),
        (["add", "9", "x"], "There is no task #9."),
        (["add", "1", "x", "--position", "0"], "positions begin at 1"),
        (["add", "1", "x", "--estimate=-1"], "-1.0 is not possible as the time estimated in hours"),
        (["add", "1", "x", "--assignee", "nobody-here"], 'There is no user "nobody-here"'),
        (["move", "One", "0"], "positions begin at 1"),
        (["remove", "1", "Two"], 'There is no subtask "Two"; give its number or whole title.'),
        (["toggle", "1", "9"], "There is no subtask #9."),
    ],
)
def test_a_bad_value_is_refused_in_one_line_and_changes_nothing(
    refusal: Callable[..., str], ok: Callable[..., str], answer: Callable[..., Any], argv: list[str], complaint: str
) -> None:
    ok("subtask", "add", "1", "One")
    before = answer("subtask", "list", "1")

    assert complaint in refusal("subtask", *argv)
    assert answer("subtask", "list", "1") == before


def test_a_title_that_several_have_asks_for_the_number(refusal: Callable[..., str], ok: Callable[..., str]) -> None:
    ok("task", "add", "Other")
    ok("subtask", "add", "1", "Test")
    ok("subtask", "add", "2", "test")

    complaint = refusal("subtask", "toggle", "TEST")

    assert complaint.endswith("choose by number: #1 (on task #1), #2 (on task #2).")


@pytest.mark.parametrize("option", [["--status", "lost"], ["--estimate", "nan"], ["--spent", "long"]])
def test_a_value_of_the_wrong_kind_is_wrong_usage(run: Run, option: list[str]) -> None:
    assert run("subtask", "add", "1", "x", *option).status == 2

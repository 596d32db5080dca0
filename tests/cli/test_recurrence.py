import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Run

FIELDS = tuple(f"recurrence_{name}" for name in ("status", "trigger", "factor", "timeframe", "basedate"))


def recurrence(task: dict[str, Any]) -> tuple[int, ...]:
    return tuple(task[name] for name in FIELDS)


@pytest.mark.parametrize(
    ("options", "stored"),
    [
        (["--repeat", "close"], (1, 2, 0, 0, 0)),
        (["--repeat", "leaves-first", "--every", "3 days"], (1, 0, 3, 0, 0)),
        (["--repeat", "reaches last column", "--every", "2 weeks"], (1, 1, 14, 0, 0)),
        (["--repeat", "close", "--every", "month", "--repeat-from", "trigger"], (1, 2, 1, 1, 1)),
        (["--repeat", "Close", "--every", "10Years", "--repeat-from", "due"], (1, 2, 10, 2, 0)),
        (["--repeat", "close", "--every", "0"], (1, 2, 0, 0, 0)),
        (["--repeat", "none"], (0, 0, 0, 0, 0)),
    ],
)
def test_a_task_recurs_as_the_options_say(
    answer: Callable[..., Any], options: list[str], stored: tuple[int, ...]
) -> None:
    assert recurrence(answer("task", "add", "One", *options)) == stored
    assert recurrence(answer("task", "add", "Two")) == (0, 0, 0, 0, 0)


def test_an_edit_changes_how_a_task_recurs_or_stops_it(answer: Callable[..., Any], ok: Callable[..., str]) -> None:
    ok("task", "add", "One", "--repeat", "close", "--every", "2 weeks", "--due", "2027-01-31")

    edited = answer("task", "edit", "1", "--every", "1 month")
    assert recurrence(edited) == (1, 2, 1, 1, 0)
    assert "\nRepeats   when it is closed, due 1 month after its due date\n" in ok("task", "show", "1")
    assert recurrence(answer("task", "edit", "1", "--repeat", "none"))[0] == 0
    assert "Repeats" not in ok("task", "show", "1")


def test_the_task_that_is_made_anew_is_told(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    ok("task", "add", "Water the plants", "--repeat", "close", "--every", "2 weeks", "--due", "2027-03-01")

    assert ok("task", "close", "1") == 'Closed task #1 "Water the plants".\nMade anew as task #2.\n'
    due = answer("task", "show", "2")["date_due"]
    assert time.strftime("%Y-%m-%d", time.localtime(due)) == "2027-03-15"
    assert "\nRepeats   has been made anew as #2\n" in ok("task", "show", "1")
    ok("task", "open", "1")
    assert ok("task", "close", "1") == 'Closed task #1 "Water the plants".\n', "only once"


def test_a_move_that_makes_a_task_anew_tells_so(ok: Callable[..., str]) -> None:
    ok("task", "add", "One", "--repeat", "leaves-first")

    assert ok("task", "move", "1", "--column", "Ready").endswith("position 1.\nMade anew as task #2.\n")


@pytest.mark.parametrize(
    "options",
    [
        ["--every", "2 weeks"],
        ["--repeat-from", "trigger"],
        ["--repeat", "none", "--every", "2 weeks"],
        ["--repeat", "sometimes"],
        ["--repeat", "close", "--every", "fortnight"],
        ["--repeat", "close", "--every", "-1 days"],
        ["--repeat", "close", "--every", ""],
        ["--repeat", "close", "--repeat-from", "now"],
    ],
)
def test_what_makes_no_sense_is_wrong_usage(run: Run, ok: Callable[..., str], options: list[str]) -> None:
    ok("task", "add", "Before")

    assert run("task", "add", "One", *options).status == 2
    assert run("task", "edit", "Before", *options).status == 2


def test_a_factor_that_is_too_large_is_refused(refusal: Callable[..., str]) -> None:
    complaint = refusal("task", "add", "One", "--repeat", "close", "--every", "9999 weeks")

    assert complaint.endswith("is not possible as the recurrence factor; it goes from -9999 to 9999.")

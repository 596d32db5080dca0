import io
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def task(ok: Callable[..., str]) -> None:
    ok("task", "add", "Fix the login")


def test_comments_are_added_listed_edited_and_removed(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    assert ok("comment", "add", "fix the LOGIN", "It **fails**") == "Added comment #1 to task #1.\n"
    added = answer("comment", "add", "#1", "Again")
    edited = answer("comment", "edit", "#1", "It works")
    listed = answer("comment", "list", "1")
    removed = answer("comment", "remove", "1", "2", "1")

    assert (added["comment"], added["username"], added["queued"]) == ("Again", "admin", 0)
    assert (edited["comment"], edited["changed"]) == ("It works", True)
    assert [each["comment"] for each in listed] == ["It works", "Again"]
    assert [each["id"] for each in removed["comments"]] == [1, 2]
    assert ok("comment", "list", "1") == "There are no comments on task #1.\n"


def test_people_read_who_said_what(ok: Callable[..., str]) -> None:
    ok("comment", "add", "1", "One\n\n\x1b[31mTwo\u202e")

    head, *lines = ok("comment", "list", "1").splitlines()

    assert head.startswith("#1 by admin on 20")
    assert lines == ["One", "", "\ufffd[31mTwo\\u202e"]


def test_a_comment_can_come_from_standard_input(answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Über\r\nzwei\n".encode())))

    assert answer("comment", "add", "1", "-")["comment"] == "Über\nzwei"


def test_an_edit_that_changes_nothing_says_so(ok: Callable[..., str]) -> None:
    ok("comment", "add", "1", "Same")

    assert ok("comment", "edit", "1", " Same\r\n") == "Nothing differs: comment #1 stays as it is.\n"


def test_what_is_empty_or_not_there_is_refused_in_one_line(
    refusal: Callable[..., str], ok: Callable[..., str], answer: Callable[..., Any], run: Run
) -> None:
    ok("comment", "add", "1", "Stays")

    assert "The comment is empty" in refusal("comment", "add", "1", " \n")
    assert "The comment is empty" in refusal("comment", "edit", "1", "")
    assert "There is no comment #9." in refusal("comment", "edit", "9", "x")
    assert 'There is no comment "Stays"; give its number.' in refusal("comment", "remove", "1", "Stays")
    assert "There is no task #7." in refusal("comment", "list", "7")
    assert run("comment", "remove").status == 2
    assert [each["comment"] for each in answer("comment", "list", "1")] == ["Stays"]

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def tasks(ok: Callable[..., str]) -> None:
    for title in ("One", "Two", "Three"):
        ok("task", "add", title)


def test_a_link_shows_on_both_tasks_until_it_is_removed(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    assert ok("link", "add", "one", "is blocked by", "2") == "Added link #1: task #1 is blocked by #2.\n"

    assert [(each["label"], each["title"]) for each in answer("link", "list", "1")] == [("is blocked by", "Two")]
    assert [(each["label"], each["title"]) for each in answer("link", "list", "Two")] == [("blocks", "One")]
    heads, row = ok("link", "list", "2").splitlines()
    assert heads.split() == ["ID", "TYPE", "TASK", "PROJECT", "COLUMN", "ASSIGNEE", "TITLE"]
    assert row.split() == ["#2", "blocks", "#1", "My", "project", "Backlog", "One"]
    assert ok("link", "remove", "2", "1") == "Removed link #2: task #2 blocks #1.\n"
    assert ok("link", "list", "1") == "There are no internal links of task #1.\n"


def test_a_link_gets_another_type_and_another_task(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    ok("link", "add", "1", "2", "Two")

    edited = answer("link", "edit", "1", "--type", "FIXES", "--task", "three")

    assert (edited["label"], edited["opposite_task_id"], edited["changed"]) == ("fixes", 3, True)
    assert answer("link", "list", "2") == []
    assert ok("link", "edit", "1", "--type", "10") == "Nothing differs: link #1: task #1 fixes #3 stays as it is.\n"


def test_the_types_are_those_of_kanboard(answer: Callable[..., Any]) -> None:
    types = answer("link", "types")

    assert [each["id"] for each in types] == list(range(1, 12))
    assert types[0] == {"id": 1, "label": "relates to", "opposite_id": 1}
    assert types[1] == {"id": 2, "label": "blocks", "opposite_id": 3}


def test_what_cannot_be_linked_is_refused_in_one_line(
    refusal: Callable[..., str], ok: Callable[..., str], answer: Callable[..., Any], run: Run
) -> None:
    ok("link", "add", "1", "blocks", "2")

    assert 'There is no link type "loves". There is: relates to (#1), blocks (#2)' in refusal(
        "link", "add", "1", "loves", "2"
    )
    assert "A task cannot be linked to itself." in refusal("link", "add", "1", "fixes", "One")
    assert "Task #1 is linked to #2 in this way already." in refusal("link", "add", "1", "blocks", "2")
    assert "There is no task #9." in refusal("link", "add", "1", "blocks", "9")
    assert "There is no internal link #9." in refusal("link", "remove", "1", "9")
    assert 'There is no internal link "x"; give its number.' in refusal("link", "edit", "x", "--type", "1")
    assert run("link", "edit", "1").status == 2
    assert len(answer("link", "list", "1")) == 1

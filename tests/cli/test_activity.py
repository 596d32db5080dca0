import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kbtui.cli.activity import KINDS
from kbtui.core.views import activity
from tests.cli.conftest import Run


@pytest.fixture
def busy(ok: Callable[..., str], tmp_path: Path) -> None:
    """Do something of most kinds, in two projects, by two people."""
    for project in ("Website", "Shop"):
        ok("project", "add", project)
    ok("user", "add", "mira")
    ok("task", "add", "One", "--project", "Website")
    ok("task", "add", "Two", "--project", "Shop")
    config = tmp_path / "config.toml"
    config.write_text('user = "mira"\n')
    ok("comment", "add", "One", "Look\nhere", "--config", str(config))
    ok("task", "move", "One", "--column", "Ready", "--config", str(config))


def sentences(listed: list[dict[str, Any]]) -> list[str]:
    return [each["sentence"] for each in listed]


@pytest.mark.usefixtures("busy")
def test_what_has_happened_is_told_in_sentences_the_newest_first(
    ok: Callable[..., str], answer: Callable[..., Any]
) -> None:
    told = answer("activity", "--limit", "4")

    assert sentences(told) == [
        "mira moved #1 “One” from Backlog to Ready",
        "mira commented on #1 “One”: Look",
        "admin created #2 “Two” in Backlog",
        "admin created #1 “One” in Backlog",
    ]
    assert (told[0]["name"], told[0]["author"], told[0]["task_id"]) == ("task.move.column", "mira", 1)
    first = ok("activity", "--limit", "1")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d  mira moved #1 “One” from Backlog to Ready\n", first)


@pytest.mark.usefixtures("busy")
def test_it_is_asked_for_by_project_task_user_and_kind(answer: Callable[..., Any], ok: Callable[..., str]) -> None:
    def verbs(*options: str) -> list[str]:
        return [each.split()[1] for each in sentences(answer("activity", *options))]

    assert verbs("--project", "Shop") == ["created", "added"]
    assert verbs("--task", "one") == ["moved", "commented", "created"]
    assert verbs("--user", "MIRA") == ["moved", "commented"]
    assert verbs("--kind", "comments", "--kind", "moves") == ["moved", "commented"]
    assert verbs("--task", "1", "--user", "admin", "--kind", "tasks") == ["created"]
    assert ok("activity", "--kind", "files") == "Nothing of that kind has happened.\n"
    assert answer("activity", "--limit", "-1") == []


@pytest.mark.usefixtures("busy")
def test_a_user_who_is_called_otherwise_by_now_is_still_found(
    answer: Callable[..., Any], ok: Callable[..., str]
) -> None:
    ok("user", "edit", "mira", "--username", "mia")

    assert sentences(answer("activity", "--user", "mia")) == [
        "mira moved #1 “One” from Backlog to Ready",
        "mira commented on #1 “One”: Look",
    ]


@pytest.mark.usefixtures("busy")
def test_who_or_what_is_not_there_is_refused(refusal: Callable[..., str], run: Run) -> None:
    assert 'There is no user "nobody"' in refusal("activity", "--user", "nobody")
    assert 'There is no project "nowhere"' in refusal("activity", "--project", "nowhere")
    assert "There is no task #9." in refusal("activity", "--task", "9")
    assert run("activity", "--kind", "gossip").status == 2


def test_what_a_terminal_would_obey_is_written_out(ok: Callable[..., str]) -> None:
    ok("task", "add", "a\u202eb")

    assert "\\u202e" in ok("activity", "--kind", "tasks")


def test_the_kinds_of_the_command_are_those_of_the_core() -> None:
    assert tuple(activity.KINDS) == KINDS

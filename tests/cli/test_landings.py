"""What a task becomes in another project: told when it moves or is copied, and before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kbtui.core.db import database
from kbtui.core.projects import members
from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def projects(ok: Callable[..., str], database_file: Path) -> None:
    """Make two projects, of which the second has a member, and a task with all that may differ there."""
    for project in ("Website", "Shop"):
        ok("project", "add", project)
    ok("user", "add", "mira")
    ok("user", "add", "noor")
    ok("category", "add", "Bug", "--project", "Website")
    ok("swimlane", "add", "Urgent", "--project", "Website")
    ok("swimlane", "add", "urgent", "--project", "Shop")
    database.connect(database_file)
    members.add_member(2, 3)
    database.close()
    options = ["--assignee", "mira", "--category", "Bug", "--swimlane", "Urgent", "--column", "Ready", "--tag", "x"]
    ok("task", "add", "One", *options)


MAPPING = {
    "project": "Shop",
    "column": "Backlog",
    "swimlane": "urgent",
    "assignee": None,
    "category": None,
    "tags": "x",
}

SHOWN = """
Project   Shop (was Website)
Column    Backlog (was Ready)
Swimlane  urgent (was Urgent)
Assignee  none (was mira)
Category  none (was Bug)
Tags      x
"""


def test_a_dry_run_tells_the_mapping_and_moves_nothing(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    before = answer("task", "show", "1")

    assert ok("task", "move", "1", "--project", "Shop", "--dry-run") == f'Would move task #1 "One".\n{SHOWN}'
    assert ok("task", "duplicate", "1", "--project", "Shop", "--dry-run") == f'Would copy task #1 "One".\n{SHOWN}'
    assert answer("task", "move", "1", "--project", "Shop", "--dry-run") == {"mapping": MAPPING, "changed": False}
    assert answer("task", "show", "1") == before
    assert len(answer("task", "list", "--status", "all")) == 1


def test_a_move_tells_what_became_of_the_task(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    assert ok("task", "move", "1", "--project", "Shop") == (
        f'Moved task #1 "One" to Shop: Backlog, urgent, position 1.\n{SHOWN}'
    )
    moved = answer("task", "show", "1")
    assert (moved["owner_id"], moved["category_id"], moved["tags"]) == (0, 0, ["x"])


def test_a_copy_tells_what_it_has_become(answer: Callable[..., Any]) -> None:
    copy = answer("task", "duplicate", "1", "--project", "Shop")

    assert copy["mapping"] == MAPPING
    assert (copy["id"], copy["project_name"], copy["column_title"], copy["swimlane_name"]) == (
        2,
        "Shop",
        "Backlog",
        "urgent",
    )


def test_what_is_chosen_is_told_as_chosen(answer: Callable[..., Any]) -> None:
    place = ["--column", "Done", "--swimlane", "Default swimlane"]

    moved = answer("task", "move", "1", "--project", "Shop", *place)

    assert (moved["mapping"]["column"], moved["mapping"]["swimlane"]) == ("Done", "Default swimlane")
    assert (moved["column_title"], moved["swimlane_name"]) == ("Done", "Default swimlane")


def test_a_closed_task_is_told_to_be_open_there(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    ok("task", "close", "1")

    assert ok("task", "move", "1", "--project", "Shop", "--dry-run").endswith("Status    open (was closed)\n")
    ok("task", "move", "1", "--project", "Shop")
    assert answer("task", "show", "1")["is_active"] == 1


def test_a_dry_run_without_another_project_is_wrong_usage(run: Run) -> None:
    assert run("task", "move", "1", "--column", "Done", "--dry-run").status == 2
    assert run("task", "move", "1", "--project", "Website", "--column", "Done", "--dry-run").status == 2
    assert run("task", "duplicate", "1", "--dry-run").status == 2

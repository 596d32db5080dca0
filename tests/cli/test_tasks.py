import json
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kbtui.core.db import database
from tests import sql
from tests.cli.conftest import Run


@pytest.fixture
def project(ok: Callable[..., str]) -> None:
    """Make a project with a swimlane, a category and a user."""
    ok("project", "add", "Website")
    ok("swimlane", "add", "Urgent")
    ok("category", "add", "Bug")
    ok("user", "add", "mira", "--name", "Mira")


def events(path: Any) -> list[str]:
    """Return the names of the task events that were recorded, and by whom."""
    database.connect(path)
    names = sql.fetch_all("SELECT name, author FROM events WHERE task_id IS NOT NULL ORDER BY id")
    database.close()
    return [f"{name} by {author}" for name, author in names]


def test_the_first_task_of_an_empty_board_gets_a_project(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    assert ok("task", "add", "Begin") == (
        'Added task #1 "Begin" to My project: Backlog, Default swimlane, position 1.\n'
    )
    assert [project["name"] for project in answer("project", "list")] == ["My project"]


@pytest.mark.usefixtures("project")
def test_every_field_of_a_task_can_be_given_by_name(answer: Callable[..., Any]) -> None:
    task = answer(
        *("task", "add", "Fix the login", "--project", "website", "--column", "work in progress"),
        *("--swimlane", "urgent", "--description", "It **fails**", "--assignee", "MIRA", "--category", "bug"),
        *("--color", "Deep Orange", "--score", "5", "--priority", "2", "--due", "2027-01-31 14:30"),
        *("--tag", "backend", "--tag", "login"),
    )

    assert (task["project_name"], task["column_title"], task["swimlane_name"]) == (
        "Website",
        "Work in progress",
        "Urgent",
    )
    assert (task["description"], task["assignee_username"], task["category_name"]) == ("It **fails**", "mira", "Bug")
    assert (task["color_id"], task["score"], task["priority"]) == ("deep_orange", 5, 2)
    assert task["date_due"] == int(time.mktime((2027, 1, 31, 14, 30, 0, 0, 0, -1)))
    assert sorted(task["tags"]) == ["backend", "login"]
    assert (task["creator_username"], task["queued"]) == ("admin", 0)


@pytest.mark.usefixtures("project")
def test_a_task_is_shown_with_all_that_is_known(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    ok("task", "add", "Fix the login", "--due", "2027-01-31", "--tag", "backend", "--description", "One\nTwo")

    shown = ok("task", "show", "fix the LOGIN")

    assert shown.startswith("#1 Fix the login\n\nProject ")
    assert "\nDue       2027-01-31\n" in shown
    assert "\nTags      backend\n" in shown
    assert shown.endswith("\n\nOne\nTwo\n")
    assert len(answer("task", "show", "1")) == 43, "Kanboard's 42 keys, and tags"


@pytest.mark.usefixtures("project")
def test_tasks_are_listed_in_the_order_of_the_board(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    ok("task", "add", "Third", "--column", "Done")
    ok("task", "add", "First")
    ok("task", "add", "Fourth", "--swimlane", "Urgent", "--assignee", "mira")
    ok("task", "add", "Second", "--column", "Ready")
    ok("task", "close", "Second")

    def titles(*options: str) -> list[str]:
        return [task["title"] for task in answer("task", "list", *options)]

    assert titles() == ["First", "Third", "Fourth"]
    assert titles("--status", "closed") == ["Second"]
    assert titles("--status", "all", "--project", "Website") == ["First", "Second", "Third", "Fourth"]
    assert titles("--column", "backlog") == ["First", "Fourth"]
    assert titles("--swimlane", "Urgent") == ["Fourth"]
    assert titles("--assignee", "mira") == ["Fourth"]
    assert titles("--assignee", "none") == ["First", "Third"]


@pytest.mark.usefixtures("project")
def test_the_list_is_a_table_of_the_board(ok: Callable[..., str]) -> None:
    ok("task", "add", "漢字と[b]markup[/b]", "--due", "today", "--assignee", "mira")
    ok("task", "add", "Second", "--priority", "3")

    heads, first, second = ok("task", "list").splitlines()

    assert heads.split() == ["ID", "PROJECT", "SWIMLANE", "COLUMN", "POS", "PRIO", "DUE", "ASSIGNEE", "TITLE"]
    assert first.split() == [
        *("#1", "Website", "Default", "swimlane", "Backlog", "1", "0", "today", "Mira", "漢字と[b]markup[/b]"),
    ]
    assert second[heads.index("TITLE") :] == "Second"


def test_no_tasks_is_a_sentence_or_an_empty_document(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    assert ok("task", "list") == "There are no such tasks.\n"
    assert answer("task", "list") == []


@pytest.mark.usefixtures("project")
def test_an_edit_changes_what_is_given_and_takes_away_what_is_empty(answer: Callable[..., Any]) -> None:
    answer(
        "task", "add", "Old", "--assignee", "mira", "--category", "Bug", "--due", "today", "--tag", "a", "--score", "3"
    )

    edited = answer(
        *("task", "edit", "old", "--title", "New", "--assignee", "none", "--category", "", "--due", "none"),
        *("--tag", "", "--color", "blue"),
    )

    assert (edited["title"], edited["owner_id"], edited["category_id"], edited["date_due"]) == ("New", 0, 0, 0)
    assert (edited["tags"], edited["color_id"], edited["score"], edited["changed"]) == ([], "blue", 3, True)


@pytest.mark.usefixtures("project")
def test_an_edit_that_changes_nothing_says_so(ok: Callable[..., str], database_file: Any) -> None:
    ok("task", "add", "Same")

    assert ok("task", "edit", "1", "--title", "Same") == 'Nothing differs: task #1 "Same" stays as it is.\n'
    assert events(database_file) == ["task.create by admin"]


@pytest.mark.usefixtures("project")
def test_a_task_moves_by_names(answer: Callable[..., Any], ok: Callable[..., str]) -> None:
    ok("task", "add", "One")
    ok("task", "add", "Two", "--column", "ready")

    moved = answer("task", "move", "one", "--column", "Ready", "--position", "1", "--swimlane", "default swimlane")

    assert (moved["column_title"], moved["position"], moved["changed"]) == ("Ready", 1, True)
    assert ok("task", "move", "1", "--position", "99") == (
        'Moved task #1 "One" to Website: Ready, Default swimlane, position 2.\n'
    )
    assert ok("task", "move", "1", "--position", "2").startswith("Nothing moves: ")
    assert answer("task", "move", "1", "--position", "2")["changed"] is False


@pytest.mark.usefixtures("project")
def test_a_task_moves_to_another_project(answer: Callable[..., Any], ok: Callable[..., str]) -> None:
    ok("project", "add", "Shop")
    ok("task", "add", "There", "--project", "Shop", "--column", "Done")
    ok("task", "add", "Goes", "--assignee", "mira")

    moved = answer("task", "move", "Goes", "--project", "Shop", "--column", "Done", "--position", "1")

    assert (moved["project_name"], moved["column_title"], moved["position"]) == ("Shop", "Done", 1)


@pytest.mark.usefixtures("project")
def test_an_impossible_move_is_refused_and_changes_nothing(
    ok: Callable[..., str], answer: Callable[..., Any], refusal: Callable[..., str], run: Run
) -> None:
    ok("project", "add", "Shop")
    ok("task", "add", "One")
    before = answer("task", "show", "1")

    assert "positions begin at 1" in refusal("task", "move", "1", "--column", "Ready", "--position", "0")
    assert "positions begin at 1" in refusal("task", "move", "1", "--project", "Shop", "--position", "-1")
    assert 'There is no column "Nowhere"' in refusal("task", "move", "1", "--column", "Nowhere")
    assert 'There is no column "5"' in refusal("task", "move", "1", "--column", "5"), "it is one of the other project"
    assert 'There is no project "Nowhere"' in refusal("task", "move", "1", "--project", "Nowhere")
    assert run("task", "move", "1").status == 2
    assert run("task", "move", "1", "--position", "9" * 30).status == 2
    assert answer("task", "show", "1") == before

    ok("task", "close", "1")
    assert "is closed; open it before moving it" in refusal("task", "move", "1", "--column", "Ready")


@pytest.mark.usefixtures("project")
def test_several_tasks_are_closed_and_opened_at_once(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    for title in ("One", "Two", "Three"):
        ok("task", "add", title)

    assert ok("task", "close", "1", "two") == 'Closed task #1 "One".\nClosed task #2 "Two".\n'
    again = answer("task", "close", "2", "3", "3")
    assert [(task["id"], task["is_active"], task["changed"]) for task in again["tasks"]] == [
        (2, 0, False),
        (3, 0, True),
    ]
    assert ok("task", "open", "1") == 'Opened task #1 "One".\n'
    assert ok("task", "open", "1") == 'Nothing changes: task #1 "One" is open already.\n'


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("action", ["close", "remove"])
def test_if_one_of_several_is_not_there_none_is_changed(
    ok: Callable[..., str], answer: Callable[..., Any], refusal: Callable[..., str], action: str
) -> None:
    ok("task", "add", "One")

    assert "There is no task #99" in refusal("task", action, "1", "99")
    assert answer("task", "show", "1")["is_active"] == 1


@pytest.mark.usefixtures("project")
def test_a_task_is_copied_within_its_project_and_into_another(
    ok: Callable[..., str], answer: Callable[..., Any]
) -> None:
    ok("project", "add", "Shop")
    ok("task", "add", "One", "--column", "Ready")

    assert ok("task", "duplicate", "One").startswith("Copied #1 as task #2 ")
    assert answer("task", "duplicate", "#1", "--project", "Shop")["project_name"] == "Shop"


@pytest.mark.usefixtures("project")
def test_removed_tasks_are_gone(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    ok("task", "add", "One")
    ok("task", "add", "Two")

    removed = answer("task", "remove", "1", "Two")

    assert [task["title"] for task in removed["tasks"]] == ["One", "Two"]
    assert answer("task", "list", "--status", "all") == []


@pytest.mark.usefixtures("project")
def test_the_author_of_a_change_is_the_user_of_the_settings(
    ok: Callable[..., str], refusal: Callable[..., str], tmp_path: Any, database_file: Any
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('user = "mira"\n')
    ok("task", "add", "One", "--config", str(config))
    ok("--config", str(config), "task", "close", "1")

    config.write_text('user = "noone"\n')

    assert 'There is no user "noone" on this board' in refusal("task", "add", "Two", "--config", str(config))
    assert events(database_file) == ["task.create by mira", "task.close by mira"]


def test_a_user_can_add_themselves(ok: Callable[..., str], tmp_path: Any) -> None:
    config = tmp_path / "config.toml"
    config.write_text('user = "mira"\n')

    ok("user", "add", "mira", "--config", str(config))
    ok("task", "add", "One", "--config", str(config))


def test_the_first_user_can_have_another_name(ok: Callable[..., str], database_file: Any) -> None:
    ok("user", "edit", "admin", "--username", "boss")
    ok("task", "add", "One")

    assert events(database_file) == ["task.create by boss"]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--due", "soon"], '"soon" is no date; try'),
        (["--due", "2027-02-30"], "is no day of the calendar"),
        (["--assignee", "nobody-here"], 'There is no user "nobody-here"'),
        (["--category", "Feature"], 'There is no category "Feature"'),
        (["--column", "Nowhere"], 'There is no column "Nowhere". There is: Backlog'),
        (["--swimlane", "Nowhere"], 'There is no swimlane "Nowhere"'),
        (["--project", "Nowhere"], 'There is no project "Nowhere"'),
        (["--color", "beige"], "There is no colour 'beige'"),
        (["--position", "0"], "positions begin at 1"),
        (["--tag", "x" * 256], "at most 255"),
    ],
)
def test_a_bad_value_is_refused_in_one_line(
    refusal: Callable[..., str], answer: Callable[..., Any], options: list[str], complaint: str
) -> None:
    assert complaint in refusal("task", "add", "One", *options)
    assert answer("task", "list") == []


@pytest.mark.parametrize(("title", "complaint"), [("", "is empty"), (" \n", "is empty"), ("x" * 201, "at most 200")])
def test_a_bad_title_is_refused_and_makes_no_project(
    refusal: Callable[..., str], answer: Callable[..., Any], title: str, complaint: str
) -> None:
    assert complaint in refusal("task", "add", title)
    assert answer("project", "list") == []


def test_a_due_date_in_words_is_local_midnight(answer: Callable[..., Any]) -> None:
    due = answer("task", "add", "One", "--due", "+3d")["date_due"]

    clock = time.localtime(due)
    assert (clock.tm_hour, clock.tm_min, clock.tm_sec) == (0, 0, 0)
    days = date(*clock[:3]) - date(*time.localtime()[:3])
    assert days.days == 3


def test_a_title_may_begin_with_a_dash_after_two_dashes(answer: Callable[..., Any], run: Run) -> None:
    assert run("task", "add", "--json", "--", "-1 degrees").document["title"] == "-1 degrees"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        ("\u202eabc", "\\u202eabc"),
        ("a\x00b", "a\ufffdb"),
        ("👩‍👩‍👧 e\u0301", "👩‍👩‍👧 e\u0301"),
    ],
)
def test_any_text_is_shown_as_text(ok: Callable[..., str], title: str, shown: str) -> None:
    ok("task", "add", title)

    for printed in (ok("task", "list"), ok("task", "show", "1"), ok("task", "close", "1")):
        assert shown in printed
        assert not set("\x1b\x00\u202e") & set(printed)


def test_json_never_holds_a_character_that_a_terminal_obeys(run: Run) -> None:
    ran = run("task", "add", "a\u202eb", "--description", "\x9b31m\x7f", "--json")

    assert not set("\u202e\x9b\x7f\x1b") & set(ran.out)
    assert json.loads(ran.out)["title"] == "a\u202eb"


@pytest.mark.usefixtures("project")
def test_a_list_is_of_what_a_query_means(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    ok("task", "add", "Größe der Tabelle", "--tag", "ui", "--score", "5")
    ok("task", "add", "Login page", "--tag", "api")
    ok("task", "close", "1")

    def found(*words: str) -> list[int]:
        return [task["id"] for task in answer("task", "list", *words)]

    assert (found(), found("page", "login"), found("grosse")) == ([2], [2], [])
    assert found("status:all", "grosse") == found("--status", "closed", "score:3..8") == [1]
    assert found("status:all", "tag:ui", "tag:api") == [1, 2]


@pytest.mark.usefixtures("project")
def test_a_field_with_a_typo_is_an_error_that_names_the_field(refusal: Callable[..., str]) -> None:
    assert 'did you mean "assignee:"' in refusal("task", "list", "asignee:me")

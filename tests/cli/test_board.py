from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Run

NOUNS = ("project", "column", "swimlane", "category", "user")


@pytest.fixture(autouse=True)
def project(answer: Callable[..., Any]) -> Any:
    """Make a project, which is the first and so the one that is meant when none is named."""
    return answer("project", "add", "Website")


@pytest.mark.parametrize("noun", NOUNS)
def test_what_was_added_can_be_listed_edited_and_removed_by_name(answer: Callable[..., Any], noun: str) -> None:
    label = {"column": "title", "user": "username"}.get(noun, "name")

    added = answer(noun, "add", "First")
    changed = answer(noun, "edit", "first", f"--{label}", "Second")
    listed = answer(noun, "list")
    removed = answer(noun, "remove", "SECOND")

    assert added[label] == "First"
    assert (changed["id"], changed[label], changed["changed"]) == (added["id"], "Second", True)
    assert "Second" in [row[label] for row in listed]
    assert removed["removed"] is True
    assert "Second" not in [row[label] for row in answer(noun, "list")]


@pytest.mark.parametrize("noun", NOUNS)
def test_a_number_names_a_row_as_well(answer: Callable[..., Any], ok: Callable[..., str], noun: str) -> None:
    row_id = answer(noun, "add", "First")["id"]

    assert ok(noun, "remove", f"#{row_id}") == f'Removed {noun} #{row_id} "First".\n'


@pytest.mark.parametrize("noun", NOUNS)
def test_people_read_sentences_and_aligned_tables(ok: Callable[..., str], noun: str) -> None:
    added = ok(noun, "add", "A name")
    listed = ok(noun, "list").splitlines()

    assert added.startswith(f"Added {noun} #")
    assert added.endswith(' "A name".\n')
    assert listed[0].lstrip().startswith("ID")
    assert any("A name" in line for line in listed)
    assert all(line == line.rstrip() for line in listed)


@pytest.mark.parametrize("noun", NOUNS)
def test_an_edit_that_changes_nothing_says_so(ok: Callable[..., str], answer: Callable[..., Any], noun: str) -> None:
    label = {"column": "title", "user": "username"}.get(noun, "name")
    ok(noun, "add", "A name")

    assert "Nothing differs" in ok(noun, "edit", "a name", f"--{label}", "A name")
    assert answer(noun, "edit", "a name", f"--{label}", "A name")["changed"] is False


@pytest.mark.parametrize("noun", NOUNS)
def test_an_edit_without_anything_to_change_is_wrong_usage(run: Run, noun: str) -> None:
    ran = run(noun, "edit", "1")

    assert ran.status == 2
    assert "nothing to change was given" in ran.err


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("action", ["edit", "remove"])
def test_an_unknown_name_is_answered_by_those_there_are(refusal: Callable[..., str], noun: str, action: str) -> None:
    label = {"column": "title", "user": "username"}.get(noun, "name")
    options = [f"--{label}", "New"] if action == "edit" else []

    assert f'There is no {noun} "nowhere"' in refusal(noun, action, "nowhere", *options)
    assert f'There is no {noun} "999"' in refusal(noun, action, "999", *options)


@pytest.mark.parametrize("noun", NOUNS)
def test_a_bad_name_is_refused(refusal: Callable[..., str], noun: str) -> None:
    assert "is empty" in refusal(noun, "add", "  ")
    assert "at most 255" in refusal(noun, "add", "x" * 256)


def test_every_field_of_a_column_can_be_given(answer: Callable[..., Any]) -> None:
    added = answer("column", "add", "Review", "--limit", "3", "--description", "Two pairs of eyes")
    moved = answer("column", "edit", "Review", "--position", "1", "--limit", "0")

    assert (added["task_limit"], added["description"], added["position"]) == (3, "Two pairs of eyes", 5)
    assert (moved["task_limit"], moved["position"]) == (0, 1)


def test_every_field_of_a_swimlane_can_be_given(answer: Callable[..., Any]) -> None:
    added = answer("swimlane", "add", "Urgent", "--limit", "2", "--description", "First")
    hidden = answer("swimlane", "edit", "Urgent", "--active", "no")

    assert (added["task_limit"], added["description"]) == (2, "First")
    assert hidden["is_active"] == 0
    assert [row["name"] for row in answer("swimlane", "list")] == ["Default swimlane"]
    assert [row["name"] for row in answer("swimlane", "list", "--all")] == ["Default swimlane", "Urgent"]


def test_every_field_of_a_category_can_be_given(answer: Callable[..., Any]) -> None:
    added = answer("category", "add", "Bug", "--color", "red", "--description", "Broken")
    cleared = answer("category", "edit", "Bug", "--color", "", "--description", "")

    assert (added["color_id"], added["description"]) == ("red", "Broken")
    assert (cleared["color_id"], cleared["description"]) == (None, None)


def test_every_field_of_a_project_can_be_given(answer: Callable[..., Any]) -> None:
    added = answer("project", "add", "Shop", "--identifier", "shop", "--owner", "admin", "--description", "Sells")
    moved = answer("project", "edit", "Shop", "--position", "1", "--owner", "none")

    assert (added["identifier"], added["owner_id"], added["description"]) == ("SHOP", 1, "Sells")
    assert (moved["position"], moved["owner_id"]) == (1, 0)


def test_every_field_of_a_user_can_be_given_and_no_secret_is_printed(answer: Callable[..., Any]) -> None:
    added = answer("user", "add", "mira", "--name", "Mira", "--email", "mira@example.org", "--role", "app-manager")

    assert (added["name"], added["email"], added["role"]) == ("Mira", "mira@example.org", "app-manager")
    assert not {"password", "token"} & set(added)


def test_rows_of_another_project_are_named_with_it(answer: Callable[..., Any], refusal: Callable[..., str]) -> None:
    answer("project", "add", "Shop")
    added = answer("column", "add", "Till", "--project", "shop")

    assert added["project_id"] == 2
    assert 'There is no column "Till"' in refusal("column", "remove", "Till")
    assert answer("column", "edit", "Till", "--project", "2", "--title", "Desk")["title"] == "Desk"
    assert answer("column", "remove", str(added["id"]))["removed"] is True


def test_what_holds_tasks_is_not_removed(ok: Callable[..., str], refusal: Callable[..., str]) -> None:
    ok("category", "add", "Bug")
    ok("task", "add", "Fix it", "--category", "bug", "--assignee", "admin")

    assert 'The column "Backlog" still holds 1 task' in refusal("column", "remove", "Backlog")
    assert 'The category "Bug" still holds 1 task' in refusal("category", "remove", "Bug")
    assert 'The project "Website" still holds 1 task' in refusal("project", "remove", "Website")


def test_without_any_project_the_command_that_makes_one_is_named(
    ok: Callable[..., str], refusal: Callable[..., str]
) -> None:
    ok("project", "remove", "Website")

    assert "kbtui project add" in refusal("column", "list")


def test_an_empty_list_is_a_sentence_or_an_empty_document(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    assert ok("category", "list") == "There are no categories.\n"
    assert answer("category", "list") == []

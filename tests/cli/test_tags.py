from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def project(ok: Callable[..., str]) -> None:
    ok("project", "add", "Website")
    ok("project", "add", "Shop")


def names(listed: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in listed]


def test_tags_are_added_listed_edited_and_removed(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    assert ok("tag", "add", "backend", "--color", "blue") == 'Added tag #1 "backend".\n'
    ok("tag", "add", "login")

    edited = answer("tag", "edit", "BACKEND", "--name", "server", "--position", "2", "--color", "")

    assert (edited["name"], edited["position"], edited["color_id"], edited["changed"]) == ("server", 2, None, True)
    assert names(answer("tag", "list", "--project", "website")) == ["login", "server"]
    assert names(answer("tag", "list", "--project", "Shop")) == []
    assert ok("tag", "remove", "login") == 'Removed tag #2 "login".\n'
    assert ok("tag", "list", "--project", "Shop") == "There are no tags.\n"


def test_a_tag_can_be_shared_by_all_projects(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    ok("tag", "add", "urgent", "--project", "all")
    ok("tag", "add", "own", "--project", "Shop")

    assert names(answer("tag", "list", "--project", "Shop")) == ["own", "urgent"]
    assert names(answer("tag", "list", "--project", "ALL")) == ["urgent"]


def test_a_tag_in_use_is_kept_and_a_twin_is_refused(refusal: Callable[..., str], ok: Callable[..., str]) -> None:
    ok("task", "add", "One", "--tag", "backend")

    assert 'The tag "backend" is on 1 task; take it off first.' in refusal("tag", "remove", "backend")
    assert 'There is already a tag "backend"' in refusal("tag", "add", "Backend")
    assert "The tag name is empty" in refusal("tag", "add", " ")
    assert 'There is no tag "x"' in refusal("tag", "edit", "x", "--name", "y")
    assert "There is no colour 'beige'" in refusal("tag", "edit", "backend", "--color", "beige")

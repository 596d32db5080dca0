"""``kbtui timezone``, and who may see a project."""

from collections.abc import Callable
from typing import Any


def test_the_boards_time_zone_is_shown_and_set(ok: Callable[..., str], refusal: Callable[..., str]) -> None:
    assert ok("timezone", "Asia/Tokyo").strip() == "Asia/Tokyo"
    assert ok("timezone").strip() == "Asia/Tokyo"
    assert 'There is no time zone "Mars"' in refusal("timezone", "Mars")
    assert ok("timezone", "computer").strip() != "Asia/Tokyo"


def test_a_project_is_opened_or_made_members_only(answer: Callable[..., Any]) -> None:
    assert answer("project", "add", "Team", "--members-only")["is_open"] == 0
    assert answer("project", "edit", "Team", "--open")["is_open"] == 1
    assert answer("project", "edit", "Team", "--members-only")["is_open"] == 0

"""What the recordings of Kanboard 1.2 do not show of the nested format."""

import json
from typing import Any

import pytest

from kbtui.core.events.log import WEBHOOK_EVENTS
from kbtui.webhooks.formats import Facts
from kbtui.webhooks.formats.kanboard_1_2 import RENDERINGS, render
from tests.webhooks.formats.recorded_facts import FILE, MOVE, SUBTASK, TASK, make_facts


def event_data(name: str, facts: Facts) -> dict[str, Any]:
    """Render an event and read its data back."""
    data: dict[str, Any] = json.loads(render(name, facts, "admin").body)["event_data"]
    return data


def test_all_documented_events_and_the_removal_of_a_file_are_rendered() -> None:
    assert set(RENDERINGS) == {*WEBHOOK_EVENTS, "file.destroy"}


@pytest.mark.parametrize("name", ["task.remove", "task.restore", "task.file.create", "column.change", "nothing"])
def test_an_event_that_the_format_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        render(name, make_facts(file=FILE), None)


def test_headers_are_those_recorded_in_their_order() -> None:
    payload = render("task.close", make_facts(), "admin")

    assert payload.headers == (("User-Agent", "Kanboard"), ("Accept", "*/*"), ("Content-type", "application/json"))


@pytest.mark.parametrize("author", ["bob", None])
def test_the_author_comes_last_and_is_null_when_nobody_did_it(author: str | None) -> None:
    body = json.loads(render("task.open", make_facts(), author).body)

    assert list(body) == ["event_name", "event_data", "event_author"]
    assert body["event_author"] == author


@pytest.mark.parametrize(("name", "told"), [("file.create", "task.file.create"), ("file.destroy", "task.file.destroy")])
def test_file_events_are_called_differently_here(name: str, told: str) -> None:
    body = json.loads(render(name, make_facts(file=FILE), None).body)

    assert body["event_name"] == told


def test_a_file_has_the_same_path_when_it_is_created_and_destroyed_and_another_than_other_files() -> None:
    created = event_data("file.create", make_facts(file=FILE))["file"]["path"]
    destroyed = event_data("file.destroy", make_facts(file=FILE))["file"]["path"]
    others = {event_data("file.create", make_facts(file=FILE | {"id": number}))["file"]["path"] for number in (2, 3)}

    assert created == destroyed
    assert created.startswith("tasks/1/")
    assert len(others | {created}) == 3


@pytest.mark.parametrize(("status", "name"), [(0, "Todo"), (1, "In progress"), (2, "Done")])
def test_a_subtask_tells_its_status_by_name_too(status: int, name: str) -> None:
    data = event_data("subtask.create", make_facts(subtask=SUBTASK | {"status": status}))

    assert data["subtask"]["status_name"] == name


@pytest.mark.parametrize("name", ["task.update", "task.assignee_change", "task.move.project"])
def test_the_changes_of_a_task_are_told_as_numbers_and_lists(name: str) -> None:
    facts = make_facts(changes={"owner_id": 2, "time_spent": 2.0, "date_started": None, "tags": ["a", "b"]}, before={})

    data = event_data(name, facts)

    assert list(data) == ["task_id", "task", "changes"]
    assert json.dumps(data["changes"]) == '{"owner_id": 2, "time_spent": 2, "date_started": null, "tags": ["a", "b"]}'


def test_nothing_changed_is_an_empty_array_as_php_has_it() -> None:
    facts = make_facts(subtask=SUBTASK, changes={}, before={}, toggled=False)

    assert event_data("subtask.update", facts)["changes"] == []


def test_whole_hours_are_ints_and_others_are_not() -> None:
    data = event_data("task.close", make_facts(task=TASK | {"time_spent": 2.0, "time_estimated": 1.5}))

    assert repr(data["task"]["time_spent"]) == "2"
    assert repr(data["task"]["time_estimated"]) == "1.5"


@pytest.mark.parametrize(("moved_before", "told"), [(1431990000, True), (TASK["date_moved"], False)])
def test_a_move_tells_the_earlier_date_among_its_changes_when_the_row_has_another(
    moved_before: int, told: bool
) -> None:
    facts = make_facts(move=MOVE | {"date_moved": moved_before, "src_column_id": 1})

    data = event_data("task.move.column", facts)

    expected = {"src_column_id": 1, "dst_column_id": 2} | ({"date_moved": moved_before} if told else {})
    assert data["changes"] == expected
    assert data["date_moved"] == moved_before


def test_the_default_swimlane_has_its_real_id() -> None:
    data = event_data("task.move.column", make_facts(move=MOVE))

    assert data["swimlane_id"] == data["task"]["swimlane_id"] == TASK["swimlane_id"]

"""What the recordings of Kanboard 1.0 do not show of the flat format."""

import json
from typing import Any

import pytest

from kbtui.core.events.log import WEBHOOK_EVENTS
from kbtui.core.values.task_columns import ROW_COLUMNS
from kbtui.webhooks.formats import Facts
from kbtui.webhooks.formats.kanboard_1_0 import RENDERINGS, render
from tests.webhooks.formats.recorded_facts import COMMENT, DEFAULT_SWIMLANE_ID, FILE, MOVE, SUBTASK, TASK, make_facts


def event_data(name: str, facts: Facts) -> dict[str, Any]:
    """Render an event and read its data back."""
    body = json.loads(render(name, facts, "admin").body)
    assert list(body) == ["event_name", "event_data"]
    assert body["event_name"] == name
    data: dict[str, Any] = body["event_data"]
    return data


def update_of(**changes: Any) -> Facts:
    """Return the facts of an edit that changed these fields."""
    task = TASK | {field: value for field, value in changes.items() if field in TASK}
    return make_facts(task=task, changes=changes, before={field: TASK.get(field) for field in changes})


def test_all_eighteen_documented_events_are_rendered_and_no_other() -> None:
    assert set(RENDERINGS) == set(WEBHOOK_EVENTS)


@pytest.mark.parametrize("name", ["file.destroy", "task.file.create", "task.remove", "project.change", "nothing"])
def test_an_event_that_the_format_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        render(name, make_facts(file=FILE), None)


def test_headers_are_those_of_the_documentation_in_its_order() -> None:
    payload = render("task.close", make_facts(), "admin")

    assert payload.headers == (
        ("User-Agent", "Kanboard Webhook"),
        ("Content-Type", "application/json"),
        ("Connection", "close"),
    )


def test_a_new_task_tells_a_chosen_field_as_a_string_and_an_unset_one_as_zero() -> None:
    chosen = {
        "owner_id": 2,
        "category_id": 3,
        "swimlane_id": 4,
        "score": 5,
        "time_estimated": 1.5,
        "date_due": 1900000000,
    }

    data = event_data("task.create", make_facts(task=TASK | chosen))
    unset = event_data("task.create", make_facts(task=TASK | {"time_estimated": None, "score": None}))

    assert {field: data[field] for field in chosen} == {
        "owner_id": "2",
        "category_id": "3",
        "swimlane_id": "4",
        "score": "5",
        "time_estimated": "1.5",
        "date_due": 1900000000,
    }
    assert {field: unset[field] for field in chosen} == dict.fromkeys(chosen, 0)
    assert list(data) == list(unset)


def test_an_opened_task_has_its_id_first_and_was_completed_at_zero() -> None:
    task = TASK | {"is_active": 1, "date_completed": 0}

    data = event_data("task.open", make_facts(task=task))

    assert list(data) == ["task_id", *ROW_COLUMNS]
    assert data["is_active"] == "1"
    assert data["date_completed"] == "0"
    assert all(value is None or isinstance(value, str) for value in data.values())


def test_a_closed_task_has_only_strings_and_nulls() -> None:
    task = TASK | {"is_active": 0, "date_completed": 1431991999, "time_spent": 2.0, "time_estimated": 2.5}

    data = event_data("task.close", make_facts(task=task))

    assert (data["is_active"], data["date_completed"]) == ("0", "1431991999")
    assert (data["time_spent"], data["time_estimated"], data["swimlane_id"]) == ("2", "2.5", "0")
    assert data["date_started"] is data["recurrence_parent"] is None
    assert all(value is None or isinstance(value, str) for value in data.values())


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title", "New", "New"),
        ("title", "0", "0"),
        ("description", "", ""),
        ("reference", None, ""),
        ("color_id", "red", "red"),
        ("owner_id", 2, "2"),
        ("owner_id", 0, 0),
        ("category_id", 0, 0),
        ("swimlane_id", 5, "5"),
        ("swimlane_id", DEFAULT_SWIMLANE_ID, 0),
        ("score", 8, "8"),
        ("score", None, 0),
        ("time_estimated", 2.0, "2"),
        ("time_estimated", 0.1 + 0.2, "0.3"),
        ("time_spent", 0.0, 0),
        ("date_due", 1900000000, 1900000000),
        ("date_due", 0, 0),
        ("date_started", 1900000000, 1900000000),
        ("date_started", None, 0),
        ("recurrence_status", 1, "1"),
        ("recurrence_factor", 0, "0"),
    ],
)
def test_a_changed_field_is_told_as_the_form_submitted_it_in_the_row_and_among_the_changes(
    field: str, value: object, told: object
) -> None:
    data = event_data("task.update", update_of(**{field: value}))

    assert list(data) == [*ROW_COLUMNS, "task_id", "changes"]
    assert data["changes"] == {field: told}
    assert data[field] == told
    assert type(data[field]) is type(data["changes"][field]) is type(told)


def test_unchanged_zeros_of_an_update_are_strings_and_only_its_modification_is_an_int() -> None:
    data = event_data("task.update", update_of(title="New"))

    assert {field: value for field, value in data.items() if isinstance(value, int)} == {
        "date_modification": TASK["date_modification"]
    }
    assert (data["owner_id"], data["date_due"], data["score"]) == ("0", "0", "0")


def test_tags_stand_beside_the_other_changes() -> None:
    facts = update_of(score=3, tags=["urgent", "später"])

    data = event_data("task.update", facts)

    assert data["changes"] == {"score": "3", "tags": ["urgent", "später"]}
    assert list(data) == [*ROW_COLUMNS, "task_id", "changes"]


def test_removing_the_last_tag_is_told_as_an_empty_list() -> None:
    data = event_data("task.update", update_of(tags=[]))

    assert data["changes"] == {"tags": []}


def test_a_field_that_kanboard_1_0_did_not_know_is_told_among_the_changes_alone() -> None:
    data = event_data("task.update", update_of(priority=2))

    assert data["changes"] == {"priority": "2"}
    assert "priority" not in data


def test_an_assignee_change_tells_the_assignee_and_that_nobody_is_zero() -> None:
    assigned = event_data("task.assignee_change", update_of(owner_id=2))
    unassigned = event_data("task.assignee_change", update_of(owner_id=0))

    assert (assigned["owner_id"], assigned["changes"]) == ("2", {"owner_id": "2"})
    assert (unassigned["owner_id"], unassigned["changes"]) == (0, {"owner_id": 0})


def test_a_move_tells_when_the_task_had_moved_before_and_the_default_swimlane_as_zero() -> None:
    task = TASK | {"date_moved": 1431999999}

    data = event_data("task.move.swimlane", make_facts(task=task, move=MOVE | {"date_moved": 1431990000}))

    assert data["date_moved"] == "1431990000"
    assert data["swimlane_id"] == "0"


def test_a_move_to_another_project_tells_where_the_task_arrived_over_what_it_was() -> None:
    before = TASK | {"owner_id": 2, "category_id": 3, "column_id": 4, "position": 7, "is_active": 0, "score": 5}
    before |= {"swimlane_id": 9, "date_moved": 1431990000, "time_estimated": 2.5}
    after = before | {"project_id": 6, "column_id": 21, "position": 3, "is_active": 1, "owner_id": 0}
    after |= {"category_id": 13, "swimlane_id": DEFAULT_SWIMLANE_ID, "date_moved": 1431999999}
    facts = make_facts(task=after, task_before=before, changes={"project_id": 6}, before={"project_id": 1})

    data = event_data("task.move.project", facts)

    assert list(data) == [*ROW_COLUMNS, "task_id"]
    arrived = ("is_active", "project_id", "column_id", "position", "owner_id", "category_id", "swimlane_id", "task_id")
    assert [data[field] for field in arrived] == [1, "6", "21", 3, 0, "13", 0, "1"]
    kept = ("score", "date_moved", "time_estimated", "date_started", "date_modification")
    assert [data[field] for field in kept] == ["5", "1431990000", "2.5", None, str(TASK["date_modification"])]


def test_a_move_to_another_project_tells_an_assignee_and_a_swimlane_that_stay_as_strings() -> None:
    after = TASK | {"project_id": 6, "owner_id": 2, "category_id": 0, "swimlane_id": 8}

    data = event_data("task.move.project", make_facts(task=after, task_before=TASK | {"owner_id": 2}))

    assert (data["owner_id"], data["category_id"], data["swimlane_id"]) == ("2", 0, "8")


def test_a_new_subtask_without_assignee_and_estimate_tells_zeros() -> None:
    data = event_data("subtask.create", make_facts(subtask=SUBTASK))

    assert list(data.items()) == [
        ("id", 3),
        ("task_id", "1"),
        ("title", "Test"),
        ("user_id", 0),
        ("time_estimated", 0),
        ("position", 1),
    ]


def test_a_toggle_tells_whom_it_assigned_the_subtask_to() -> None:
    facts = make_facts(subtask=SUBTASK | {"status": 1, "user_id": 2}, before={}, toggled=True)

    assigned = event_data("subtask.update", facts | {"changes": {"status": 1, "user_id": 2}})
    unassigned = event_data("subtask.update", facts | {"changes": {"status": 1}})

    assert list(assigned.items()) == [("id", "3"), ("status", 1), ("task_id", "1"), ("user_id", 2)]
    assert list(unassigned.items()) == [("id", "3"), ("status", 1), ("task_id", "1")]


@pytest.mark.parametrize("changes", [{"title": "Edited"}, {"position": 1}, {"status": 2}])
def test_an_edit_of_a_subtask_tells_the_whole_form(changes: dict[str, Any]) -> None:
    subtask = SUBTASK | {"user_id": 2, "time_estimated": 1.5} | changes

    data = event_data("subtask.update", make_facts(subtask=subtask, changes=changes, before={}, toggled=False))

    assert list(data.items()) == [
        ("id", "3"),
        ("task_id", "1"),
        ("title", subtask["title"]),
        ("user_id", "2"),
        ("time_estimated", "1.5"),
        ("time_spent", 0),
    ]


def test_a_comment_of_nobody_has_a_zero_that_is_a_string() -> None:
    data = event_data("comment.create", make_facts(comment=COMMENT | {"user_id": 0}))

    assert data["user_id"] == "0"

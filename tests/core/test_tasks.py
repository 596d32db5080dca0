"""Tasks: create, edit, close, open."""

import math
import time
from typing import Any

import pytest

from kbtui.core.events import log
from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks import subtasks, tasks
from kbtui.core.values.colors import DEFAULT_COLOR
from kbtui.core.values.task_columns import ROW_COLUMNS
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import facts_after, last_event_id, names_after


def test_a_task_with_a_title_alone_stands_last_in_the_first_column_of_the_default_swimlane(project: int) -> None:
    started = int(time.time())
    tasks.create_task(project, "First")
    last = last_event_id()

    task_id = tasks.create_task(project, "  Write\tit\ndown ")

    task = tasks.get_task(task_id)
    assert task.title == "Write it down"
    assert task.column_id == columns.list_columns(project)[0].id
    assert task.swimlane_id == swimlanes.default_swimlane(project).id
    assert (task.position, task.color_id, task.is_active, task.creator_id) == (2, DEFAULT_COLOR, 1, 1)
    assert (task.date_due, task.date_started, task.date_completed) == (0, None, None)
    assert task.date_creation == task.date_modification == task.date_moved >= started
    assert names_after(last) == ["task.create"]


def test_a_task_has_kanboards_keys_in_its_order(project: int) -> None:
    task = tasks.get_task(tasks.create_task(project, "Task", tags=["b", "A"]))

    assert task._fields[:29] == ROW_COLUMNS
    assert len(task) == 43
    assert task.tags == ["A", "b"]


def test_a_task_can_be_given_everything_at_once(project: int) -> None:
    ready, lane = columns.list_columns(project)[1].id, swimlanes.add_swimlane(project, "Urgent")
    bug, bo = categories.add_category(project, "Bug"), users.add_user("bo")
    given: dict[str, Any] = {
        "description": "Two\nlines",
        "color_id": "red",
        "owner_id": bo,
        "category_id": bug,
        "score": 5,
        "priority": 2,
        "date_due": 1896085800,
        "date_started": 1861952400,
        "time_estimated": 3.0,
        "time_spent": 1.5,
        "reference": "REF-1",
    }

    task = tasks.get_task(tasks.create_task(project, "Full", column_id=ready, swimlane_id=lane, **given))

    assert {name: getattr(task, name) for name in given} == given
    assert isinstance(task.time_estimated, int)
    assert (task.category_name, task.assignee_username, task.swimlane_name) == ("Bug", "bo", "Urgent")


def test_a_new_task_has_the_default_priority_of_its_project(project: int) -> None:
    projects.update_project(project, priority_default=2)

    assert tasks.get_task(tasks.create_task(project, "Task")).priority == 2
    assert tasks.get_task(tasks.create_task(project, "Task", priority=0)).priority == 0


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"title": ""}, InvalidError, "The title is empty"),
        ({"title": " \n\t"}, InvalidError, "The title is empty"),
        ({"title": "x" * 201}, InvalidError, "The title is 201 characters long; it can have at most 200"),
        ({"reference": "x" * 256}, InvalidError, "The reference is 256 characters long"),
        ({"owner_id": 99}, NotFoundError, "There is no user 99"),
        ({"category_id": 99}, NotFoundError, "There is no category 99"),
        ({"score": 1 << 60}, InvalidError, "is too large for the score"),
        ({"score": 10**30}, InvalidError, "is too large for the score"),
        ({"time_spent": math.nan}, InvalidError, "is too large for the time spent"),
        ({"time_spent": math.inf}, InvalidError, "is too large for the time spent"),
        ({"time_estimated": -1}, InvalidError, "The time estimated cannot be negative"),
        ({"date_due": -1}, InvalidError, "The date due cannot be negative"),
        ({"tags": ["x" * 256]}, InvalidError, "The tag is 256 characters long"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words_and_changes_nothing(
    project: int, fields: dict[str, Any], error: type[Exception], message: str
) -> None:
    task_id = tasks.create_task(project, "Task")
    before, last = tasks.get_task(task_id), last_event_id()

    with pytest.raises(error, match=message):
        tasks.update_task(task_id, **fields)
    with pytest.raises(error, match=message):
        tasks.create_task(project, **{"title": "Task", **fields})

    assert tasks.get_task(task_id) == before
    assert (last_event_id(), len(tasks.list_tasks(project))) == (last, 1)


def test_a_place_that_is_not_there_is_refused(project: int) -> None:
    other = projects.create_project("Other")
    foreign_column, foreign_lane = columns.list_columns(other)[0].id, swimlanes.default_swimlane(other).id

    for error, message, fields in (
        (NotFoundError, "There is no project 99", {"project_id": 99}),
        (NotFoundError, "There is no column 99", {"column_id": 99}),
        (NotFoundError, "There is no swimlane 99", {"swimlane_id": 99}),
        (InvalidError, "column .* belongs to another project", {"column_id": foreign_column}),
        (InvalidError, "swimlane .* belongs to another project", {"swimlane_id": foreign_lane}),
        (InvalidError, "Position 0 is not possible; positions begin at 1", {"position": 0}),
    ):
        arguments: Any = {"project_id": project, "title": "Task", **fields}
        with pytest.raises(error, match=message):
            tasks.create_task(**arguments)

    assert tasks.list_tasks() == []


@pytest.mark.parametrize(
    "title", ["[bold]x[/]", "\x1b[31mred\x1b[0m", "a\0b", "עברית", "👩‍👩‍👧", "日本", "é̀̂", "x" * 200]
)
def test_any_text_is_kept_as_text_without_control_characters(project: int, title: str) -> None:
    kept = tasks.get_task(tasks.create_task(project, title)).title

    assert kept == title.replace("\x1b", "�").replace("\0", "�")


def test_an_edit_says_what_changed_from_what_to_what(project: int) -> None:
    task_id = tasks.create_task(project, "Task", score=3)
    sql.execute("UPDATE tasks SET date_modification = 1")
    last = last_event_id()

    assert tasks.update_task(task_id, title="Other", score=3, owner_id=1, tags=["ui"])

    ((name, facts),) = facts_after(last)
    assert name == "task.update"
    assert facts["changes"] == {"title": "Other", "owner_id": 1, "tags": ["ui"]}
    assert facts["before"] == {"title": "Task", "owner_id": 0, "tags": []}
    assert facts["task"]["title"] == "Other"
    assert facts["tags"] == ["ui"]
    assert facts["task"]["date_modification"] > 1


def test_an_edit_of_the_assignee_alone_is_an_event_of_its_own(project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    last = last_event_id()

    tasks.update_task(task_id, title="Task", owner_id=1)

    ((name, facts),) = facts_after(last)
    assert (name, facts["changes"], facts["before"]) == ("task.assignee_change", {"owner_id": 1}, {"owner_id": 0})


def test_an_assignee_with_another_field_or_tags_is_an_update(project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    last = last_event_id()

    tasks.update_task(task_id, owner_id=1, score=1)
    tasks.update_task(task_id, owner_id=0, tags=["ui"])

    assert names_after(last) == ["task.update", "task.update"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": " Task\n"},
        {"time_spent": 2},
        {"tags": ["UI", "ui", " "]},
        {"color_id": ""},
        {"description": "a\r\nb"},
        {"date_started": None},
    ],
)
def test_an_edit_that_changes_nothing_is_not_recorded(project: int, changes: dict[str, Any]) -> None:
    task_id = tasks.create_task(project, "Task", time_spent=2.0, tags=["ui"], description="a\nb")
    sql.execute("UPDATE tasks SET date_modification = 1")
    last = last_event_id()

    assert not tasks.update_task(task_id, **changes)

    assert last_event_id() == last
    assert tasks.get_task(task_id).date_modification == 1


def test_tags_alone_are_an_update(project: int) -> None:
    task_id = tasks.create_task(project, "Task", tags=["ui", "urgent"])
    last = last_event_id()

    assert tasks.update_task(task_id, tags=["urgent"])

    ((name, facts),) = facts_after(last)
    assert (name, facts["changes"], facts["before"]) == (
        "task.update",
        {"tags": ["urgent"]},
        {"tags": ["ui", "urgent"]},
    )


def test_closing_and_opening_are_recorded_once_and_keep_the_place(project: int) -> None:
    task_ids = [tasks.create_task(project, f"Task {number}") for number in range(3)]
    last = last_event_id()

    assert tasks.close_task(task_ids[1])
    assert not tasks.close_task(task_ids[1])
    assert tasks.get_task(task_ids[2]).position == 2
    closed = tasks.get_task(task_ids[1])
    assert tasks.open_task(task_ids[1])
    assert not tasks.open_task(task_ids[1])

    assert (closed.is_active, bool(closed.date_completed)) == (0, True)
    opened = tasks.get_task(task_ids[1])
    assert (opened.is_active, opened.date_completed, opened.position) == (1, 0, 2)
    assert names_after(last) == ["task.close", "task.open"]


def test_closing_a_task_makes_its_subtasks_done_silently(project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    subtask_id = subtasks.add_subtask(task_id, "Step")
    last = last_event_id()

    tasks.close_task(task_id)

    assert subtasks.get_subtask(subtask_id).status == subtasks.DONE
    assert names_after(last) == ["task.close"]


def test_a_task_reopened_as_if_it_had_not_been_closed_has_its_subtasks_as_they_were(project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    open_id, done_id = subtasks.add_subtask(task_id, "Open"), subtasks.add_subtask(task_id, "Done", status=2)
    tasks.close_task(task_id)
    last = last_event_id()

    assert tasks.reopen_task(task_id, {open_id: 0, done_id: 2})
    assert not tasks.reopen_task(task_id, {open_id: 2, done_id: 2})

    assert [subtask.status for subtask in subtasks.list_subtasks(task_id)] == [0, 2]
    assert names_after(last) == ["task.open"]


@pytest.mark.parametrize("task_id", [0, -1, 99, 10**30])
def test_an_unknown_task_is_refused_by_its_number(project: int, task_id: int) -> None:
    changes = (tasks.get_task, tasks.close_task, tasks.open_task, lambda each: tasks.update_task(each, title="x"))
    for change in changes:
        with pytest.raises((NotFoundError, InvalidError), match=f"There is no task #{task_id}|too large"):
            change(task_id)


def test_a_task_can_be_created_by_somebody_else_than_who_is_at_work(project: int) -> None:
    with log.authored_by(0):
        task_id = tasks.create_task(project, "Task", creator_id=1)

    assert tasks.get_task(task_id).creator_username == "admin"


def test_a_front_end_may_let_longer_titles_through(project: int) -> None:
    task_id = tasks.create_task(project, "x" * 65_535, title_limit=tasks.API_TITLE_LIMIT)

    assert len(tasks.get_task(task_id).title) == 65_535
    assert tasks.update_task(task_id, title="x" * 65_535, score=3)
    with pytest.raises(InvalidError, match="at most 200"):
        tasks.update_task(task_id, title="y" * 201)
    with pytest.raises(InvalidError, match="at most 65,535"):
        tasks.create_task(project, "x" * 65_536, title_limit=tasks.API_TITLE_LIMIT)

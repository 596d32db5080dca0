"""Every event as a sentence."""

import time
from dataclasses import replace
from typing import Any

import pytest

from kbtui.core.events import log
from kbtui.core.projects import categories, columns, projects, swimlanes, tags, users
from kbtui.core.tasks import comments, files, link_types, links, moves, removals, subtasks, tasks, transfers
from kbtui.core.views import activity

OPTIONAL = ("tags", "default_swimlane_id", "from", "before", "changes", "task_before", "toggled")
"""Facts that an event may lack, since an older kbtui did not know them yet."""


def sentences(**wanted: Any) -> list[str]:
    """Return the activity, oldest first."""
    return [activity.sentence(event) for event in reversed(activity.list_activity(**wanted))]


@pytest.fixture
def task(project: int) -> int:
    return tasks.create_task(project, "Task")


def last() -> str:
    return sentences(limit=1)[0]


def do_everything(project: int) -> None:
    """Cause every event there is."""
    other = projects.create_project("Shop")
    ready, lane = columns.list_columns(project)[1].id, swimlanes.add_swimlane(project, "Urgent")
    mika = users.add_user("mika", name="Mika")
    categories.add_category(project, "Bug")
    tags.add_tag(project, "ui")
    columns.add_column(project, "Shipped")
    link_types.add_link_type("depends on")
    first, second = (tasks.create_task(project, title) for title in ("First", "Second"))
    tasks.update_task(first, title="Uno", owner_id=mika)
    tasks.update_task(first, owner_id=0)
    moves.move_task(first, position=2)
    moves.move_task(first, column_id=ready)
    moves.move_task(first, swimlane_id=lane)
    tasks.close_task(first)
    tasks.open_task(first)
    subtask = subtasks.add_subtask(first, "Step")
    subtasks.toggle_subtask(subtask)
    subtasks.remove_subtask(subtask)
    comment = comments.add_comment(first, "Look\nhere")
    comments.update_comment(comment, "Look there")
    comments.remove_comment(comment)
    files.remove_file(files.add_file(first, "notes.txt", b"x"))
    links.remove_task_link(links.add_task_link(first, second, 2))
    transfers.move_task_to_project(first, other)
    removals.restore_task(removals.remove_task(first))


def test_every_event_is_told(project: int) -> None:
    do_everything(project)

    assert {event.name for event in activity.list_activity(limit=1000)} == set(log.EVENTS)
    assert sentences() == [
        "admin added the project “Website”",
        "admin added the project “Shop”",
        "admin added the swimlane “Urgent”",
        "admin added the user “mika”",
        "admin added the category “Bug”",
        "admin added the tag “ui”",
        "admin added the column “Shipped”",
        "admin added the link type “depends on”",
        "admin created #1 “First” in Backlog",
        "admin created #2 “Second” in Backlog",
        "admin edited #1 “Uno”: title was “First”; assignee from none to Mika",
        "admin took the assignee off #1 “Uno”",
        "admin moved #1 “Uno” from position 1 to 2",
        "admin moved #1 “Uno” from Backlog to Ready",
        "admin moved #1 “Uno” from Default swimlane to Urgent",
        "admin closed #1 “Uno”",
        "admin opened #1 “Uno” again",
        "admin added the subtask “Step” of #1 “Uno”",
        "admin set the subtask “Step” of #1 “Uno” to In progress: assigned to admin",
        "admin removed the subtask “Step” of #1 “Uno”",
        "admin commented on #1 “Uno”: Look",
        "admin edited a comment on #1 “Uno”: Look there",
        "admin removed a comment on #1 “Uno”: Look there",
        "admin attached notes.txt to #1 “Uno”",
        "admin removed notes.txt from #1 “Uno”",
        "admin linked: #1 “Uno” blocks #2",
        "admin linked: #2 “Second” is blocked by #1",
        "admin unlinked: #1 “Uno” blocks #2",
        "admin moved #1 “Uno” from Website to Shop",
        "admin removed #1 “Uno”",
        "admin brought #1 “Uno” back",
    ]


def test_no_sentence_needs_a_fact_that_may_be_missing(project: int) -> None:
    do_everything(project)

    for event in activity.list_activity(limit=1000):
        for missing in (*((name,) for name in OPTIONAL), OPTIONAL):
            facts = {name: fact for name, fact in event.facts.items() if name not in missing}
            assert activity.sentence(replace(event, facts=facts, author=None)).startswith("Somebody ")


DUE = int(time.mktime((2027, 1, 31, 0, 0, 0, 0, 0, -1)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "Other"}, "title was “Task”"),
        ({"description": "More"}, "description"),
        ({"color_id": "blue"}, "colour from yellow to blue"),
        ({"owner_id": 1, "score": 5}, "assignee from none to admin; score from none to 5"),
        ({"category_id": 1}, "category from none to Bug"),
        ({"score": 3}, "score from none to 3"),
        ({"priority": 2}, "priority from 0 to 2"),
        ({"date_due": DUE}, "due date from none to 2027-01-31"),
        ({"date_started": DUE + 5400}, "start date from none to 2027-01-31 01:30"),
        ({"time_estimated": 2.5}, "estimate from none to 2.5 h"),
        ({"time_spent": 1}, "time spent from none to 1 h"),
        ({"reference": "REF-1"}, "reference from none to REF-1"),
        ({"tags": ["ui", "x"]}, "tags from none to ui, x"),
        ({"recurrence_status": 1, "recurrence_trigger": 2, "recurrence_factor": 3}, "repeats when it is closed"),
        ({"recurrence_timeframe": 1, "recurrence_basedate": 1}, "no longer repeats"),
    ],
)
def test_every_field_that_an_edit_changes_is_told(task: int, project: int, changes: Any, words: str) -> None:
    categories.add_category(project, "Bug")

    tasks.update_task(task, **changes)

    assert last() == f"admin edited #1 “{changes.get('title', 'Task')}”: {words}"


def test_every_field_of_a_task_has_a_test_above() -> None:
    told = {name for case in _cases() for name in case}

    assert told == set(tasks.TaskChanges.__annotations__)


def _cases() -> list[dict[str, Any]]:
    [mark] = test_every_field_that_an_edit_changes_is_told.pytestmark
    return [changes for changes, _ in mark.args[1]]


def test_what_was_there_before_is_told_by_name(project: int, task: int) -> None:
    categories.add_category(project, "Bug")
    categories.add_category(project, "Chore")
    tasks.update_task(task, owner_id=users.add_user("mika", name="Mika"), category_id=1, tags=["x"])

    tasks.update_task(task, owner_id=1, category_id=2, tags=[], date_due=0)

    assert last().split(": ")[1] == "assignee from Mika to admin; category from Bug to Chore; tags from x to none"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "Other"}, "edited the subtask “Other” of #1 “Task”: title was “Step”"),
        ({"status": 2}, "set the subtask “Step” of #1 “Task” to Done"),
        ({"user_id": 1}, "edited the subtask “Step” of #1 “Task”: assigned to admin"),
        ({"time_estimated": 2}, "edited the subtask “Step” of #1 “Task”: estimate from none to 2 h"),
        ({"time_spent": 0.5}, "edited the subtask “Step” of #1 “Task”: time spent from none to 0.5 h"),
        ({"position": 2}, "moved the subtask “Step” of #1 “Task” to position 2"),
        (
            {"status": 1, "time_spent": 1, "position": 2},
            "set the subtask “Step” of #1 “Task” to In progress: time spent from none to 1 h",
        ),
    ],
)
def test_every_field_of_a_subtask_that_changes_is_told(task: int, changes: Any, words: str) -> None:
    subtask_id = subtasks.add_subtask(task, "Step")
    subtasks.add_subtask(task, "Second")

    subtasks.update_subtask(subtask_id, **changes)

    assert last() == f"admin {words}"


def test_a_move_of_swimlane_and_column_is_told_once(project: int, task: int) -> None:
    lane = swimlanes.add_swimlane(project, "Urgent")

    moves.move_task(task, column_id=columns.list_columns(project)[2].id, swimlane_id=lane)

    assert sentences(kinds=["moves"]) == [
        "admin moved #1 “Task” from Default swimlane to Urgent, Work in progress",
    ]


def test_a_long_comment_is_cut(task: int) -> None:
    comments.add_comment(task, "x" * 81)

    assert last() == f"admin commented on #1 “Task”: {'x' * 79}…"


def test_it_goes_on_where_an_earlier_call_ended(project: int) -> None:
    for number in range(5):
        tasks.create_task(project, f"Task {number}")

    first = activity.list_activity(limit=3)
    second = activity.list_activity(limit=3, before_id=first[-1].id)

    assert [event.facts["task"]["id"] for event in first] == [5, 4, 3]
    assert [event.name for event in second] == ["task.create", "task.create", "project.change"]


def test_it_is_asked_for_by_author_task_project_and_kind(project: int, task: int) -> None:
    other = tasks.create_task(projects.create_project("Shop"), "Other")
    with log.authored_by(users.add_user("mika")):
        comments.add_comment(other, "Look")

    assert len(sentences(author="mika")) == 1
    assert len(sentences(task_id=other)) == 2
    assert len(sentences(task_id=other, kinds=["tasks"])) == 1
    assert sentences(project_id=project) == ["admin added the project “Website”", "admin created #1 “Task” in Backlog"]


def test_the_kinds_are_all_events_each_once() -> None:
    names = [name for kind in activity.KINDS.values() for name in kind]

    assert sorted(names) == sorted(log.EVENTS)

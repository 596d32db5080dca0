"""Tasks that go to another project, and copies of tasks."""

import pytest

from kbtui.core.projects import categories, columns, members, projects, swimlanes, users
from kbtui.core.tasks import links, subtasks, tasks
from kbtui.core.tasks.transfers import duplicate_task, move_task_to_project, plan_transfer
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import facts_after, last_event_id, names_after


@pytest.fixture
def other(project: int) -> int:
    """Create a second project."""
    return projects.create_project("Other")


def test_a_task_lands_last_in_the_first_column_and_the_default_swimlane(project: int, other: int) -> None:
    tasks.create_task(other, "There already")
    task_id = tasks.create_task(project, "Task", column_id=columns.list_columns(project)[2].id)
    before, last = tasks.get_task(task_id), last_event_id()

    assert move_task_to_project(task_id, other)

    task = tasks.get_task(task_id)
    assert (task.project_id, task.position) == (other, 2)
    assert task.column_id == columns.list_columns(other)[0].id
    assert task.swimlane_id == swimlanes.default_swimlane(other).id
    ((name, facts),) = facts_after(last)
    assert name == "task.move.project"
    assert facts["task_before"] == {key: value for key, value in before._asdict().items() if key != "tags"}
    moved = ("project_id", "column_id", "swimlane_id", "position")
    assert facts["changes"] == {key: getattr(task, key) for key in moved}
    assert facts["before"] == {key: getattr(before, key) for key in moved}


def test_swimlane_category_and_tags_are_those_of_the_same_name(project: int, other: int) -> None:
    lane, lane_there = swimlanes.add_swimlane(project, "Urgent"), swimlanes.add_swimlane(other, "urgent")
    bug, bug_there = categories.add_category(project, "Bug"), categories.add_category(other, "BUG")
    task_id = tasks.create_task(project, "Task", swimlane_id=lane, category_id=bug, tags=["ui"])

    move_task_to_project(task_id, other)

    task = tasks.get_task(task_id)
    assert (task.swimlane_id, task.category_id, task.tags) == (lane_there, bug_there, ["ui"])
    assert sql.fetch_all("SELECT project_id FROM tags WHERE name = 'ui' ORDER BY project_id") == [
        (project,),
        (other,),
    ]


def test_a_task_never_lands_in_a_swimlane_that_is_not_shown(project: int, other: int) -> None:
    here, there = swimlanes.add_swimlane(project, "Support"), swimlanes.add_swimlane(other, "Support")
    swimlanes.update_swimlane(there, is_active=0)
    task_id = tasks.create_task(project, "Task", swimlane_id=here)

    landed = plan_transfer(task_id, other)

    assert landed.cell.swimlane_id == swimlanes.default_swimlane(other).id


def test_what_has_no_counterpart_is_left_behind(project: int, other: int) -> None:
    lane, bug = swimlanes.add_swimlane(project, "Urgent"), categories.add_category(project, "Bug")
    task_id = tasks.create_task(project, "Task", swimlane_id=lane, category_id=bug)

    move_task_to_project(task_id, other)

    task = tasks.get_task(task_id)
    assert (task.swimlane_id, task.category_id) == (swimlanes.default_swimlane(other).id, 0)


def test_only_a_member_stays_assigned(project: int, other: int) -> None:
    bo = users.add_user("bo")
    members.add_member(other, bo)
    with_bo, with_admin = tasks.create_task(project, "A", owner_id=bo), tasks.create_task(project, "B", owner_id=1)

    move_task_to_project(with_bo, other)
    move_task_to_project(with_admin, other)

    assert (tasks.get_task(with_bo).owner_id, tasks.get_task(with_admin).owner_id) == (bo, 0)


def test_what_is_chosen_is_taken(project: int, other: int) -> None:
    done, lane = columns.list_columns(other)[3].id, swimlanes.add_swimlane(other, "Later")
    bug = categories.add_category(other, "Bug")
    task_id = tasks.create_task(project, "Task")

    move_task_to_project(task_id, other, column_id=done, swimlane_id=lane, category_id=bug, owner_id=1)

    task = tasks.get_task(task_id)
    assert (task.column_id, task.swimlane_id, task.category_id, task.owner_id) == (done, lane, bug, 1)


@pytest.mark.parametrize("field", ["column_id", "swimlane_id", "category_id"])
def test_what_belongs_to_a_third_project_cannot_be_chosen(project: int, other: int, field: str) -> None:
    own = {
        "column_id": columns.list_columns(project)[0].id,
        "swimlane_id": swimlanes.default_swimlane(project).id,
        "category_id": categories.add_category(project, "Bug"),
    }
    task_id = tasks.create_task(project, "Task")
    before, last = tasks.get_task(task_id), last_event_id()

    with pytest.raises(InvalidError, match="belongs to another project"):
        move_task_to_project(task_id, other, **{field: own[field]})
    with pytest.raises(NotFoundError, match="There is no"):
        move_task_to_project(task_id, other, **{field: 99})

    assert (tasks.get_task(task_id), last_event_id()) == (before, last)


def test_nobody_unknown_can_be_chosen_and_no_project_that_is_not_there(project: int, other: int) -> None:
    task_id = tasks.create_task(project, "Task")
    before, last = tasks.get_task(task_id), last_event_id()

    with pytest.raises(NotFoundError, match="There is no user #99"):
        move_task_to_project(task_id, other, owner_id=99)
    with pytest.raises(NotFoundError, match="There is no project 99"):
        move_task_to_project(task_id, 99)
    with pytest.raises(NotFoundError, match="There is no task #99"):
        move_task_to_project(99, other)

    assert (tasks.get_task(task_id), last_event_id()) == (before, last)


def test_a_move_to_its_own_project_changes_nothing(project: int) -> None:
    task_id, last = tasks.create_task(project, "Task"), last_event_id()

    assert not move_task_to_project(task_id, project)

    assert last_event_id() == last


def test_a_closed_task_is_opened_as_the_event_says(project: int, other: int) -> None:
    task_id = tasks.create_task(project, "Task")
    tasks.close_task(task_id)
    last = last_event_id()

    move_task_to_project(task_id, other)

    task = tasks.get_task(task_id)
    assert (task.is_active, task.date_completed) == (1, 0)
    assert names_after(last) == ["task.move.project"]
    assert facts_after(last)[0][1]["changes"]["is_active"] == 1


def test_a_landing_is_told_without_moving(project: int, other: int) -> None:
    task_id = tasks.create_task(project, "Task", owner_id=1)
    before, last = tasks.get_task(task_id), last_event_id()

    where = plan_transfer(task_id, other)

    assert (where.project_id, where.cell.column_id, where.owner_id) == (other, columns.list_columns(other)[0].id, 1)
    assert (tasks.get_task(task_id), last_event_id()) == (before, last)


def test_a_copy_is_a_fresh_task_at_the_end_of_the_cell(project: int) -> None:
    done = columns.list_columns(project)[3].id
    task_id = tasks.create_task(
        project, "Task", column_id=done, description="Text", score=5, tags=["ui"], time_spent=2, date_started=5
    )
    subtasks.add_subtask(task_id, "Step", status=2, time_estimated=1)
    tasks.create_task(project, "Neighbour", column_id=done)
    tasks.close_task(task_id)
    last = last_event_id()

    copy_id = duplicate_task(task_id)

    copy = tasks.get_task(copy_id)
    assert (copy.title, copy.position, copy.is_active) == ("[DUPLICATE] Task", 2, 1)
    assert (copy.description, copy.score, copy.tags, copy.time_spent) == ("Text", 5, ["ui"], 0)
    assert (copy.date_completed, copy.date_started, copy.creator_id) == (None, None, 1)
    (step,) = subtasks.list_subtasks(copy_id)
    assert (step.title, step.status, step.time_estimated, step.position) == ("Step", 0, 1, 1)
    assert tasks.get_task(task_id).is_active == 0
    rows = sql.fetch_all("SELECT name, formats, task_id FROM events WHERE id > ? ORDER BY id", (last,))
    link = "task_internal_link.create_update"
    assert rows == [
        ("task.create", None, copy_id),
        (link, "kanboard-1.2", copy_id),
        (link, "kanboard-1.2", task_id),
    ]
    assert [each.label for each in links.list_task_links(copy_id)] == ["duplicates"]


def test_a_copy_of_the_longest_title_is_cut(project: int) -> None:
    copy_id = duplicate_task(tasks.create_task(project, "x" * 200))

    assert tasks.get_task(copy_id).title == "[DUPLICATE] " + "x" * 188


def test_a_copy_into_another_project_lands_as_a_move_does(project: int, other: int) -> None:
    bug, bug_there = categories.add_category(project, "Bug"), categories.add_category(other, "Bug")
    task_id = tasks.create_task(project, "Task", category_id=bug, tags=["ui"])

    copy_id = duplicate_task(task_id, other)

    copy = tasks.get_task(copy_id)
    assert (copy.project_id, copy.title, copy.category_id, copy.tags) == (other, "Task", bug_there, ["ui"])
    assert tasks.get_task(task_id).project_id == project


def test_a_task_that_is_not_there_has_no_copy(project: int) -> None:
    last = last_event_id()

    with pytest.raises(NotFoundError, match="There is no task #99"):
        duplicate_task(99)

    assert last_event_id() == last

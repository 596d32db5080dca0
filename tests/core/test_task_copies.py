"""Copies, successors and transfers of a task, column by column: what they keep and what begins anew."""

from typing import Any

import pytest
import time_machine

from kbtui.core.db import models
from kbtui.core.events import log
from kbtui.core.projects import categories, columns, members, projects, settings, swimlanes, users
from kbtui.core.tasks import links, recurrence, subtasks, tasks, transfers
from kbtui.core.tasks.ranks import GAP, Cell
from kbtui.core.values.text import fold
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import facts_after, last_event_id

EARLIER, NOW = 1_900_000_000, 2_000_000_000
DAY = 86_400


def row(task_id: int) -> dict[str, Any]:
    """Return a task as it is stored."""
    return sql.fetch_dicts("SELECT * FROM tasks WHERE id = ?", (task_id,))[0]


@pytest.fixture
def other(project: int) -> int:
    """Create a second project."""
    return projects.create_project("Other")


@pytest.fixture
def full(project: int) -> int:
    """Make a task with something in every column, tags and two subtasks, that stands behind another one."""
    mika, bug = users.add_user("mika"), categories.add_category(project, "Bug")
    lane, later = swimlanes.add_swimlane(project, "Urgent"), columns.list_columns(project)[1].id
    settings.set_time_zone("UTC")
    with time_machine.travel(EARLIER, tick=False), log.authored_by(mika):
        before = tasks.create_task(project, "Before", column_id=later, swimlane_id=lane, tags=["x"])
        subtasks.add_subtask(before, "Zero")
        task_id = tasks.create_task(
            project,
            "Tâsk",
            column_id=later,
            swimlane_id=lane,
            description="Text",
            color_id="red",
            owner_id=mika,
            category_id=bug,
            score=5,
            priority=3,
            date_due=EARLIER + 9 * DAY,
            date_started=EARLIER,
            reference="R-1",
            recurrence_status=1,
            recurrence_trigger=recurrence.ON_CLOSE,
            recurrence_factor=2,
            tags=["ui", "b"],
        )
        subtasks.add_subtask(task_id, "One", status=2, user_id=mika, time_estimated=3, time_spent=1.5)
        subtasks.add_subtask(task_id, "Two", status=1)
    return task_id


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW + 0.5, tick=False):
        yield


def steps(task_id: int) -> list[tuple[Any, ...]]:
    """Return what a task's subtasks are, but for their ids."""
    return [each[1:5] + each[6:8] for each in subtasks.list_subtasks(task_id)]


BEGUN = {
    "creator_id": 1,
    "is_active": 1,
    "date_completed": None,
    "date_started": None,
    "date_creation": NOW,
    "date_modification": NOW,
    "date_moved": NOW,
    "time_spent": 0,
}
"""What begins anew with every copy."""


@pytest.mark.usefixtures("clock")
def test_a_copy_here_keeps_what_the_task_is_and_begins_anew(project: int, full: int) -> None:
    sql.execute("UPDATE tasks SET recurrence_parent = 1, recurrence_child = 1 WHERE id = ?", (full,))
    before, last = row(full), last_event_id()

    copy_id = transfers.duplicate_task(full)

    fresh = {"id": copy_id, "title": "[DUPLICATE] Tâsk", "folded": fold("[DUPLICATE] Tâsk"), "rank": 2 * GAP}
    assert row(copy_id) == before | BEGUN | fresh | {"recurrence_parent": None, "recurrence_child": None}
    assert {type(row(copy_id)[name]) for name in ("date_creation", "date_modification", "date_moved")} == {int}
    assert row(full) == before
    assert tasks.get_task(copy_id).tags == ["b", "ui"]
    assert steps(copy_id) == [("One", 0, 3, 0, 2, 1), ("Two", 0, 0, 0, 0, 2)]
    events = sql.fetch_all("SELECT name, project_id, task_id, formats FROM events WHERE id > ? ORDER BY id", (last,))
    link = "task_internal_link.create_update"
    assert events == [
        ("task.create", project, copy_id, None),
        (link, project, copy_id, "kanboard-1.2"),
        (link, project, full, "kanboard-1.2"),
    ]
    assert [(each.label, each.opposite_task_id) for each in links.list_task_links(copy_id)] == [("duplicates", full)]


@pytest.mark.usefixtures("clock")
def test_a_closed_task_of_the_longest_title_is_copied_open_under_a_title_that_is_cut(project: int) -> None:
    task_id = tasks.create_task(project, "x" * 200)
    tasks.close_task(task_id)

    copy = tasks.get_task(transfers.duplicate_task(task_id, project))

    assert (copy.title, copy.is_active, copy.date_completed) == ("[DUPLICATE] " + "x" * 188, 1, None)


@pytest.mark.usefixtures("clock")
def test_a_copy_elsewhere_becomes_what_it_can_be_there(full: int, other: int) -> None:
    members.add_member(other, 1)
    before = row(full)

    copy_id = transfers.duplicate_task(full, other)

    cell = {"column_id": columns.list_columns(other)[0].id, "swimlane_id": swimlanes.default_swimlane(other).id}
    there = {"id": copy_id, "project_id": other, **cell, "rank": 0, "owner_id": 0, "category_id": 0}
    assert row(copy_id) == before | BEGUN | there
    assert tasks.get_task(copy_id).tags == ["b", "ui"]
    assert steps(copy_id) == [("One", 0, 3, 0, 0, 1), ("Two", 0, 0, 0, 0, 2)]


def test_a_copy_waits_until_its_original_was_told(full: int) -> None:
    sql.create(models.Endpoint, name="Chat", url="http://127.0.0.1:9/", format="kanboard-1.0")
    tasks.update_task(full, score=1)

    transfers.duplicate_task(full)

    deliveries = sql.fetch_all("SELECT task_id, state, waits_for FROM deliveries ORDER BY id")
    assert deliveries == [(full, "ready", None), (full + 1, "blocked", 1)]


@pytest.mark.usefixtures("clock")
def test_a_task_that_comes_again_begins_anew_in_the_first_column(project: int, full: int) -> None:
    sql.create(models.Endpoint, name="Chat", url="http://127.0.0.1:9/")
    first = Cell(columns.list_columns(project)[0].id, tasks.get_task(full).swimlane_id)
    for title in ("There", "already"):
        tasks.create_task(project, title, column_id=first.column_id, swimlane_id=first.swimlane_id)
    before, last = row(full), last_event_id()

    closing = tasks.close_task(full)

    assert closing is not None
    child = closing.next_task_id
    assert child is not None
    place = {"id": child, "column_id": first.column_id, "rank": 2 * GAP, "date_due": EARLIER + 11 * DAY}
    assert row(child) == before | BEGUN | place | {"recurrence_parent": full, "recurrence_child": None}
    closed = {"is_active": 0, "date_completed": NOW, "date_modification": NOW}
    assert row(full) == before | closed | {"recurrence_status": recurrence.PROCESSED, "recurrence_child": child}
    assert steps(child) == [("One", 0, 3, 0, 2, 1), ("Two", 0, 0, 0, 0, 2)]
    assert tasks.get_task(child).tags == ["b", "ui"]
    events = sql.fetch_all("SELECT name, project_id, task_id FROM events WHERE id > ? ORDER BY id", (last,))
    assert events == [("task.close", project, full), ("task.create", project, child)]
    assert facts_after(last)[1][1]["task"]["recurrence_parent"] == full
    deliveries = sql.fetch_all("SELECT task_id, waits_for FROM deliveries ORDER BY id DESC LIMIT 2")
    assert deliveries == [(child, 3), (full, None)]


@pytest.mark.usefixtures("clock")
def test_a_transfer_keeps_what_the_task_is(project: int, full: int, other: int) -> None:
    members.add_member(other, 1)
    for title in ("There", "already"):
        tasks.create_task(other, title)
    before, last = row(full), last_event_id()
    source = transfers.TransferPlan(project, Cell(before["column_id"], before["swimlane_id"]), 2, 1)
    cell = Cell(columns.list_columns(other)[0].id, swimlanes.default_swimlane(other).id)

    transfer = transfers.move_task_to_project(full, other)

    assert transfer == transfers.Transfer(source, 2, None, transfers.TransferPlan(other, cell, 0, 0))
    there = {"project_id": other, **cell._asdict(), "rank": 2 * GAP, "owner_id": 0, "category_id": 0}
    assert row(full) == before | there | {"date_moved": NOW, "date_modification": NOW}
    assert {type(row(full)[name]) for name in ("date_modification", "date_moved")} == {int}
    assert tasks.get_task(full).tags == ["b", "ui"]
    assert sql.fetch_all("SELECT name, project_id, task_id FROM events WHERE id > ?", (last,)) == [
        ("task.move.project", other, full)
    ]
    (facts,) = (facts for _, facts in facts_after(last))
    changed = ("project_id", "column_id", "swimlane_id", "owner_id", "category_id")
    assert facts["changes"] == {name: row(full)[name] for name in changed} | {"position": 3}
    assert facts["before"] == {name: before[name] for name in changed} | {"position": 2}


@pytest.mark.usefixtures("clock")
def test_a_closed_task_is_opened_by_its_transfer(project: int, other: int) -> None:
    task_id = tasks.create_task(project, "Task")
    tasks.close_task(task_id)
    last = last_event_id()

    transfer = transfers.move_task_to_project(task_id, other)

    assert transfer is not None
    assert (transfer.position, transfer.date_completed) == (None, NOW)
    assert (row(task_id)["is_active"], row(task_id)["date_completed"]) == (1, 0)
    assert facts_after(last)[0][1]["changes"]["is_active"] == 1
    assert transfers.move_task_to_project(task_id, other) is None


def test_whatever_is_chosen_goes_before_what_would_be(full: int, other: int) -> None:
    noor, bug = users.add_user("noor"), categories.add_category(other, "bug")
    feature = categories.add_category(other, "Feature")
    urgent, later = swimlanes.add_swimlane(other, "urgent"), swimlanes.add_swimlane(other, "Later")
    first, second = (column.id for column in columns.list_columns(other)[:2])

    mapped = transfers.plan_transfer(full, other)
    chosen = transfers.plan_transfer(
        full, other, swimlane_id=later, column_id=second, category_id=feature, owner_id=noor
    )
    none = transfers.plan_transfer(full, other, category_id=0, owner_id=0)

    assert mapped == transfers.TransferPlan(other, Cell(first, urgent), 2, bug)
    assert chosen == transfers.TransferPlan(other, Cell(second, later), noor, feature)
    assert none == transfers.TransferPlan(other, Cell(first, urgent), 0, 0)
    assert chosen.choices() == {
        "column_id": second,
        "swimlane_id": later,
        "owner_id": noor,
        "category_id": feature,
    }
    moved = transfers.move_task_to_project(full, other, **chosen.choices())
    assert moved is not None
    assert moved.target == chosen


def test_what_cannot_be_chosen_is_refused(full: int, other: int) -> None:
    with pytest.raises(InvalidError, match="The category 1 belongs to another project"):
        transfers.plan_transfer(full, other, category_id=1)
    with pytest.raises(NotFoundError, match="There is no category 99"):
        transfers.plan_transfer(full, other, category_id=99)
    with pytest.raises(NotFoundError, match="There is no user #99"):
        transfers.plan_transfer(full, other, owner_id=99)
    with pytest.raises(NotFoundError, match="There is no task #99"):
        transfers.plan_transfer(99, other)


def test_the_first_of_two_swimlanes_of_a_name_is_the_same(full: int, other: int) -> None:
    second, first = (swimlanes.add_swimlane(other, name) for name in ("urgent", "Later"))
    sql.execute("UPDATE swimlanes SET name = 'URGENT', position = 0 WHERE id = ?", (first,))

    assert transfers.plan_transfer(full, other).cell.swimlane_id == first
    swimlanes.update_swimlane(first, is_active=0)
    assert transfers.plan_transfer(full, other).cell.swimlane_id == second


def test_a_copy_goes_where_is_chosen_with_those_who_are_members_there(full: int, other: int) -> None:
    mika, noor = 2, users.add_user("noor")
    members.add_member(other, noor)
    subtasks.add_subtask(full, "Three", user_id=noor)
    beside = subtasks.add_subtask(tasks.create_task(other, "Beside"), "Step", user_id=noor)
    members.remove_member(other, noor)
    members.add_member(other, mika)
    later = columns.list_columns(other)[2].id

    copy_id = transfers.duplicate_task(full, other, column_id=later)

    assert row(copy_id)["column_id"] == later
    assert [each.user_id for each in subtasks.list_subtasks(copy_id)] == [mika, 0, 0]
    assert [each.user_id for each in subtasks.list_subtasks(full)] == [mika, 0, noor]
    assert subtasks.get_subtask(beside).user_id == noor


def test_a_copy_here_keeps_who_has_left_on_its_subtasks(project: int, full: int) -> None:
    members.add_member(project, 1)

    copy_id = transfers.duplicate_task(full)

    assert [each.user_id for each in subtasks.list_subtasks(copy_id)] == [2, 0]
    assert row(copy_id)["owner_id"] == 0

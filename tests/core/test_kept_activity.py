"""The activity that stays: written with each event, small, and the same sentences as the whole event gives."""

from typing import Any

import pytest

from kbtui.core.db import models
from kbtui.core.db.database import transaction
from kbtui.core.events import log
from kbtui.core.events.facts import read_facts
from kbtui.core.events.feed import Feed
from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.projects import columns, projects, swimlanes
from kbtui.core.tasks import moves, tasks, transfers
from kbtui.core.views.activity import sentence
from tests import sql
from tests.core.test_activity import do_everything

pytestmark = pytest.mark.usefixtures("board")


def test_the_activity_says_what_the_events_say(project: int) -> None:
    do_everything(project)

    events = "id, name, project_id, task_id, author_id, author, date_creation"
    whole = sql.fetch_all(f"SELECT {events}, facts FROM events ORDER BY id")
    small = sql.fetch_all(f"SELECT {events}, details FROM activity ORDER BY id")

    def said(rows: list[tuple[Any, ...]]) -> list[str]:
        return [sentence(log.recorded_event(row)) for row in rows]

    assert said(small) == said(whole)
    assert all(len(details) < 1000 for *_, details in small)


def test_a_move_over_both_is_one_activity(project: int) -> None:
    lane = swimlanes.add_swimlane(project, "Urgent")
    task_id, feed = tasks.create_task(project, "Task"), Feed()

    moves.move_task(task_id, column_id=columns.list_columns(project)[1].id, swimlane_id=lane)

    (change,) = feed.read()
    assert change.name == "task.move.swimlane"
    assert (change.column_id, change.swimlane_id, change.src_column_id, change.src_swimlane_id) == (2, lane, 1, 1)


def test_a_move_to_another_project_tells_the_cell_that_was_left(project: int) -> None:
    task_id, other = tasks.create_task(project, "Task"), projects.create_project("Other")
    feed = Feed()

    transfers.move_task_to_project(task_id, other)

    (change,) = feed.read()
    assert change.project_id == other
    assert (change.src_column_id, change.src_swimlane_id) == (1, 1)


def test_long_texts_are_not_kept(project: int) -> None:
    task_id = tasks.create_task(project, "Task", description="x" * 5000)

    tasks.update_task(task_id, title="y" * 60_000, title_limit=tasks.API_TITLE_LIMIT, description="z" * 5000)

    details = [text for (text,) in sql.fetch_all("SELECT details FROM activity")]
    assert all(len(text) < 1500 for text in details)


def test_a_long_description_is_stored_once_and_comes_back_where_it_was(project: int) -> None:
    text = "Ärger\n" * 2000
    task_id = tasks.create_task(project, "Task", description=text)
    tasks.update_task(task_id, title="Other")
    tasks.update_task(task_id, description=text + "!")
    transfers.move_task_to_project(task_id, projects.create_project("Other"))

    rows = sql.fetch_all(
        "SELECT v.name, v.facts, x.text FROM events v LEFT JOIN event_texts x ON x.id = v.text_id"
        " WHERE v.task_id IS NOT NULL ORDER BY v.id"
    )
    created, retitled, described, moved = [read_facts(stored, long) for _, stored, long in rows]
    assert [text == long for *_, long in rows] == [True, True, False, False]
    assert created["task"]["description"] == retitled["task"]["description"] == text
    assert described["changes"] == {"description": text + "!"}
    assert described["before"] == {"description": text}
    assert moved["task"]["description"] == moved["task_before"]["description"] == text + "!"
    assert list(moved["task"]) == list(TaskSnapshot._fields[:-1])
    assert sql.fetch_all("SELECT count(*) FROM event_texts") == [(2,)]


def test_fifty_moves_of_a_task_with_a_long_description_add_little(project: int) -> None:
    task_id = tasks.create_task(project, "Task", description="x" * 50_000)
    before = sql.size()

    for number in range(50):
        moves.move_task(task_id, column_id=columns.list_columns(project)[1 - number % 2].id)

    assert sql.size() - before < 300_000


def delivery(endpoint: str, task_id: int) -> list[tuple[str, str, str | None]]:
    return sql.fetch_all(
        "SELECT d.event_name, d.state, other.event_name FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id"
        " LEFT JOIN deliveries other ON other.id = d.waits_for"
        " WHERE e.name = ? AND d.event_id IN (SELECT id FROM events WHERE task_id = ?) ORDER BY d.id",
        (endpoint, task_id),
    )


@pytest.mark.parametrize(("is_ordered", "waits"), [(1, True), (0, False)])
def test_a_delivery_waits_for_the_last_one_of_another_task_at_its_own_endpoint(
    project: int, is_ordered: int, waits: bool
) -> None:
    sql.create(models.Endpoint, name="all", url="http://127.0.0.1:9/", is_ordered=is_ordered)
    sql.create(models.Endpoint, name="closes", url="http://127.0.0.1:9/", events="task.close", is_ordered=is_ordered)
    first = tasks.create_task(project, "First")
    tasks.update_task(first, title="Uno")

    with transaction():
        log.record("task.close", {}, project_id=project, task_id=99, after_task_id=first)

    assert delivery("all", 99) == [("task.close", "blocked", "task.update") if waits else ("task.close", "ready", None)]
    assert delivery("closes", 99) == [("task.close", "ready", None)]


def test_a_delivery_does_not_wait_for_what_has_been_delivered(project: int) -> None:
    sql.create(models.Endpoint, name="all", url="http://127.0.0.1:9/")
    first = tasks.create_task(project, "First")
    sql.execute("UPDATE deliveries SET state = 'done'")

    with transaction():
        log.record("task.close", {}, project_id=project, task_id=99, after_task_id=first)

    assert delivery("all", 99) == [("task.close", "ready", None)]


def test_what_is_announced_of_two_tasks_at_once_comes_in_order(project: int) -> None:
    sql.create(models.Endpoint, name="all", url="http://127.0.0.1:9/")
    first = tasks.create_task(project, "First", recurrence_status=1, recurrence_trigger=2)

    copy = transfers.duplicate_task(first)
    tasks.close_task(first)

    assert delivery("all", copy) == [("task.create", "blocked", "task.create")]
    assert delivery("all", copy + 1) == [("task.create", "blocked", "task.close")]

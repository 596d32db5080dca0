"""Events: who gets a delivery of them and in which order, and how other processes hear of them."""

import subprocess
import sys

import pytest

from kbtui.core.db import models
from kbtui.core.db.engine import database
from kbtui.core.events import log
from kbtui.core.events.feed import Feed
from kbtui.core.events.log import EVENTS, WEBHOOK_EVENTS
from kbtui.core.events.queue import wants
from kbtui.core.projects import columns, projects, swimlanes, users
from kbtui.core.tasks import moves, tasks
from kbtui.errors import DatabaseBusyError
from tests import sql
from tests.core.conftest import last_event_id
from tests.core.new_boards import CONNECT

pytestmark = pytest.mark.usefixtures("board")


def endpoint(name: str, **fields: object) -> int:
    """Add an endpoint."""
    row = sql.create(models.Endpoint, name=name, url="http://127.0.0.1:9/", **fields)
    return int(row.id)


def deliveries(*, after: int = 0) -> list[tuple[str, str, str]]:
    """Return endpoint, event and state of each delivery of the events after one, in order."""
    return sql.fetch_all(
        "SELECT e.name, d.event_name, d.state FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id"
        " WHERE d.event_id > ? ORDER BY d.id",
        (after,),
    )


def test_an_endpoint_gets_the_events_that_its_filter_takes(project: int) -> None:
    ready = columns.list_columns(project)[1].id
    for name, patterns in {
        "all": "*",
        "moves": "task.move.*",
        "two": " task.create , comment.* ",
        "none": "",
        "other": "subtask.*",
    }.items():
        endpoint(name, events=patterns)

    task_id = tasks.create_task(project, "Task")
    moves.move_task(task_id, column_id=ready)

    assert deliveries() == [
        ("all", "task.create", "ready"),
        ("two", "task.create", "ready"),
        ("all", "task.move.column", "blocked"),
        ("moves", "task.move.column", "ready"),
    ]


def test_an_endpoint_of_one_project_gets_nothing_of_another(project: int) -> None:
    other = projects.create_project("Other")
    endpoint("mine", project_id=project)

    tasks.create_task(other, "Task")
    assert deliveries() == []
    tasks.create_task(project, "Task")

    assert deliveries() == [("mine", "task.create", "ready")]


def test_a_disabled_endpoint_gets_nothing_and_a_paused_one_keeps_it(project: int) -> None:
    endpoint("disabled", is_enabled=0)
    endpoint("paused", is_paused=1)

    tasks.create_task(project, "Task")

    assert deliveries() == [("paused", "task.create", "ready")]


def test_a_move_across_both_is_told_once_in_the_old_format_and_twice_in_the_new(project: int) -> None:
    ready, lane = columns.list_columns(project)[1].id, swimlanes.add_swimlane(project, "Urgent")
    endpoint("old")
    endpoint("new", format="kanboard-1.2")
    task_id, last = tasks.create_task(project, "Task"), last_event_id()

    moves.move_task(task_id, column_id=ready, swimlane_id=lane)

    assert sorted(deliveries(after=last)) == [
        ("new", "task.move.column", "blocked"),
        ("new", "task.move.swimlane", "blocked"),
        ("old", "task.move.swimlane", "blocked"),
    ]


def test_the_first_event_of_a_task_is_ready_and_later_ones_wait_for_it(project: int) -> None:
    endpoint("one")
    first = tasks.create_task(project, "First")
    second = tasks.create_task(project, "Second")
    tasks.close_task(first)
    tasks.close_task(second)

    assert [state for *_, state in deliveries()] == ["ready", "ready", "blocked", "blocked"]


def test_an_event_after_all_was_delivered_is_ready(project: int) -> None:
    endpoint("one")
    task_id = tasks.create_task(project, "First")
    sql.execute("UPDATE deliveries SET state = 'done'")

    tasks.close_task(task_id)

    assert [state for *_, state in deliveries()] == ["done", "ready"]


def test_an_endpoint_that_wants_no_order_waits_for_nothing(project: int) -> None:
    endpoint("one", is_ordered=0)
    task_id = tasks.create_task(project, "First")
    tasks.close_task(task_id)

    assert [state for *_, state in deliveries()] == ["ready", "ready"]


def test_what_only_screens_hear_of_is_not_delivered(project: int) -> None:
    endpoint("old")
    endpoint("new", format="kanboard-1.2")

    columns.add_column(project, "Later")
    users.add_user("bo")

    assert deliveries() == []
    assert last_event_id() == 3


def test_each_delivery_has_an_id_of_its_own_that_tells_nothing(project: int) -> None:
    endpoint("old")
    endpoint("new", format="kanboard-1.2")
    for number in range(20):
        tasks.create_task(project, f"Task {number}")

    ids = [webhook_id for (webhook_id,) in sql.fetch_all("SELECT webhook_id FROM deliveries")]

    assert len(set(ids)) == len(ids) == 40
    assert {len(webhook_id) for webhook_id in ids} == {len("msg_") + 26}


def test_an_event_says_who_caused_it(project: int) -> None:
    bo = users.add_user("bo")
    with log.authored_by(bo):
        tasks.create_task(project, "By bo")
    with log.authored_by(0):
        tasks.create_task(project, "By nobody")
    tasks.create_task(project, "By admin")

    rows = sql.fetch_all("SELECT author_id, author FROM events WHERE name = 'task.create' ORDER BY id")

    assert rows == [(bo, "bo"), (0, None), (1, "admin")]


@pytest.mark.parametrize(
    ("patterns", "name", "wanted"),
    [
        ("*", "task.create", True),
        ("task.move.*", "task.move.column", True),
        ("task.move.*", "task.moved", False),
        ("comment.*, task.create", "task.create", True),
        ("TASK.*", "task.create", False),
        ("", "task.create", False),
        (",", "task.create", False),
    ],
)
def test_patterns_are_matched_as_shells_do(patterns: str, name: str, wanted: bool) -> None:
    assert wants(patterns, name) is wanted


def test_the_eighteen_documented_events_are_announced_in_every_format() -> None:
    assert len(WEBHOOK_EVENTS) == 18
    assert all(EVENTS[name] is None for name in WEBHOOK_EVENTS)
    assert {formats for name, formats in EVENTS.items() if name not in WEBHOOK_EVENTS} == {"", "kanboard-1.2"}


def test_a_feed_hands_out_what_happened_since_it_began_once_and_in_order(project: int) -> None:
    tasks.create_task(project, "Before")
    feed = Feed()

    task_id = tasks.create_task(project, "After")
    tasks.close_task(task_id)

    first, second = feed.read()
    assert (first.name, first.task_id, first.project_id, first.author_id) == ("task.create", task_id, project, 1)
    assert second.name == "task.close"
    assert (second.column_id, second.swimlane_id, second.src_column_id) == (1, 1, None)
    assert feed.read() == []


def test_a_look_at_the_feed_that_fails_is_repeated(
    project: int, board_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed()
    subprocess.run([sys.executable, "-c", WRITE, board_name, str(project), "1"], check=True)

    assert feed.others_committed()
    with monkeypatch.context() as broken:
        broken.setattr(type(database.obj), "execute_sql", _fail)  # type: ignore[attr-defined]
        with pytest.raises(DatabaseBusyError):
            feed.read()

    assert feed.others_committed()
    assert len(feed.read()) == 1
    assert not feed.others_committed()


def _fail(*given: object) -> None:
    raise DatabaseBusyError("locked")


def test_a_feed_hands_out_at_most_what_was_asked_for_and_the_rest_later(project: int) -> None:
    feed = Feed()
    for number in range(5):
        tasks.create_task(project, f"Task {number}")

    batches = [[change.task_id for change in feed.read(limit=2)] for _ in range(4)]

    assert batches == [[1, 2], [3, 4], [5], []]


def test_a_feed_tells_the_commits_of_others_from_ones_own(board_name: str, project: int) -> None:
    feed = Feed()
    tasks.create_task(project, "Mine")
    assert not feed.others_committed()

    subprocess.run([sys.executable, "-c", WRITE, board_name, str(project), "1"], check=True)

    assert feed.others_committed()
    feed.read()
    assert not feed.others_committed()


WRITE = f"""
import sys
from kbtui.core.tasks import tasks
{CONNECT}
connect(sys.argv[1])
for number in range(int(sys.argv[3])):
    tasks.create_task(int(sys.argv[2]), f"Task {{number}}")
database.close()
"""


def test_a_feed_misses_nothing_that_two_other_processes_write_meanwhile(board_name: str, project: int) -> None:
    feed = Feed()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, board_name, str(project), "150"], stderr=subprocess.PIPE)
        for _ in range(2)
    ]

    seen: list[int] = []
    mine = 0
    while any(writer.poll() is None for writer in writers):
        if mine < 50:
            tasks.create_task(project, "Mine")
            mine += 1
        seen += [event.id for event in feed.read()]
    seen += [event.id for event in feed.read()]

    assert [writer.communicate()[1] for writer in writers] == [b"", b""]
    assert seen == list(range(2, 2 + 300 + mine)), "after the project's own event, without a gap"

"""A hundred thousand deliveries that wait: what each step costs is counted in SQLite's own steps, not in time."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from kbtui.core.db import database as board_database
from kbtui.core.db.engine import database
from kbtui.core.projects import projects
from kbtui.core.tasks import tasks
from kbtui.webhooks import endpoints, health, outbox, results
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.delivery import DeliveryThread
from kbtui.webhooks.listener import Listener
from kbtui.webhooks.policy import Policy
from tests import sql
from tests.patience import PATIENCE
from tests.webhooks.outgoing import announce, deliveries
from tests.webhooks.test_delivery import eventually

POLICY = Policy(jitter=0.0)
QUEUED = """INSERT INTO deliveries (webhook_id, event_id, endpoint_id, task_id, event_name, state, date_creation,
    scheduled_at, due_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    SELECT 'queued' || i, 1, 1, CASE WHEN ?2 THEN 1 ELSE i + 1 END, 'task.update',
    CASE WHEN ?2 THEN 'blocked' ELSE 'ready' END, 1, 1, 1 FROM n"""


def queue(count: int, *, one_task: bool) -> None:
    """Queue this many deliveries behind the first one, for one task or for as many tasks."""
    endpoints.add_endpoint("http://127.0.0.1:9/")
    announce()
    sql.execute(QUEUED, (count, one_task))


def cost(work: Callable[[], object]) -> int:
    """Return how many of SQLite's virtual machine's steps something takes, in tens."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = database.connection()  # type: ignore[no-untyped-call]
    connection.set_progress_handler(count, 10)
    try:
        work()
    finally:
        connection.set_progress_handler(None, 0)
    return steps


def costs() -> dict[str, int]:
    """Return what every step of a delivery costs with what waits now."""
    claimed: list[outbox.Claimed] = []
    now = 2_000_000_000.0
    answered = Outcome(now, 5.0, "", "", 200)
    failed = Outcome(now, 5.0, "status", "", 500)
    return {
        "is due": cost(lambda: outbox.is_due(now)),
        "claim": cost(lambda: claimed.extend(outbox.claim("me", 4, {}, now, POLICY))),
        "next due": cost(lambda: outbox.next_due(now)),
        "deliver": cost(lambda: results.settle([(claimed[0], answered)], now, POLICY)),
        "claim again": cost(lambda: claimed.extend(outbox.claim("me", 1, {1: 3}, now, POLICY))),
        "fail": cost(lambda: results.settle([(claimed[-1], failed)], now, POLICY)),
        "give back": cost(lambda: results.give_back(set(), now + 100, POLICY)),
        "change": cost(lambda: announce(1)),
    }


@pytest.mark.parametrize("one_task", [True, False], ids=["one task", "each its own"])
def test_a_hundred_thousand_that_wait_make_no_step_of_a_delivery_dearer(tmp_path: Path, one_task: bool) -> None:
    found = []
    for count in (10, 100_000):
        board_database.connect(tmp_path / f"{count}.db")
        queue(count, one_task=one_task)
        found.append(costs())
        board_database.close()

    few, many = found
    assert {step: steps for step, steps in many.items() if steps > few[step] * 1.2 + 2} == {}


def test_the_status_bar_looks_at_ten_thousand_of_a_hundred_thousand_at_most(board: Path) -> None:
    queue(100_000, one_task=True)

    steps = cost(health.all_health)

    assert health.all_health()[0].waiting_text == "9999+"
    assert steps < 10_000  # tens: fewer than ten for each that is counted


async def test_a_thousand_changes_in_one_transaction_all_arrive_in_order(board: Path) -> None:
    async with Listener(remembered=None) as listener:
        endpoints.update_endpoint(endpoints.add_endpoint(listener.url, events="task.update"), concurrency=8)
        project_id = projects.create_project("Website")
        task_ids = [tasks.create_task(project_id, "Task") for _ in range(20)]
        thread = DeliveryThread()
        thread.start()
        with board_database.transaction():
            for number in range(1000):
                tasks.update_task(task_ids[number % 20], title=f"{number}")

        await asyncio.wait_for(listener.wait_for(1000), PATIENCE)
        await eventually(lambda: not deliveries("ready", "sending", "blocked"))
        await asyncio.to_thread(thread.stop)

    arrived: dict[str, list[int]] = defaultdict(list)
    for received in listener.received:
        arrived[received.payload["event_data"]["task_id"]].append(int(received.payload["event_data"]["title"]))
    assert listener.count == 1000
    assert arrived == {str(task_id): list(range(at, 1000, 20)) for at, task_id in enumerate(task_ids)}

"""Several processes on one board, some of them killed: nothing lost, nothing reordered, nothing sent twice.

``pytest -m slow -rP tests/webhooks/test_processes.py`` shows the numbers.
"""

import asyncio
import os
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from kbtui.core.projects import projects
from kbtui.core.tasks import tasks
from kbtui.webhooks import endpoints
from kbtui.webhooks.listener import Behaviour, Listener
from tests.patience import PATIENCE
from tests.sql import fetch_all, fetch_one
from tests.webhooks.crash_worker import STEPS
from tests.webhooks.outgoing import attempts, deliveries

Process = asyncio.subprocess.Process

BETWEEN_POST_AND_COMMIT = {"after the POST", "before the commit"}
AT_ANY_MOMENT = {"before the change commits"}
"""This one kills in the thread that changes the board, whatever the one that delivers is doing."""


async def start(board: Path, step: str, nth: int, *rest: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.webhooks.crash_worker",
        str(board),
        step,
        str(nth),
        *rest,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def companion(board: Path) -> AsyncIterator[Process]:
    """Run a process that delivers and is not killed."""
    process = await start(board, "none", 1)
    assert process.stdout is not None
    if await process.stdout.readline() != b"ready\n":
        raise RuntimeError((await process.communicate())[1].decode())
    try:
        yield process
    finally:
        await process.communicate(b"")


def make_tasks(count: int) -> None:
    project_id = projects.create_project("Website")
    for number in range(count):
        tasks.create_task(project_id, f"Task {number}")


async def wait_until_all_is_sent(seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while fetch_one("SELECT 1 FROM deliveries WHERE state <> 'done' LIMIT 1"):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)


class Tally(NamedTuple):
    """What arrived, beside what was announced."""

    announced: int
    lost: int
    invented: int
    reordered: int
    """How many tasks have an event that arrived before an earlier one."""
    repeated: Counter[str]
    """How many times too often each arrived."""


def tally(listener: Listener) -> Tally:
    """Compare what arrived with what was announced."""
    announced = {row["webhook_id"]: (row["task_id"], row["id"]) for row in deliveries()}
    arrived = [received.webhook_id for received in listener.received]
    by_task: dict[int, list[int]] = defaultdict(list)
    for webhook_id in dict.fromkeys(each for each in arrived if each in announced):
        task_id, delivery_id = announced[webhook_id]
        by_task[task_id].append(delivery_id)
    return Tally(
        announced=len(announced),
        lost=len(announced.keys() - set(arrived)),
        invented=len(set(arrived) - announced.keys()),
        reordered=sum(ids != sorted(ids) for ids in by_task.values()),
        repeated=Counter({webhook_id: count - 1 for webhook_id, count in Counter(arrived).items() if count > 1}),
    )


async def crash(board: Path, rounds: int) -> None:
    make_tasks(30)
    held: dict[int, list[str]] = defaultdict(list)
    async with Listener(remembered=None) as listener:
        endpoints.update_endpoint(endpoints.add_endpoint(listener.url), concurrency=1)
        async with companion(board):
            for number in range(rounds):
                for step in STEPS:
                    process = await start(board, step, 1 + number % 3)
                    _, said = await process.communicate()
                    assert process.returncode == -signal.SIGKILL, said.decode()
                    for delivery_id in held_by(process):
                        held[delivery_id].append(step)
            await wait_until_all_is_sent()

    found = tally(listener)
    repeated = found.repeated
    print(
        f"{len(STEPS) * rounds} processes killed, {found.announced} events: {found.lost} lost,"
        f" {found.reordered} tasks out of order, {repeated.total()} sent twice"
    )
    assert (found.lost, found.invented, found.reordered) == (0, 0, 0)
    titles = {title for (title,) in fetch_all("SELECT title FROM tasks WHERE title NOT LIKE 'Task %'")}
    assert titles <= {received.payload["event_data"]["title"] for received in listener.received}
    ids = {row["webhook_id"]: row["id"] for row in deliveries()}
    for webhook_id, count in repeated.items():
        steps = held[ids[webhook_id]]
        assert count <= sum(step in BETWEEN_POST_AND_COMMIT | AT_ANY_MOMENT for step in steps)
    certain = sum(step in BETWEEN_POST_AND_COMMIT for steps in held.values() for step in steps)
    assert certain == 2 * rounds
    assert certain <= repeated.total() <= certain + rounds


def held_by(process: Process) -> list[int]:
    """Return what a process had claimed when it died."""
    rows = fetch_all("SELECT id FROM deliveries WHERE state = 'sending' AND owner LIKE ?", (f"%:{process.pid}:%",))
    return [delivery_id for (delivery_id,) in rows]


async def test_processes_that_are_killed_lose_and_reorder_nothing(board: Path) -> None:
    await crash(board, rounds=1)


@pytest.mark.slow
async def test_processes_that_are_killed_again_and_again_lose_and_reorder_nothing(board: Path) -> None:
    await crash(board, rounds=35)


async def test_a_process_that_is_suspended_past_its_lease_changes_nothing_when_it_goes_on(board: Path) -> None:
    make_tasks(1)
    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        suspended = await start(board, "after the POST", 1, "stop")
        await asyncio.wait_for(listener.wait_for(1), PATIENCE)
        async with companion(board):
            await asyncio.wait_for(listener.wait_for(2), PATIENCE)
            await wait_until_done(1)
            before = [row for row in attempts() if row["delivery_id"] == 1]

            os.kill(suspended.pid, signal.SIGCONT)
            await asyncio.sleep(0.5)

            assert [row for row in attempts() if row["delivery_id"] == 1] == before
            suspended.kill()
            await suspended.communicate()

    assert [(row["number"], row["error"]) for row in before] == [(1, "lost"), (2, "")]
    assert len({received.webhook_id for received in list(listener.received)[:2]}) == 1


async def test_a_process_that_is_suspended_between_claim_and_post_sends_nothing_when_it_goes_on(board: Path) -> None:
    make_tasks(1)
    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        suspended = await start(board, "after the claim", 1, "stop")
        await wait_until_stopped(suspended)
        async with companion(board):
            await asyncio.wait_for(listener.wait_for(1), PATIENCE)
            await wait_until_done(1)

            os.kill(suspended.pid, signal.SIGCONT)
            await asyncio.sleep(0.5)

            suspended.kill()
            await suspended.communicate()

    arrived = [received.webhook_id for received in listener.received]
    assert arrived.count(deliveries()[0]["webhook_id"]) == 1


async def wait_until_stopped(process: Process) -> None:
    async with asyncio.timeout(PATIENCE):
        while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":  # noqa: ASYNC110, ASYNC240
            await asyncio.sleep(0.02)


async def wait_until_done(delivery_id: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while not fetch_one("SELECT 1 FROM deliveries WHERE id = ? AND state = 'done'", (delivery_id,)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_three_processes_on_one_board_send_each_event_once(board: Path) -> None:
    make_tasks(15)
    async with Listener(behaviour=Behaviour(delay=0.005)) as listener:
        endpoints.add_endpoint(listener.url)
        async with companion(board), companion(board), companion(board):
            for number in range(10):
                for task_id in range(1, 16):
                    tasks.update_task(task_id, title=f"{number}")
                await asyncio.sleep(0.02)
            await wait_until_all_is_sent()

    assert tally(listener) == Tally(announced=150, lost=0, invented=0, reordered=0, repeated=Counter())
    assert listener.count == 150

"""Delivery in its own thread: waking, stopping, the database in the way, and one board with several processes."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kbtui.core.db import database as board_database
from kbtui.core.events import log
from kbtui.core.projects import settings
from kbtui.errors import NotFoundError
from kbtui.webhooks import endpoints, outbox, results
from kbtui.webhooks.delivery import DeliveryThread, Progress, deliver_forever, deliver_until_idle, send_test
from kbtui.webhooks.listener import Behaviour, Listener
from kbtui.webhooks.results import Report
from kbtui.webhooks.sender_lock import SenderLock
from tests import sql
from tests.patience import PATIENCE
from tests.webhooks.outgoing import QUICK, announce, attempts, deliveries, endpoint_row, states

RECORD = """
import sys
from kbtui.core.db import database
from tests.webhooks.outgoing import announce
database.connect(sys.argv[1])
announce(5, title="from another process")
"""


@pytest.fixture
async def listener(board: Path) -> AsyncIterator[Listener]:
    async with Listener() as receiver:
        endpoints.add_endpoint(receiver.url, name="Chat")
        yield receiver


async def eventually(holds: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - it becomes so in a database or another thread
            await asyncio.sleep(0.01)


async def test_a_commit_of_this_process_wakes_the_thread(listener: Listener) -> None:
    thread = DeliveryThread(replace(QUICK, poll=60.0))
    thread.start()

    announce()

    await asyncio.wait_for(listener.wait_for(1), PATIENCE)
    await asyncio.to_thread(thread.stop)
    assert states() == ["done"]
    assert thread.sent == 1


async def test_a_commit_of_another_process_is_seen(listener: Listener, board: Path) -> None:
    thread = DeliveryThread()
    thread.start()

    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", RECORD, str(board)], check=True)

    await asyncio.wait_for(listener.wait_for(1), PATIENCE)
    await asyncio.to_thread(thread.stop)
    assert states() == ["done"]


async def test_hundreds_of_events_in_one_transaction_are_all_sent(listener: Listener) -> None:
    thread = DeliveryThread()
    thread.start()

    with board_database.transaction():
        for number in range(400):
            announce(number)

    await asyncio.wait_for(listener.wait_for(400), PATIENCE)
    await asyncio.to_thread(thread.stop)
    assert states() == ["done"] * 400


async def test_a_request_that_ends_in_time_is_waited_for_when_the_thread_stops(listener: Listener) -> None:
    listener.behaviour = Behaviour(delay=0.3)
    thread = DeliveryThread(replace(QUICK, deadline=10.0))
    thread.start()
    announce()
    await asyncio.wait_for(listener.wait_for(1), PATIENCE)

    await asyncio.to_thread(thread.stop)

    assert not thread.is_running
    assert states() == ["done"]


async def test_a_request_that_hangs_is_given_back_uncounted_when_the_thread_stops(listener: Listener) -> None:
    listener.behaviour = Behaviour(hang=True)
    thread = DeliveryThread(replace(QUICK, deadline=30.0))
    thread.start()
    announce()
    await asyncio.wait_for(listener.wait_for(1), PATIENCE)

    await asyncio.to_thread(thread.stop, 0.5)

    (row,) = deliveries()
    assert not thread.is_running
    assert (row["state"], row["attempt"], row["owner"]) == ("ready", 0, "")
    assert [each["error"] for each in attempts()] == ["interrupted"]
    assert endpoint_row()["failures"] == 0


async def test_a_slow_receiver_is_not_asked_again_at_once_after_it_was_interrupted(listener: Listener) -> None:
    listener.behaviour = Behaviour(hang=True)
    announce()

    first = await asyncio.to_thread(deliver_until_idle, 0.6, policy=replace(QUICK, patience=0.1, outage_pause=60.0))
    second = await asyncio.to_thread(deliver_until_idle, 0.6, policy=QUICK)

    assert (first, second) == (Progress(0, 1), Progress(0, 1))
    assert listener.count == 1


async def test_a_worker_that_raises_is_started_again_and_says_so_meanwhile(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = threading.Event()
    broken.set()
    claim = outbox.claim

    def break_down(*given: object) -> list[outbox.Claimed]:
        if broken.is_set():
            raise RuntimeError("a bug")
        return claim(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "claim", break_down)
    thread = DeliveryThread(QUICK)
    thread.start()
    announce()
    await eventually(lambda: "RuntimeError" in thread.trouble)

    broken.clear()

    await asyncio.wait_for(listener.wait_for(1), PATIENCE)
    await eventually(lambda: thread.trouble == "")
    await asyncio.to_thread(thread.stop)
    assert states() == ["done"]


async def test_a_result_that_cannot_be_written_does_not_take_others_with_it(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = results.settle

    def break_down(finished: list[tuple[outbox.Claimed, object]], *given: object) -> list[results.Settled]:
        if any(claimed.task_id == 1 for claimed, _ in finished):
            raise RuntimeError("a bug")
        return settle(finished, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(results, "settle", break_down)
    with board_database.transaction():
        for task_id in (1, 2, 3):
            announce(task_id)
    thread = DeliveryThread(replace(QUICK, lease_margin=60))
    thread.start()

    await eventually(lambda: states() == ["sending", "done", "done"])

    await asyncio.to_thread(thread.stop)


async def test_a_file_that_is_gone_is_trouble_until_it_is_back(listener: Listener, board: Path, tmp_path: Path) -> None:
    thread = DeliveryThread(QUICK)
    thread.start()
    os.rename(board, tmp_path / "away.db")
    await eventually(lambda: "was removed or replaced" in thread.trouble)

    os.rename(tmp_path / "away.db", board)
    await eventually(lambda: thread.trouble == "")
    announce()

    await asyncio.wait_for(listener.wait_for(1), 5)
    await asyncio.to_thread(thread.stop)


@pytest.mark.parametrize("seconds", [0.3, 1.0])
async def test_a_locked_database_is_waited_for_and_nothing_is_sent_twice(
    listener: Listener, board: Path, seconds: float
) -> None:
    listener.behaviour = Behaviour(delay=0.2)
    with board_database.transaction():
        for task_id in range(8):
            announce(task_id)
    thread = DeliveryThread()
    thread.start()
    await asyncio.wait_for(listener.wait_for(4), PATIENCE)

    blocker = sqlite3.connect(board, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    await eventually(lambda: "locked" in thread.trouble)
    await asyncio.sleep(seconds)
    blocker.execute("COMMIT")
    blocker.close()

    await eventually(lambda: states() == ["done"] * 8)
    await asyncio.to_thread(thread.stop)
    assert thread.trouble == ""
    assert listener.count == 8


async def test_a_database_that_stays_locked_does_not_keep_the_thread_from_stopping(
    listener: Listener, board: Path
) -> None:
    listener.behaviour = Behaviour(delay=0.2)
    announce()
    thread = DeliveryThread()
    thread.start()
    await asyncio.wait_for(listener.wait_for(1), PATIENCE)
    blocker = sqlite3.connect(board, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    await eventually(lambda: "locked" in thread.trouble)

    await asyncio.to_thread(thread.stop, 1.0)

    assert not thread.is_running
    blocker.execute("ROLLBACK")
    blocker.close()
    assert states() == ["sending"]


async def test_a_full_disk_is_told_and_results_are_written_when_there_is_room_again(listener: Listener) -> None:
    listener.behaviour = Behaviour(body=b"x" * 2048)
    with board_database.transaction():
        for task_id in range(30):
            announce(task_id)
    full = threading.Event()
    full.set()

    class CrampedThread(DeliveryThread):
        async def _supervise(self) -> None:
            board_database.connect_thread()
            pages = sql.fetch_one("PRAGMA page_count")
            assert pages is not None
            sql.execute(f"PRAGMA max_page_count = {pages[0] + 2}")
            widening = asyncio.get_running_loop().create_task(self._widen())
            await super()._supervise()
            await widening

        async def _widen(self) -> None:
            while full.is_set():  # noqa: ASYNC110 - it is cleared in another thread
                await asyncio.sleep(0.01)
            sql.execute("PRAGMA max_page_count = 1000000")

    thread = CrampedThread(QUICK)
    thread.start()
    await eventually(lambda: "No room" in thread.trouble)

    full.clear()

    await eventually(lambda: states() == ["done"] * 30)
    await asyncio.to_thread(thread.stop)
    assert listener.count == 30
    assert thread.trouble == ""


async def test_the_log_is_moved_into_the_file_when_the_thread_is_idle(listener: Listener, board: Path) -> None:
    thread = DeliveryThread(replace(QUICK, checkpoint_after=0.05))
    thread.start()
    announce()
    await asyncio.wait_for(listener.wait_for(1), PATIENCE)

    def is_moved() -> bool:
        # A new writer starts the log anew once all of it is in the file.
        settings.put("probe", str(time.time()))
        return Path(f"{board}-wal").stat().st_size > 0 and b"msg_" in board.read_bytes()

    await eventually(is_moved)
    await asyncio.to_thread(thread.stop)


async def test_a_command_sends_what_is_due_and_says_what_is_left(listener: Listener) -> None:
    listener.behaviour = Behaviour(fail_first=1)
    announce(1)
    announce(2)
    reports: list[Report] = []

    progress = await asyncio.to_thread(
        deliver_until_idle, policy=replace(QUICK, schedule=(0, 3600)), on_attempt=reports.append
    )

    assert progress == Progress(sent=1, left=1)
    assert sorted(report.state for report in reports) == ["done", "ready"]


async def test_a_command_with_nothing_to_send_does_not_import_httpx(board: Path) -> None:
    code = (
        "import sys; from kbtui.core.db import database; database.connect(sys.argv[1])\n"
        "from kbtui.webhooks.delivery import deliver_until_idle, DeliveryThread\n"
        "print(deliver_until_idle()); t = DeliveryThread(); t.start(); t.stop()\n"
        "print([name for name in sys.modules if name.startswith(('httpx', 'httpcore', 'textual'))])"
    )

    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code, str(board)], check=True, capture_output=True, text=True
    )

    assert done.stdout.splitlines() == ["Progress(sent=0, left=0)", "[]"]


async def test_a_command_leaves_the_sending_to_a_process_that_delivers(listener: Listener) -> None:
    announce()
    with SenderLock():
        left = await asyncio.to_thread(deliver_until_idle)
        sent = await asyncio.to_thread(deliver_until_idle, beside_others=True)

    assert (left, sent) == (Progress(0, 1), Progress(1, 0))


async def test_who_was_killed_delivers_no_more(listener: Listener, board: Path) -> None:
    code = (
        "import sys, time; from kbtui.core.db import database; database.connect(sys.argv[1])\n"
        "from kbtui.webhooks.sender_lock import SenderLock\n"
        "p = SenderLock(); p.take(); print('there', flush=True); time.sleep(60)"
    )
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(board), stdout=asyncio.subprocess.PIPE)
    assert other.stdout is not None
    await other.stdout.readline()
    announce()
    before = await asyncio.to_thread(deliver_until_idle)

    other.kill()
    await other.wait()

    assert before == Progress(0, 1)
    assert await asyncio.to_thread(deliver_until_idle) == Progress(1, 0)


async def test_delivering_goes_on_until_it_is_told_to_end(listener: Listener) -> None:
    stopping = threading.Event()
    running = asyncio.create_task(asyncio.to_thread(deliver_forever, stopping))
    announce(1)
    await asyncio.wait_for(listener.wait_for(1), PATIENCE)
    announce(2)
    await asyncio.wait_for(listener.wait_for(2), PATIENCE)

    stopping.set()

    assert await asyncio.wait_for(running, PATIENCE) == 2
    assert states() == ["done", "done"]


async def test_a_test_event_is_sent_at_once_and_leaves_no_trace(listener: Listener) -> None:
    listener.token = settings.webhook_token()
    listener.secret = endpoints.rotate_secret(1)
    endpoints.set_enabled(1, False)

    outcome = await asyncio.to_thread(send_test, 1)

    (received,) = listener.received
    assert (outcome.error, outcome.status, outcome.answer) == ("", 200, b"OK")
    assert (received.token_is_right, received.signature, received.event_name) == (True, "", "task.move.column")
    assert received.webhook_id.startswith("msg_test")
    assert (deliveries(), attempts()) == ([], [])


@pytest.mark.parametrize("name", log.WEBHOOK_EVENTS)
@pytest.mark.parametrize("payload_format", ["kanboard-1.0", "kanboard-1.2"])
async def test_a_test_event_is_one_that_the_endpoint_wants(name: str, payload_format: str, listener: Listener) -> None:
    endpoints.update_endpoint(1, events=name, payload_format=payload_format)

    outcome = await asyncio.to_thread(send_test, 1)

    assert outcome.error == ""
    assert listener.received[0].event_name.removeprefix("task.") == name.removeprefix("task.")


def test_a_test_event_for_an_unknown_endpoint_is_refused(board: Path) -> None:
    with pytest.raises(NotFoundError):
        send_test(9)

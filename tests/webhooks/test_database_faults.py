"""What the sender does when the database is in its way: locked, read-only, full, or with a row that is damaged."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kbtui.core.db import database as board_database
from kbtui.core.db.engine import SqliteEngine
from kbtui.errors import DatabaseReadOnlyError
from kbtui.webhooks import endpoints
from kbtui.webhooks.delivery import DeliveryThread
from kbtui.webhooks.listener import Behaviour, Listener
from tests import sql
from tests.core.other_processes import locked
from tests.disks import filled, mounted
from tests.patience import PATIENCE
from tests.sql import fetch_one
from tests.webhooks.outgoing import QUICK, announce, attempts, deliver, deliveries, endpoint_row, states
from tests.webhooks.test_delivery import eventually


@pytest.fixture
async def listener(board: Path) -> AsyncIterator[Listener]:
    async with Listener() as receiver:
        endpoints.add_endpoint(receiver.url, name="Chat")
        yield receiver


@asynccontextmanager
async def sending(thread: DeliveryThread) -> AsyncIterator[DeliveryThread]:
    """Let a thread deliver; it has ended afterwards, whatever happens."""
    thread.start()
    try:
        yield thread
    finally:
        await asyncio.to_thread(thread.stop)


DAMAGED = {
    "no UTF-8": "CAST(x'7b22ff227d' AS TEXT)",
    "bytes": "x'ff00'",
    "half": "substr(facts, 1, 100)",
    "empty": "''",
    "a number": "5",
    "too deep": f"'{'[' * 100_000}'",
    "another shape": """'{"task": {"id": []}, "changes": 7}'""",
    "null": "'null'",
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
@pytest.mark.parametrize("payload_format", ["kanboard-1.0", "kanboard-1.2"])
async def test_an_event_that_is_damaged_is_given_up_and_nothing_waits_for_it(
    listener: Listener, payload_format: str, damage: str
) -> None:
    endpoints.update_endpoint(1, payload_format=payload_format)
    for task_id in (1, 1, 2):
        announce(task_id)
    sql.execute(f"UPDATE events SET facts = {damage} WHERE id = 1")

    await deliver()

    assert states() == ["dead", "done", "done"]
    assert (attempts()[0]["error"], attempts()[0]["number"]) == ("payload", 1)
    assert endpoint_row()["failures"] == 0
    assert listener.count == 2


@pytest.mark.parametrize(
    "column", ["deadline", "concurrency", "schedule", "failures", "paused_until", "headers", "url"]
)
async def test_an_endpoint_that_is_damaged_does_not_stop_what_goes_to_the_others(
    listener: Listener, column: str
) -> None:
    damaged = endpoints.add_endpoint(f"{listener.url}damaged")
    sql.execute(f"UPDATE endpoints SET {column} = 'no such thing' WHERE id = ?", (damaged,))
    announce(1)
    announce(1)
    thread = DeliveryThread()

    async with sending(thread):
        await eventually(lambda: len([each for each in deliveries("done") if each["endpoint_id"] == 1]) == 2)

    assert thread.trouble == ""


@pytest.mark.parametrize("seconds", [0.3, pytest.param(10.0, marks=pytest.mark.slow)])
async def test_no_result_is_lost_and_nothing_is_sent_twice_however_long_the_lock_is_held(
    listener: Listener, board: Path, seconds: float
) -> None:
    listener.behaviour = Behaviour(delay=0.2)
    with board_database.transaction():
        for task_id in range(20):
            announce(task_id)
    async with sending(DeliveryThread()) as thread:
        await asyncio.wait_for(listener.wait_for(4), PATIENCE)

        with locked(board):
            await eventually(lambda: "locked" in thread.trouble)
            await asyncio.sleep(seconds)

        await eventually(lambda: states() == ["done"] * 20)
        assert thread.trouble == ""
    assert listener.count == 20


@contextmanager
def frozen(thread: DeliveryThread, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a thread read only, as from a disk that was remounted."""
    begin = SqliteEngine.begin

    def refuse(engine: SqliteEngine, lock_type: str | None = None) -> None:
        if threading.current_thread() is thread._thread:
            raise DatabaseReadOnlyError("The board cannot be written.")
        begin(engine, lock_type)

    with monkeypatch.context() as patch:
        patch.setattr(SqliteEngine, "begin", refuse)
        yield


async def test_a_database_that_can_only_be_read_is_told_and_sending_goes_on_when_it_can_be_written(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener.behaviour = Behaviour(delay=0.2)
    thread = DeliveryThread(QUICK)
    async with sending(thread):
        announce(1)
        await asyncio.wait_for(listener.wait_for(1), PATIENCE)
        with frozen(thread, monkeypatch):
            await eventually(lambda: "cannot be written" in thread.trouble)
            announce(2)
            assert states() == ["sending", "ready"]

        await eventually(lambda: states() == ["done", "done"])
    assert listener.count == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 4 MiB, where this process may do so, and open a board on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "-t", "tmpfs", "-o", "size=4m", "tmpfs"):
        board_database.connect(folder / "kbtui.db")
        yield folder
        board_database.close()


async def test_a_disk_that_is_full_when_results_come_loses_none_of_them(small_disk: Path) -> None:
    async with (
        Listener(behaviour=Behaviour(delay=0.3, body=b"x" * 2048)) as listener,
        sending(DeliveryThread(replace(QUICK, deadline=5.0))) as thread,
    ):
        endpoints.add_endpoint(listener.url)
        announce(1)
        await asyncio.wait_for(listener.wait_for(1), PATIENCE)
        with filled(small_disk):
            await eventually(lambda: "No room" in thread.trouble)
            assert states() == ["sending"]

        await eventually(lambda: states() == ["done"])
        announce(1)
        await eventually(lambda: states() == ["done", "done"])

        assert listener.count == 2
        assert thread.trouble == ""
    assert fetch_one("PRAGMA integrity_check") == ("ok",)


async def test_a_claim_that_finds_no_room_is_made_later(small_disk: Path) -> None:
    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        with board_database.transaction():
            for number in range(20):
                announce(number)
        with ExitStack() as full:
            full.enter_context(filled(small_disk))
            async with sending(DeliveryThread(QUICK)) as thread:
                await eventually(lambda: "No room" in thread.trouble)
                assert listener.count == 0

                full.close()

                await eventually(lambda: states() == ["done"] * 20)
    assert listener.count == 20

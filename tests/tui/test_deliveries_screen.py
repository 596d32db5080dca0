"""The deliveries screen, driven by keys and the mouse; what it shows is really sent to real receivers."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.events import MouseScrollDown
from textual.geometry import Region
from textual.widgets import Static

from kbtui.core.db.database import transaction
from kbtui.core.tasks import tasks
from kbtui.tui.screens.choice import ChoiceScreen
from kbtui.tui.screens.deliveries import DeliveriesScreen
from kbtui.tui.widgets.delivery_table import DeliveryTable
from kbtui.webhooks import endpoints, redelivery
from kbtui.webhooks.deliveries import DeliveryRow
from kbtui.webhooks.delivery import DeliveryThread
from kbtui.webhooks.listener import Behaviour, Listener
from kbtui.webhooks.policy import Policy
from tests import sql
from tests.sql import fetch_one
from tests.tui.board_fixtures import Cells, Desk, open_desk
from tests.tui.screen_fixtures import HOSTILE, click_on, screen_lines, shown
from tests.webhooks.receivers import free_port

THREE: Cells = {(0, 0): 3}
SMALL, LARGE = (80, 24), (160, 45)

ONCE = Policy(schedule=(0.0,), jitter=0.0, poll=0.01, outage_pause=0.01)
"""What fails is given up at once."""

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])


@asynccontextmanager
async def delivering(policy: Policy | None = None) -> AsyncIterator[DeliveryThread]:
    """Deliver in a thread of its own."""
    thread = DeliveryThread(policy)
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()


def screen(desk: Desk) -> DeliveriesScreen:
    top = desk.app.screen
    assert isinstance(top, DeliveriesScreen)
    return top


def rows_shown(desk: Desk) -> list[list[str]]:
    """Return the words of each row of the table."""
    table = desk.app.screen.query_one(DeliveryTable)
    lines = [table.render_line(y).text for y in range(1, table.size.height)]
    return [line.replace("▶", " ").split() for line in lines if line.strip()]


def marked(desk: Desk) -> int | None:
    """Return the id of the delivery under the cursor."""
    row = desk.app.screen.query_one(DeliveryTable).row
    return row.id if row else None


def said(desk: Desk) -> str:
    return str(desk.app.screen.query_one("#said", Static).visual)


def summary(desk: Desk) -> str:
    return str(desk.app.screen.query_one("#summary", Static).visual)


def detail(desk: Desk) -> str:
    return str(desk.app.screen.query_one("#detail", Static).visual)


def focused(desk: Desk) -> str | None:
    """Return the id of what has the focus."""
    widget = desk.app.screen.focused
    return widget.id if widget else None


def state(delivery_id: int) -> str:
    row = fetch_one("SELECT state FROM deliveries WHERE id = ?", (delivery_id,))
    assert row is not None
    return str(row[0])


def give_up(*delivery_ids: int, ago: float = 0.0) -> None:
    """Let deliveries have failed for good."""
    for delivery_id in delivery_ids:
        redelivery.skip(delivery_id)
        sql.execute(
            "UPDATE deliveries SET last_error = 'refused', finished_at = ? WHERE id = ?",
            (time.time() - ago, delivery_id),
        )


@SIZES
async def test_what_is_sent_appears_while_one_looks_on(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_desk(tmp_path, THREE, size=size) as desk, Listener() as listener, delivering():
        await desk.press("w")
        assert "Nothing has been sent yet." in shown(desk)
        endpoints.add_endpoint(listener.url, name="Builds")

        tasks.update_task(1, title="Other")
        await desk.wait_for(lambda: "done" in shown(desk))

        (row,) = rows_shown(desk)
        assert row[1:7] == ["task.update", "#1", "Builds", "1/10", "done", "200"]
        await desk.wait_for(lambda: "Builds ok" in summary(desk))
        assert listener.count == 1
        tasks.update_task(2, title="Another")
        await desk.wait_for(lambda: [row[2] for row in rows_shown(desk)] == ["#2", "#1"])
        assert all(cell_len(line) == size[0] for line in screen_lines(desk))


async def test_the_cursor_stays_on_its_delivery_and_the_view_where_it_was_scrolled_to(tmp_path: Path) -> None:
    async with open_desk(tmp_path, THREE, size=SMALL) as desk:
        endpoints.add_endpoint(f"http://127.0.0.1:{free_port()}/", name="Builds")
        with transaction():
            for number in range(60):
                tasks.update_task(1, title=f"{number}")
        await desk.press("w", "down", "down")
        assert marked(desk) == 58
        await desk.wheel(MouseScrollDown, 10, 10, times=5)
        first = rows_shown(desk)[0]

        await desk.elsewhere("for n in range(3): tasks.update_task(2, title=str(n))")
        await desk.wait_for(lambda: screen(desk).table.row and screen(desk).table._count == 63)

        assert marked(desk) == 58
        assert rows_shown(desk)[0] == first
        await desk.press("down")
        assert marked(desk) == 57
        assert any("▶" in line for line in screen_lines(desk)), "a key brings the cursor back into sight"


@SIZES
async def test_a_delivery_is_shown_in_full_with_everything_escaped_and_masked(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    body = b"\x1b[31m[bold]red[/]\x00 \xff \xe2\x80\xae" + HOSTILE["emoji"].encode()
    behaviour = Behaviour(status=422, body=body, headers=(("X-Odd", "a\x1b[2Jb"),))
    async with open_desk(tmp_path, THREE, size=size) as desk, Listener(behaviour=behaviour) as listener:
        endpoints.add_endpoint(f"{listener.url}hook", name=HOSTILE["markup"])
        endpoints.rotate_secret(1)
        endpoints.update_endpoint(1, headers={"Authorization": "Bearer hidden"})
        async with delivering(ONCE):
            tasks.update_task(1, title="[red]Other[/]")
            await desk.press("w", "enter")
            await desk.wait_for(lambda: "Attempt 1" in detail(desk))
        seen = detail(desk)
        token, secret = fetch_one("SELECT value, secret FROM settings, endpoints WHERE key = 'webhook_token'") or (
            "",
            "",
        )

        assert "status 422" in seen
        assert "\\x1b[31m[bold]red[/]\\x00 � \\u202e" in seen
        assert "x-odd" in seen.lower()
        assert f"POST {listener.url}hook?token=•••" in seen
        assert "Authorization: •••" in seen
        assert "webhook-signature: v1,•••" in seen
        assert '"title":"[red]Other[\\/]"' in seen
        everything = seen + shown(desk)
        assert not any(hidden in everything for hidden in (token, secret, "Bearer hidden", "\x1b", "\x00"))
        assert all(cell_len(line) == size[0] and line.isprintable() for line in screen_lines(desk))
        assert focused(desk) == "side"
        await desk.press("escape")
        assert focused(desk) != "side"
        await desk.press("escape")
        assert desk.app.screen is desk.app.board_screen


async def test_a_receiver_that_fails_and_recovers_is_seen_to_do_so(tmp_path: Path) -> None:
    quick = Policy(schedule=(0.0, 0.3, 0.3), jitter=0.0, poll=0.01)
    async with (
        open_desk(tmp_path, THREE, size=LARGE) as desk,
        Listener(behaviour=Behaviour(fail_first=1)) as listener,
        delivering(quick),
    ):
        endpoints.add_endpoint(listener.url, name="Builds")
        await desk.press("w")
        tasks.update_task(1, title="Other")
        await desk.wait_for(lambda: "done" in shown(desk))

        assert "Attempt 1" in detail(desk)
        assert "status 500" in detail(desk)
        assert "Attempt 2" in detail(desk)
        assert "attempt 2 of 10" in detail(desk)


async def test_what_is_shown_can_be_narrowed_by_state_endpoint_and_task(tmp_path: Path) -> None:
    async with open_desk(tmp_path, THREE, size=LARGE) as desk:
        endpoints.add_endpoint(f"http://127.0.0.1:{free_port()}/", name="One")
        endpoints.update_endpoint(endpoints.add_endpoint("http://127.0.0.1:9/", name="Two"), is_ordered=0)
        for task_id in (1, 1, 2):
            tasks.update_task(task_id, title=f"{time.time()}")
        give_up(5)
        await desk.press("w")
        assert len(rows_shown(desk)) == 6

        await desk.press("f")
        assert "only ready" in summary(desk)
        assert {row[4] for row in rows_shown(desk)} == {"ready"}
        await desk.press("f", "f")
        assert "only blocked" in summary(desk)
        assert [(row[2], row[3], row[4]) for row in rows_shown(desk)] == [("#1", "One", "blocked")]
        await desk.press("f")
        assert "There is no such delivery." in shown(desk)
        await desk.press("f")
        assert [(row[2], row[4]) for row in rows_shown(desk)] == [("#2", "dead")]
        await desk.press("f", "e", "e")
        assert {row[3] for row in rows_shown(desk)} == {"Two"}
        assert "One" not in summary(desk)
        await desk.press("e", "home", "o")
        assert {row[2] for row in rows_shown(desk)} == {"#2"}
        assert "only #2" in summary(desk)
        await desk.press("o")
        assert len(rows_shown(desk)) == 6


async def test_a_delivery_that_was_given_up_is_sent_again_under_its_id(tmp_path: Path) -> None:
    async with open_desk(tmp_path, THREE, size=SMALL) as desk, Listener() as listener:
        endpoints.add_endpoint(listener.url, name="Builds")
        tasks.update_task(1, title="Other")
        give_up(1)
        webhook_id = fetch_one("SELECT webhook_id FROM deliveries")
        async with delivering():
            await desk.press("w", "r")
            assert "Delivery 1 is sent again." in said(desk)
            await desk.wait_for(lambda: "done" in shown(desk))

        assert [(received.webhook_id,) for received in listener.received] == [webhook_id]


async def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    async with open_desk(tmp_path, THREE, size=SMALL) as desk:
        await desk.press("w", "r", "s", "c", "o", "enter", "t")
        assert "There is no endpoint yet." in said(desk)
        endpoints.add_endpoint(f"http://127.0.0.1:{free_port()}/", name="Builds")
        tasks.update_task(1, title="Other")
        tasks.update_task(1, title="Another")
        await desk.press("escape", "w", "r")
        assert "waits for an earlier one of its task" in said(desk)
        give_up(2)
        await desk.press("s")
        assert "finished already" in said(desk)


async def test_all_that_failed_since_a_time_is_sent_again(tmp_path: Path) -> None:
    async with open_desk(tmp_path, THREE, size=SMALL) as desk:
        endpoints.add_endpoint(f"http://127.0.0.1:{free_port()}/", name="Builds")
        for task_id in (1, 2, 3):
            tasks.update_task(task_id, title="Other")
        give_up(1, 2)
        give_up(3, ago=7200)
        await desk.press("w", "R")
        assert isinstance(desk.app.screen, ChoiceScreen)
        await desk.press("escape")
        assert [state(each) for each in (1, 2, 3)] == ["dead"] * 3
        await desk.press("R", "enter")
        assert "2 deliveries are sent again." in said(desk)
        assert [state(each) for each in (1, 2, 3)] == ["ready", "ready", "dead"]

        await desk.press("R", "end", "enter")

        assert "1 delivery is sent again." in said(desk)
        assert state(3) == "ready"


async def test_skipping_the_head_lets_the_next_one_go(tmp_path: Path) -> None:
    async with open_desk(tmp_path, THREE, size=SMALL) as desk:
        endpoints.add_endpoint(f"http://127.0.0.1:{free_port()}/", name="Builds")
        tasks.update_task(1, title="Other")
        tasks.update_task(1, title="Another")
        await desk.press("w", "end", "s")

        assert "Delivery 1 is given up; r sends it after all." in said(desk)
        assert [state(each) for each in (1, 2)] == ["dead", "ready"]
        assert [row[4] for row in rows_shown(desk)] == ["ready", "dead"]


async def test_an_endpoint_is_paused_resumed_and_tested(tmp_path: Path) -> None:
    async with open_desk(tmp_path, THREE, size=LARGE) as desk, Listener() as listener:
        endpoints.add_endpoint(listener.url, name="Builds")
        await desk.press("w", "p")
        assert "Builds is paused; its events are kept." in said(desk)
        async with delivering():
            tasks.update_task(1, title="Other")
            await desk.wait_for(lambda: "Builds paused, 1 waiting" in summary(desk))
            assert rows_shown(desk)[0][-1] == "paused"
            await desk.press("p")
            assert "Builds goes on." in said(desk)
            await desk.wait_for(lambda: "done" in shown(desk))
        await desk.press("t")
        await desk.wait_for(lambda: "Builds answered 200 in " in said(desk))

        assert [received.webhook_id.startswith("msg_test") for received in listener.received] == [False, True]


async def test_a_request_is_copied_as_curl_with_the_token_masked(tmp_path: Path) -> None:
    async with open_desk(tmp_path, THREE, size=SMALL) as desk:
        endpoints.add_endpoint("http://127.0.0.1:9/hook?x=it's", name="Builds")
        tasks.update_task(1, title="It's here")
        await desk.press("w", "c")

        copied = desk.app.clipboard
        assert copied.startswith(
            "curl --globoff -X POST -H 'User-Agent: Kanboard Webhook' -H 'Content-Type: application/json'"
        )
        assert "&token=•••" in copied
        assert "Copied as curl, with the token masked." in said(desk)


@SIZES
async def test_the_mouse_marks_opens_scrolls_presses_keys_and_closes(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_desk(tmp_path, THREE, size=size) as desk:
        endpoints.add_endpoint(f"http://127.0.0.1:{free_port()}/", name="Builds")
        for number in range(4):
            tasks.update_task(1, title=f"{number}")
        await desk.press("w")
        await desk.click(10, 4)
        assert marked(desk) == 2
        await desk.click(10, 4, times=2)
        assert focused(desk) == "side"
        assert "POST http://127.0.0.1" in shown(desk)
        await desk.press("escape")

        x = screen_lines(desk)[-1].index("f State")
        await desk.click(x + 1, size[1] - 1)
        assert "only ready" in summary(desk)
        await click_on(desk, "CloseMark")

        assert desk.app.screen is desk.app.board_screen


async def test_a_delivery_that_is_pruned_under_the_cursor_leaves_it_on_another(tmp_path: Path) -> None:
    async with open_desk(tmp_path, THREE, size=LARGE) as desk:
        endpoints.add_endpoint(f"http://127.0.0.1:{free_port()}/", name="Builds")
        for task_id in (1, 2, 3):
            tasks.update_task(task_id, title="Other")
        await desk.press("w", "down")
        assert marked(desk) == 2

        await desk.elsewhere(
            "from kbtui.core.db.models import Delivery\nwith database.transaction():\n"
            "    Delivery.delete().where(Delivery.id == 2).execute()"
        )
        await desk.wait_for(lambda: len(rows_shown(desk)) == 2)

        assert marked(desk) == 1
        assert "delivery 1, ready" in detail(desk)


async def test_a_hundred_thousand_deliveries_cost_what_is_seen_of_them(tmp_path: Path) -> None:
    async with open_desk(tmp_path, THREE, size=LARGE) as desk:
        endpoints.add_endpoint(f"http://127.0.0.1:{free_port()}/", name="Builds")
        tasks.update_task(1, title="Other")
        sql.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
            " INSERT INTO deliveries (webhook_id, event_id, endpoint_id, event_name, state, date_creation,"
            " scheduled_at, due_at, finished_at) SELECT 'old_' || i, (SELECT max(id) FROM events), 1, 'task.update',"
            " 'done', 0, 0, 0, i FROM n"
        )
        await desk.press("w")
        table = screen(desk).table
        reads: list[int] = []
        read = table._read

        def count_reads(offset: int, limit: int) -> list[DeliveryRow]:
            reads.append(offset)
            return read(offset, limit)

        table._read = count_reads

        await desk.press("end", "up", "pageup", "home", *["down"] * 10)

        assert table._count == 100_001
        assert marked(desk) == 100_001 - 10
        assert len(reads) <= 3, "a page of rows is read once"
        assert table.region == Region(0, 1, 160, table.size.height)

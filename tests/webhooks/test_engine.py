"""The engine at work, with real receivers: order, independence, retries, and what it survives."""

import asyncio
import json
import time
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from standardwebhooks import Webhook

from kbtui.core.projects import settings
from kbtui.webhooks import endpoints, outbox, redelivery
from kbtui.webhooks.deliveries import read_request
from kbtui.webhooks.engine import Engine
from kbtui.webhooks.listener import Behaviour, Listener
from kbtui.webhooks.outbox import Claimed
from kbtui.webhooks.results import Report
from tests import sql
from tests.patience import PATIENCE
from tests.webhooks.outgoing import (
    ONCE,
    QUICK,
    announce,
    attempts,
    deliver,
    deliver_all,
    deliveries,
    endpoint_row,
    states,
)
from tests.webhooks.receivers import Receiver, answering, free_port, resetting_after, saying, silent_after

pytestmark = pytest.mark.usefixtures("board")


def titles_by_task(listener: Listener) -> dict[str, list[str]]:
    told: dict[str, list[str]] = defaultdict(list)
    for received in listener.received:
        told[received.payload["event_data"]["task_id"]].append(received.payload["event_data"]["title"])
    return dict(told)


async def test_every_event_arrives_once_and_in_order_for_each_task() -> None:
    async with Listener(token=settings.webhook_token()) as listener:
        endpoints.add_endpoint(listener.url)
        for number in range(8):
            for task_id in (1, 2, 3):
                announce(task_id, title=f"{number}")

        await deliver(replace(QUICK, deadline=10.0), seconds=30)

    assert titles_by_task(listener) == {str(task_id): [f"{n}" for n in range(8)] for task_id in (1, 2, 3)}
    assert states() == ["done"] * 24
    assert {received.status for received in listener.received} == {200}


async def test_a_process_that_was_suspended_between_claim_and_request_does_not_send_what_others_may_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claim, slept = outbox.claim, 0.0

    def sleep_after_the_first(*given: Any) -> list[Claimed]:
        nonlocal slept
        claimed = claim(*given)
        slept = slept or QUICK.lease_margin + 0.1
        return claimed

    monkeypatch.setattr(outbox, "claim", sleep_after_the_first)
    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        announce()

        await Engine(QUICK, until_idle=True, now=lambda: time.time() + slept).run()

    assert [row["error"] for row in attempts()] == ["interrupted", ""]
    assert listener.count == 1
    assert states() == ["done"]


async def test_a_retry_has_the_same_id_and_the_same_bytes() -> None:
    async with Listener(behaviour=Behaviour(fail_first=2)) as listener:
        endpoints.add_endpoint(listener.url)
        announce()

        reports = await deliver_all()
        redelivery.resend(1)
        await deliver()

    assert [(each.attempt, each.state, each.status) for each in reports] == [
        (1, "ready", 500),
        (2, "ready", 500),
        (3, "done", 200),
    ]
    assert len({received.webhook_id for received in listener.received}) == 1
    assert len({received.body for received in listener.received}) == 1
    assert len(listener.received) == 4


async def test_an_event_that_fails_holds_up_its_task_and_no_other() -> None:
    async def pick(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task_id = json.loads(receiver.requests[-1].split(b"\r\n\r\n", 1)[1])["event_data"]["task_id"]
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % (500 if task_id == "1" else 200))

    async with Receiver(pick) as receiver:
        endpoints.add_endpoint(receiver.url)
        for task_id in (1, 1, 2, 2):
            announce(task_id)
        await deliver(ONCE)

    assert states() == ["ready", "blocked", "done", "done"]


@pytest.mark.parametrize("fault", ["closed port", "hangs", "resets", "500"])
async def test_one_endpoint_of_three_being_dead_does_not_keep_the_others_waiting(fault: str) -> None:
    bad = {"hangs": silent_after(b""), "resets": resetting_after(b""), "500": answering(500)}.get(fault, saying(b""))
    async with Listener() as first, Listener() as second, Receiver(bad) as dead:
        url = f"http://127.0.0.1:{free_port()}/" if fault == "closed port" else dead.url
        dead_id = endpoints.add_endpoint(url)
        endpoints.add_endpoint(first.url)
        endpoints.add_endpoint(second.url)
        for task_id in range(30):
            announce(task_id)
        engine = Engine(replace(ONCE, deadline=30.0))
        running = asyncio.create_task(engine.run())

        await asyncio.wait_for(asyncio.gather(first.wait_for(30), second.wait_for(30)), PATIENCE)

        engine.stop(within=0.3)
        await running
    assert len(deliveries("done")) == 60
    assert endpoint_row(dead_id)["is_enabled"] == 1


async def test_two_endpoints_of_three_that_hang_do_not_keep_the_third_waiting() -> None:
    async with Receiver(silent_after(b"")) as dead, Listener() as listener:
        for url in (dead.url, dead.url, listener.url):
            endpoints.add_endpoint(url)
        engine = Engine(replace(ONCE, deadline=30.0))
        for task_id in range(10):
            announce(task_id)
        running = asyncio.create_task(engine.run())
        await asyncio.wait_for(listener.wait_for(10), PATIENCE)
        engine.stop(within=0.3)
        await running

    assert [row["endpoint_id"] for row in deliveries("done")] == [3] * 10


@pytest.mark.parametrize(
    ("status", "field", "state"),
    [
        (200, "", "done"),
        (204, "", "done"),
        (301, "redirect", "ready"),
        (400, "status", "ready"),
        (410, "status", "ready"),
        (422, "status", "ready"),
        (429, "status", "ready"),
        (500, "status", "ready"),
        (502, "status", "ready"),
        (503, "status", "ready"),
        (504, "status", "ready"),
        (999, "status", "ready"),
    ],
)
async def test_each_answer_is_written_as_it_came(status: int, field: str, state: str) -> None:
    async with Listener(behaviour=Behaviour(status=status, headers=(("X-Why", "because"),), body=b"so")) as listener:
        endpoints.add_endpoint(listener.url)
        announce()
        await deliver(ONCE)

    (row,) = deliveries()
    (attempt,) = attempts()
    assert (row["state"], row["last_status"], row["last_error"]) == (state, status, field)
    assert (attempt["status"], attempt["error"], attempt["number"]) == (status, field, 1)
    assert "X-Why: because" in attempt["answer_headers"]
    assert bytes(attempt["answer"]) == (b"" if status == 204 else b"so")


async def test_410_stops_the_sending_and_tells_why() -> None:
    async with Listener(behaviour=Behaviour(status=410)) as listener:
        endpoints.add_endpoint(listener.url)
        announce(1)
        announce(1)
        await deliver()

    assert listener.count == 1
    assert states() == ["ready", "blocked"]
    assert "410" in endpoint_row()["disabled_reason"]


@pytest.mark.parametrize(("status", "pause"), [(429, 90), (503, 90)])
async def test_retry_after_is_heeded_for_the_endpoint_as_a_whole(status: int, pause: int) -> None:
    busy = Behaviour(status=status, headers=(("Retry-After", str(pause)),))
    async with Listener(behaviour=busy) as listener:
        endpoints.update_endpoint(endpoints.add_endpoint(listener.url), concurrency=1)
        announce(1)
        announce(2)
        await deliver(ONCE)

    assert listener.count == 1
    assert endpoint_row()["paused_until"] == pytest.approx(time.time() + pause, abs=10)


async def test_no_answer_in_time_leaves_the_endpoint_alone() -> None:
    async with Listener(behaviour=Behaviour(hang=True)) as listener:
        endpoints.update_endpoint(endpoints.add_endpoint(listener.url), concurrency=1)
        announce(1)
        announce(2)
        (report,) = await deliver(replace(ONCE, deadline=0.4))

    assert report.error == "timeout"
    assert endpoint_row()["paused_until"] == pytest.approx(time.time() + 60, abs=10)


async def test_ten_failures_and_the_event_is_dead_and_the_next_one_is_tried() -> None:
    async with Listener(behaviour=Behaviour(fail_first=10)) as listener:
        endpoints.add_endpoint(listener.url)
        announce(1, title="first")
        announce(1, title="second")
        reports = await deliver_all()

    assert [each.attempt for each in reports] == [*range(1, 11), 1]
    assert states() == ["dead", "done"]


async def test_three_refusals_let_the_next_event_pass() -> None:
    async with Listener(behaviour=Behaviour(status=422)) as listener:
        endpoints.add_endpoint(listener.url)
        announce(1, title="bad")
        announce(1, title="good")

        def relent(report: Report) -> None:
            if report.attempt == 3:
                listener.behaviour = Behaviour()

        engine = Engine(replace(QUICK, schedule=(0, 0.02, 0.02, 3600)), on_attempt=relent)
        running = asyncio.create_task(engine.run())
        await asyncio.wait_for(listener.wait_for(4), PATIENCE)
        engine.stop(within=1.0)
        await running

    assert titles_by_task(listener)["1"] == ["bad", "bad", "bad", "good"]
    assert states() == ["ready", "done"]


async def test_the_breaker_probes_with_the_oldest_and_one_success_drains_the_rest() -> None:
    async with Listener(behaviour=Behaviour(status=500)) as listener:
        endpoints.update_endpoint(endpoints.add_endpoint(listener.url), concurrency=1)
        for task_id in range(1, 11):
            announce(task_id, title=f"{task_id}")
        engine = Engine(replace(QUICK, schedule=(0.0,) + (0.3,) * 9))
        running = asyncio.create_task(engine.run())
        await asyncio.wait_for(listener.wait_for(6), PATIENCE)
        listener.behaviour = Behaviour()
        await asyncio.wait_for(listener.wait_for(16), PATIENCE)
        engine.stop(within=1.0)
        await running

    told = [received.payload["event_data"]["title"] for received in listener.received]
    assert told[:6] == ["1", "2", "3", "4", "5", "1"]
    assert sorted(told[6:], key=int) == [f"{n}" for n in range(1, 11)]
    assert told[6] == "1"


async def test_two_engines_on_one_board_send_nothing_twice() -> None:
    async with Listener() as listener:
        endpoints.update_endpoint(endpoints.add_endpoint(listener.url), concurrency=8)
        for number in range(60):
            announce(number % 20, title=f"{number}")

        patient = replace(QUICK, deadline=10.0)  # also where the machine is busy no answer may be given up
        await asyncio.gather(*(Engine(patient, until_idle=True).run() for _ in range(2)))
        await deliver_all(patient)

    assert listener.count == 60
    assert all(told == sorted(told, key=int) for told in titles_by_task(listener).values())


async def test_what_was_queued_in_one_format_is_sent_in_it_whatever_the_endpoint_has_by_then() -> None:
    async with Listener() as listener:
        endpoint_id = endpoints.add_endpoint(listener.url, payload_format="kanboard-1.2")
        announce(1)
        shown = read_request(1)[2]
        endpoints.update_endpoint(endpoint_id, payload_format="kanboard-1.0")
        announce(2)
        await deliver()

    old, new = sorted(listener.received, key=lambda received: str(received.payload["event_data"].get("task_id")))
    assert {old.body.decode(), new.body.decode()} >= {shown, read_request(1)[2]}
    assert {"event_author" in received.payload for received in (old, new)} == {True, False}


async def test_a_signed_event_is_accepted_by_the_reference_implementation() -> None:
    async with Listener() as listener:
        endpoint_id = endpoints.add_endpoint(listener.url)
        old, new = endpoints.rotate_secret(endpoint_id), endpoints.rotate_secret(endpoint_id)
        announce()
        await deliver()

    (received,) = listener.received
    for secret in (old, new):
        assert Webhook(secret).verify(received.body.decode(), received.headers)["event_name"] == "task.update"


async def test_a_day_after_a_rotation_the_old_secret_signs_no_more() -> None:
    async with Listener() as listener:
        endpoint_id = endpoints.add_endpoint(listener.url)
        endpoints.rotate_secret(endpoint_id)
        endpoints.rotate_secret(endpoint_id)
        sql.execute("UPDATE endpoints SET old_secret_until = ?", (time.time() - 1,))
        announce()
        await deliver()

    assert " " not in listener.received[0].headers["webhook-signature"]


async def test_an_endpoints_own_headers_go_along_and_replace_kanboards() -> None:
    async with Listener() as listener:
        endpoint_id = endpoints.add_endpoint(listener.url)
        endpoints.update_endpoint(endpoint_id, headers={"Authorization": "Bearer x", "user-agent": "Board"})
        announce()
        await deliver()

    headers = listener.received[0].headers
    assert (headers["authorization"], headers["user-agent"]) == ("Bearer x", "Board")


@pytest.mark.parametrize("facts", ["{", "[]", '{"task": {}}', '{"task": 1, "changes": [1]}', "null"])
async def test_an_event_that_cannot_be_read_is_given_up_and_the_next_one_goes(facts: str) -> None:
    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        announce()
        announce()
        sql.execute("UPDATE events SET facts = ? WHERE id = 1", (facts,))
        await deliver()

    assert states() == ["dead", "done"]
    assert attempts()[0]["error"] == "payload"
    assert endpoint_row()["failures"] == 0


async def test_a_listener_that_raises_does_not_stop_the_deliveries() -> None:
    def raise_it(report: Report) -> None:
        raise RuntimeError("the screen is gone")

    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        announce(1)
        announce(1)
        await Engine(QUICK, until_idle=True, on_attempt=raise_it).run()

    assert states() == ["done", "done"]


async def test_a_report_tells_all_but_secrets() -> None:
    token = settings.webhook_token()
    async with Listener(token=token) as listener:
        endpoints.add_endpoint(listener.url, name="Chat")
        announce(7)
        (report,) = await deliver()

    assert (report.endpoint, report.task_id, report.event_name, report.state) == ("Chat", 7, "task.update", "done")
    assert (report.attempt, report.attempts, report.status, report.error, report.next_try) == (1, 10, 200, "", None)
    assert token not in repr(report)


async def test_a_clock_that_is_set_forward_does_not_end_leases_of_requests_under_way() -> None:
    shift = 0.0

    def now() -> float:
        return time.time() + shift

    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        announce(1)
        sql.execute(
            "UPDATE deliveries SET state = 'sending', owner = 'other', attempt = 1, leased_until = ?",
            (time.time() + 25,),
        )
        engine = Engine(replace(QUICK, lease_margin=30), now=now)
        running = asyncio.create_task(engine.run())
        await asyncio.sleep(0.05)
        shift = 86400.0
        await asyncio.sleep(0.2)
        announce(2)
        engine.wake()
        await asyncio.wait_for(listener.wait_for(1), PATIENCE)
        engine.stop(within=1.0)
        await running

    assert states() == ["sending", "done"]


async def test_a_clock_that_is_set_back_delays_nothing() -> None:
    shift = 86400.0

    def now() -> float:
        return time.time() + shift

    async with Listener(behaviour=Behaviour(status=503)) as listener:
        endpoints.add_endpoint(listener.url)
        announce(1)
        engine = Engine(replace(QUICK, schedule=(0, 600, 600), outage_pause=600.0), now=now)
        running = asyncio.create_task(engine.run())
        await asyncio.wait_for(listener.wait_for(1), PATIENCE)
        await asyncio.sleep(0.05)
        listener.behaviour = Behaviour()
        sql.execute("UPDATE attempts SET started_at = started_at + 86400")
        shift = 0.0
        await asyncio.wait_for(listener.wait_for(2), PATIENCE)
        engine.stop(within=1.0)
        await running

    assert states() == ["done"]

"""Resending and skipping, by hand."""

import time

import pytest

from kbtui.errors import InvalidError, NotFoundError
from kbtui.webhooks import endpoints, outbox, redelivery, results
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.listener import Listener
from kbtui.webhooks.policy import Policy
from tests import sql
from tests.webhooks.outgoing import announce, deliver, deliveries, endpoint_row, states

URL = "http://127.0.0.1:9/hook"

pytestmark = pytest.mark.usefixtures("board")


def fail_all(*, schedule: tuple[float, ...] = (0.0,)) -> None:
    """Let everything that is due fail, once."""
    now = time.time()
    policy = Policy(schedule=schedule, jitter=0.0)
    claimed = outbox.claim("me", 8, {}, now, policy)
    results.settle([(each, Outcome(now, 5.0, "refused", "")) for each in claimed], now, policy)


async def test_a_dead_delivery_is_sent_again_with_its_id() -> None:
    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        announce()
        fail_all()
        assert states() == ["dead"]
        webhook_id = deliveries()[0]["webhook_id"]

        redelivery.resend(1)
        reports = await deliver()

    assert [(each.attempt, each.state) for each in reports] == [(1, "done")]
    assert [received.webhook_id for received in listener.received] == [webhook_id]


async def test_a_resent_delivery_goes_before_those_that_wait_in_its_line() -> None:
    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        for number in range(3):
            announce(1, title=f"{number}")
        fail_all()
        assert states() == ["dead", "ready", "blocked"]

        redelivery.resend(1)
        assert states() == ["ready", "blocked", "blocked"]
        await deliver()

    titles = [received.payload["event_data"]["title"] for received in listener.received]
    assert titles == ["0", "1", "2"]


def test_what_keeps_a_resent_delivery_waiting_is_said() -> None:
    for name in ("Chat", "CI", "Clock"):
        endpoints.add_endpoint(URL, name=name)
    announce(1)
    endpoints.pause(1)
    endpoints.set_enabled(2, False)

    assert redelivery.held([3]) == ""
    assert redelivery.held([1, 2, 3]) == (
        "Chat is paused: resume it, and they go. CI is disabled: enable it, and they go."
    )


def test_what_was_skipped_is_resent_by_itself_but_not_with_all_that_failed() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    redelivery.skip(1)
    fail_all()
    sql.execute("UPDATE deliveries SET state = 'dead', finished_at = 5, last_error = 'status' WHERE id = 2")

    assert redelivery.list_failed() == [2]
    assert redelivery.resend_failed() == 1
    assert states() == ["dead", "ready"]
    redelivery.resend(1)
    assert states() == ["ready", "ready"]


async def test_all_that_failed_since_a_time_is_sent_again_in_order() -> None:
    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        endpoints.add_endpoint(URL)
        for number in range(3):
            announce(1, title=f"{number}")
            announce(2, title=f"{number}")
            for _ in range(3):
                fail_all()
                endpoints.resume(1)
                endpoints.resume(2)
        sql.execute("UPDATE deliveries SET finished_at = 5 WHERE event_id = 1")
        assert set(states()) == {"dead"}

        assert redelivery.resend_failed(10.0, endpoint_id=1) == 5
        await deliver()

    titles = [(r.payload["event_data"]["task_id"], r.payload["event_data"]["title"]) for r in listener.received]
    assert [title for task_id, title in titles if task_id == "1"] == ["1", "2"]
    assert [title for task_id, title in titles if task_id == "2"] == ["0", "1", "2"]
    assert redelivery.resend_failed() == 7


def test_a_waiting_delivery_is_tried_at_once_and_the_endpoints_pause_ends() -> None:
    endpoints.add_endpoint(URL)
    announce()
    fail_all(schedule=(0.0, 3600.0))
    sql.execute("UPDATE endpoints SET paused_until = ?", (time.time() + 3600,))

    redelivery.resend(1)

    assert deliveries()[0]["due_at"] <= time.time()
    assert endpoint_row()["paused_until"] == 0
    assert deliveries()[0]["attempt"] == 1


def test_one_that_waits_for_another_or_is_being_sent_is_not_resent() -> None:
    endpoints.add_endpoint(URL)
    announce()
    announce()
    with pytest.raises(InvalidError, match="earlier one"):
        redelivery.resend(2)
    outbox.claim("me", 1, {}, time.time(), Policy())
    with pytest.raises(InvalidError, match="right now"):
        redelivery.resend(1)
    with pytest.raises(NotFoundError, match="no delivery 9"):
        redelivery.resend(9)


def test_an_event_that_had_left_its_line_stands_in_it_again_when_it_is_resent() -> None:
    endpoints.add_endpoint(URL)
    announce(4)
    sql.execute("UPDATE deliveries SET state = 'dead', task_id = NULL, refusals = 3")

    redelivery.resend(1)
    announce(4)

    assert [(row["task_id"], row["state"], row["refusals"]) for row in deliveries()] == [
        (4, "ready", 0),
        (4, "blocked", 0),
    ]


def test_without_order_a_resent_delivery_waits_for_nothing() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), is_ordered=False)
    announce()
    announce()
    fail_all()

    redelivery.resend_failed()

    assert states() == ["ready", "ready"]


def test_skipping_the_head_of_a_line_lets_the_next_one_go() -> None:
    endpoints.add_endpoint(URL)
    for _ in range(3):
        announce()

    redelivery.skip(1)
    redelivery.skip(3)

    assert states() == ["dead", "ready", "dead"]
    assert [row["last_error"] for row in deliveries()] == ["skipped", "", "skipped"]


def test_what_is_being_sent_or_finished_is_not_skipped() -> None:
    endpoints.add_endpoint(URL)
    announce()
    outbox.claim("me", 1, {}, time.time(), Policy())
    with pytest.raises(InvalidError, match="right now"):
        redelivery.skip(1)
    sql.execute("UPDATE deliveries SET state = 'done'")
    with pytest.raises(InvalidError, match="finished"):
        redelivery.skip(1)

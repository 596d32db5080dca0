"""What the status bar tells about an endpoint."""

import time
from pathlib import Path

import pytest

from kbtui.core.db.database import transaction
from kbtui.core.db.engine import database
from kbtui.webhooks import endpoints, health, outbox, results
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.health import Health
from kbtui.webhooks.policy import Policy
from tests import sql
from tests.webhooks.outgoing import announce, plan

STEADY = Policy(jitter=0.0)


def answer(*outcomes: Outcome, now: float | None = None) -> None:
    """Let the next events be answered like this, one after the other."""
    for each in outcomes:
        announce(None)
        when = now or time.time()
        sql.execute("UPDATE deliveries SET due_at = ? WHERE state = 'ready' AND due_at > ?", (when, when))
        claimed = outbox.claim("me", 1, {}, when, STEADY)
        results.settle([(claimed[0], each)], when, STEADY)


def took(ms: float, status: int = 200) -> Outcome:
    error, detail = ("", "") if status < 300 else ("status", f"The receiver answered {status}.")
    return Outcome(time.time(), ms, error, detail, status)


def unanswered(error: str = "refused", *, ms: float = 3.0) -> Outcome:
    return Outcome(time.time(), ms, error, "Nothing listens at the receiver's address.")


def told() -> Health:
    known = health.health(1)
    assert known is not None
    return known


@pytest.fixture(autouse=True)
def endpoint_id(board: Path) -> int:
    return endpoints.add_endpoint("http://127.0.0.1:9/hook?key=secret", name="Chat")


def test_an_endpoint_that_was_never_sent_anything_is_idle() -> None:
    known = told()

    assert (known.state, known.level, known.name, known.origin) == ("idle", "good", "Chat", "http://127.0.0.1:9")
    assert (known.last_ms, known.p50, known.p95, known.latencies) == (None, None, None, ())
    assert (known.waiting, known.waiting_text, known.next_try) == (0, "0", None)


@pytest.mark.parametrize(
    ("ms", "state", "level"), [(12.0, "ok", "good"), (1000.0, "ok", "good"), (1100.0, "slow", "warning")]
)
def test_an_endpoint_is_slow_when_its_last_answer_took_more_than_a_second(ms: float, state: str, level: str) -> None:
    answer(took(5.0), took(ms))

    assert (told().state, told().level, told().last_ms, told().last_status) == (state, level, ms, 200)


def test_percentiles_are_of_the_last_hundred_answers_and_the_sparkline_of_the_last_twenty() -> None:
    answer(*[took(9000.0)] * 5, *[took(float(ms)) for ms in range(1, 101)])

    known = told()

    assert (known.p50, known.p95, known.last_ms) == (50.0, 95.0, 100.0)
    assert known.latencies == tuple(float(ms) for ms in range(81, 101))


def test_attempts_without_an_answer_have_no_latency() -> None:
    answer(took(10.0), unanswered(ms=10_000.0))

    assert told().latencies == (10.0,)


def test_a_failing_endpoint_says_why_how_often_and_when_it_is_tried_again() -> None:
    answer(took(10.0), unanswered())

    known = told()

    assert (known.state, known.level, known.failures) == ("failing", "bad", 1)
    assert "Nothing listens" in known.reason
    assert known.next_try == pytest.approx(time.time() + 5, abs=2)
    assert known.waiting == 1


def test_after_five_failures_it_is_stopped() -> None:
    answer(*[unanswered()] * 5)

    assert (told().state, told().level) == ("stopped", "bad")


def test_a_success_ends_the_failing() -> None:
    answer(unanswered(), took(10.0))

    assert (told().state, told().reason) == ("ok", "")


def test_an_endpoint_that_asked_for_a_rest_rests() -> None:
    sql.execute("UPDATE endpoints SET paused_until = ?", (time.time() + 90,))
    announce()

    assert (told().state, told().level) == ("resting", "warning")
    assert told().next_try == pytest.approx(time.time() + 90, abs=5)


def test_a_paused_endpoint_keeps_what_waits_and_has_no_next_try() -> None:
    announce()
    endpoints.pause(1)

    assert (told().state, told().level, told().waiting, told().next_try) == ("paused", "off", 1, None)


def test_a_disabled_endpoint_says_why() -> None:
    answer(took(10.0, status=410))

    assert told().state == "disabled"
    assert "410" in told().reason


def test_all_endpoints_are_told_about_in_order() -> None:
    endpoints.add_endpoint("http://127.0.0.1:9/", name="Archive")

    assert [each.name for each in health.all_health()] == ["Chat", "Archive"]
    assert health.health(7) is None


def test_a_url_that_can_no_longer_be_sent_to_does_not_break_the_status_bar() -> None:
    sql.execute("UPDATE endpoints SET url = 'nonsense'")

    assert told().origin == ""


def test_more_than_9999_are_not_counted_and_asking_stays_cheap() -> None:
    announce()
    with transaction():
        sql.execute(
            "INSERT INTO deliveries (webhook_id, event_id, endpoint_id, task_id, event_name, state, date_creation,"
            " scheduled_at, due_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)"
            " SELECT 'bulk' || i, 1, 1, i + 1, 'task.update', 'ready', 1, 1, 1 FROM n"
        )
        sql.execute(
            "INSERT INTO attempts (delivery_id, endpoint_id, number, started_at, ms, status)"
            " SELECT id, 1, 1, 1, 5, 200 FROM deliveries"
        )
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = database.connection()  # type: ignore[no-untyped-call]
    connection.set_progress_handler(count, 1000)
    known = told()
    connection.set_progress_handler(None, 0)

    assert (known.waiting, known.waiting_text) == (10_000, "9999+")
    assert steps < 100  # thousands of instructions: one for each that is counted, not one for each that waits


def test_what_waits_is_counted_in_the_partial_index() -> None:
    steps = plan(health.count_waiting.sql(), 1, 10)

    assert "COVERING INDEX deliveries_unfinished (endpoint_id=?)" in steps

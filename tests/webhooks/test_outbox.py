"""The outbox: claims, leases, the fence, and the order of a task's events."""

import time
from pathlib import Path

import pytest

from kbtui.core.db.engine import database
from kbtui.core.db.prepared import Prepared
from kbtui.webhooks import clock, endpoints, lines, outbox, results
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.outbox import Claimed
from kbtui.webhooks.policy import Policy
from tests import sql
from tests.sql import fetch_all
from tests.webhooks.outgoing import announce, attempts, deliveries, endpoint_row, plan, states

URL = "http://127.0.0.1:9/hook"
STEADY = Policy(jitter=0.0)

pytestmark = pytest.mark.usefixtures("board")


def claim(
    owner: str = "me", *, free: int = 8, now: float | None = None, own: dict[int, int] | None = None
) -> list[Claimed]:
    return outbox.claim(owner, free, own or {}, now or time.time(), STEADY)


def settle(*claimed: Claimed, status: int = 200, now: float | None = None, error: str = "") -> int:
    outcome = Outcome(time.time(), 5.0, error or ("" if status < 300 else "status"), "", None if error else status)
    return len(results.settle([(each, outcome) for each in claimed], now or time.time(), STEADY))


def test_only_the_first_unfinished_event_of_a_task_can_be_claimed() -> None:
    endpoints.add_endpoint(URL)
    for task_id in (1, 1, 2, 1, 2):
        announce(task_id)

    first = claim()
    assert [each.task_id for each in first] == [1, 2]
    assert claim() == []
    settle(*first)
    second = claim()

    assert [each.id for each in second] == [2, 5]
    assert states() == ["done", "sending", "done", "blocked", "sending"]


def test_events_without_a_task_wait_for_nothing() -> None:
    endpoints.add_endpoint(URL)
    announce(None)
    announce(None)

    assert len(claim()) == 2


def test_the_line_of_a_task_at_one_endpoint_does_not_wait_for_the_one_at_another() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    announce()
    announce()
    first = claim()

    settle(first[0])

    assert [row["state"] for row in deliveries() if row["endpoint_id"] == 1] == ["done", "ready"]
    assert [row["state"] for row in deliveries() if row["endpoint_id"] == 2] == ["sending", "blocked"]


def test_the_database_itself_refuses_two_of_a_task_in_flight() -> None:
    endpoints.add_endpoint(URL)
    announce()
    announce()
    claim()

    with pytest.raises(Exception, match="UNIQUE"):
        sql.execute("UPDATE deliveries SET state = 'ready' WHERE state = 'blocked'")


def test_an_endpoint_gets_at_most_its_own_number_of_requests() -> None:
    endpoints.add_endpoint(URL)
    for task_id in range(10):
        announce(task_id)

    assert len(claim()) == 4
    assert len(claim(own={1: 4})) == 0
    assert len(claim(own={1: 3})) == 1


def test_no_endpoint_takes_all_the_room_while_others_want_some() -> None:
    for _ in range(3):
        endpoints.update_endpoint(endpoints.add_endpoint(URL), concurrency=32)
    for task_id in range(20):
        announce(task_id)

    claimed = claim(free=8)

    counts = [sum(each.endpoint.id == endpoint_id for each in claimed) for endpoint_id in (1, 2, 3)]
    assert counts == [4, 2, 1]


def test_the_last_request_is_kept_for_an_endpoint_that_has_none_open() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    for task_id in range(20):
        announce(task_id)
    sql.execute("UPDATE deliveries SET due_at = ? WHERE endpoint_id = 2", (time.time() + 60,))

    assert claim(free=1, own={1: 3}) == []
    sql.execute("UPDATE deliveries SET due_at = 0")
    assert [each.endpoint.id for each in claim(free=1, own={1: 3})] == [2]


@pytest.mark.parametrize("obstacle", ["paused", "disabled", "resting"])
def test_nothing_is_claimed_for_an_endpoint_that_is_not_to_be_sent_to(obstacle: str) -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    announce()
    if obstacle == "paused":
        endpoints.pause(endpoint_id)
    elif obstacle == "disabled":
        endpoints.set_enabled(endpoint_id, False)
    else:
        sql.execute("UPDATE endpoints SET paused_until = ?", (time.time() + 60,))

    assert not outbox.is_due(time.time())
    assert claim() == []


def test_a_result_is_written_once_and_only_by_who_holds_the_claim() -> None:
    endpoints.add_endpoint(URL)
    announce()
    (mine,) = claim("me")
    stale = Claimed("someone else", *(getattr(mine, name) for name in Claimed.__slots__[1:]))

    assert settle(stale) == 0
    assert (states(), attempts()) == (["sending"], [])
    assert settle(mine) == 1
    assert settle(mine) == 0
    assert (states(), len(attempts())) == (["done"], 1)


def test_a_process_that_was_suspended_past_its_lease_changes_nothing() -> None:
    endpoints.add_endpoint(URL)
    announce()
    now = time.time()
    (suspended,) = claim("suspended", now=now)
    later = now + 26

    assert results.give_back(set(), later, STEADY) == 1
    (taken_over,) = claim("other", now=later)
    assert settle(suspended, status=500) == 0
    assert endpoint_row()["failures"] == 0
    assert settle(taken_over) == 1

    assert states() == ["done"]
    assert [row["error"] for row in attempts()] == ["lost", ""]
    assert taken_over.attempt == 2
    assert taken_over.webhook_id == suspended.webhook_id


def test_a_result_of_an_earlier_claim_of_the_same_process_changes_nothing() -> None:
    endpoints.add_endpoint(URL)
    announce()
    now = time.time()
    (first,) = claim("me", now=now)
    results.give_back(set(), now + 26, STEADY)
    (second,) = claim("me", now=now + 26)
    assert (first.owner, first.id, first.attempt, second.attempt) == (second.owner, second.id, 1, 2)

    assert settle(first) == 0
    assert states() == ["sending"]
    assert settle(second) == 1


def test_since_when_an_endpoint_fails_is_what_its_first_failure_says() -> None:
    endpoints.add_endpoint(URL)
    announce()
    began = time.time()
    for number in range(3):
        now = began + number * 600
        outcome = Outcome(now, 5.0, "status", "", 500)
        results.settle([(each, outcome) for each in claim(now=now)], now, STEADY)

    assert (endpoint_row()["failures"], endpoint_row()["failing_since"]) == (3, began)
    settle(*claim(now=began + 7200), now=began + 7200)
    assert endpoint_row()["failing_since"] == 0


def test_a_pause_that_was_asked_for_is_not_shortened_by_a_shorter_one() -> None:
    endpoints.add_endpoint(URL)
    for task_id in (1, 2):
        announce(task_id)
    now = time.time()
    first, second = claim(now=now)

    for each, seconds in ((first, "3600"), (second, "60")):
        results.settle([(each, Outcome(now, 5.0, "status", "", 429, retry_after=seconds))], now, STEADY)

    assert endpoint_row()["paused_until"] == pytest.approx(now + 3600, abs=0.1)


def test_a_lease_lasts_as_long_as_the_deadline_and_fifteen_seconds() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), deadline=20)
    announce()
    now = time.time()
    claim(now=now)

    assert results.give_back(set(), now + 34.9, STEADY) == 0
    assert results.give_back({1}, now + 35.1, STEADY) == 0
    assert results.give_back(set(), now + 35.1, STEADY) == 1


def test_a_delivery_whose_senders_keep_dying_is_dead_after_all_attempts_and_lets_the_next_one_go() -> None:
    endpoints.add_endpoint(URL)
    announce()
    announce()
    now = time.time()

    for _ in range(10):
        assert [each.id for each in claim(now=now)] == [1]
        now += 26
        results.give_back(set(), now, STEADY)

    assert states() == ["dead", "ready"]


def test_three_refusals_with_the_same_4xx_let_the_later_events_of_the_task_go() -> None:
    endpoints.add_endpoint(URL)
    announce()
    announce()
    now = time.time()
    for _ in range(3):
        assert states() == ["ready", "blocked"]
        now += 7 * 3600
        settle(*claim(now=now), status=422, now=now)

    assert states() == ["ready", "ready"]
    assert [row["task_id"] for row in deliveries()] == [None, 1]
    announce()
    assert states() == ["ready", "ready", "blocked"]


def test_different_refusals_keep_the_line_closed() -> None:
    endpoints.add_endpoint(URL)
    announce()
    announce()
    now = time.time()
    for status in (422, 400, 422, 422):
        now += 7 * 3600
        settle(*claim(now=now), status=status, now=now)

    assert states() == ["ready", "blocked"]


def test_after_five_failures_in_a_row_only_the_oldest_event_is_tried() -> None:
    endpoints.add_endpoint(URL)
    for task_id in range(6):
        announce(task_id)
    now = time.time()
    first = claim(now=now)
    settle(*first, status=500, now=now)
    settle(*claim(now=now, free=1), status=500, now=now)

    assert endpoint_row()["failures"] == 5
    assert claim(now=now) == []
    assert endpoint_row()["paused_until"] == pytest.approx(now + 5, abs=0.01)
    (probe,) = claim(now=now + 6)
    assert probe.id == 1
    assert claim("other", now=now + 6) == []


def test_one_success_drains_the_rest() -> None:
    endpoints.add_endpoint(URL)
    for task_id in range(6):
        announce(task_id)
    now = time.time()
    for _ in range(5):
        now += 8 * 3600
        settle(*claim(now=now, free=1), status=500, now=now)

    now += 8 * 3600
    settle(*claim(now=now), status=200, now=now)

    row = endpoint_row()
    assert (row["failures"], row["failing_since"], row["paused_until"]) == (0, 0, 0)
    assert len(claim(now=now, free=8)) == 4
    assert all(row["due_at"] <= now for row in deliveries("ready"))


def test_an_event_that_is_always_refused_is_no_probe() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    now = time.time()
    for _ in range(4):
        now += 3 * 3600
        settle(*claim(now=now), status=422, now=now)
    for task_id in (2, 3, 4):
        announce(task_id)
    settle(*claim(now=now), status=500, now=now)

    assert endpoint_row()["failures"] == 6
    assert [each.id for each in claim(now=now + 3600)] == [2]


def test_410_disables_the_endpoint_and_keeps_its_queue() -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    announce()
    announce()
    settle(*claim(), status=410)

    row = endpoint_row()
    assert row["is_enabled"] == 0
    assert "410" in row["disabled_reason"]
    assert states() == ["ready", "blocked"]

    endpoints.set_enabled(endpoint_id, True)
    assert len(claim()) == 1
    assert endpoint_row()["disabled_reason"] == ""


def test_an_endpoint_that_fails_for_120_hours_is_disabled() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    now = time.time()
    while endpoint_row()["is_enabled"] and now < time.time() + 300 * 3600:
        now += 3600
        settle(*claim(now=now), status=500, now=now)

    assert "120 hours" in endpoint_row()["disabled_reason"]
    assert now - time.time() > 119 * 3600


def test_one_failure_long_ago_and_one_now_disable_nothing() -> None:
    endpoints.add_endpoint(URL)
    announce()
    now = time.time()
    settle(*claim(now=now), status=500, now=now)
    now += 200 * 3600
    settle(*claim(now=now), status=500, now=now)

    assert endpoint_row()["is_enabled"] == 1


def test_ten_failed_attempts_are_the_end_and_the_next_event_goes() -> None:
    endpoints.add_endpoint(URL)
    announce()
    announce()
    now = time.time()
    for number in range(1, 11):
        (claimed,) = claim(now=now)
        assert claimed.attempt == number
        sql.execute("UPDATE endpoints SET failures = 0, failing_since = 0, paused_until = 0")
        settle(claimed, status=500, now=now)
        now += 30 * 3600

    assert states() == ["dead", "ready"]
    assert [row["number"] for row in attempts()] == list(range(1, 11))


def test_an_outage_is_one_of_the_endpoint_as_a_whole() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    now = time.time()
    settle(claim(now=now)[0], status=503, now=now)

    assert claim(now=now + 59) == []
    assert outbox.next_due(now) == pytest.approx(now + 25, abs=0.01)
    assert len(claim(now=now + 61)) == 1


def test_what_was_claimed_for_a_removed_endpoint_is_forgotten() -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    announce()
    (claimed,) = claim()
    endpoints.remove_endpoint(endpoint_id)

    assert settle(claimed) == 0
    assert deliveries() == []


def test_next_due_is_the_first_retry_lease_or_end_of_a_pause_and_not_what_is_due_already() -> None:
    endpoints.add_endpoint(URL)
    now = time.time()
    assert outbox.next_due(now) is None
    announce(1)
    announce(2)
    assert outbox.next_due(time.time()) is None

    settle(claim(now=now + 1, free=1)[0], status=500, now=now + 1)
    claim(now=now + 1)

    assert outbox.next_due(now + 1) == pytest.approx(now + 6, abs=0.01)
    assert outbox.next_due(now + 7) == pytest.approx(now + 26, abs=0.01)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (outbox.claim_due, "deliveries_ready (endpoint_id=? AND due_at<?)"),
        (outbox.claim_probe, "deliveries_ready (endpoint_id=? AND due_at<?)"),
        (outbox.make_due, "deliveries_ready (endpoint_id=? AND due_at>?)"),
        (outbox.any_due, "deliveries_ready (endpoint_id=? AND due_at<?)"),
        (outbox.first_due, "deliveries_ready (endpoint_id=?)"),
        (lines.ready_first, "deliveries_unfinished (endpoint_id=? AND task_id=?)"),
        (lines.waiting_for, "deliveries_waiting (waits_for=?)"),
        (results.first_probe, "deliveries_ready (endpoint_id=?)"),
        (results.expired, "deliveries_leased (leased_until<?)"),
        (results.settle_one, "INTEGER PRIMARY KEY (rowid=?)"),
    ],
)
def test_every_statement_finds_its_rows_by_a_partial_index(statement: Prepared[..., object], index: str) -> None:
    text = statement.sql()
    steps = plan(text, *[0] * text.count("?"))

    assert index in steps
    assert "SCAN" not in steps


@pytest.mark.parametrize("per_task", [True, False])
def test_a_claim_does_not_slow_down_with_what_waits(per_task: bool, board: Path) -> None:
    endpoints.add_endpoint(URL)
    announce()
    sql.execute(
        "INSERT INTO deliveries (webhook_id, event_id, endpoint_id, task_id, event_name, state, date_creation,"
        " scheduled_at, due_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " SELECT 'bulk' || i, 1, 1, CASE WHEN ? THEN 1 ELSE i + 1 END, 'task.update',"
        " CASE WHEN ? THEN 'blocked' ELSE 'ready' END, 1, 1, 1 FROM n",
        (per_task, per_task),
    )
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = database.connection()  # type: ignore[no-untyped-call]
    connection.set_progress_handler(count, 100)
    settle(*claim())
    connection.set_progress_handler(None, 0)

    assert len(deliveries("done")) == (1 if per_task else 4)
    assert steps < 60  # virtual machine instructions, in hundreds


def test_a_clock_that_was_set_back_strands_nothing() -> None:
    endpoints.add_endpoint(URL)
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    tomorrow = time.time() + 86400
    claimed = claim(now=tomorrow)
    outcome = Outcome(tomorrow, 5.0, "timeout", "")
    results.settle([(claimed[0], outcome)], tomorrow, STEADY)
    now = time.time()
    assert clock.was_set_back(now, STEADY)

    clock.repair(now, STEADY)

    assert not clock.was_set_back(now, STEADY)
    assert [row["due_at"] for row in deliveries("ready")] == [now]
    assert all(row["leased_until"] <= now + STEADY.longest_lease for row in deliveries("sending"))
    assert [row[0] for row in fetch_all("SELECT paused_until FROM endpoints")] == [0, 0]
    assert results.give_back(set(), now + STEADY.longest_lease + 1, STEADY) == 3


def test_a_pause_that_is_not_over_is_no_sign_of_a_wrong_clock() -> None:
    endpoints.add_endpoint(URL)
    announce()
    now = time.time()
    settle(*claim(now=now), status=503, now=now)

    clock.repair(now, STEADY)

    assert endpoint_row()["paused_until"] > now
    assert deliveries()[0]["due_at"] > now


def test_a_success_that_began_before_the_failures_does_not_lift_the_pause_they_asked_for() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), concurrency=8)
    for task_id in range(8):
        announce(task_id)
    now = time.time()
    slow, *busy = claim(now=now)
    asked = [(each, Outcome(now, 5.0, "status", "", 429, retry_after="3600")) for each in busy]

    results.settle(asked, now, STEADY)
    settle(slow, now=now + 1)

    assert endpoint_row()["paused_until"] == pytest.approx(now + 3600)
    assert claim(now=now + 60) == []
    assert len(claim(now=now + 3601)) > 0


def test_a_line_that_was_freed_and_begun_again_during_a_request_keeps_its_head() -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    announce(1)
    (sent,) = claim()
    endpoints.update_endpoint(endpoint_id, is_ordered=False)
    endpoints.update_endpoint(endpoint_id, is_ordered=True)
    announce(1)
    announce(1)
    assert states() == ["sending", "ready", "blocked"]

    assert settle(sent) == 1

    assert states() == ["done", "ready", "blocked"]

"""What is written after an attempt: the delivery, the record of the attempt, and how the endpoint is doing."""

from typing import Any

import pytest

from kbtui.webhooks import endpoints, outbox, results
from kbtui.webhooks.answers import Verdict
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.outbox import Claimed
from kbtui.webhooks.policy import Policy
from kbtui.webhooks.results import Report, Settled
from tests import sql
from tests.webhooks.outgoing import announce, attempts, deliveries, endpoint_row, states

URL = "http://127.0.0.1:9/hook"
STEADY = Policy(jitter=0.0)
NOW = 2_000_000_000.0
"""Later than every event of these tests."""

pytestmark = pytest.mark.usefixtures("board")


def claim(free: int = 8, *, now: float = NOW) -> list[Claimed]:
    return outbox.claim("me", free, {}, now, STEADY)


def settle(*claimed: Claimed, status: int | None = 500, error: str = "status", now: float = NOW, **more: Any) -> None:
    outcome = Outcome(now - 1, 5.0, "" if status == 200 else error, "In words.", status, **more)
    results.settle([(each, outcome) for each in claimed], now, STEADY)


def others(row: dict[str, Any], *but: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in but}


def fail_endpoint(endpoint_id: int, **values: object) -> None:
    """Write into an endpoint how it has been doing."""
    names = ", ".join(f"{name} = ?" for name in values)
    sql.execute(f"UPDATE endpoints SET {names} WHERE id = ?", (*values.values(), endpoint_id))


# -- The delivery


CHANGED = (
    "state",
    "attempt",
    "scheduled_at",
    "due_at",
    "leased_until",
    "owner",
    "refusals",
    "finished_at",
    "last_status",
    "last_error",
    "last_ms",
)


def written(before: dict[str, Any]) -> tuple[Any, ...]:
    """Return what an attempt changes in the first delivery, and see that nothing else has changed."""
    after = deliveries()[0]
    assert others(after, *CHANGED) == others(before, *CHANGED)
    return tuple(after[name] for name in CHANGED)


def test_a_success_is_the_end_of_a_delivery_and_keeps_its_task() -> None:
    endpoints.add_endpoint(URL)
    announce()
    claimed = claim()
    before = deliveries()[0]

    settle(*claimed, status=200)

    assert written(before) == ("done", 1, NOW, NOW, 0, "", 0, NOW, 200, "", 5.0)
    assert before["task_id"] == 1


def test_a_failure_waits_for_its_next_step() -> None:
    endpoints.add_endpoint(URL)
    announce()
    claimed = claim()
    before = deliveries()[0]

    settle(*claimed, status=422)

    assert written(before) == ("ready", 1, NOW, NOW + 5, 0, "", 1, 0, 422, "status", 5.0)


def test_the_last_failure_is_the_end_too() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), schedule="0")
    announce()
    claimed = claim()
    before = deliveries()[0]

    settle(*claimed, status=None, error="refused")

    assert written(before) == ("dead", 1, NOW, NOW, 0, "", 0, NOW, None, "refused", 5.0)


def test_an_attempt_that_this_program_has_cut_short_is_none() -> None:
    endpoints.add_endpoint(URL)
    announce()
    claimed = claim()
    before = deliveries()[0]

    settle(*claimed, status=None, error="interrupted")

    assert written(before) == ("ready", 0, NOW, NOW, 0, "", 0, 0, None, "interrupted", 5.0)
    assert endpoint_row()["failures"] == 0


def test_what_is_refused_too_often_stands_in_no_line_until_it_is_finished() -> None:
    endpoints.add_endpoint(URL)
    announce()
    sql.execute("UPDATE deliveries SET refusals = 2, last_status = 422")

    settle(*claim(), status=422)
    assert (deliveries()[0]["task_id"], deliveries()[0]["refusals"]) == (None, 3)


def test_what_has_left_its_line_lets_nobody_else_go_when_it_is_refused_again() -> None:
    endpoints.add_endpoint(URL)
    for _ in range(3):
        announce()
    sql.execute("UPDATE deliveries SET refusals = 2, last_status = 422 WHERE id = 1")
    settle(*claim(), status=422)
    assert states() == ["ready", "ready", "blocked"]

    sql.execute("UPDATE deliveries SET due_at = 0")
    settle(claim()[0], status=422)

    assert states() == ["ready", "sending", "blocked"]


@pytest.mark.parametrize("change", ["state = 'ready'", "owner = 'another'", "attempt = attempt + 1", "id = 7"])
def test_what_somebody_else_has_changed_meanwhile_stays_as_it_is(change: str) -> None:
    endpoints.add_endpoint(URL)
    announce()
    claimed = claim()
    sql.execute(f"UPDATE deliveries SET {change}")
    before = deliveries()

    settle(*claimed)

    assert (deliveries(), attempts(), endpoint_row()["failures"]) == (before, [], 0)


def test_one_result_changes_one_delivery() -> None:
    endpoints.add_endpoint(URL)
    for task_id in range(3):
        announce(task_id)
    first, *_ = claim()
    before = deliveries()

    settle(first)

    assert deliveries()[1:] == before[1:]


def test_each_attempt_is_on_record_with_all_that_came_back() -> None:
    endpoints.add_endpoint(URL)
    announce()

    settle(*claim(), answer_headers="x-a: b", answer=b"no")

    assert [others(row, "id") for row in attempts()] == [
        {
            "delivery_id": 1,
            "endpoint_id": 1,
            "number": 1,
            "started_at": NOW - 1,
            "ms": 5.0,
            "status": 500,
            "error": "status",
            "detail": "In words.",
            "answer_headers": "x-a: b",
            "answer": b"no",
        }
    ]


def test_what_was_written_is_returned_and_what_was_not_is_not() -> None:
    endpoints.add_endpoint(URL)
    for task_id in range(3):
        announce(task_id)
    claimed = claim()
    outcome = Outcome(NOW, 5.0, "status", "", 500)
    sql.execute("UPDATE deliveries SET owner = 'another' WHERE id = 2")

    settled = results.settle([(each, outcome) for each in claimed], NOW, STEADY)

    assert settled == [
        Settled(each, outcome, Verdict("ready", due_in=5.0), NOW + 5) for each in (claimed[0], claimed[2])
    ]


def test_a_report_tells_all_but_secrets() -> None:
    endpoint_id = endpoints.add_endpoint(URL, name="Chat")
    endpoints.update_endpoint(endpoint_id, schedule="0,5,7")
    announce(4)
    (claimed,) = claim()
    failed = Outcome(NOW - 1, 5.0, "status", "It answered 500.", 500)
    common: dict[str, Any] = {
        "time": NOW - 1,
        "delivery_id": 1,
        "webhook_id": deliveries()[0]["webhook_id"],
        "event_name": "task.update",
        "task_id": 4,
        "endpoint_id": 1,
        "endpoint": "Chat",
        "attempt": 1,
        "attempts": 3,
        "ms": 5.0,
    }

    retried = results.report(Settled(claimed, failed, Verdict("ready"), NOW + 5), STEADY)
    dead = results.report(Settled(claimed, failed, Verdict("dead"), NOW + 5), STEADY)

    why: dict[str, Any] = {"status": 500, "error": "status", "detail": "It answered 500."}
    assert retried == Report(**common, **why, state="ready", next_try=NOW + 5)
    assert dead == Report(**common, **why, state="dead", next_try=None)


# -- The endpoint


def test_a_success_forgets_the_failures_of_its_endpoint_alone() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    announce()
    for endpoint_id in (1, 2):
        fail_endpoint(endpoint_id, failures=3, failing_since=7)
    before = endpoint_row(2)

    settle(claim()[0], status=200)

    assert (endpoint_row(1)["failures"], endpoint_row(1)["failing_since"]) == (0, 0)
    assert endpoint_row(2) == before


@pytest.mark.parametrize(("failures", "drains"), [(4, False), (5, True), (6, True)])
def test_a_success_sends_the_rest_at_once_when_it_was_a_probe(failures: int, drains: bool) -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    sql.execute("UPDATE deliveries SET due_at = ? WHERE id = 2", (NOW + 600,))
    fail_endpoint(1, failures=failures, failing_since=7)
    (claimed,) = claim()
    fail_endpoint(1, paused_until=NOW + 60)

    settle(claimed, status=200)

    assert deliveries()[1]["due_at"] == (NOW if drains else NOW + 600)
    assert endpoint_row()["paused_until"] == (0 if drains else NOW + 60)


def test_a_success_without_failures_before_it_drains_nothing() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    sql.execute("UPDATE deliveries SET due_at = ? WHERE id = 2", (NOW + 600,))
    fail_endpoint(1, failures=5, failing_since=7)
    (claimed,) = claim()
    fail_endpoint(1, failures=0, paused_until=NOW + 60)

    settle(claimed, status=200)

    assert (deliveries()[1]["due_at"], endpoint_row()["paused_until"]) == (NOW + 600, NOW + 60)


def test_a_failure_is_counted_at_its_own_endpoint_from_when_it_began() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    announce()
    before = endpoint_row(2)

    settle(claim()[0])

    assert (endpoint_row(1)["failures"], endpoint_row(1)["failing_since"]) == (1, NOW - 1)
    assert endpoint_row(2) == before


@pytest.mark.parametrize(("before", "paused_until"), [(3, 0), (4, NOW + 5), (5, NOW + 5)])
def test_from_the_fifth_failure_on_the_endpoint_is_left_alone_until_its_probe_is_due(
    before: int, paused_until: float
) -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    for task_id in (1, 2, 3):
        announce(task_id)
    (claimed,) = [each for each in claim(1) if each.endpoint.id == 1]
    sql.execute("UPDATE deliveries SET due_at = ? WHERE id != 1 AND endpoint_id = 1", (NOW + 1,))
    fail_endpoint(1, failures=before, failing_since=NOW - 60)

    settle(claimed)

    assert (endpoint_row(1)["paused_until"], endpoint_row(2)["paused_until"]) == (paused_until, 0)


@pytest.mark.parametrize(("refusals", "due_in"), [((3, 0), 70), ((2, 0), 50), ((3, 3), 50)])
def test_the_probe_is_the_oldest_that_was_not_refused_too_often(refusals: tuple[int, int], due_in: float) -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    for task_id in range(4):
        announce(task_id)
    # At the first endpoint: being sent, to be probed or not, another one, and one that is blocked.
    for delivery_id, state, refused, due_at in (
        (3, "ready", refusals[0], NOW + 50),
        (5, "ready", refusals[1], NOW + 70),
        (7, "blocked", 0, NOW + 1),
    ):
        sql.execute(
            "UPDATE deliveries SET state = ?, refusals = ?, due_at = ? WHERE id = ?",
            (state, refused, due_at, delivery_id),
        )

    assert results.first_probe.first(1, 3) == deliveries()[0]["due_at"]
    sql.execute("UPDATE deliveries SET state = 'sending' WHERE id = 1")
    assert results.first_probe.first(1, 3) == NOW + due_in


def test_a_probe_that_was_the_last_one_pauses_nothing() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), schedule="0")
    announce()
    fail_endpoint(1, failures=7, failing_since=NOW - 60)

    settle(*claim())

    assert (states(), endpoint_row()["paused_until"], endpoint_row()["failures"]) == (["dead"], 0, 8)


def test_an_outage_pauses_its_endpoint_alone() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    announce()

    settle(claim()[0], status=503)

    assert [endpoint_row(1)["paused_until"], endpoint_row(2)["paused_until"]] == [NOW + 60, 0]


@pytest.mark.parametrize(
    ("failures", "hours", "enabled"), [(4, 120, 0), (4, 119.99, 1), (3, 120, 1), (3, 500, 1), (4, 500, 0)]
)
def test_an_endpoint_is_disabled_after_five_failures_and_120_hours(failures: int, hours: float, enabled: int) -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    announce()
    (claimed, _) = claim()
    fail_endpoint(1, failures=failures, failing_since=NOW - hours * 3600)

    settle(claimed)

    assert endpoint_row(1)["is_enabled"] == enabled
    assert endpoint_row(1)["disabled_reason"] == ("" if enabled else "Every attempt failed for 120 hours.")
    assert (endpoint_row(2)["is_enabled"], endpoint_row(2)["disabled_reason"]) == (1, "")


@pytest.mark.parametrize(("status", "others_failures", "own", "left"), [(500, 9, 0, 1), (200, 0, 3, 0)])
def test_how_another_endpoint_is_doing_is_of_no_account(status: int, others_failures: int, own: int, left: int) -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    announce()
    (claimed,) = [each for each in claim() if each.endpoint.id == 2]
    fail_endpoint(1, failures=others_failures, failing_since=7)
    fail_endpoint(2, failures=own)

    settle(claimed, status=status)

    row = endpoint_row(2)
    assert (row["failures"], row["is_enabled"], row["paused_until"]) == (left, 1, 0)


# -- Leases that have ended


def test_what_is_taken_back_is_due_again_and_the_lost_attempt_is_on_record() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    sql.execute("UPDATE deliveries SET last_status = 500, last_ms = 3")
    claim(now=NOW - 60)
    claim_later = deliveries()[1]
    sql.execute("UPDATE deliveries SET leased_until = ? WHERE id = 2", (NOW + 1,))
    before = deliveries()[0]

    assert results.give_back(set(), NOW, STEADY) == 1

    assert written(before) == ("ready", 1, NOW, NOW, 0, "", 0, 0, None, "lost", 3.0)
    assert deliveries()[1] == claim_later | {"leased_until": NOW + 1}
    (attempt,) = attempts()
    assert (attempt["delivery_id"], attempt["endpoint_id"], attempt["number"]) == (1, 1, 1)
    assert (attempt["started_at"], attempt["ms"], attempt["status"], attempt["error"]) == (NOW, 0, None, "lost")
    assert "ended before it could tell" in attempt["detail"]


@pytest.mark.parametrize(("attempt", "state"), [(8, "ready"), (9, "dead"), (10, "dead")])
def test_what_is_taken_back_after_its_last_attempt_is_dead(attempt: int, state: str) -> None:
    endpoints.add_endpoint(URL)
    announce()
    announce()
    sql.execute("UPDATE deliveries SET attempt = ? WHERE id = 1", (attempt,))
    claim(now=NOW - 60)

    results.give_back(set(), NOW, STEADY)

    assert states() == [state, "blocked" if state == "ready" else "ready"]
    assert deliveries()[0]["finished_at"] == (0 if state == "ready" else NOW)


def test_each_endpoint_has_as_many_attempts_as_its_own_schedule() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    endpoints.update_endpoint(2, schedule="0")
    announce()
    claim(now=NOW - 60)

    results.give_back(set(), NOW, STEADY)

    assert states() == ["ready", "dead"]


def test_a_schedule_that_another_program_has_damaged_is_the_usual_one() -> None:
    endpoints.add_endpoint(URL)
    announce()
    claim(now=NOW - 60)
    sql.execute("UPDATE endpoints SET schedule = x'00'")

    results.give_back(set(), NOW, STEADY)

    assert states() == ["ready"]

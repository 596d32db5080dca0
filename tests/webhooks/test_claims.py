"""Claims, to the second and to the one: what is due, for whom, how much of it, in which order."""

import time

import pytest

from kbtui.core.db.database import transaction
from kbtui.webhooks import endpoints, outbox, results
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.outbox import Claimed
from kbtui.webhooks.policy import Policy
from tests import sql
from tests.webhooks.outgoing import announce, deliveries, endpoint_row

URL = "http://127.0.0.1:9/hook"
STEADY = Policy(jitter=0.0)
NOW = 2_000_000_000.0
"""Later than every event of these tests."""

pytestmark = pytest.mark.usefixtures("board")


def claim(free: int = 8, *, now: float = NOW, own: dict[int, int] | None = None) -> list[Claimed]:
    return outbox.claim("me", free, own or {}, now, STEADY)


def fail(*claimed: Claimed, now: float = NOW) -> None:
    results.settle([(each, Outcome(now, 5.0, "status", "", 500)) for each in claimed], now, STEADY)


def put(delivery_id: int, **values: object) -> None:
    """Write into a delivery."""
    names = ", ".join(f"{name} = ?" for name in values)
    sql.execute(f"UPDATE deliveries SET {names} WHERE id = ?", (*values.values(), delivery_id))


def ids(claimed: list[Claimed]) -> list[int]:
    return [each.id for each in claimed]


# -- What is due


def test_only_endpoints_that_something_waits_for_are_asked_about() -> None:
    for _ in range(4):
        endpoints.add_endpoint(URL)
    assert outbox.open_endpoints(NOW) == []
    announce()
    for endpoint_id, state in enumerate(("ready", "done", "sending", "dead"), start=1):
        put(endpoint_id, state=state)

    assert [each.id for each in outbox.open_endpoints(NOW)] == [1, 3]


def test_what_another_program_has_written_into_an_endpoint_stops_nothing() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    announce()
    announce(2)
    sql.execute(
        "UPDATE endpoints SET schedule = x'00', failures = '0 or so', paused_until = '0x', deadline = '5 s',"
        " concurrency = '1 by 1' WHERE id = 1"
    )

    damaged = outbox.open_endpoints(NOW)[0]
    claimed = claim()
    fail(*claimed)

    assert (damaged.failures, damaged.paused_until, damaged.deadline, damaged.concurrency) == (0, 0.0, 5.0, 1)
    assert [type(each) for each in damaged[-5:]] == [str, int, float, float, int]
    assert [each.endpoint.id for each in claimed] == [1, 2, 2]
    assert outbox.next_due(NOW) == NOW + 5


@pytest.mark.parametrize(
    ("deadline", "concurrency", "taken"),
    [(-5, -5, (1.0, 1)), (0.5, 0, (1.0, 1)), (1.5, 2, (1.5, 2)), (29.5, 32, (29.5, 32)), (3600, 99, (30.0, 99))],
)
def test_a_deadline_that_is_no_deadline_is_taken_for_the_nearest_one(
    deadline: float, concurrency: int, taken: tuple[float, int]
) -> None:
    endpoints.add_endpoint(URL)
    announce()
    sql.execute("UPDATE endpoints SET deadline = ?, concurrency = ?", (deadline, concurrency))

    (endpoint,) = outbox.open_endpoints(NOW)

    assert (endpoint.deadline, endpoint.concurrency) == taken


def test_what_is_unfinished_is_counted_as_far_as_is_asked() -> None:
    endpoints.add_endpoint(URL)
    for _ in range(4):
        announce()
    put(1, state="done")
    put(2, state="sending")

    assert outbox.count_unfinished(10) == 3
    assert outbox.count_unfinished(2) == 2


def test_a_delivery_is_due_from_its_second_on() -> None:
    endpoints.add_endpoint(URL)
    announce()
    put(1, due_at=NOW)

    assert not outbox.is_due(NOW - 0.1)
    assert claim(now=NOW - 0.1) == []
    assert outbox.is_due(NOW)
    assert ids(claim(now=NOW)) == [1]


def test_a_lease_ends_with_its_second() -> None:
    endpoints.add_endpoint(URL)
    announce()
    announce(2)
    claim(1)
    put(2, due_at=NOW + 1000, state="ready")
    ends = NOW + 25

    assert not outbox.is_due(ends - 0.1)
    assert results.give_back(set(), ends - 0.1, STEADY) == 0
    assert outbox.is_due(ends)
    assert results.give_back(set(), ends, STEADY) == 1


def test_a_pause_ends_with_its_second() -> None:
    endpoints.add_endpoint(URL)
    announce()
    sql.execute("UPDATE endpoints SET paused_until = ?", (NOW,))

    assert claim(now=NOW - 0.1) == []
    assert ids(claim(now=NOW)) == [1]


def test_the_first_lease_that_ends_is_the_one_that_is_waited_for() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), deadline=20)
    endpoints.add_endpoint(URL)
    announce()

    claim()

    assert outbox.next_due(NOW) == NOW + 25
    assert outbox.is_due(NOW + 25)


def test_next_due_is_the_first_of_an_endpoints_own_after_its_pause() -> None:
    for _ in range(3):
        endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    for delivery_id, due_at in enumerate((NOW + 30, NOW + 900, NOW + 20, NOW + 40, NOW + 900, NOW + 20), start=1):
        put(delivery_id, due_at=due_at)
    assert outbox.next_due(NOW) == NOW + 20
    assert outbox.next_due(NOW + 20) == NOW + 30

    sql.execute("UPDATE endpoints SET paused_until = ? WHERE id = 1", (NOW + 35,))
    endpoints.pause(3)
    assert outbox.next_due(NOW) == NOW + 35
    endpoints.resume(3)
    endpoints.set_enabled(3, False)
    assert outbox.next_due(NOW) == NOW + 35
    endpoints.set_enabled(1, False)

    assert outbox.next_due(NOW) == NOW + 900


def test_only_what_is_ready_and_not_yet_due_is_made_due_and_only_for_that_endpoint() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    for task_id in (1, 1, 2, 3):
        announce(task_id)
    # By endpoint, one after the other: to be retried, blocked, being sent, due already.
    for number, (state, due_at) in enumerate(
        [("ready", NOW + 60), ("blocked", NOW + 60), ("sending", NOW + 60), ("ready", NOW - 60)]
    ):
        for endpoint in (1, 2):
            put(2 * number + endpoint, state=state, due_at=due_at, scheduled_at=7)
    before = deliveries()

    with transaction():
        outbox.make_due.run(1, NOW)

    before[0] |= {"due_at": NOW, "scheduled_at": NOW}
    assert deliveries() == before


def test_the_end_of_a_pause_is_one_endpoints() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    sql.execute("UPDATE endpoints SET paused_until = ?", (NOW,))

    with transaction():
        outbox.end_pause.run(1)

    assert [endpoint_row(1)["paused_until"], endpoint_row(2)["paused_until"]] == [0, NOW]


# -- Claims


def test_what_has_been_due_for_longest_is_claimed_first_and_of_those_the_oldest() -> None:
    endpoints.add_endpoint(URL)
    for task_id in range(5):
        announce(task_id)
    for delivery_id, due_at in enumerate((50, 40, 40, 30, 40), start=1):
        put(delivery_id, due_at=due_at)

    assert ids(claim(1)) == [4]
    assert ids(claim(2)) == [2, 3]
    assert ids(claim(2)) == [1, 5]


def test_a_claim_says_when_it_ends_and_until_when_its_request_may_begin() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), deadline=20)
    announce()

    (claimed,) = claim()

    assert claimed.start_before == NOW + 15
    assert deliveries()[0]["leased_until"] == NOW + 35
    assert (deliveries()[0]["owner"], claimed.owner, claimed.attempt) == ("me", "me", 1)


def test_a_claim_is_shown_without_the_secrets_of_its_endpoint() -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    endpoints.rotate_secret(endpoint_id)
    announce()

    (claimed,) = claim()

    assert claimed.endpoint.secret.startswith("whsec_")
    assert "whsec_" not in repr(claimed)


def test_an_endpoint_that_nobody_else_can_be_sent_beside_gets_all_the_room() -> None:
    for _ in range(3):
        endpoints.update_endpoint(endpoints.add_endpoint(URL), concurrency=32)
    endpoints.pause(2)
    endpoints.set_enabled(3, False)
    for task_id in range(10):
        announce(task_id)

    assert len(claim(8)) == 8


def test_who_has_the_fewest_requests_open_is_served_first() -> None:
    for _ in range(3):
        endpoints.update_endpoint(endpoints.add_endpoint(URL), concurrency=32)
    for task_id in range(10):
        announce(task_id)

    claimed = claim(4, own={1: 2, 2: 1})

    assert [each.endpoint.id for each in claimed] == [3, 3, 2]


@pytest.mark.parametrize(
    ("free", "own", "expected"),
    [(1, 0, 1), (2, 0, 1), (3, 0, 2), (4, 0, 2), (5, 0, 3), (1, 1, 0), (2, 1, 1), (3, 1, 2), (4, 1, 2), (5, 1, 3)],
)
def test_beside_others_an_endpoint_gets_half_of_the_room_and_not_the_last_of_it(
    free: int, own: int, expected: int
) -> None:
    for _ in range(2):
        endpoints.update_endpoint(endpoints.add_endpoint(URL), concurrency=32)
    for task_id in range(10):
        announce(task_id)
    sql.execute("UPDATE deliveries SET due_at = ? WHERE endpoint_id = 2", (NOW + 60,))

    assert len(claim(free, own={1: own, 2: 99})) == expected


def test_an_endpoint_that_has_all_it_may_have_keeps_nobody_else_waiting() -> None:
    for concurrency in (1, 32):
        endpoints.update_endpoint(endpoints.add_endpoint(URL), concurrency=concurrency)
    announce()

    assert ids(claim(own={1: 1, 2: 2})) == [2]


# -- Probes


def fail_often(*, failures: int = 5) -> None:
    """Open the breaker of the first endpoint."""
    sql.execute("UPDATE endpoints SET failures = ?, failing_since = ? WHERE id = 1", (failures, NOW))


def test_a_probe_is_the_oldest_and_not_what_has_been_due_for_longest() -> None:
    endpoints.add_endpoint(URL)
    for task_id in range(3):
        announce(task_id)
    for delivery_id, due_at in enumerate((50, 40, NOW + 1), start=1):
        put(delivery_id, due_at=due_at)
    fail_often()

    assert ids(claim()) == [1]


def test_four_failures_are_no_reason_for_a_probe_but_five_are() -> None:
    endpoints.add_endpoint(URL)
    for task_id in range(3):
        announce(task_id)
    fail_often(failures=4)
    assert len(claim(2)) == 2
    sql.execute("UPDATE deliveries SET state = 'ready'")

    fail_often(failures=5)

    assert len(claim(2)) == 1


def test_a_probe_takes_what_was_refused_too_often_only_when_there_is_no_other() -> None:
    endpoints.add_endpoint(URL)
    for task_id in range(3):
        announce(task_id)
    for delivery_id, refusals in enumerate((4, 3, 2), start=1):
        put(delivery_id, refusals=refusals)
    fail_often()

    (first,) = claim()
    put(3, state="done")
    (second,) = claim()

    assert (first.id, second.id) == (3, 1)


def test_a_probe_needs_room_and_its_own_endpoint_to_be_silent() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    fail_often()
    put(2, state="sending")

    assert claim(0) == []
    assert claim(8, own={1: 4, 2: 4}) == []
    assert ids(claim()) == [1, 4]
    assert claim() == []


def test_other_endpoints_are_served_while_one_is_being_probed() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    fail_often()
    put(1, state="sending")
    put(4, due_at=time.time() + 10)

    assert ids(claim()) == [2, 4]

"""The order of deliveries: the lines of tasks, and those that wait for one of another task."""

import time

import pytest

from kbtui.webhooks import diagnosis, endpoints, outbox, redelivery, results
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.outbox import Claimed
from kbtui.webhooks.policy import Policy
from tests import sql
from tests.webhooks.outgoing import announce, deliveries, states

URL = "http://127.0.0.1:9/hook"
STEADY = Policy(jitter=0.0)

pytestmark = pytest.mark.usefixtures("board")


def claim(*, now: float | None = None) -> list[Claimed]:
    return outbox.claim("me", 8, {}, now or time.time(), STEADY)


def settle(*claimed: Claimed, status: int = 200, now: float | None = None) -> None:
    outcome = Outcome(time.time(), 5.0, "" if status < 300 else "status", "", status)
    results.settle([(each, outcome) for each in claimed], now or time.time(), STEADY)


def test_a_delivery_waits_for_one_of_another_task() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)
    announce(2)

    first = claim()
    settle(*first)

    assert [each.task_id for each in first] == [1]
    assert states() == ["done", "ready", "blocked"]


def test_what_is_waited_for_stands_in_its_own_line() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(1)
    announce(2, after=1)

    settle(*claim())
    assert states() == ["done", "ready", "blocked"]
    settle(*claim())

    assert states() == ["done", "done", "ready"]


def test_what_waits_for_another_task_stays_behind_the_earlier_ones_of_its_own() -> None:
    endpoints.add_endpoint(URL)
    announce(2)
    announce(1)
    announce(2, after=1)
    second, first = claim()

    settle(first)
    assert states() == ["sending", "done", "blocked"]
    settle(second)

    assert states() == ["done", "done", "ready"]


def test_a_chain_of_tasks_arrives_in_its_order() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)
    announce(3, after=2)
    announce(1, after=3)

    order = []
    while claimed := claim():
        order += [each.id for each in claimed]
        settle(*claimed)

    assert order == [1, 2, 3, 4]


def test_a_delivery_that_is_given_up_holds_nobody_up() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), schedule="0")
    announce(1)
    announce(2, after=1)

    settle(*claim(), status=500)

    assert states() == ["dead", "ready"]


def test_a_delivery_whose_sender_died_for_the_last_time_holds_nobody_up() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), schedule="0")
    announce(1)
    announce(2, after=1)
    claim()

    results.give_back(set(), time.time() + 60, STEADY)

    assert states() == ["dead", "ready"]


def test_a_delivery_that_is_refused_too_often_lets_those_of_other_tasks_pass() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)
    now = time.time()
    for _ in range(3):
        assert states() == ["ready", "blocked"]
        now += 7 * 3600
        settle(*claim(now=now), status=422, now=now)

    assert states() == ["ready", "ready"]
    announce(3, after=1)
    assert states() == ["ready", "ready", "ready"]


@pytest.mark.parametrize("is_first", [True, False])
def test_skipping_lets_go_what_waited_also_behind_another_one(is_first: bool) -> None:
    endpoints.add_endpoint(URL)
    if not is_first:
        announce(1)
    announce(1)
    announce(2, after=1)
    skipped, waiting = (row["id"] for row in deliveries()[-2:])

    redelivery.skip(skipped)

    assert deliveries()[-1]["state"] == "ready"
    assert [row["id"] for row in deliveries("blocked")] == []
    assert waiting in redelivery.list_behind(skipped)


def test_skipping_one_that_waits_lets_the_next_of_its_own_line_go() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)
    announce(2)

    redelivery.skip(2)

    assert states() == ["ready", "dead", "ready"]


def test_one_that_was_skipped_while_it_waited_waits_again_when_it_is_resent() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)
    redelivery.skip(2)

    redelivery.resend(2)
    assert states() == ["ready", "blocked"]
    settle(*claim())

    assert states() == ["done", "ready"]


def test_what_failed_in_its_order_is_resent_in_its_order() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), schedule="0")
    announce(1)
    announce(2, after=1)
    announce(2)
    while claimed := claim():
        settle(*claimed, status=500)
    assert states() == ["dead", "dead", "dead"]

    assert redelivery.resend_failed() == 3

    assert states() == ["ready", "blocked", "blocked"]


def test_one_that_is_resent_goes_before_what_waited_for_it_and_was_not_sent_yet() -> None:
    endpoints.update_endpoint(endpoints.add_endpoint(URL), schedule="0")
    announce(1)
    announce(2, after=1)
    settle(*claim(), status=500)
    assert states() == ["dead", "ready"]

    redelivery.resend(1)

    assert states() == ["ready", "blocked"]


def test_who_wants_to_resend_one_that_waits_is_told_for_which() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)
    announce(2)

    with pytest.raises(Exception, match="Delivery 2 waits for delivery 1; resend or skip that one"):
        redelivery.resend(2)
    with pytest.raises(Exception, match="Delivery 3 waits for an earlier one of its task; resend or skip that one"):
        redelivery.resend(3)


def test_without_order_nothing_waits_for_another_task() -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)

    endpoints.update_endpoint(endpoint_id, is_ordered=False)

    assert states() == ["ready", "ready"]
    announce(2, after=1)
    assert states() == ["ready", "ready", "ready"]


def test_another_endpoint_is_not_waited_for() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)
    one, _ = claim()

    settle(one)

    assert [row["state"] for row in deliveries() if row["endpoint_id"] == 1] == ["done", "ready"]
    assert [row["state"] for row in deliveries() if row["endpoint_id"] == 2] == ["sending", "blocked"]


def test_the_queue_of_a_removed_endpoint_goes_with_all_that_waited_in_it() -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)

    endpoints.remove_endpoint(endpoint_id)

    assert deliveries() == []


def test_a_delivery_that_waits_for_one_that_was_pruned_goes() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)
    settle(*claim())
    sql.execute("DELETE FROM deliveries WHERE id = 1")

    settle(*claim(), status=500)
    redelivery.resend(2)

    assert states() == ["ready"]


def test_the_doctor_finds_a_line_that_nothing_lets_go_and_no_other() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)
    announce(2)

    assert not [each for each in diagnosis.examine() if each.what == "order"]
    sql.execute("UPDATE deliveries SET state = 'done' WHERE id = 1")

    assert [each.says for each in diagnosis.examine() if each.what == "order"] == [
        f"Delivery 2 to {endpoints.list_endpoints()[0].name} waits for an earlier one of its task that is not there."
    ]


def test_what_waits_without_a_task_of_its_own_goes_when_it_may_and_is_due_at_once() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(None, after=1)
    announce(None, after=1)
    now = time.time() + 60

    settle(*claim(now=now), now=now)

    assert states() == ["done", "ready", "ready"]
    assert [(row["scheduled_at"], row["due_at"]) for row in deliveries()[1:]] == [(now, now)] * 2


def test_only_what_has_waited_for_the_one_that_left_is_let_go() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2)
    announce(None, after=1)
    announce(None, after=2)
    announce(1)

    settle(claim()[1])

    assert states() == ["sending", "done", "blocked", "ready", "blocked"]


def test_what_is_to_be_tried_again_is_waited_for_still() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(2, after=1)
    announce(None, after=1)
    announce(1)

    settle(*claim(), status=500)

    assert states() == ["ready", "blocked", "blocked", "blocked"]


def test_what_was_sent_is_not_sent_again_when_what_it_waited_for_is() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(None, after=1)
    for _ in range(2):
        settle(*claim())
    redelivery.resend(1)

    settle(*claim())

    assert states() == ["done", "done"]


def test_what_its_sender_has_lost_is_waited_for_still() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(None, after=1)
    claim()

    results.give_back(set(), time.time() + 60, STEADY)

    assert states() == ["ready", "blocked"]


def test_the_next_of_a_line_is_due_when_the_one_before_has_left_it() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(1)
    now = time.time() + 60

    settle(*claim(now=now), now=now)

    assert [(row["scheduled_at"], row["due_at"]) for row in deliveries("ready")] == [(now, now)]


def test_what_waits_without_a_task_of_its_own_waits_again_when_it_is_resent() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(None, after=1)
    redelivery.skip(2)

    redelivery.resend(2)

    assert states() == ["ready", "blocked"]


def test_resending_one_leaves_all_other_lines_as_they_are() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    for task_id in (1, 2, 2, 2, 2, 2, 3, 4, None, None):
        announce(task_id)
    # By endpoint: at the first one, the head of task 2 comes after a blocked one of the second, where a later one was
    # being sent when the earlier one was resent, and then failed.
    put = {
        1: ["dead", "done", "done", "ready", "blocked", "done", "ready", "sending", "ready", "sending"],
        2: ["ready", "done", "blocked", "ready", "blocked", "blocked", "dead", "ready", "ready", "done"],
    }
    for endpoint_id, wanted in put.items():
        ids = [row["id"] for row in deliveries() if row["endpoint_id"] == endpoint_id]
        sql.execute(
            "UPDATE deliveries SET state = 'done', due_at = due_at + 3600 WHERE endpoint_id = ?", (endpoint_id,)
        )
        for delivery_id, state in zip(ids, wanted, strict=True):
            sql.execute("UPDATE deliveries SET state = ? WHERE id = ?", (state, delivery_id))
    sql.execute("UPDATE deliveries SET due_at = due_at + 3600")
    before = deliveries()

    redelivery.resend(1)

    assert deliveries()[0]["state"] == "ready"
    assert deliveries()[1:] == before[1:]


def test_without_order_only_what_is_unfinished_forgets_its_task_and_only_at_that_endpoint() -> None:
    for _ in range(2):
        endpoints.add_endpoint(URL)
    for task_id in (1, 2, 2, 2):
        announce(task_id)
    sql.execute("UPDATE deliveries SET state = 'done' WHERE event_id = 1")

    endpoints.update_endpoint(1, is_ordered=False)

    by_endpoint = {
        endpoint_id: [(row["task_id"], row["state"]) for row in deliveries() if row["endpoint_id"] == endpoint_id]
        for endpoint_id in (1, 2)
    }
    assert by_endpoint == {
        1: [(1, "done"), (None, "ready"), (None, "ready"), (None, "ready")],
        2: [(1, "done"), (2, "ready"), (2, "blocked"), (2, "blocked")],
    }

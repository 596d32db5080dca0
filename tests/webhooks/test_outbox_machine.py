"""The outbox under any order of changes, claims, answers, deaths, and clock steps."""

import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from kbtui.core.db import database as board_database
from kbtui.webhooks import clock, endpoints, outbox, redelivery, results
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.outbox import Claimed
from kbtui.webhooks.policy import Policy
from tests.sql import fetch_all
from tests.webhooks.outgoing import announce, deliveries

ATTEMPTS = {1: 10, 2: 2}
"""How often is tried, by endpoint: as usual, and so seldom that the end of it is seen often."""
POLICY = Policy()
ANSWERS = st.sampled_from(
    [200, 200, 200, 301, 400, 410, 422, 422, 429, 500, 503, "timeout", "refused", "payload", "interrupted"]
)
DAY = 86400.0


class OutboxMachine(RuleBasedStateMachine):
    """Two endpoints, three tasks whose events may wait for one another, two processes, and a clock of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        board_database.connect(Path(self.folder.name) / "kbtui.db")
        for _ in range(2):
            endpoints.add_endpoint("http://127.0.0.1:9/")
        endpoints.update_endpoint(2, schedule="0, 5s")
        self.now = 2_000_000_000.0
        self.held: list[Claimed] = []
        self.webhook_ids: dict[int, str] = {}
        self.arrived: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.out_of_line: set[int] = set()
        self.last_chances: set[int] = set()
        """Those whose last attempt nobody may have lived to tell of."""

    def teardown(self) -> None:
        try:
            self.let_everything_arrive()
        finally:
            board_database.close()
            self.folder.cleanup()

    def let_everything_arrive(self) -> None:
        """When all receivers answer again, everything that was not given up arrives, in order, and nothing is stuck."""
        given_up = {row["id"] for row in deliveries("dead")}
        self.held.clear()
        for endpoint_id in (1, 2):
            endpoints.set_enabled(endpoint_id, True)
        for _ in range(len(deliveries()) + 5):
            self.now += 2 * DAY
            results.give_back(set(), self.now, POLICY)
            for _ in range(50):
                claimed = self._claim("c", 8)
                for each in claimed:
                    self.held.remove(each)
                    self._settle(each, 200)
                if not claimed:
                    break
            if not deliveries("ready", "sending", "blocked"):
                break
        assert deliveries("ready", "sending", "blocked") == []
        assert {row["id"] for row in deliveries("dead")} - given_up <= self.last_chances
        self.what_was_never_touched_by_hand_arrives_in_order()
        self.ids_are_stable_and_nothing_is_lost()

    @rule(task_id=st.integers(1, 3), count=st.integers(1, 4))
    def change(self, task_id: int, count: int) -> None:
        for _ in range(count):
            announce(task_id)

    @rule(task_id=st.integers(1, 3), step=st.integers(1, 2))
    def change_after_another(self, task_id: int, step: int) -> None:
        announce(task_id, after=(task_id + step - 1) % 3 + 1)

    @rule(owner=st.sampled_from("ab"), free=st.integers(1, 4))
    def claim(self, owner: str, free: int) -> None:
        self._claim(owner, free)

    def _claim(self, owner: str, free: int) -> list[Claimed]:
        claimed = outbox.claim(owner, free, {}, self.now, POLICY)
        lines = [(each.endpoint.id, each.task_id) for each in claimed if each.task_id is not None]
        assert len(set(lines)) == len(lines)
        assert all(each.attempt <= ATTEMPTS[each.endpoint.id] for each in claimed)
        self.last_chances |= {each.id for each in claimed if each.attempt == ATTEMPTS[each.endpoint.id]}
        self.held += claimed
        return claimed

    @rule(owner=st.sampled_from("ab"), answer=ANSWERS, times=st.integers(1, 5), seconds=st.sampled_from([0, 2 * DAY]))
    def deliver(self, owner: str, answer: int | str, times: int, seconds: float) -> None:
        for _ in range(times):
            self.now += seconds
            for claimed in self._claim(owner, 4):
                self.held.remove(claimed)
                self._settle(claimed, answer)

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 10), answer=ANSWERS)
    def answer(self, which: int, answer: int | str) -> None:
        claimed = self.held.pop(which % len(self.held))
        self._settle(claimed, answer)

    def _settle(self, claimed: Claimed, answer: int | str) -> None:
        status = answer if isinstance(answer, int) else None
        error = "" if answer == 200 else "status" if status else str(answer)
        before = self._row(claimed.id)
        self._came_after_what_it_waited_for(claimed)
        settled = results.settle([(claimed, Outcome(self.now, 5.0, error, "", status))], self.now, POLICY)
        if not settled:
            assert self._row(claimed.id) == before
        elif settled[0].verdict.state == "done" and claimed.task_id is not None and claimed.id not in self.out_of_line:
            self.arrived[claimed.endpoint.id, claimed.task_id].append(claimed.id)
        if settled and settled[0].verdict.refusals >= POLICY.refusals:
            self.out_of_line.add(claimed.id)

    def _came_after_what_it_waited_for(self, claimed: Claimed) -> None:
        (waits_for,) = fetch_all("SELECT waits_for FROM deliveries WHERE id = ?", (claimed.id,))[0]
        if waits_for is not None and not {claimed.id, waits_for} & self.out_of_line:
            assert waits_for < claimed.id
            assert fetch_all("SELECT state IN ('done', 'dead') FROM deliveries WHERE id = ?", (waits_for,)) == [(1,)]

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 10))
    def die(self, which: int) -> None:
        self.held.pop(which % len(self.held))

    @rule(seconds=st.sampled_from([1, 30, 400, 4000]))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        results.give_back({each.id for each in self.held if each.owner == "a"}, self.now, POLICY)

    @rule()
    def set_clock_forward(self) -> None:
        self.now += DAY

    @rule(endpoint_id=st.integers(1, 2))
    def enable(self, endpoint_id: int) -> None:
        endpoints.set_enabled(endpoint_id, True)

    @rule()
    def set_clock_back(self) -> None:
        self.now -= DAY
        clock.repair(self.now, POLICY)
        assert not clock.was_set_back(self.now, POLICY)

    @rule(which=st.integers(0, 30))
    def resend(self, which: int) -> None:
        finished = deliveries("done", "dead")
        if finished:
            self.out_of_line.add(finished[which % len(finished)]["id"])
            redelivery.resend(finished[which % len(finished)]["id"])

    @rule(endpoint_id=st.sampled_from([None, 1, 2]))
    def resend_failed(self, endpoint_id: int | None) -> None:
        self.out_of_line.update(redelivery.list_failed(endpoint_id=endpoint_id))
        redelivery.resend_failed(endpoint_id=endpoint_id)

    @rule(endpoint_id=st.integers(1, 2))
    def give_up_the_order_of_what_waits(self, endpoint_id: int) -> None:
        self.out_of_line.update(endpoints.list_waiting(endpoint_id))
        endpoints.update_endpoint(endpoint_id, is_ordered=False)
        endpoints.update_endpoint(endpoint_id, is_ordered=True)

    @rule(which=st.integers(0, 30))
    def skip(self, which: int) -> None:
        waiting = deliveries("ready", "blocked")
        if waiting:
            self.out_of_line.add(waiting[which % len(waiting)]["id"])
            redelivery.skip(waiting[which % len(waiting)]["id"])

    def _row(self, delivery_id: int) -> tuple[object, ...]:
        (row,) = fetch_all("SELECT * FROM deliveries WHERE id = ?", (delivery_id,))
        return row

    @invariant()
    def every_line_has_one_head_or_waits_for_another_one(self) -> None:
        lines = fetch_all(
            "SELECT sum(state IN ('ready', 'sending')), min(id) FROM deliveries"
            " WHERE task_id IS NOT NULL AND state IN ('ready', 'sending', 'blocked') GROUP BY endpoint_id, task_id"
        )
        for heads, first in lines:
            assert heads == 1 or (heads == 0 and self._waits(first))

    @invariant()
    def what_has_no_line_is_blocked_only_while_it_waits(self) -> None:
        rows = fetch_all("SELECT id FROM deliveries WHERE task_id IS NULL AND state = 'blocked'")
        assert all(self._waits(delivery_id) for (delivery_id,) in rows)

    def _waits(self, delivery_id: int) -> bool:
        """Return whether a delivery is blocked by an unfinished one that stands in another line."""
        return bool(
            fetch_all(
                "SELECT 1 FROM deliveries d JOIN deliveries w ON w.id = d.waits_for WHERE d.id = ?"
                " AND d.state = 'blocked' AND w.task_id IS NOT NULL AND w.state IN ('ready', 'sending', 'blocked')",
                (delivery_id,),
            )
        )

    @invariant()
    def what_was_never_touched_by_hand_arrives_in_order(self) -> None:
        assert all(ids == sorted(ids) for ids in self.arrived.values())

    @invariant()
    def ids_are_stable_and_nothing_is_lost(self) -> None:
        rows = {row["id"]: row["webhook_id"] for row in deliveries()}
        assert self.webhook_ids.items() <= rows.items()
        self.webhook_ids = rows

    @invariant()
    def no_attempt_is_made_too_often(self) -> None:
        assert all(row["attempt"] <= ATTEMPTS[row["endpoint_id"]] for row in deliveries())


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(
    max_examples=25, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.slow
def test_the_outbox_under_a_thousand_orders_of_everything() -> None:
    run_state_machine_as_test(
        OutboxMachine, settings=settings(TestOutboxMachine.settings, max_examples=1000, stateful_step_count=80)
    )

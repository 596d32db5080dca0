"""The outbox under any order of changes, claims, answers, deaths, and clock steps."""

import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from kbtui.core.db import database as board_database
from kbtui.webhooks import clock, endpoints, outbox, redelivery
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
    """Two endpoints, two tasks, two processes, and a clock of its own."""

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
            outbox.give_back(set(), self.now, POLICY)
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

    @rule(task_id=st.integers(1, 2), count=st.integers(1, 4))
    def change(self, task_id: int, count: int) -> None:
        for _ in range(count):
            announce(task_id)

    @rule(owner=st.sampled_from("ab"), free=st.integers(1, 4))
    def claim(self, owner: str, free: int) -> None:
        self._claim(owner, free)

    def _claim(self, owner: str, free: int) -> list[Claimed]:
        claimed = outbox.claim(owner, free, {}, self.now, POLICY)
        lines = [(each.endpoint["id"], each.task_id) for each in claimed if each.task_id is not None]
        assert len(set(lines)) == len(lines)
        assert all(each.attempt <= ATTEMPTS[each.endpoint["id"]] for each in claimed)
        self.last_chances |= {each.id for each in claimed if each.attempt == ATTEMPTS[each.endpoint["id"]]}
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
        settled = outbox.settle([(claimed, Outcome(self.now, 5.0, error, "", status))], self.now, POLICY)
        if not settled:
            assert self._row(claimed.id) == before
        elif settled[0].verdict.state == "done" and claimed.task_id is not None and claimed.id not in self.out_of_line:
            self.arrived[claimed.endpoint["id"], claimed.task_id].append(claimed.id)
        if settled and settled[0].verdict.refusals >= POLICY.refusals:
            self.out_of_line.add(claimed.id)

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 10))
    def die(self, which: int) -> None:
        self.held.pop(which % len(self.held))

    @rule(seconds=st.sampled_from([1, 30, 400, 4000]))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        outbox.give_back({each.id for each in self.held if each.owner == "a"}, self.now, POLICY)

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
    def every_line_has_one_head(self) -> None:
        lines = fetch_all(
            "SELECT endpoint_id, task_id, sum(state IN ('ready', 'sending')), min(id), state FROM deliveries"
            " WHERE task_id IS NOT NULL AND state IN ('ready', 'sending', 'blocked') GROUP BY endpoint_id, task_id"
        )
        assert all(heads == 1 for _, _, heads, _, _ in lines)

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
    max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.slow
def test_the_outbox_under_a_thousand_orders_of_everything() -> None:
    run_state_machine_as_test(
        OutboxMachine, settings=settings(TestOutboxMachine.settings, max_examples=1000, stateful_step_count=80)
    )

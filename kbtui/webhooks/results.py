"""Results: what becomes of a delivery and its endpoint after an attempt, written in one short transaction.

It is only written while the delivery is still who claimed it's (the fence): a process that was suspended past its
lease has lost it, and its result changes nothing.
"""

from dataclasses import dataclass
from typing import NamedTuple

from peewee import BaseQuery, Case

from kbtui.core.db.database import transactional
from kbtui.core.db.models import Attempt, Delivery, Endpoint
from kbtui.core.db.prepared import ByIndex, prepared, scalar
from kbtui.webhooks.answers import Verdict, judge
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.failures import LOST
from kbtui.webhooks.lines import let_go
from kbtui.webhooks.outbox import Claimed, EndpointRow, end_pause, make_due
from kbtui.webhooks.policy import Policy


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an attempt, once it has been written."""

    claimed: Claimed
    outcome: Outcome
    verdict: Verdict
    due_at: float


@dataclass(frozen=True, slots=True)
class Report:
    """One finished attempt, for who wants to tell about it; it holds no secret."""

    time: float
    delivery_id: int
    webhook_id: str
    event_name: str
    task_id: int | None
    endpoint_id: int
    endpoint: str
    attempt: int
    attempts: int
    """How many there can be."""
    state: str
    """``done``, ``ready`` (to be tried again) or ``dead``."""
    status: int | None
    error: str
    detail: str
    ms: float
    next_try: float | None


def report(settled: Settled, policy: Policy) -> Report:
    """Return what can be told about an attempt that has been written."""
    claimed, outcome, verdict = settled.claimed, settled.outcome, settled.verdict
    return Report(
        time=outcome.started_at,
        delivery_id=claimed.id,
        webhook_id=claimed.webhook_id,
        event_name=claimed.event_name,
        task_id=claimed.task_id,
        endpoint_id=claimed.endpoint.id,
        endpoint=claimed.endpoint.name,
        attempt=claimed.attempt,
        attempts=len(policy.steps(claimed.endpoint.schedule)),
        state=verdict.state,
        status=outcome.status,
        error=outcome.error,
        detail=outcome.detail,
        ms=outcome.ms,
        next_try=settled.due_at if verdict.state == "ready" else None,
    )


@transactional
def settle(finished: list[tuple[Claimed, Outcome]], now: float, policy: Policy) -> list[Settled]:
    """Write what became of attempts, in one transaction; return those that were still ours.

    A process that was suspended past its lease has lost it: its result changes nothing.
    """
    written = (_settle(claimed, outcome, now, policy) for claimed, outcome in finished)
    return [settled for settled in written if settled is not None]


def _settle(claimed: Claimed, outcome: Outcome, now: float, policy: Policy) -> Settled | None:
    verdict = judge(
        outcome,
        attempt=claimed.attempt,
        refusals=claimed.refusals,
        last_status=claimed.last_status,
        steps=policy.steps(claimed.endpoint.schedule),
        policy=policy,
    )
    is_finished = verdict.state != "ready"
    leaves_line = is_finished or verdict.refusals >= policy.refusals
    due_at = now + verdict.due_in
    written = settle_one.run(
        verdict.state,
        claimed.attempt if verdict.attempt_counts else claimed.attempt - 1,
        now,
        due_at,
        verdict.refusals,
        int(leaves_line and not is_finished),
        now if is_finished else 0,
        outcome.status,
        outcome.error,
        outcome.ms,
        claimed.id,
        claimed.owner,
        claimed.attempt,
    )
    if not written:
        return None
    _log(claimed.id, claimed.endpoint.id, claimed.attempt, outcome)
    if leaves_line:
        let_go(claimed.id, claimed.endpoint.id, claimed.task_id, now)
    _settle_endpoint(claimed.endpoint, outcome, verdict, now, policy)
    return Settled(claimed, outcome, verdict, due_at)


@prepared()
def settle_one(
    state: str,
    attempt: int,
    now: float,
    due_at: float,
    refusals: int,
    steps_aside: int,
    finished_at: float,
    status: int | None,
    error: str,
    ms: float,
    delivery_id: int,
    owner: str,
    claimed_attempt: int,
) -> BaseQuery:
    """Write what became of an attempt, unless the delivery is no longer who claimed it's.

    The attempt is part of the fence as well: the same process may have claimed it again since.
    """
    return Delivery.update(
        state=state,
        attempt=attempt,
        scheduled_at=now,
        due_at=due_at,
        leased_until=0,
        owner="",
        refusals=refusals,
        # What is finished keeps its task for the record; what lets others pass stands in no line any more.
        task_id=Case(steps_aside, [(0, Delivery.task_id)]),
        finished_at=finished_at,
        last_status=status,
        last_error=error,
        last_ms=ms,
    ).where(
        (Delivery.id == delivery_id)
        & (Delivery.state == "sending")
        & (Delivery.owner == owner)
        & (Delivery.attempt == claimed_attempt)
    )


def _log(delivery_id: int, endpoint_id: int, number: int, outcome: Outcome) -> None:
    _insert_attempt.run(
        delivery_id,
        endpoint_id,
        number,
        outcome.started_at,
        outcome.ms,
        outcome.status,
        outcome.error,
        outcome.detail,
        outcome.answer_headers,
        outcome.answer,
    )


@prepared()
def _insert_attempt(
    delivery_id: int,
    endpoint_id: int,
    number: int,
    started_at: float,
    ms: float,
    status: int | None,
    error: str,
    detail: str,
    answer_headers: str,
    answer: bytes,
) -> BaseQuery:
    return Attempt.insert(
        delivery=delivery_id,
        endpoint=endpoint_id,
        number=number,
        started_at=started_at,
        ms=ms,
        status=status,
        error=error,
        detail=detail,
        answer_headers=answer_headers,
        answer=answer,
    )


# -- How an endpoint answers


def _settle_endpoint(endpoint: EndpointRow, outcome: Outcome, verdict: Verdict, now: float, policy: Policy) -> None:
    """Keep count of an endpoint's failures, and pause, disable or drain it as they say."""
    if verdict.state == "done":
        # A request that began before the failures says nothing about the time after them.
        _praise(endpoint.id, now, drains=endpoint.failures >= policy.breaker)
        return
    if verdict.pause:
        pause_until.run(endpoint.id, now + verdict.pause)
    if verdict.counts:
        _count_failure.run(endpoint.id, outcome.started_at)
        _punish(endpoint.id, verdict, now, policy)


@prepared()
def _count_failure(endpoint_id: int, started_at: float) -> BaseQuery:
    """Count one more failure; since when there have been only failures is written at the first one alone."""
    return Endpoint.update(
        failures=Endpoint.failures + 1,
        failing_since=Case(Endpoint.failing_since, [(0, started_at)], Endpoint.failing_since),
    ).where(Endpoint.id == endpoint_id)


class _Failing(NamedTuple):
    failures: int
    since: float


@prepared(_Failing._make)
def _failing(endpoint_id: int) -> BaseQuery:
    return Endpoint.select(Endpoint.failures, Endpoint.failing_since).where(Endpoint.id == endpoint_id)


@prepared()
def _forget_failures(endpoint_id: int) -> BaseQuery:
    return Endpoint.update(failures=0, failing_since=0).where(Endpoint.id == endpoint_id)


@prepared()
def pause_until(endpoint_id: int, until: float) -> BaseQuery:
    """Leave an endpoint alone until then, or for longer where it has asked for that."""
    return Endpoint.update(paused_until=until).where((Endpoint.id == endpoint_id) & (Endpoint.paused_until < until))


@prepared()
def _disable(endpoint_id: int, reason: str) -> BaseQuery:
    return Endpoint.update(is_enabled=0, disabled_reason=reason).where(Endpoint.id == endpoint_id)


@prepared(scalar)
def first_probe(endpoint_id: int, refusals: int) -> BaseQuery:
    """Return when the delivery is due that is the next to be tried while the breaker is open."""
    return (
        Delivery.select(Delivery.due_at)
        .from_(ByIndex(Delivery, "deliveries_ready"))
        .where((Delivery.state == "ready") & (Delivery.endpoint_id == endpoint_id))
        .order_by(Delivery.refusals >= refusals, Delivery.id)
        .limit(1)
    )


def _praise(endpoint_id: int, now: float, *, drains: bool) -> None:
    if _failing.one(endpoint_id).failures == 0:
        return
    _forget_failures.run(endpoint_id)
    if drains:
        end_pause.run(endpoint_id)
        make_due.run(endpoint_id, now)


def _punish(endpoint_id: int, verdict: Verdict, now: float, policy: Policy) -> None:
    failing = _failing.one(endpoint_id)  # it is there as long as a delivery to it is
    if verdict.gone:
        _disable.run(endpoint_id, "The receiver answered 410: it wants no more events.")
    elif failing.failures >= policy.breaker and now - failing.since >= policy.give_up_after:
        _disable.run(endpoint_id, f"Every attempt failed for {policy.give_up_after / 3600:g} hours.")
    elif failing.failures >= policy.breaker:
        due_at = first_probe.first(endpoint_id, policy.refusals)
        if due_at is not None:
            pause_until.run(endpoint_id, due_at)


# -- Leases that have ended


class _Expired(NamedTuple):
    id: int
    endpoint_id: int
    task_id: int | None
    attempt: int
    schedule: str


@prepared(_Expired._make)
def expired(now: float) -> BaseQuery:
    """Return what was claimed and whose lease has ended, with the schedule of its endpoint."""
    return (
        Delivery.select(
            Delivery.id, Delivery.endpoint_id, Delivery.task_id, Delivery.attempt, Endpoint.schedule.cast("text")
        )
        .from_(ByIndex(Delivery, "deliveries_leased"), Endpoint)
        .where((Delivery.state == "sending") & (Delivery.leased_until <= now) & (Endpoint.id == Delivery.endpoint_id))
        .order_by(Delivery.id)
    )


@prepared()
def _give_back_one(delivery_id: int, state: str, now: float, finished_at: float, error: str) -> BaseQuery:
    return Delivery.update(
        state=state,
        scheduled_at=now,
        due_at=now,
        leased_until=0,
        owner="",
        finished_at=finished_at,
        last_status=None,
        last_error=error,
    ).where(Delivery.id == delivery_id)


@transactional
def give_back(held: set[int], now: float, policy: Policy) -> int:
    """Take back what was claimed and whose lease has ended, but not what is ``held`` by the caller; return how much.

    It may have been sent: whoever claimed it was killed before it could write so. It counts as an attempt.
    """
    outcome = Outcome(now, 0.0, LOST, "The program that was sending this ended before it could tell what came of it.")
    lost = [each for each in expired.all(now) if each.id not in held]
    for each in lost:
        is_dead = each.attempt >= len(policy.steps(each.schedule))
        _give_back_one.run(each.id, "dead" if is_dead else "ready", now, now if is_dead else 0, LOST)
        _log(each.id, each.endpoint_id, each.attempt, outcome)
        if is_dead:
            let_go(each.id, each.endpoint_id, each.task_id, now)
    return len(lost)

"""The outbox: which deliveries are claimed, by whom, and what becomes of them.

The order of a task's events was decided when they were inserted: only the first unfinished one of an endpoint and
task is ``ready``, the others are ``blocked``; finishing it readies the next. So a claim never has to look for what
came before, however much waits. A claim is a lease: whoever holds it sends, and what becomes of it is only written
while it is still held (the fence). Everything here is one short transaction, never with a request inside.
"""

from dataclasses import dataclass, field
from typing import Any

from kbtui.core.db.database import fetch_all, fetch_dicts, fetch_one, transactional
from kbtui.core.db.engine import database
from kbtui.webhooks.answers import Verdict, judge
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.failures import LOST
from kbtui.webhooks.policy import Policy

UNFINISHED = "state IN ('ready', 'sending', 'blocked')"
"""SQL, written as the partial index has it, or SQLite would not use that."""

# A row that another program has written into may hold anything; it is not to stop what goes to the others.
_ENDPOINTS = f"""SELECT id, name, url, format, secret, old_secret, old_secret_until, ca_file, headers, use_proxy,
    CAST(schedule AS TEXT) AS schedule, CAST(failures AS INTEGER) AS failures,
    CAST(paused_until AS REAL) AS paused_until, min(30, max(1, CAST(deadline AS REAL))) AS deadline,
    max(1, CAST(concurrency AS INTEGER)) AS concurrency FROM endpoints WHERE is_enabled = 1 AND is_paused = 0
    AND EXISTS (SELECT 1 FROM deliveries WHERE endpoint_id = endpoints.id AND {UNFINISHED}) ORDER BY id"""

_CLAIM = """UPDATE deliveries SET state = 'sending', owner = ?, attempt = attempt + 1, leased_until = ?
    WHERE id IN ({chosen}) RETURNING id, webhook_id, event_id, task_id, event_name, attempt, refusals, last_status,
    format"""
_DUE = """SELECT id FROM deliveries WHERE state = 'ready' AND endpoint_id = ? AND due_at <= ?
    ORDER BY due_at, id LIMIT ?"""
_PROBE = """SELECT id FROM deliveries WHERE state = 'ready' AND endpoint_id = ? AND due_at <= ?
    ORDER BY refusals >= ?, id LIMIT 1"""
# Where SQLite would guess that another index is as good, it is told: in a long history it is not.
FIRST_PROBE = """SELECT due_at FROM deliveries INDEXED BY deliveries_ready WHERE state = 'ready' AND endpoint_id = ?
    ORDER BY refusals >= ?, id LIMIT 1"""
ANY_DUE = "SELECT 1 FROM deliveries WHERE state = 'ready' AND endpoint_id = ? AND due_at <= ? LIMIT 1"
FIRST_DUE = "SELECT min(due_at) FROM deliveries INDEXED BY deliveries_ready WHERE state = 'ready' AND endpoint_id = ?"
FIRST_LEASE = "SELECT min(leased_until) FROM deliveries INDEXED BY deliveries_leased WHERE state = 'sending'"
NEXT_TIMES = f"""SELECT max(paused_until, ({FIRST_DUE.replace("?", "endpoints.id")})) FROM endpoints
    WHERE is_enabled = 1 AND is_paused = 0 UNION ALL {FIRST_LEASE}"""
ANY_SENDING = """SELECT 1 FROM deliveries INDEXED BY deliveries_leased WHERE state = 'sending' AND endpoint_id = ?
    LIMIT 1"""
CLAIM_DUE = _CLAIM.format(chosen=_DUE)
CLAIM_PROBE = _CLAIM.format(chosen=_PROBE)

SETTLE = """UPDATE deliveries SET state = ?, attempt = ?, scheduled_at = ?, due_at = ?, leased_until = 0, owner = '',
    refusals = ?, task_id = CASE WHEN ? THEN NULL ELSE task_id END, finished_at = ?, last_status = ?,
    last_error = ?, last_ms = ?
    WHERE id = ? AND state = 'sending' AND owner = ? AND attempt = ?"""
READY_NEXT = f"""UPDATE deliveries SET state = 'ready', scheduled_at = ?, due_at = ? WHERE id = (SELECT id
    FROM deliveries WHERE endpoint_id = ? AND task_id = ? AND {UNFINISHED} AND state = 'blocked'
    ORDER BY id LIMIT 1) AND NOT EXISTS (SELECT 1 FROM deliveries AS head WHERE head.task_id = deliveries.task_id
    AND head.endpoint_id = deliveries.endpoint_id AND head.state IN ('ready', 'sending'))"""
"""Not when the line has a head already: whoever has just finished may have been taken out of it meanwhile."""
MAKE_DUE = """UPDATE deliveries SET scheduled_at = ?, due_at = ?
    WHERE state = 'ready' AND endpoint_id = ? AND due_at > ?"""
EXPIRED = """SELECT d.id, d.endpoint_id, d.task_id, d.attempt, CAST(e.schedule AS TEXT)
    FROM deliveries d INDEXED BY deliveries_leased JOIN endpoints e ON e.id = d.endpoint_id
    WHERE d.state = 'sending' AND d.leased_until <= ? ORDER BY d.id"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send, until its lease ends."""

    owner: str
    endpoint: dict[str, Any] = field(repr=False)
    """The endpoint's row as it was when this was claimed."""
    start_before: float
    """Later than this the lease would not last as long as an attempt can."""
    id: int
    webhook_id: str
    event_id: int
    task_id: int | None
    event_name: str
    attempt: int
    refusals: int
    last_status: int | None
    format: str = ""
    """The payload format it was queued in; "" for the endpoint's."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an attempt, once it has been written."""

    claimed: Claimed
    outcome: Outcome
    verdict: Verdict
    due_at: float


def open_endpoints(now: float) -> list[dict[str, Any]]:
    """Return the endpoints that something waits for and that may be sent to now."""
    return [row for row in fetch_dicts(_ENDPOINTS) if row["paused_until"] <= now]


def count_unfinished(most: int) -> int:
    """Return how many deliveries of all endpoints are unfinished, at most ``most``."""
    row = fetch_one(f"SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE {UNFINISHED} LIMIT ?)", (most,))
    return int(row[0]) if row else 0


def is_due(now: float) -> bool:
    """Tell whether something may be claimed or given back now. Reads only, so that nobody waits for the answer."""
    if any(fetch_one(ANY_DUE, (row["id"], now)) for row in open_endpoints(now)):
        return True
    leased_until = _first(FIRST_LEASE)
    return leased_until is not None and leased_until <= now


def next_due(now: float) -> float | None:
    """Return when something more will become due or can be given back, in Unix seconds; None when nothing will.

    What is due already is not told: it waits for a request to end, not for a time.
    """
    times = [row[0] for row in fetch_all(NEXT_TIMES)]
    return min((each for each in times if each is not None and each > now), default=None)


def _first(sql: str, *params: Any) -> float | None:
    row = fetch_one(sql, params)
    return None if row is None or row[0] is None else float(row[0])


@transactional
def claim(owner: str, free: int, own: dict[int, int], now: float, policy: Policy) -> list[Claimed]:
    """Claim what is due for at most ``free`` requests; ``own`` counts this process's open ones by endpoint.

    An endpoint gets at most its own limit, and its share while there are others. Where the breaker is open it gets
    one, the oldest.
    """
    claimed: list[Claimed] = []
    is_alone = _count_endpoints() == 1
    for row in sorted(open_endpoints(now), key=lambda row: own.get(row["id"], 0)):
        left, open_requests = free - len(claimed), own.get(row["id"], 0)
        limit = min(row["concurrency"] - open_requests, left if is_alone else _share(left, open_requests))
        if limit <= 0:
            continue
        lease = now + policy.lease(row["deadline"])
        if row["failures"] >= policy.breaker:
            if fetch_one(ANY_SENDING, (row["id"],)):
                continue
            taken = fetch_all(CLAIM_PROBE, (owner, lease, row["id"], now, policy.refusals))
        else:
            taken = fetch_all(CLAIM_DUE, (owner, lease, row["id"], now, limit))
        claimed += [Claimed(owner, row, now + policy.lease_margin, *values) for values in sorted(taken)]
    return claimed


def _count_endpoints() -> int:
    row = fetch_one("SELECT count(*) FROM endpoints WHERE is_enabled = 1 AND is_paused = 0")
    return int(row[0]) if row else 0


def _share(free: int, open_requests: int) -> int:
    """Return how many more requests an endpoint may open beside others: those that hang must not keep them waiting.

    It is half of what is free; the last one is for an endpoint that has none.
    """
    return min((free + 1) // 2, free - 1) if open_requests else (free + 1) // 2


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
        steps=policy.steps(claimed.endpoint["schedule"]),
        policy=policy,
    )
    finished = verdict.state != "ready"
    leaves = finished or verdict.refusals >= policy.refusals
    due_at = now + verdict.due_in
    attempt = claimed.attempt if verdict.attempt_counts else claimed.attempt - 1
    # One that is finished keeps its task for the record; one that lets others pass stands in no line any more.
    steps_aside = leaves and not finished
    done = (verdict.state, attempt, now, due_at, verdict.refusals, steps_aside, now if finished else 0)
    said = (outcome.status, outcome.error, outcome.ms)
    fence = (claimed.id, claimed.owner, claimed.attempt)
    if database.execute_sql(SETTLE, (*done, *said, *fence)).rowcount == 0:
        return None
    _log(claimed.id, claimed.endpoint["id"], claimed.attempt, outcome)
    if leaves and claimed.task_id is not None:
        ready_next(claimed.endpoint["id"], claimed.task_id, now)
    _settle_endpoint(claimed.endpoint, outcome, verdict, now, policy)
    return Settled(claimed, outcome, verdict, due_at)


def ready_next(endpoint_id: int, task_id: int, now: float) -> None:
    """Let the next delivery of a task's line go, since the one before it stands in its way no more."""
    database.execute_sql(READY_NEXT, (now, now, endpoint_id, task_id))


def _log(delivery_id: int, endpoint_id: int, number: int, outcome: Outcome) -> None:
    database.execute_sql(
        "INSERT INTO attempts (delivery_id, endpoint_id, number, started_at, ms, status, error, detail,"
        " answer_headers, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
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
        ),
    )


def _settle_endpoint(endpoint: dict[str, Any], outcome: Outcome, verdict: Verdict, now: float, policy: Policy) -> None:
    """Keep count of an endpoint's failures, and pause, disable or drain it as they say."""
    endpoint_id = endpoint["id"]
    if verdict.state == "done":
        # A request that began before the failures says nothing about the time after them.
        was_probe = endpoint["failures"] >= policy.breaker
        _praise(endpoint_id, now, drains=was_probe)
        return
    if verdict.pause:
        _pause(endpoint_id, now + verdict.pause)
    if verdict.counts:
        database.execute_sql(
            "UPDATE endpoints SET failures = failures + 1,"
            " failing_since = CASE failing_since WHEN 0 THEN ? ELSE failing_since END WHERE id = ?",
            (outcome.started_at, endpoint_id),
        )
        _punish(endpoint_id, verdict, now, policy)


def _praise(endpoint_id: int, now: float, *, drains: bool) -> None:
    row = fetch_one("SELECT failures FROM endpoints WHERE id = ?", (endpoint_id,))
    if row is None or row[0] == 0:
        return
    database.execute_sql("UPDATE endpoints SET failures = 0, failing_since = 0 WHERE id = ?", (endpoint_id,))
    if drains:
        database.execute_sql("UPDATE endpoints SET paused_until = 0 WHERE id = ?", (endpoint_id,))
        database.execute_sql(MAKE_DUE, (now, now, endpoint_id, now))


def _punish(endpoint_id: int, verdict: Verdict, now: float, policy: Policy) -> None:
    row = fetch_one("SELECT failures, failing_since FROM endpoints WHERE id = ?", (endpoint_id,))
    if row is None:
        return
    failures, since = row
    if verdict.gone:
        _disable(endpoint_id, "The receiver answered 410: it wants no more events.")
    elif failures >= policy.breaker and now - since >= policy.give_up_after:
        _disable(endpoint_id, f"Every attempt failed for {policy.give_up_after / 3600:g} hours.")
    elif failures >= policy.breaker:
        probe = fetch_one(FIRST_PROBE, (endpoint_id, policy.refusals))
        if probe is not None:
            _pause(endpoint_id, probe[0])


def _pause(endpoint_id: int, until: float) -> None:
    database.execute_sql(
        "UPDATE endpoints SET paused_until = max(paused_until, ?) WHERE id = ?",
        (until, endpoint_id),
    )


def _disable(endpoint_id: int, reason: str) -> None:
    database.execute_sql("UPDATE endpoints SET is_enabled = 0, disabled_reason = ? WHERE id = ?", (reason, endpoint_id))


@transactional
def give_back(held: set[int], now: float, policy: Policy) -> int:
    """Take back what was claimed and whose lease has ended, but not what is ``held`` by the caller; return how much.

    It may have been sent: whoever claimed it was killed before it could write so. It counts as an attempt.
    """
    expired = fetch_all(EXPIRED, (now,))
    outcome = Outcome(now, 0.0, LOST, "The program that was sending this ended before it could tell what came of it.")
    for delivery_id, endpoint_id, task_id, attempt, schedule in expired:
        if delivery_id in held:
            continue
        state = "ready" if attempt < len(policy.steps(schedule)) else "dead"
        database.execute_sql(
            "UPDATE deliveries SET state = ?, scheduled_at = ?, due_at = ?, leased_until = 0, owner = '',"
            " finished_at = ?, last_status = NULL, last_error = ? WHERE id = ?",
            (state, now, now, now if state == "dead" else 0, LOST, delivery_id),
        )
        _log(delivery_id, endpoint_id, attempt, outcome)
        if state == "dead" and task_id is not None:
            ready_next(endpoint_id, task_id, now)
    return sum(row[0] not in held for row in expired)

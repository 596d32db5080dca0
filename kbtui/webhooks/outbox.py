"""The outbox: which deliveries are claimed, by whom, and what becomes of them.

Which of a task's deliveries comes first was decided when they were inserted (see :mod:`kbtui.webhooks.lines`), so a
claim never has to look for what came before, however much waits: with 100,000 events queued for one task it takes 0.07
ms, where looking for earlier unfinished ones takes 430. A claim is a lease: whoever holds it sends, and what becomes of
it is only written while it is still held (see :mod:`kbtui.webhooks.results`). Everything here is one short transaction,
never with a request inside.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from peewee import BaseQuery, Select, fn

from kbtui.core.db.database import transactional
from kbtui.core.db.models import UNFINISHED, Delivery, Endpoint
from kbtui.core.db.prepared import ByIndex, prepared, scalar
from kbtui.webhooks.policy import Policy


class EndpointRow(NamedTuple):
    """What an endpoint's deliveries have to know of it. It holds secrets."""

    id: int
    name: str
    url: str
    format: str
    secret: str
    old_secret: str
    old_secret_until: float
    ca_file: str
    headers: str
    use_proxy: int
    schedule: str
    failures: int
    paused_until: float
    deadline: float
    concurrency: int


class _Sendable(NamedTuple):
    """The values of a delivery that is claimed, in the order of :class:`Claimed`."""

    id: int
    webhook_id: str
    event_id: int
    task_id: int | None
    event_name: str
    attempt: int
    refusals: int
    last_status: int | None
    format: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send, until its lease ends."""

    owner: str
    endpoint: EndpointRow = field(repr=False)
    """The endpoint as it was when this was claimed."""
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


_IS_OPEN = (Endpoint.is_enabled == 1) & (Endpoint.is_paused == 0)
_IS_READY = Delivery.state == "ready"
_IS_SENDING = Delivery.state == "sending"
_READY = ByIndex(Delivery, "deliveries_ready")
_LEASED = ByIndex(Delivery, "deliveries_leased")


# -- What is due


def _endpoint_row(values: tuple[Any, ...]) -> EndpointRow:
    row = EndpointRow._make(values)
    return row._replace(deadline=min(30.0, max(1.0, row.deadline)), concurrency=max(1, row.concurrency))


@prepared(_endpoint_row)
def _endpoints(now: float) -> BaseQuery:
    """Return the endpoints that something waits for and that may be sent to now.

    A row that another program has written into may hold anything; it is not to stop what goes to the others.
    """
    unfinished = Delivery.select(Delivery.id).where(
        (Delivery.endpoint_id == Endpoint.id) & Delivery.state.in_(UNFINISHED)
    )
    paused_until = Endpoint.paused_until.cast("double precision")
    return (
        Endpoint.select(
            *(getattr(Endpoint, name) for name in EndpointRow._fields[:10]),
            Endpoint.schedule.cast("text"),
            Endpoint.failures.cast("bigint"),
            paused_until,
            Endpoint.deadline.cast("double precision"),
            Endpoint.concurrency.cast("bigint"),
        )
        .where(_IS_OPEN & (paused_until <= now) & fn.EXISTS(unfinished))
        .order_by(Endpoint.id)
    )


def open_endpoints(now: float) -> list[EndpointRow]:
    """Return the endpoints that something waits for and that may be sent to now."""
    return _endpoints.all(now)


@prepared(scalar)
def _count_unfinished(most: int) -> BaseQuery:
    counted = Delivery.select(Delivery.id).where(Delivery.state.in_(UNFINISHED)).limit(most).alias("counted")
    return Select((counted,), (fn.count(counted.c.id),))


def count_unfinished(most: int) -> int:
    """Return how many deliveries of all endpoints are unfinished, at most ``most``."""
    return int(_count_unfinished.one(most))


@prepared(scalar)
def any_due(endpoint_id: int, now: float) -> BaseQuery:
    """Return whether something of an endpoint may be claimed."""
    return (
        Delivery.select(Delivery.id)
        .where(_IS_READY & (Delivery.endpoint_id == endpoint_id) & (Delivery.due_at <= now))
        .limit(1)
    )


@prepared(scalar)
def first_due(endpoint_id: int) -> BaseQuery:
    """Return when the first ready delivery of an endpoint is due, None when none is ready."""
    return (
        Delivery.select(fn.min(Delivery.due_at)).from_(_READY).where(_IS_READY & (Delivery.endpoint_id == endpoint_id))
    )


@prepared(scalar)
def first_lease() -> BaseQuery:
    """Return when the first lease ends, None when nothing is being sent."""
    return Delivery.select(fn.min(Delivery.leased_until)).from_(_LEASED).where(_IS_SENDING)


def is_due(now: float) -> bool:
    """Return whether something may be claimed or given back now. Reads only, so that nobody waits for the answer."""
    if any(any_due.first(each.id, now) for each in _endpoints.all(now)):
        return True
    leased_until = first_lease.one()
    return leased_until is not None and leased_until <= now


class _Pause(NamedTuple):
    id: int
    until: float


@prepared(_Pause._make)
def _pauses() -> BaseQuery:
    return Endpoint.select(Endpoint.id, Endpoint.paused_until.cast("double precision")).where(_IS_OPEN)


def next_due(now: float) -> float | None:
    """Return when something more will become due or can be given back, in Unix seconds; None when nothing will.

    What is due already is not told: it waits for a request to end, not for a time.
    """
    times = [first_lease.one()]
    for pause in _pauses.all():
        due_at = first_due.one(pause.id)
        times.append(None if due_at is None else max(pause.until, due_at))
    return min((each for each in times if each is not None and each > now), default=None)


@prepared()
def make_due(endpoint_id: int, now: float) -> BaseQuery:
    """Make all that is ready for an endpoint due now."""
    waits = _IS_READY & (Delivery.endpoint_id == endpoint_id) & (Delivery.due_at > now)
    return Delivery.update(scheduled_at=now, due_at=now).where(waits)


@prepared()
def end_pause(endpoint_id: int) -> BaseQuery:
    """End an endpoint's pause that its failures or its Retry-After have brought about."""
    return Endpoint.update(paused_until=0).where(Endpoint.id == endpoint_id)


# -- Claims


@prepared(_Sendable._make)
def claim_due(owner: str, leased_until: float, endpoint_id: int, now: float, limit: int) -> BaseQuery:
    """Claim what has been due for longest."""
    due = Delivery.alias()
    chosen = (
        due.select(due.id)
        .where((due.state == "ready") & (due.endpoint_id == endpoint_id) & (due.due_at <= now))
        .order_by(due.due_at, due.id)
        .limit(limit)
    )
    return _claim_chosen(owner, leased_until, chosen)


@prepared(_Sendable._make)
def claim_probe(owner: str, leased_until: float, endpoint_id: int, now: float, refusals: int) -> BaseQuery:
    """Claim the oldest that is due, but of those that were refused too often only when there is no other."""
    due = Delivery.alias()
    chosen = (
        due.select(due.id)
        .where((due.state == "ready") & (due.endpoint_id == endpoint_id) & (due.due_at <= now))
        .order_by(due.refusals >= refusals, due.id)
        .limit(1)
    )
    return _claim_chosen(owner, leased_until, chosen)


def _claim_chosen(owner: str, leased_until: float, chosen: BaseQuery) -> BaseQuery:
    claimed: BaseQuery = (
        Delivery.update(state="sending", owner=owner, attempt=Delivery.attempt + 1, leased_until=leased_until)
        .where(Delivery.id.in_(chosen))
        .returning(*(getattr(Delivery, name) for name in _Sendable._fields))
    )
    return claimed


@prepared(scalar)
def any_sending(endpoint_id: int) -> BaseQuery:
    """Return whether something is being sent to an endpoint, by whichever process."""
    sending = _IS_SENDING & (Delivery.endpoint_id == endpoint_id)
    return Delivery.select(Delivery.id).from_(_LEASED).where(sending).limit(1)


@prepared(scalar)
def _count_open() -> BaseQuery:
    return Endpoint.select(fn.count(Endpoint.id)).where(_IS_OPEN)


@transactional
def claim(owner: str, free: int, own: dict[int, int], now: float, policy: Policy) -> list[Claimed]:
    """Claim what is due for at most ``free`` requests; ``own`` counts this process's open ones by endpoint.

    An endpoint gets at most its own limit, and its share while there are others. Where the breaker is open it gets
    one, the oldest.
    """
    claimed: list[Claimed] = []
    is_alone = _count_open.one() == 1
    for endpoint in sorted(_endpoints.all(now), key=lambda endpoint: own.get(endpoint.id, 0)):
        left, open_requests = free - len(claimed), own.get(endpoint.id, 0)
        limit = min(endpoint.concurrency - open_requests, left if is_alone else _share(left, open_requests))
        if limit <= 0:
            continue
        lease = now + policy.lease(endpoint.deadline)
        if endpoint.failures >= policy.breaker:
            if any_sending.first(endpoint.id):
                continue
            taken = claim_probe.all(owner, lease, endpoint.id, now, policy.refusals)
        else:
            taken = claim_due.all(owner, lease, endpoint.id, now, limit)
        # What an update returns is in no order.
        claimed += [Claimed(owner, endpoint, now + policy.lease_margin, *each) for each in sorted(taken)]
    return claimed


def _share(free: int, open_requests: int) -> int:
    """Return how many more requests an endpoint may open beside others: those that hang must not keep them waiting.

    It is half of what is free; the last one is for an endpoint that has none.
    """
    return min((free + 1) // 2, free - 1) if open_requests else (free + 1) // 2

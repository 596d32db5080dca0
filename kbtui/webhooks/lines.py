"""Lines: in which order deliveries go.

The unfinished deliveries of one task to one endpoint are a line: the first is ready or being sent, the others are
``blocked``, and one that leaves the line readies the next. A delivery may wait for one other as well, of another task
but to the same endpoint: ``waits_for``. It is blocked until that one has left its line, in whichever way.

Nothing can wait for ever: what is ready or being sent waits for nothing any more, and a line that has no such delivery
has a first one that waits for one with a smaller id.
"""

from typing import Any, NamedTuple

from peewee import BaseQuery, ColumnBase, fn

from kbtui.core.db.models import UNFINISHED, Delivery
from kbtui.core.db.prepared import prepared, scalar

IN_FLIGHT = ("ready", "sending")
"""The states in which a delivery is the head of its line; the database sees to it that a line has at most one."""

_Head = Delivery.alias()
_Earlier = Delivery.alias()
_Awaited = Delivery.alias()


def is_waiting(delivery: Any) -> ColumnBase:
    """Return the condition that what a delivery waits for is still in its line.

    One that has left its line before its end, since it was refused too often or since its endpoint wants no order any
    more, has no task.
    """
    awaited = _Awaited.select(_Awaited.id).where(
        (_Awaited.id == delivery.waits_for) & _Awaited.task_id.is_null(False) & _Awaited.state.in_(UNFINISHED)
    )
    condition: ColumnBase = fn.EXISTS(awaited)
    return condition


def has_head(delivery: Any) -> ColumnBase:
    """Return the condition that a delivery of the same line is ready or being sent."""
    heads = _Head.select(_Head.id).where(
        (_Head.endpoint_id == delivery.endpoint_id) & (_Head.task_id == delivery.task_id) & _Head.state.in_(IN_FLIGHT)
    )
    condition: ColumnBase = fn.EXISTS(heads)
    return condition


def is_behind(delivery: Any) -> ColumnBase:
    """Return the condition that an earlier delivery of the same line is blocked."""
    earlier = _Earlier.select(_Earlier.id).where(
        (_Earlier.endpoint_id == delivery.endpoint_id)
        & (_Earlier.task_id == delivery.task_id)
        & _Earlier.state.in_(UNFINISHED)  # the index says it so
        & (_Earlier.state == "blocked")
        & (_Earlier.id < delivery.id)
    )
    condition: ColumnBase = fn.EXISTS(earlier)
    return condition


@prepared()
def ready_first(endpoint_id: int, task_id: int, now: float) -> BaseQuery:
    """Ready the first delivery of a line, unless it waits for one of another line.

    Not when the line has a head already: whoever has just finished may have been taken out of it meanwhile.
    """
    line = Delivery.alias()
    first = (
        line.select(line.id)
        .where(
            (line.endpoint_id == endpoint_id)
            & (line.task_id == task_id)
            & line.state.in_(UNFINISHED)
            & (line.state == "blocked")
        )
        .order_by(line.id)
        .limit(1)
    )
    return Delivery.update(state="ready", scheduled_at=now, due_at=now).where(
        (Delivery.id == first) & ~has_head(Delivery) & ~is_waiting(Delivery)
    )


@prepared()
def _ready_one(delivery_id: int, now: float) -> BaseQuery:
    """Ready a delivery that stands in no line, and waits for nothing any more."""
    return Delivery.update(state="ready", scheduled_at=now, due_at=now).where(Delivery.id == delivery_id)


class Waiting(NamedTuple):
    """A blocked delivery, and the line it stands in."""

    id: int
    endpoint_id: int
    task_id: int | None


@prepared(Waiting._make)
def waiting_for(delivery_id: int) -> BaseQuery:
    """Return what is blocked and waits for a delivery, in whichever line."""
    return (
        Delivery.select(Delivery.id, Delivery.endpoint_id, Delivery.task_id)
        .where((Delivery.waits_for == delivery_id) & (Delivery.state == "blocked"))
        .order_by(Delivery.id)
    )


def let_go(delivery_id: int, endpoint_id: int, task_id: int | None, now: float) -> None:
    """Ready what has been waiting for a delivery that has just left its line: the next one in it, and others'."""
    if task_id is not None:
        ready_first.run(endpoint_id, task_id, now)
    for waiting in waiting_for.all(delivery_id):
        if waiting.task_id is None:
            _ready_one.run(waiting.id, now)
        else:
            ready_first.run(waiting.endpoint_id, waiting.task_id, now)


def find_heads(endpoint_id: int, now: float) -> None:
    """Put an endpoint's lines in order again after finished deliveries have become ``blocked`` ones.

    What is ready steps back behind an earlier one, unless that one is later in its line and being sent.
    """
    mine = Delivery.endpoint_id == endpoint_id
    is_ready, is_blocked = Delivery.state == "ready", Delivery.state == "blocked"
    Delivery.update(state="blocked").where(mine & is_ready & (is_behind(Delivery) | is_waiting(Delivery))).execute()
    Delivery.update(state="ready").where(
        mine & Delivery.state.in_(UNFINISHED) & is_blocked & Delivery.task_id.is_null() & ~is_waiting(Delivery)
    ).execute()
    for task_id in _headless.all(endpoint_id):
        ready_first.run(endpoint_id, task_id, now)


@prepared(scalar)
def _headless(endpoint_id: int) -> BaseQuery:
    return (
        Delivery.select(Delivery.task_id)
        .distinct()
        .where(
            (Delivery.endpoint_id == endpoint_id)
            & Delivery.state.in_(UNFINISHED)
            & (Delivery.state == "blocked")
            & Delivery.task_id.is_null(False)
            & ~has_head(Delivery)
        )
    )


def free_all(endpoint_id: int) -> None:
    """Let every unfinished delivery of an endpoint go, without waiting for any other."""
    mine = (Delivery.endpoint_id == endpoint_id) & Delivery.state.in_(UNFINISHED)
    Delivery.update(task_id=None).where(mine).execute()
    Delivery.update(state="ready").where(mine & (Delivery.state == "blocked")).execute()

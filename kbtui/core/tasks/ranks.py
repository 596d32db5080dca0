"""Where a task stands in its cell, at the cost of one row.

Positions are dense for the outside world, but what is stored is a sparse rank: a task put between two others
takes the number in the middle, and nothing else is written. A position is counted when somebody asks for it.
When two neighbours have no number left between them, the few tasks around them are spread out.

A position is turned into two neighbours by stepping through the index of the cell, which holds all that is compared:
from where the task stands if it stays in its cell, else from the top. Nothing is read of a task that is stepped over.
"""

import threading
from typing import Any, NamedTuple

from peewee import BaseQuery, Tuple, fn

from kbtui.core.db.engine import database
from kbtui.core.db.models import Task
from kbtui.core.db.prepared import prepared, scalar
from kbtui.core.events.snapshot import position_of

GAP = 1 << 40
"""The room between two tasks that were appended one after the other: forty halvings."""

LEAST_STEP = 1 << 8
"""Tasks are never spread closer than this."""

WINDOW = 16
"""How many tasks on either side are spread first; the window grows while it is too crowded."""

FARTHEST = 1 << 61
"""Ranks stay within ± this, far from the end of SQLite's integers."""

COUNT = fn.count(1)


class Cell(NamedTuple):
    """Where a column and a swimlane cross."""

    column_id: int
    swimlane_id: int


class Location(NamedTuple):
    """Where an open task stands; ``position`` counts from 1."""

    project_id: int
    cell: Cell
    position: int


def in_cell(task: Any, column_id: Any, swimlane_id: Any) -> Any:
    """Return the condition of the open tasks of a cell."""
    return (task.column_id == column_id) & (task.swimlane_id == swimlane_id) & (task.is_active == 1)


def _others(task: Any, column_id: Any, swimlane_id: Any, task_id: Any) -> Any:
    return in_cell(task, column_id, swimlane_id) & (task.id != task_id)


class Key(NamedTuple):
    """What the tasks of a cell are in the order of; no two have the same."""

    rank: int
    task_id: int


class Standing(NamedTuple):
    """Where a task stands in the cell in which it is given another position."""

    key: Key
    position: int


class Slot(NamedTuple):
    """A free place in a cell: its position, the task before it (None at the top), and its rank.

    There is no rank where the neighbours have to make room first.
    """

    position: int
    after: Key | None
    rank: int | None


def _in_order(query: Any, skip: Any) -> BaseQuery:
    """Return the keys of two tasks, the first of them after so many others."""
    ordered: BaseQuery = query.order_by(Task.rank, Task.id).limit(2).offset(skip)
    return ordered


@prepared(Key._make)
def _from_top(column_id: int, swimlane_id: int, skip: int) -> BaseQuery:
    return _in_order(Task.select(Task.rank, Task.id).where(in_cell(Task, column_id, swimlane_id)), skip)


@prepared(Key._make)
def _below(column_id: int, swimlane_id: int, rank: int, task_id: int, skip: int) -> BaseQuery:
    after = Tuple(Task.rank, Task.id) > Tuple(rank, task_id)
    return _in_order(Task.select(Task.rank, Task.id).where(in_cell(Task, column_id, swimlane_id) & after), skip)


@prepared(Key._make)
def _above(column_id: int, swimlane_id: int, rank: int, task_id: int, skip: int) -> BaseQuery:
    """Return the keys of two tasks, the lower one first."""
    before = Tuple(Task.rank, Task.id) < Tuple(rank, task_id)
    query = Task.select(Task.rank, Task.id).where(in_cell(Task, column_id, swimlane_id) & before)
    return query.order_by(Task.rank.desc(), Task.id.desc()).limit(2).offset(skip)


@prepared(Key._make)
def _last(column_id: int, swimlane_id: int) -> BaseQuery:
    query = Task.select(Task.rank, Task.id).where(in_cell(Task, column_id, swimlane_id))
    return query.order_by(Task.rank.desc(), Task.id.desc()).limit(1)


class _End(NamedTuple):
    """How many tasks stand in a cell, and the last one's key, if there is one."""

    tasks: int
    rank: int | None
    task_id: int | None

    @property
    def last(self) -> Key | None:
        """Return the last task's key."""
        return None if self.rank is None or self.task_id is None else Key(self.rank, self.task_id)


@prepared(_End._make)
def _end(column_id: int, swimlane_id: int) -> BaseQuery:
    last = Task.alias("l")
    lowest = last.select().where(in_cell(last, column_id, swimlane_id)).order_by(last.rank.desc(), last.id.desc())
    rank, task_id = (lowest.select(field).limit(1) for field in (last.rank, last.id))
    return Task.select(COUNT, rank, task_id).where(in_cell(Task, column_id, swimlane_id))


@prepared(scalar)
def _count(column_id: int, swimlane_id: int) -> BaseQuery:
    return Task.select(COUNT).where(in_cell(Task, column_id, swimlane_id))


@prepared(tuple)
def _up_to(column_id: int, swimlane_id: int, task_id: int, rank: int, last_id: int, limit: int) -> BaseQuery:
    """Return id and rank of the tasks from one on upwards, the lowest first to be met."""
    key = Tuple(Task.rank, Task.id) <= Tuple(rank, last_id)
    query = Task.select(Task.id, Task.rank).where(_others(Task, column_id, swimlane_id, task_id) & key)
    return query.order_by(Task.rank.desc(), Task.id.desc()).limit(limit)


@prepared(tuple)
def _after(column_id: int, swimlane_id: int, task_id: int, rank: int, last_id: int, limit: int) -> BaseQuery:
    """Return id and rank of the tasks after one."""
    key = Tuple(Task.rank, Task.id) > Tuple(rank, last_id)
    query = Task.select(Task.id, Task.rank).where(_others(Task, column_id, swimlane_id, task_id) & key)
    return query.order_by(Task.rank, Task.id).limit(limit)


@prepared()
def _set_rank(task_id: int, rank: int) -> BaseQuery:
    return Task.update({Task.rank: rank}).where(Task.id == task_id)


@prepared(tuple)
def _locate(task_id: int) -> BaseQuery:
    return Task.select(Task.project_id, Task.column_id, Task.swimlane_id, position_of(Task)).where(
        (Task.id == task_id) & (Task.is_active == 1)
    )


class _Ends(threading.local):
    """The ends of cells that the calling thread's transaction has read, and what it has put there since.

    They are known as long as nothing else has changed tasks: to put many into one cell counts it once.
    """

    def __init__(self) -> None:
        self.changes = -1
        self.known: dict[Cell, _End] = {}


_ends = _Ends()


def _end_of(cell: Cell) -> _End:
    if not database.in_transaction():
        return _end.one(*cell)
    changes = database.changes_of(Task)
    if changes != _ends.changes:
        _ends.changes = changes
        _ends.known.clear()
    if cell not in _ends.known:
        _ends.known[cell] = _end.one(*cell)
    return _ends.known[cell]


def known_position(cell: Cell, key: Key) -> int | None:
    """Return the position of a task that is the last one of a cell, None where that is not known."""
    end = _ends.known.get(cell) if database.changes_of(Task) == _ends.changes else None
    return end.tasks if end is not None and end.last == key and database.in_transaction() else None


def note_added(cell: Cell, key: Key) -> None:
    """Take to the known end of a cell what was just inserted there, if that is all that has changed since."""
    end, changes = _ends.known.get(cell), database.changes_of(Task)
    if end is not None and changes == _ends.changes + 1:
        last = key if end.last is None else max(end.last, key)
        _ends.known[cell] = _End(end.tasks + 1, *last)
        _ends.changes = changes


def note_closed(cell: Cell) -> None:
    """Take from the known end of a cell the task that was just closed there, if that is all that has changed since.

    Its rank stays the last one, if it was: where that one ends, the next task may begin.
    """
    end, changes = _ends.known.get(cell), database.changes_of(Task)
    if end is not None and changes == _ends.changes + 1:
        _ends.known[cell] = end._replace(tasks=end.tasks - 1)
        _ends.changes = changes


def assign_rank(cell: Cell, position: int | None) -> tuple[int, int]:
    """Return the rank that puts one more task at ``position`` of the cell, and the position it really gets.

    ``position`` counts from 1; None and anything past the end mean last.
    Must run in a transaction, since it may have to spread the neighbours.
    """
    slot = find_slot(cell, position)
    return (spread(cell, slot.after) if slot.rank is None else slot.rank), slot.position


def find_slot(cell: Cell, position: int | None, standing: Standing | None = None) -> Slot:
    """Return the free place at ``position`` of a cell, for a task that is ``standing`` in it or comes from elsewhere.

    ``position`` counts from 1 and does not count the task itself; None and anything past the end mean last.
    """
    if position is None:
        return _slot_at_end(cell, standing)
    # As far past the end as any, and SQLite can take it.
    position = min(position, FARTHEST)
    upper: Key | None
    if position == 1:
        upper = _from_top.first(*cell, 0)
        return Slot(1, None, _between(None, upper))
    if standing is None or 2 * position < standing.position:  # the top is nearer than where it stands
        found = _from_top.all(*cell, position - 2)
    elif position > standing.position:
        found = _below.all(*cell, *standing.key, position - standing.position - 1)
    else:
        upper, lower = _above.all(*cell, *standing.key, standing.position - position - 1)
        return Slot(position, lower, _between(lower, upper))
    if not found:
        return _slot_at_end(cell, standing)
    lower, upper = found[0], found[1] if len(found) > 1 else None
    return Slot(position, lower, _between(lower, upper))


def _slot_at_end(cell: Cell, standing: Standing | None) -> Slot:
    end = _end_of(cell)
    return Slot(end.tasks + (standing is None), end.last, _between(end.last, None))


def append_rank(cell: Cell) -> int:
    """Return the rank of one more task at the end of a cell, read from the end of its index: nothing is counted.

    Must run in a transaction, like :func:`assign_rank`.
    """
    last = _last.first(*cell)
    rank = _between(last, None)
    return spread(cell, last) if rank is None else rank


def _between(lower: Key | None, upper: Key | None) -> int | None:
    """Return a rank between those of two neighbours, None being the end of the cell; None where no number is left.

    Two of one rank, as when a closed task comes back to where another went, stand by their ids: no number fits.
    """
    if lower is not None and upper is not None:
        return None if upper.rank - lower.rank < 2 else (lower.rank + upper.rank) // 2
    rank = lower.rank + GAP if lower is not None else upper.rank - GAP if upper is not None else 0
    return rank if -FARTHEST < rank < FARTHEST else None


def spread(cell: Cell, after: Key | None, *, task_id: int = 0) -> int:
    """Spread the tasks around the place behind ``after``, None being the top; return a rank in the hole left there.

    Task ``task_id`` is the one that goes there: if it stands in the cell, it is passed over.
    """
    params = (*cell, task_id)
    rank, last_id = after or Key(-FARTHEST * 2, 0)
    size = WINDOW
    while True:
        below = _up_to.all(*params, rank, last_id, size + 1)
        above = _after.all(*params, rank, last_id, size + 1)
        lower = below[size][1] if len(below) > size else None
        upper = above[size][1] if len(above) > size else None
        neighbours = [each_id for each_id, _ in (*reversed(below[:size]), *above[:size])]
        low, high = _bounds(lower, upper, len(neighbours))
        step = (high - low) // (len(neighbours) + 2)
        if step >= LEAST_STEP and low > -FARTHEST and high < FARTHEST:
            break
        size = size * 4 if lower is not None or upper is not None else size
    hole = min(len(below), size)
    for index, each_id in enumerate(neighbours):
        _set_rank.run(each_id, low + step * (index + 1 if index < hole else index + 2))
    return low + step * (hole + 1)


def _bounds(lower: int | None, upper: int | None, count: int) -> tuple[int, int]:
    """Return the ranks between which ``count`` tasks and one more are to be spread, exclusive."""
    room = GAP * (count + 2)
    if lower is None and upper is None:
        return -room // 2, room // 2
    if lower is None:
        assert upper is not None  # noqa: S101 - narrowed above
        return upper - room, upper
    return lower, lower + room if upper is None else upper


def count_cell(cell: Cell) -> int:
    """Return how many open tasks stand in a cell."""
    return int(_count.one(*cell))


def find_location(task_id: int) -> Location | None:
    """Return where an open task stands, or None when it is closed or gone."""
    found = _locate.first(task_id)
    return Location(found[0], Cell(found[1], found[2]), found[3]) if found else None

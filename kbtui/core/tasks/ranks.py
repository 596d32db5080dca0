"""Where a task stands in its cell, at the cost of one row.

Positions are dense for the outside world, but what is stored is a sparse rank: a task put between two others
takes the number in the middle, and nothing else is written. A position is counted when somebody asks for it.
When two neighbours have no number left between them, the few tasks around them are spread out.

Nothing here skips rows with OFFSET: it reads every row that it skips, and Python none of them. A place that is given by
its position is found by counting up to it in the index of the cell, once, and its neighbours by their ranks.
"""

from typing import Any, NamedTuple

from peewee import SQL, BaseQuery, Tuple, fn

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

COUNT = fn.count(SQL("*"))


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


class _Walked(NamedTuple):
    """Where counting from the top of a cell came to: how many tasks, the last one's rank, and what is at and after it.

    ``same`` is how many tasks have that very rank; ``after`` is the next higher one.
    """

    passed: int
    rank: int | None
    same: int
    after: int | None


@prepared(_Walked._make)
def _walk(column_id: int, swimlane_id: int, task_id: int, most: int) -> BaseQuery:
    """Count up to ``most`` tasks from the top of a cell. The index of the cell alone is read."""
    first, equal, higher = Task.alias("f"), Task.alias("e"), Task.alias("h")
    top = (
        first.select(first.rank)
        .where(_others(first, column_id, swimlane_id, task_id))
        .order_by(first.rank, first.id)
        .limit(most)
        .alias("top")
    )
    end = top.select_from(COUNT.alias("passed"), fn.max(top.c.rank).alias("rank")).alias("reached")
    same = equal.select(COUNT).where(_others(equal, column_id, swimlane_id, task_id) & (equal.rank == end.c.rank))
    after = higher.select(fn.min(higher.rank)).where(
        _others(higher, column_id, swimlane_id, task_id) & (higher.rank > end.c.rank)
    )
    query: BaseQuery = end.select_from(end.c.passed, end.c.rank, same, after)
    return query


@prepared(scalar)
def _first_rank(column_id: int, swimlane_id: int, task_id: int) -> BaseQuery:
    return Task.select(fn.min(Task.rank)).where(_others(Task, column_id, swimlane_id, task_id))


@prepared(scalar)
def _last_rank(column_id: int, swimlane_id: int, task_id: int) -> BaseQuery:
    return Task.select(fn.max(Task.rank)).where(_others(Task, column_id, swimlane_id, task_id))


@prepared(tuple)
def _end(column_id: int, swimlane_id: int, task_id: int) -> BaseQuery:
    """Return how many others stand in a cell, counted in the index, and the last one's rank, which is its end."""
    last = Task.alias("l")
    rank = last.select(fn.max(last.rank)).where(_others(last, column_id, swimlane_id, task_id))
    return Task.select(COUNT, rank).where(_others(Task, column_id, swimlane_id, task_id))


@prepared(scalar)
def _count(column_id: int, swimlane_id: int) -> BaseQuery:
    return Task.select(COUNT).where(in_cell(Task, column_id, swimlane_id))


@prepared(scalar)
def _count_lower(column_id: int, swimlane_id: int, task_id: int, rank: int) -> BaseQuery:
    return Task.select(COUNT).where(_others(Task, column_id, swimlane_id, task_id) & (Task.rank < rank))


@prepared(scalar)
def _same_rank(column_id: int, swimlane_id: int, task_id: int, rank: int) -> BaseQuery:
    query = Task.select(Task.id).where(_others(Task, column_id, swimlane_id, task_id) & (Task.rank == rank))
    return query.order_by(Task.id)


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


def assign_rank(cell: Cell, position: int | None, *, task_id: int = 0) -> tuple[int, int]:
    """Return the rank that puts task ``task_id`` at ``position`` of the cell, and the position it really gets.

    ``position`` counts from 1; None and anything past the end mean last. The task itself is not counted.
    Must run in a transaction, since it may have to spread the neighbours.
    """
    rank, got = find_rank(cell, position, task_id=task_id)
    return (spread(cell, got, task_id=task_id) if rank is None else rank), got


def find_rank(cell: Cell, position: int | None, *, task_id: int = 0) -> tuple[int | None, int]:
    """Return what :func:`assign_rank` does without writing anything; no rank where its neighbours must make room."""
    params = (*cell, task_id)
    if position is None:
        count, last = _end.one(*params)
        return _after_last(last), count + 1
    if position == 1:
        first = _first_rank.one(*params)
        rank = 0 if first is None else first - GAP
        return (rank if rank > -FARTHEST else None), 1
    above = min(position - 1, FARTHEST)  # as far past the end as any, and SQLite can take it
    walked = _walk.one(*params, above)
    if walked.passed < above or walked.rank is None:
        return _after_last(walked.rank), walked.passed + 1
    # Two of one rank, as when a closed task comes back to where another went, stand by their ids: no number fits.
    if walked.same > 1:
        return None, position
    if walked.after is None:
        return _after_last(walked.rank), position
    if walked.after - walked.rank < 2:
        return None, position
    return (walked.rank + walked.after) // 2, position


def append_rank(cell: Cell) -> int:
    """Return the rank of one more task at the end of a cell, read from the end of its index: nothing is counted.

    Must run in a transaction, like :func:`assign_rank`.
    """
    rank = _after_last(_last_rank.one(*cell, 0))
    return assign_rank(cell, None)[0] if rank is None else rank


def _after_last(last: int | None) -> int | None:
    """Return the rank after the last task's; None where the numbers end."""
    rank = 0 if last is None else last + GAP
    return rank if rank < FARTHEST else None


def spread(cell: Cell, position: int, *, task_id: int = 0) -> int:
    """Spread the tasks around ``position`` and return a rank in the hole left there."""
    params = (*cell, task_id)
    rank, last_id = _key_before(params, position)
    size = WINDOW
    while True:
        below = _up_to.all(*params, rank, last_id, size + 1)
        above = _after.all(*params, rank, last_id, size + 1)
        lower = below[size][1] if len(below) > size else None
        upper = above[size][1] if len(above) > size else None
        neighbours = [task_id for task_id, _ in (*reversed(below[:size]), *above[:size])]
        low, high = _bounds(lower, upper, len(neighbours))
        step = (high - low) // (len(neighbours) + 2)
        if step >= LEAST_STEP and low > -FARTHEST and high < FARTHEST:
            break
        size = size * 4 if lower is not None or upper is not None else size
    hole = min(len(below), size)
    for index, task_id in enumerate(neighbours):
        _set_rank.run(task_id, low + step * (index + 1 if index < hole else index + 2))
    return low + step * (hole + 1)


def _key_before(params: tuple[int, int, int], position: int) -> tuple[int, int]:
    """Return rank and id of the task before a position; at the top what is before all."""
    if position == 1:
        return -FARTHEST * 2, 0
    rank = _walk.one(*params, position - 1).rank
    assert rank is not None  # noqa: S101 - tasks stand before the position
    ids = _same_rank.all(*params, rank)
    return rank, ids[position - 2 - _count_lower.one(*params, rank)]


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

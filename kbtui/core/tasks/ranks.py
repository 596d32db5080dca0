"""Where a task stands in its cell, at the cost of one row.

Positions are dense for the outside world, but what is stored is a sparse rank: a task put between two others
takes the number in the middle, and nothing else is written. A position is counted when somebody asks for it.
When two neighbours have no number left between them, the few tasks around them are spread out.
"""

from typing import NamedTuple

from kbtui.core.db.database import fetch_all, fetch_one
from kbtui.core.db.engine import database
from kbtui.core.events.snapshot import POSITION

GAP = 1 << 40
"""The room between two tasks that were appended one after the other: forty halvings."""

LEAST_STEP = 1 << 8
"""Tasks are never spread closer than this."""

WINDOW = 16
"""How many tasks on either side are spread first; the window grows while it is too crowded."""

FARTHEST = 1 << 61
"""Ranks stay within ± this, far from the end of SQLite's integers."""

_OPEN = " FROM tasks WHERE column_id = ? AND swimlane_id = ? AND is_active = 1 AND id <> ?"
_ORDER = ' ORDER BY "rank", id'


class Cell(NamedTuple):
    """Where a column and a swimlane cross."""

    column_id: int
    swimlane_id: int


class Location(NamedTuple):
    """Where an open task stands; ``position`` counts from 1."""

    project_id: int
    cell: Cell
    position: int


def assign_rank(cell: Cell, position: int | None, *, task_id: int = 0) -> tuple[int, int]:
    """Return the rank that puts task ``task_id`` at ``position`` of the cell, and the position it really gets.

    ``position`` counts from 1; None and anything past the end mean last. The task itself is not counted.
    Must run in a transaction, since it may have to spread the neighbours.
    """
    params = (*cell, task_id)
    rows: list[tuple[int]] = []
    if position is not None:
        position = min(position, FARTHEST)  # as far past the end as any, and SQLite can take it
        first = max(position - 2, 0)
        rows = fetch_all(f'SELECT "rank"{_OPEN}{_ORDER} LIMIT ? OFFSET ?', (*params, position - first, first))
    if position is None or len(rows) < min(position, 2):
        return _rank_last(params)
    if position == 1:
        rank = rows[0][0] - GAP
        return (rank, 1) if rank > -FARTHEST else (_spread(params, 1), 1)
    before, after = rows[0][0], rows[1][0]
    if after - before >= 2:
        return (before + after) // 2, position
    return _spread(params, position), position


def _rank_last(params: tuple[int, int, int]) -> tuple[int, int]:
    # Two statements: the count alone reads nothing but the index, and the last rank is its end.
    counted = fetch_one(f"SELECT count(*){_OPEN}", params)
    last = fetch_one(f'SELECT "rank"{_OPEN} ORDER BY "rank" DESC, id DESC LIMIT 1', params)
    count = counted[0] if counted else 0
    rank = 0 if last is None else last[0] + GAP
    return (rank, count + 1) if rank < FARTHEST else (_spread(params, count + 1), count + 1)


def _spread(params: tuple[int, int, int], position: int) -> int:
    """Spread the tasks around ``position`` and return a rank in the hole left there."""
    size = WINDOW
    while True:
        start = max(position - 1 - size, 0)
        stop = position - 1 + size
        first = max(start - 1, 0)
        rows = fetch_all(f'SELECT id, "rank"{_OPEN}{_ORDER} LIMIT ? OFFSET ?', (*params, stop + 1 - first, first))
        lower = rows.pop(0)[1] if start > 0 else None
        upper = rows.pop()[1] if len(rows) > stop - start else None
        low, high = _bounds(lower, upper, len(rows))
        step = (high - low) // (len(rows) + 2)
        if step >= LEAST_STEP and low > -FARTHEST and high < FARTHEST:
            break
        size = size * 4 if lower is not None or upper is not None else size
    hole = position - 1 - start
    for index, (task_id, _rank) in enumerate(rows):
        place_of = index + 1 if index < hole else index + 2
        database.execute_sql('UPDATE tasks SET "rank" = ? WHERE id = ?', (low + step * place_of, task_id))
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
    row = fetch_one("SELECT count(*) FROM tasks WHERE column_id = ? AND swimlane_id = ? AND is_active = 1", cell)
    return int(row[0]) if row else 0


def find_location(task_id: int) -> Location | None:
    """Return where an open task stands, or None when it is closed or gone."""
    row = fetch_one(
        f"SELECT t.project_id, t.column_id, t.swimlane_id, {POSITION} FROM tasks t WHERE t.id = ? AND t.is_active = 1",
        (task_id,),
    )
    return Location(row[0], Cell(row[1], row[2]), row[3]) if row else None

"""Measure what a move costs, with its event and commit, in a small cell and in a large one.

Run with ``python -m tests.bench.bench_moves``; prints a Markdown table. The times are of one run and one machine: what
counts are the ratios to the cell of ten tasks.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kbtui.core.db import database, models
from kbtui.core.events import log
from kbtui.core.projects import columns, projects, swimlanes
from kbtui.core.tasks import moves
from kbtui.core.tasks.ranks import GAP, Cell
from tests import sql

COUNTS = (10, 16_667, 50_000)
"""Tasks in each of the two cells; the second is what a board of 50,000 tasks in three columns has in each."""

MOVES = 1000


class Cost(NamedTuple):
    """What one kind of move costs: milliseconds, rows, and bytes of the write-ahead log."""

    median: float
    p99: float
    rows: float
    most_rows: int
    wal: float


def make_cells(path: Path, count: int) -> tuple[Cell, Cell]:
    """Make a board with two cells of ``count`` tasks each, and an endpoint."""
    database.connect(path)
    project_id = projects.create_project("Website")
    lane = swimlanes.default_swimlane(project_id).id
    first, second = (Cell(column.id, lane) for column in columns.list_columns(project_id)[:2])
    sql.create(models.Endpoint, name="Receiver", url="http://127.0.0.1:9/")
    with database.transaction():
        for cell in (first, second):
            for number in range(count):
                sql.execute(
                    'INSERT INTO tasks (title, project_id, column_id, swimlane_id, "rank", date_creation,'
                    " date_modification, date_moved) VALUES ('Write it down', ?, ?, ?, ?, 0, 0, 0)",
                    (project_id, *cell, number * GAP),
                )
    database.checkpoint()
    return first, second


def ids_of(cell: Cell) -> list[int]:
    """Return the tasks of a cell in order."""
    rows = sql.fetch_all(
        'SELECT id FROM tasks WHERE column_id = ? AND swimlane_id = ? AND is_active = 1 ORDER BY "rank", id', cell
    )
    return [task_id for (task_id,) in rows]


def measure(move: Callable[[], object], wal: Path) -> Cost:
    """Do a move again and again."""
    connection = sql.writer()
    times, rows = [], []
    sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for _ in range(MOVES):
        changes, started = connection.total_changes, time.perf_counter()
        if not move():
            raise AssertionError("nothing moved")
        times.append((time.perf_counter() - started) * 1000)
        rows.append(connection.total_changes - changes)
    size = wal.stat().st_size
    times.sort()
    return Cost(statistics.median(times), times[int(MOVES * 0.99)], statistics.mean(rows), max(rows), size / MOVES)


def measure_all(path: Path, count: int) -> dict[str, Cost]:
    """Measure three kinds of moves, one after the other, on one board."""
    first, second = make_cells(path, count)
    ids, chance = ids_of(first), random.Random(count)
    columns_in_turn = [first.column_id, second.column_id]

    def anywhere() -> object:
        return moves.move_task(chance.choice(ids), position=chance.randint(1, count)) or anywhere()

    def second_place() -> object:
        ids.insert(1, ids.pop())
        return moves.move_task(ids[1], position=2)

    def other_column() -> object:
        columns_in_turn.reverse()
        return moves.move_task(ids[0], column_id=columns_in_turn[0], position=count // 2)

    wal = path.with_name(f"{path.name}-wal")
    try:
        with log.authored_by(1):
            costs = {"anywhere in its cell": measure(anywhere, wal)}
            ids = ids_of(first)
            costs["always to position 2"] = measure(second_place, wal)
            costs["to the middle of another column and back"] = measure(other_column, wal)
            return costs
    finally:
        database.close()


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        costs = {count: measure_all(Path(folder) / f"{count}.db", count) for count in COUNTS}
    print("| a move with its event, delivery and commit | tasks in the cell | median ms | × | p99 ms | rows | log |")
    print("|---|---|---|---|---|---|---|")
    for name, small in costs[COUNTS[0]].items():
        for count in COUNTS:
            cost = costs[count][name]
            print(
                f"| {name} | {count:,} | {cost.median:.2f} | {cost.median / small.median:.1f} | {cost.p99:.2f}"
                f" | {cost.rows:.2f} (at most {cost.most_rows}) | {cost.wal / 1024:.1f} KiB |"
            )


if __name__ == "__main__":
    main()

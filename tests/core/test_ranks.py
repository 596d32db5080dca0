"""Ranks: the order is kept, and few rows are written, wherever tasks are put."""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import chunked

from kbtui.core.db import database, models
from kbtui.core.projects import columns, swimlanes
from kbtui.core.tasks import moves, tasks
from kbtui.core.tasks.ranks import FARTHEST, GAP, WINDOW, Cell, assign_rank
from kbtui.core.views import board
from tests import sql

MOST_ROWS = 2 * WINDOW + 8
"""The most rows that one move writes: the tasks on either side, itself, the event and a delivery or two."""


@pytest.fixture
def cell(project: int) -> Cell:
    """Return the project's first cell."""
    return Cell(columns.list_columns(project)[0].id, swimlanes.default_swimlane(project).id)


def fill(cell: Cell, ranks: list[int]) -> list[int]:
    """Put tasks with these ranks into the cell and return their ids, in the order of the ranks."""
    with database.transaction():
        for batch in chunked([_task(cell, rank) for rank in ranks], 500):
            models.Task.insert_many(batch).execute()
    return order(cell)


def _task(cell: Cell, rank: int) -> dict[str, int | str]:
    """Return the fields of a task, by their names."""
    times = dict.fromkeys(("date_creation", "date_modification", "date_moved"), 0)
    return {"title": "Task", "project_id": 1, **cell._asdict(), "rank": rank, **times}


def order(cell: Cell) -> list[int]:
    """Return the ids of the cell's open tasks in order."""
    rows = sql.fetch_all(
        "SELECT id FROM tasks WHERE column_id = ? AND swimlane_id = ? AND is_active = 1 ORDER BY rank, id", cell
    )
    return [task_id for (task_id,) in rows]


def insert(cell: Cell, position: int | None) -> int:
    """Put a new task at a position with as little else as possible, and return how many others were written."""
    assigned: list[tuple[int, int]] = []
    with database.transaction():
        spread = sql.rows_written(lambda: assigned.append(assign_rank(cell, position)))
        sql.insert_row("tasks", _task(cell, assigned[0][0]))
    return spread


AT_THE_ENDS: dict[str, Callable[[int], int | None]] = {
    "always first": lambda count: 1,
    "always second": lambda count: 2,
    "always last": lambda count: None,
    "always before the last": lambda count: max(count, 1),
    "at both ends in turn": lambda count: 1 if count % 2 else None,
}
"""Where the next of so many tasks goes."""

INSIDE: dict[str, Callable[[int], int | None]] = {
    "always at the same place": lambda count: min(50, count + 1),
    "always in the middle": lambda count: count // 2 + 1,
    "around the middle": lambda count: count // 2 + 1 + count % 2,
    "anywhere": lambda count: random.Random(count).randint(1, count + 1),
}


def insert_many(cell: Cell, pattern: Callable[[int], int | None], number: int) -> list[int]:
    """Insert tasks as the pattern says, make sure of their order, and return how many others each one wrote."""
    expected: list[int] = []
    spread: list[int] = []
    for task_id in range(1, number + 1):
        position = pattern(len(expected))
        spread.append(insert(cell, position))
        expected.insert(len(expected) if position is None else position - 1, task_id)
    assert order(cell) == expected
    return spread


@pytest.mark.parametrize("pattern", AT_THE_ENDS)
def test_thousands_of_tasks_put_at_an_end_write_few_rows_each(cell: Cell, pattern: str) -> None:
    spread = insert_many(cell, AT_THE_ENDS[pattern], 2000)

    assert max(spread) <= 2 * WINDOW
    assert sum(spread) <= 2000


@pytest.mark.parametrize("pattern", INSIDE)
def test_thousands_of_tasks_put_inside_write_few_rows_on_average(cell: Cell, pattern: str) -> None:
    """A crowded stretch has to be spread wider now and then, which the many insertions between pay for."""
    spread = insert_many(cell, INSIDE[pattern], 2000)

    assert sum(spread) <= 8 * 2000
    assert sum(each > 0 for each in spread) <= 2000 / 5


@pytest.mark.parametrize("count", [10, 10_000])
def test_a_move_writes_few_rows_whatever_the_size_of_its_cell(cell: Cell, count: int) -> None:
    expected = fill(cell, [number * GAP for number in range(count)])
    sql.create(models.Endpoint, name="Receiver", url="http://127.0.0.1:9/")
    written = []

    for position in [2] * 200 + [1] * 50 + [count - 1] * 50 + [count] * 50 + [count // 2] * 50:
        task_id = expected[position % count]
        expected.remove(task_id)
        expected.insert(position - 1, task_id)
        written.append(sql.rows_written(lambda: moves.move_task(task_id, position=position)))  # noqa: B023

    assert order(cell) == expected
    assert max(written) <= MOST_ROWS
    assert sorted(written)[len(written) // 2] == 4, "the task, the event, the activity and the delivery"


@pytest.mark.parametrize("count", [10, 10_000])
def test_a_move_to_another_cell_writes_one_task(cell: Cell, count: int) -> None:
    source = fill(cell, [number * GAP for number in range(10)])
    target = Cell(columns.list_columns(1)[1].id, cell.swimlane_id)
    fill(target, [number * GAP for number in range(count)])

    written = [
        sql.rows_written(lambda: moves.move_task(task_id, column_id=target.column_id, position=position))  # noqa: B023
        for task_id, position in zip(source, [None, 1, 2, count // 2, count], strict=False)
    ]

    assert written == [3] * 5, "the task, the event and the activity"


@pytest.mark.parametrize("first", [FARTHEST - 2 * GAP, FARTHEST - 1, -FARTHEST + 1, -FARTHEST + 3 * GAP])
@pytest.mark.parametrize("step", [1, 2, GAP // 2])
@pytest.mark.parametrize("position", [None, 1, 2, 10, 20])
def test_a_cell_at_the_end_of_the_numbers_still_takes_tasks(
    cell: Cell, first: int, step: int, position: int | None
) -> None:
    direction = -1 if first > 0 else 1
    expected = fill(cell, sorted(first + direction * step * number for number in range(20)))

    for _ in range(3):
        task_id = tasks.create_task(1, "Task", column_id=cell.column_id, position=position)
        expected.insert(len(expected) if position is None else position - 1, task_id)

        assert order(cell) == expected
        assert [card.id for card in board.read_cards(cell, None, 100)] == expected

    ranks = [rank for (rank,) in sql.fetch_all("SELECT rank FROM tasks ORDER BY rank")]
    assert -FARTHEST <= ranks[0] <= ranks[-1] <= FARTHEST


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ranks=st.lists(
        st.sampled_from([0, 1, 2, 3, GAP, FARTHEST - 1, 1 - FARTHEST]) | st.integers(-100, 100), max_size=40
    ),
    data=st.data(),
)
def test_a_task_stands_where_it_was_put_whatever_the_ranks_were(
    cell: Cell, ranks: list[int], data: st.DataObject
) -> None:
    sql.execute("DELETE FROM tasks")
    expected = fill(cell, ranks)

    for _ in range(4):
        position = data.draw(st.none() | st.integers(1, len(expected) + 2))
        task_id = tasks.create_task(1, "Task", column_id=cell.column_id, position=position)
        expected.insert(len(expected) if position is None else position - 1, task_id)

        assert order(cell) == expected

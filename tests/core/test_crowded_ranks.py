"""Ranks with hardly any room between them: tasks have to be spread all the time, and the order is kept."""

import random

import pytest

from kbtui.core.projects import columns, swimlanes
from kbtui.core.tasks import moves, ranks, tasks
from kbtui.core.tasks.ranks import Cell
from tests import sql

SMALL_GAP, SMALL_STEP, SMALL_WINDOW = 4, 2, 2


@pytest.fixture(autouse=True)
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave room for two tasks between two that were appended one after the other, and spread few at once."""
    monkeypatch.setattr(ranks, "GAP", SMALL_GAP)
    monkeypatch.setattr(ranks, "LEAST_STEP", SMALL_STEP)
    monkeypatch.setattr(ranks, "WINDOW", SMALL_WINDOW)


@pytest.fixture
def cell(project: int) -> Cell:
    """Return the project's first cell, into which others look from either side."""
    first, second, *_ = columns.list_columns(project)
    lane, other = swimlanes.default_swimlane(project).id, swimlanes.add_swimlane(project, "Urgent")
    for column_id, swimlane_id in ((first.id, other), (second.id, lane)):
        for rank in range(6):
            insert(Cell(column_id, swimlane_id), rank)
    for rank in range(6):
        sql.execute("UPDATE tasks SET is_active = 0 WHERE id = ?", (insert(Cell(first.id, lane), rank),))
    return Cell(first.id, lane)


def insert(cell: Cell, rank: int) -> int:
    """Put a task into a cell as another program could, and return its id."""
    times = dict.fromkeys(("date_creation", "date_modification", "date_moved"), 0)
    return sql.insert_row("tasks", {"title": "Task", "project_id": 1, **cell._asdict(), "rank": rank, **times})


def stored(cell: Cell) -> dict[int, int]:
    """Return the ranks of the open tasks of a cell, by task, in order."""
    rows = sql.fetch_all(
        'SELECT id, "rank" FROM tasks WHERE column_id = ? AND swimlane_id = ? AND is_active = 1 ORDER BY "rank", id',
        cell,
    )
    return dict(rows)


def order(cell: Cell) -> list[int]:
    """Return the ids of the open tasks of a cell in order."""
    return list(stored(cell))


def elsewhere(cell: Cell) -> list[tuple[object, ...]]:
    """Return id and rank of every task that is not open in the cell."""
    return sql.fetch_all(
        'SELECT id, "rank" FROM tasks WHERE NOT (column_id = ? AND swimlane_id = ? AND is_active = 1) ORDER BY id', cell
    )


@pytest.mark.parametrize("pattern", ["top", "second", "middle", "last but one", "end", "anywhere"])
def test_new_tasks_stand_where_they_were_put(cell: Cell, pattern: str) -> None:
    others, chance, expected = elsewhere(cell), random.Random(7), list[int]()

    for _ in range(40):
        last = len(expected) + 1
        position = {
            "top": 1,
            "second": min(2, last),
            "middle": last // 2 + 1,
            "last but one": max(last - 1, 1),
            "end": None,
            "anywhere": chance.randint(1, last),
        }[pattern]
        task_id = tasks.create_task(1, "Task", column_id=cell.column_id, position=position)
        expected.insert(len(expected) if position is None else position - 1, task_id)
        assert order(cell) == expected

    assert elsewhere(cell) == others


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_moved_tasks_stand_where_they_were_put_whatever_room_there_was(cell: Cell, step: int, seed: int) -> None:
    others, chance = elsewhere(cell), random.Random(seed)
    made = [insert(cell, number * step) for number in range(12)]
    expected = list(made)

    for _ in range(25):
        task_id, position = chance.choice(made), chance.randint(1, len(made))
        moves.move_task(task_id, position=position)
        expected.remove(task_id)
        expected.insert(position - 1, task_id)
        assert order(cell) == expected

    assert elsewhere(cell) == others


@pytest.mark.parametrize("position", [1, 2, 5, 8, 9, None])
def test_a_task_from_another_cell_finds_room(cell: Cell, position: int | None) -> None:
    expected = [insert(cell, number) for number in range(8)]
    (arriving,) = sql.fetch_all("SELECT min(id) FROM tasks")[0]
    column_id, swimlane_id = cell

    moves.move_task(arriving, column_id=column_id, swimlane_id=swimlane_id, position=position)

    expected.insert(len(expected) if position is None else position - 1, arriving)
    assert order(cell) == expected


def test_few_are_spread_where_there_is_room_beside_them(cell: Cell) -> None:
    crowd = [insert(cell, 1000 + number) for number in range(4)]
    far = [insert(cell, rank) for rank in (-500, -400, 0, 900, 2000, 2100, 2200, 2300)]
    before = stored(cell)

    task_id = tasks.create_task(1, "Task", column_id=cell.column_id, position=7)

    assert order(cell) == [*far[:4], *crowd[:2], task_id, *crowd[2:], *far[4:]]
    after = stored(cell)
    assert {each for each in before if before[each] != after[each]} <= set(crowd)
    steps = [after[crowd[1]] - after[crowd[0]], after[task_id] - after[crowd[1]], after[crowd[2]] - after[task_id]]
    assert len(set(steps)) == 1
    assert steps[0] >= SMALL_STEP

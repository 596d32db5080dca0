"""Ranks with hardly any room between them: tasks have to be spread all the time, and the order is kept."""

import random
from collections.abc import Iterable

import pytest

from kbtui.core.db import database
from kbtui.core.projects import columns, swimlanes
from kbtui.core.tasks import moves, ranks, tasks
from kbtui.core.tasks.ranks import FARTHEST, Cell, Key, Location, Slot, Standing, append_rank, find_slot
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
    with database.transaction():
        for beside in (Cell(first.id, other), Cell(second.id, lane), Cell(first.id, lane)):
            fill(beside, range(6))
        sql.execute("UPDATE tasks SET is_active = 0 WHERE column_id = ? AND swimlane_id = ?", (first.id, lane))
    return Cell(first.id, lane)


def insert(cell: Cell, rank: int) -> int:
    """Put a task into a cell as another program could, and return its id."""
    (task_id,) = fill(cell, [rank])
    return task_id


def fill(cell: Cell, wanted: Iterable[int]) -> list[int]:
    """Put tasks with these ranks into a cell, and return their ids."""
    times = dict.fromkeys(("date_creation", "date_modification", "date_moved"), 0)
    common = {"title": "Task", "project_id": 1, **cell._asdict(), **times}
    with database.transaction():
        return [sql.insert_row("tasks", {**common, "rank": rank}) for rank in wanted]


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


def assign(cell: Cell, position: int | None) -> tuple[int, int]:
    """Make room at a position, and return the rank there and the position that it really is."""
    with database.transaction():
        return ranks.assign_rank(cell, position)


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


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_moved_tasks_stand_where_they_were_put_whatever_room_there_was(cell: Cell, step: int, seed: int) -> None:
    others, chance = elsewhere(cell), random.Random(seed)
    made = fill(cell, range(0, 12 * step, step)) if step else fill(cell, [0] * 12)
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
    expected = fill(cell, range(8))
    (arriving,) = sql.fetch_all("SELECT min(id) FROM tasks")[0]
    column_id, swimlane_id = cell

    moves.move_task(arriving, column_id=column_id, swimlane_id=swimlane_id, position=position)

    expected.insert(len(expected) if position is None else position - 1, arriving)
    assert order(cell) == expected


def test_few_are_spread_where_there_is_room_beside_them(cell: Cell) -> None:
    crowd = fill(cell, range(1000, 1004))
    far = fill(cell, (-500, -400, 0, 900, 2000, 2100, 2200, 2300))
    before = stored(cell)

    task_id = tasks.create_task(1, "Task", column_id=cell.column_id, position=7)

    assert order(cell) == [*far[:4], *crowd[:2], task_id, *crowd[2:], *far[4:]]
    after = stored(cell)
    assert {each for each in before if before[each] != after[each]} <= set(crowd)
    steps = [after[crowd[1]] - after[crowd[0]], after[task_id] - after[crowd[1]], after[crowd[2]] - after[task_id]]
    assert len(set(steps)) == 1
    assert steps[0] >= SMALL_STEP


def test_a_free_place_is_told_by_its_neighbours(cell: Cell) -> None:
    assert find_slot(cell, None) == find_slot(cell, 1) == find_slot(cell, 9) == Slot(1, None, 0)
    a, b, c, d = fill(cell, (0, 0, 4, 4))
    end = Slot(5, Key(4, d), 8)

    assert find_slot(cell, 1) == Slot(1, None, -4)
    assert find_slot(cell, 2) == Slot(2, Key(0, a), None)
    assert find_slot(cell, 3) == Slot(3, Key(0, b), 2)
    assert find_slot(cell, 4) == Slot(4, Key(4, c), None)
    assert [find_slot(cell, position) for position in (5, 6, 10**30, None)] == [end] * 4


@pytest.mark.parametrize(
    ("stands", "places"),
    [
        (1, {2: (2, "b", 2), 3: (3, "c", None), 4: (4, "d", 8), 9: (4, "d", 8), None: (4, "d", 8)}),
        (2, {1: (1, None, -4), 3: (3, "c", None), 4: (4, "d", 8), None: (4, "d", 8)}),
        (3, {1: (1, None, -4), 2: (2, "a", None), 4: (4, "d", 8), 10**30: (4, "d", 8)}),
        (4, {1: (1, None, -4), 2: (2, "a", None), 3: (3, "b", 2), None: (4, "d", 8)}),
    ],
)
def test_a_task_that_stands_in_the_cell_is_not_counted_for_its_free_place(
    cell: Cell, stands: int, places: dict[int | None, tuple[int, str | None, int | None]]
) -> None:
    keys = dict(zip("abcd", map(Key, (0, 0, 4, 4), fill(cell, (0, 0, 4, 4))), strict=True))
    standing = Standing(keys["abcd"[stands - 1]], stands)

    for position, (got, after, rank) in places.items():
        assert find_slot(cell, position, standing) == Slot(got, keys[after] if after else None, rank)


def test_the_last_task_is_the_one_of_the_highest_rank_and_not_the_newest(cell: Cell) -> None:
    first = insert(cell, 8)
    insert(cell, 0)

    assert find_slot(cell, None) == Slot(3, Key(8, first), 12)
    with database.transaction():
        assert append_rank(cell) == 12


def test_one_number_between_two_is_room_enough(cell: Cell) -> None:
    first, *_ = fill(cell, (0, 2, 3))

    assert find_slot(cell, 2) == Slot(2, Key(0, first), 1)
    assert find_slot(cell, 3).rank is None


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("position", [1, 2, None])
@pytest.mark.parametrize("first", [1 - FARTHEST, 3 - FARTHEST, FARTHEST - 16, FARTHEST - 30])
def test_tasks_stand_where_they_were_put_also_at_the_ends_of_the_numbers(
    cell: Cell, first: int, position: int | None, step: int
) -> None:
    expected = fill(cell, [first + number * step for number in range(8)])

    for _ in range(3):
        rank, got = assign(cell, position)
        expected.insert(got - 1, insert(cell, rank))
        assert order(cell) == expected

    assert all(-FARTHEST < rank < FARTHEST for rank in stored(cell).values())


def test_no_rank_is_at_the_end_of_the_numbers(cell: Cell) -> None:
    for rank, position, expected in (
        (FARTHEST - 5, None, FARTHEST - 1),
        (FARTHEST - 4, None, None),
        (-FARTHEST + 5, 1, 1 - FARTHEST),
        (-FARTHEST + 4, 1, None),
    ):
        task_id = insert(cell, rank)
        assert find_slot(cell, position).rank == expected
        sql.execute("DELETE FROM tasks WHERE id = ?", (task_id,))


def test_one_more_task_is_put_at_the_end_without_counting(cell: Cell) -> None:
    with database.transaction():
        assert append_rank(cell) == 0
    first = insert(cell, FARTHEST - 5)
    with database.transaction():
        assert append_rank(cell) == FARTHEST - 1
    last = insert(cell, FARTHEST - 1)

    with database.transaction():
        rank = append_rank(cell)

    ranks_now = stored(cell)
    assert list(ranks_now) == [first, last]
    assert ranks_now[last] < rank < FARTHEST


def test_a_cell_is_counted_and_a_task_is_found_in_it(cell: Cell, project: int) -> None:
    made = fill(cell, (5, 5, 0))

    assert ranks.count_cell(cell) == 3
    places = [ranks.find_location(task_id) for task_id in made]
    assert places == [Location(project, cell, position) for position in (2, 3, 1)]
    sql.execute("UPDATE tasks SET is_active = 0 WHERE id = ?", (made[2],))
    assert ranks.count_cell(cell) == 2
    assert ranks.find_location(made[2]) is None
    assert ranks.find_location(99) is None

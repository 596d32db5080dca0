"""Moves: the rules of the board, one by one."""

import time
from collections.abc import Callable

import pytest

from kbtui.core.projects import columns, projects, swimlanes
from kbtui.core.tasks import moves, ranks, tasks
from kbtui.core.tasks.ranks import FARTHEST
from kbtui.core.views import board
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import facts_after, last_event_id, names_after


@pytest.fixture
def lane(project: int) -> int:
    """Add a second swimlane."""
    return swimlanes.add_swimlane(project, "Urgent")


@pytest.fixture
def places(project: int) -> list[int]:
    """Return the ids of the project's columns."""
    return [column.id for column in columns.list_columns(project)]


@pytest.fixture
def three(project: int) -> list[int]:
    """Create three tasks in the first cell, which were last moved long ago."""
    task_ids = [tasks.create_task(project, f"Task {number}") for number in range(3)]
    sql.execute("UPDATE tasks SET date_moved = 1000 + id, date_modification = 5")
    return task_ids


def standing(task_ids: list[int]) -> list[int]:
    """Return the positions of some tasks."""
    return [tasks.get_task(task_id).position for task_id in task_ids]


def test_a_move_within_the_cell_records_the_position_alone(project: int, three: list[int], places: list[int]) -> None:
    last, lane_id = last_event_id(), swimlanes.default_swimlane(project).id

    assert moves.move_task(three[0], position=2)

    assert standing(three) == [2, 1, 3]
    ((name, facts),) = facts_after(last)
    assert name == "task.move.position"
    assert facts["move"] == {
        "position": 2,
        "column_id": places[0],
        "swimlane_id": lane_id,
        "src_column_id": places[0],
        "dst_column_id": places[0],
        "src_swimlane_id": lane_id,
        "src_position": 1,
        "date_moved": 1000 + three[0],
    }
    assert facts["task"]["date_moved"] == 1000 + three[0]
    assert facts["task"]["position"] == 2


def test_a_move_to_another_column_tells_when_it_moved_before(three: list[int], places: list[int]) -> None:
    started, last = int(time.time()), last_event_id()

    assert moves.move_task(three[1], column_id=places[1])

    ((name, facts),) = facts_after(last)
    assert name == "task.move.column"
    assert (facts["move"]["src_column_id"], facts["move"]["dst_column_id"]) == (places[0], places[1])
    assert (facts["move"]["src_position"], facts["move"]["position"]) == (2, 1)
    assert facts["move"]["date_moved"] == 1000 + three[1]
    assert facts["task"]["date_moved"] >= started
    assert facts["task"]["date_modification"] >= started
    assert facts["from"]["column_title"] == "Backlog"
    assert standing([three[0], three[2]]) == [1, 2]


def test_a_move_to_another_swimlane_says_so_also_in_another_column(
    three: list[int], places: list[int], lane: int
) -> None:
    last = last_event_id()

    moves.move_task(three[0], swimlane_id=lane)
    moves.move_task(three[1], swimlane_id=lane, column_id=places[2], position=1)

    rows = sql.fetch_all("SELECT name, formats, facts FROM events WHERE id > ? ORDER BY id", (last,))
    assert [(name, formats) for name, formats, _ in rows] == [
        ("task.move.swimlane", None),
        ("task.move.swimlane", None),
        ("task.move.column", "kanboard-1.2"),
    ]
    assert rows[1][2] == rows[2][2], "the same data"


def test_no_position_in_another_cell_means_last(three: list[int], places: list[int]) -> None:
    for task_id in three:
        moves.move_task(task_id, column_id=places[3])

    assert standing(three) == [1, 2, 3]


@pytest.mark.parametrize("position", [4, 5, 1000, 1 << 62, 10**30])
def test_past_the_end_means_last_and_the_event_tells_the_real_position(
    three: list[int], places: list[int], position: int
) -> None:
    last = last_event_id()

    moves.move_task(three[0], position=position)
    moves.move_task(three[0], column_id=places[1], position=position)

    assert [facts["move"]["position"] for _, facts in facts_after(last)] == [3, 1]


MOVES_TO_WHERE_IT_IS: dict[str, Callable[[list[int], int, int], moves.Move | None]] = {
    "nowhere": lambda three, column, lane: moves.move_task(three[0]),
    "the same column": lambda three, column, lane: moves.move_task(three[0], column_id=column),
    "the same cell": lambda three, column, lane: moves.move_task(three[1], column_id=column, swimlane_id=lane),
    "the same position": lambda three, column, lane: moves.move_task(three[1], column_id=column, position=2),
    "past the end, where it is": lambda three, column, lane: moves.move_task(three[2], position=9),
}


@pytest.mark.parametrize("way", MOVES_TO_WHERE_IT_IS)
def test_a_move_to_where_it_is_changes_nothing(project: int, three: list[int], places: list[int], way: str) -> None:
    rows, last = sql.fetch_all("SELECT * FROM tasks"), last_event_id()

    assert not MOVES_TO_WHERE_IT_IS[way](three, places[0], swimlanes.default_swimlane(project).id)

    assert sql.fetch_all("SELECT * FROM tasks") == rows
    assert last_event_id() == last


def test_an_impossible_move_changes_nothing(project: int, three: list[int], places: list[int]) -> None:
    other = projects.create_project("Other")
    foreign_column, foreign_lane = columns.list_columns(other)[0].id, swimlanes.default_swimlane(other).id
    rows, last = sql.fetch_all("SELECT * FROM tasks"), last_event_id()

    for error, message, place in (
        (InvalidError, "Position 0 is not possible; positions begin at 1", {"position": 0}),
        (InvalidError, "Position -5 is not possible", {"position": -5, "column_id": places[1]}),
        (NotFoundError, "There is no column 99", {"column_id": 99}),
        (NotFoundError, "There is no swimlane 99", {"swimlane_id": 99}),
        (InvalidError, "column .* belongs to another project", {"column_id": foreign_column}),
        (InvalidError, "swimlane .* belongs to another project", {"swimlane_id": foreign_lane}),
    ):
        with pytest.raises(error, match=message):
            moves.move_task(three[0], **place)

    with pytest.raises(NotFoundError, match="There is no task #99"):
        moves.move_task(99, position=1)
    assert sql.fetch_all("SELECT * FROM tasks") == rows
    assert last_event_id() == last


def test_a_closed_task_cannot_be_moved_and_does_not_count(three: list[int], places: list[int]) -> None:
    tasks.close_task(three[0])
    last = last_event_id()

    with pytest.raises(InvalidError, match=rf"Task #{three[0]} is closed; open it before moving it\."):
        moves.move_task(three[0], column_id=places[1])

    assert last_event_id() == last
    assert standing(three[1:]) == [1, 2]
    assert moves.move_task(three[2], position=1)
    assert facts_after(last)[0][1]["move"]["src_position"] == 2


def test_a_column_over_its_limit_still_takes_tasks(three: list[int], places: list[int]) -> None:
    columns.update_column(places[1], task_limit=1)
    last = last_event_id()

    for task_id in three:
        assert moves.move_task(task_id, column_id=places[1])

    assert names_after(last) == ["task.move.column"] * 3


def test_a_swimlane_that_is_hidden_still_holds_its_tasks(project: int, three: list[int], lane: int) -> None:
    moves.move_task(three[0], swimlane_id=lane)

    swimlanes.update_swimlane(lane, is_active=0)

    place = ranks.find_location(three[0])
    assert place is not None
    assert place.cell.swimlane_id == lane
    assert lane not in [swimlane.id for swimlane in board.read_board(project).swimlanes]


def test_a_move_past_the_end_of_the_last_task_writes_nothing_even_where_ranks_end(project: int) -> None:
    first, last = (tasks.create_task(project, title) for title in ("First", "Last"))
    sql.execute('UPDATE tasks SET "rank" = ? + id WHERE id IN (?, ?)', (FARTHEST - 9, first, last))
    before = sql.fetch_all('SELECT id, "rank" FROM tasks ORDER BY id')

    moved = moves.move_task(last, position=50)

    assert not moved
    assert sql.fetch_all('SELECT id, "rank" FROM tasks ORDER BY id') == before
    assert [task.id for task in tasks.list_tasks(project)] == [first, last]

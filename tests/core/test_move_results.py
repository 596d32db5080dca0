"""What a move writes, tells and returns: all of it is of the task as it is then."""

from dataclasses import dataclass

import pytest
import time_machine

from kbtui.core.db import models
from kbtui.core.events.snapshot import task_snapshot
from kbtui.core.projects import columns, swimlanes
from kbtui.core.tasks import moves, tasks
from kbtui.core.tasks.ranks import Cell, Key, Location
from kbtui.errors import InvalidError
from tests import sql
from tests.core.conftest import facts_after, last_event_id

EARLIER, NOW = 1_900_000_000, 2_000_000_000


@dataclass
class Place:
    """A project with two swimlanes and three tasks in its first cell."""

    project: int
    columns: list[int]
    lanes: list[int]
    tasks: list[int]


@pytest.fixture
def place(project: int) -> Place:
    lanes = [swimlanes.default_swimlane(project).id, swimlanes.add_swimlane(project, "Urgent")]
    with time_machine.travel(EARLIER, tick=False):
        made = [tasks.create_task(project, title) for title in ("One", "Two", "Three")]
    return Place(project, [column.id for column in columns.list_columns(project)], lanes, made)


def rows() -> dict[int, dict[str, object]]:
    """Return the rows of all tasks."""
    return {row["id"]: row for row in sql.fetch_dicts("SELECT * FROM tasks")}


WAYS = {
    "position": ((None, None, 1), (0, 0, 1), ["task.move.position"]),
    "column": ((2, None, None), (2, 0, 1), ["task.move.column"]),
    "swimlane": ((None, 1, 1), (0, 1, 1), ["task.move.swimlane"]),
    "both": ((1, 1, 5), (1, 1, 1), ["task.move.swimlane", "task.move.column"]),
}
"""By what changes: where the second of three tasks is to go, where it gets, and the events."""


@pytest.mark.parametrize("way", WAYS)
def test_a_move_returns_writes_and_tells_the_task_as_it_is_then(place: Place, way: str) -> None:
    (column, lane, position), (new_column, new_lane, got), names = WAYS[way]
    task_id = place.tasks[1]
    before, last = rows(), last_event_id()

    with time_machine.travel(NOW + 0.5, tick=False):
        move = moves.move_task(
            task_id,
            column_id=None if column is None else place.columns[column],
            swimlane_id=None if lane is None else place.lanes[lane],
            position=position,
        )

    assert move is not None
    source = Location(place.project, Cell(place.columns[0], place.lanes[0]), 2)
    target = Location(place.project, Cell(place.columns[new_column], place.lanes[new_lane]), got)
    row = rows()[task_id]
    assert (move.source, move.target, move.key) == (source, target, Key(int(str(row["rank"])), task_id))
    assert (move.task, move.next_task_id, move.next_task_before) == (tasks.get_task(task_id), None, None)
    moved = {"rank": row["rank"]}
    if way != "position":
        moved |= {"column_id": target.cell.column_id, "swimlane_id": target.cell.swimlane_id}
        moved |= {"date_moved": NOW, "date_modification": NOW}
        assert type(row["date_moved"]) is int
    assert rows() == before | {task_id: before[task_id] | moved}
    told = facts_after(last)
    assert [name for name, _ in told] == names
    for _, facts in told:
        assert facts["task"] == task_snapshot(task_id)["task"]
        assert facts["from"] == {"column_title": "Backlog", "swimlane_name": "Default swimlane"}
        assert facts["move"] == {
            "position": got,
            "column_id": target.cell.column_id,
            "swimlane_id": target.cell.swimlane_id,
            "src_column_id": source.cell.column_id,
            "dst_column_id": target.cell.column_id,
            "src_swimlane_id": source.cell.swimlane_id,
            "src_position": 2,
            "date_moved": EARLIER,
        }


@pytest.mark.parametrize("way", WAYS)
def test_a_move_is_one_line_of_the_activity_and_its_events_are_of_its_task(place: Place, way: str) -> None:
    (column, lane, position), _, names = WAYS[way]
    last, lines = last_event_id(), models.Activity.select().count()

    moves.move_task(
        place.tasks[1],
        column_id=None if column is None else place.columns[column],
        swimlane_id=None if lane is None else place.lanes[lane],
        position=position,
    )

    events = sql.fetch_all("SELECT name, project_id, task_id, formats FROM events WHERE id > ? ORDER BY id", (last,))
    formats = [None, "kanboard-1.2"][: len(names)]
    expected = [(name, place.project, place.tasks[1], only) for name, only in zip(names, formats, strict=True)]
    assert events == expected
    (line,) = list(models.Activity.select().order_by(models.Activity.id))[lines:]
    assert (line.name, line.project_id, line.task_id) == (names[0], place.project, place.tasks[1])


def test_the_first_task_moved_to_where_it_is_moves_nowhere(place: Place) -> None:
    before = rows()

    assert moves.move_task(place.tasks[0], position=1) is None
    assert moves.move_task(place.tasks[2], position=3) is None

    assert rows() == before


def test_a_move_that_makes_a_task_anew_returns_both(place: Place) -> None:
    task_id = tasks.create_task(place.project, "Again", recurrence_status=1, recurrence_trigger=0)

    move = moves.move_task(task_id, column_id=place.columns[1])

    assert move is not None
    task = tasks.get_task(task_id)
    assert (move.next_task_id, move.next_task_before) == (task.recurrence_child, None)
    assert move.task == task
    assert task.recurrence_status == 2

    sql.execute("UPDATE tasks SET recurrence_status = 1, column_id = ? WHERE id = ?", (place.columns[0], task_id))
    again = moves.move_task(task_id, column_id=place.columns[1])
    assert again is not None
    assert again.next_task_before == move.next_task_id
    assert again.next_task_id not in (None, move.next_task_id)


def test_a_move_in_a_project_that_the_task_is_not_of_is_refused(place: Place) -> None:
    before, last = rows(), last_event_id()

    with pytest.raises(InvalidError, match=f"The task {place.tasks[1]} belongs to another project"):
        moves.move_task(place.tasks[1], project_id=place.project + 1, position=1)
    assert (rows(), last_event_id()) == (before, last)

    assert moves.move_task(place.tasks[1], project_id=place.project, position=1)

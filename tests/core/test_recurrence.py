"""Recurring tasks: what makes them come again, when they are due then, and in which order that is announced."""

import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbtui.core.projects import columns, projects, settings, swimlanes
from kbtui.core.tasks import moves, recurrence, subtasks, tasks, transfers
from kbtui.core.tasks.recurrence import (
    DAYS,
    DUE_DATE,
    FROM_FIRST_COLUMN,
    MONTHS,
    ON_CLOSE,
    TO_LAST_COLUMN,
    TRIGGER_DATE,
    YEARS,
    Pattern,
)
from kbtui.core.values import dates
from kbtui.errors import InvalidError
from tests import sql
from tests.core.conftest import facts_after, last_event_id, names_after


def local(*clock: int) -> int:
    """Return a local day and time of day as Unix seconds."""
    return int(time.mktime((*clock, *(0,) * (6 - len(clock)), 0, 0, -1)))  # type: ignore[arg-type]


def recurring(project: int, trigger: int, **fields: Any) -> int:
    fields = {"recurrence_status": 1, "recurrence_trigger": trigger, **fields}
    return tasks.create_task(project, "Water the plants", **fields)


def successor_of(task_id: int) -> int | None:
    child: int | None = tasks.get_task(task_id).recurrence_child
    return child


@pytest.fixture
def flow(project: int) -> list[int]:
    """Return the ids of the project's four columns."""
    return [column.id for column in columns.list_columns(project)]


def test_a_task_that_recurs_on_close_is_closed_then_made_anew(project: int) -> None:
    task_id = recurring(project, ON_CLOSE)
    last = last_event_id()

    tasks.close_task(task_id)

    assert names_after(last) == ["task.close", "task.create"]
    closed, created = facts_after(last)
    assert closed[1]["task"]["recurrence_status"] == recurrence.PENDING, "as it was when it was closed"
    successor, parent = created[1]["task"], tasks.get_task(task_id)
    assert (successor["recurrence_parent"], successor["recurrence_status"]) == (task_id, recurrence.PENDING)
    assert (parent.recurrence_child, parent.recurrence_status) == (successor["id"], recurrence.PROCESSED)


def test_a_task_that_leaves_the_first_column_is_moved_then_made_anew(project: int, flow: list[int]) -> None:
    task_id = recurring(project, FROM_FIRST_COLUMN)
    last = last_event_id()

    moves.move_task(task_id, column_id=flow[2])

    assert names_after(last) == ["task.move.column", "task.create"]
    assert facts_after(last)[1][1]["task"]["column_id"] == flow[0]


def test_a_task_that_reaches_the_last_column_is_moved_then_made_anew(project: int, flow: list[int]) -> None:
    task_id = recurring(project, TO_LAST_COLUMN)
    moves.move_task(task_id, column_id=flow[1])
    assert successor_of(task_id) is None
    last = last_event_id()

    moves.move_task(task_id, column_id=flow[3])

    assert names_after(last) == ["task.move.column", "task.create"]


def test_a_move_of_swimlane_and_column_is_announced_whole_before(project: int, flow: list[int]) -> None:
    task_id = recurring(project, TO_LAST_COLUMN)
    lane = swimlanes.add_swimlane(project, "Urgent")
    last = last_event_id()

    moves.move_task(task_id, column_id=flow[3], swimlane_id=lane)

    assert names_after(last) == ["task.move.swimlane", "task.move.column", "task.create"]
    assert tasks.get_task(successor_of(task_id) or 0).swimlane_id == lane


@pytest.mark.parametrize(
    ("trigger", "start", "end"),
    [
        (FROM_FIRST_COLUMN, 1, 2),
        (FROM_FIRST_COLUMN, 1, 0),
        (TO_LAST_COLUMN, 0, 2),
        (TO_LAST_COLUMN, 3, 0),
        (ON_CLOSE, 0, 3),
    ],
)
def test_another_move_makes_nothing_anew(project: int, flow: list[int], trigger: int, start: int, end: int) -> None:
    task_id = recurring(project, trigger, column_id=flow[start])
    last = last_event_id()

    moves.move_task(task_id, column_id=flow[end])

    assert names_after(last) == ["task.move.column"]


@pytest.mark.parametrize("trigger", [FROM_FIRST_COLUMN, TO_LAST_COLUMN])
def test_a_move_within_the_column_and_a_close_trigger_no_move(project: int, flow: list[int], trigger: int) -> None:
    task_id = recurring(project, trigger, column_id=flow[3 if trigger == TO_LAST_COLUMN else 0])
    tasks.create_task(project, "Neighbour", column_id=tasks.get_task(task_id).column_id)

    moves.move_task(task_id, position=2)
    moves.move_task(task_id, swimlane_id=swimlanes.add_swimlane(project, "Urgent"))
    tasks.close_task(task_id)

    assert successor_of(task_id) is None


def test_a_task_comes_again_once(project: int) -> None:
    task_id = recurring(project, ON_CLOSE)

    for _ in range(2):
        tasks.close_task(task_id)
        tasks.open_task(task_id)

    assert len(tasks.list_tasks(project)) == 2


def test_a_task_that_does_not_recur_never_comes_again(project: int) -> None:
    task_id = tasks.create_task(project, "Task", recurrence_trigger=ON_CLOSE, recurrence_factor=1)

    tasks.close_task(task_id)

    assert len(tasks.list_tasks(project, is_active=None)) == 1


def test_the_new_task_has_what_the_old_one_had_but_its_past(project: int, flow: list[int]) -> None:
    task_id = recurring(
        project,
        ON_CLOSE,
        column_id=flow[2],
        description="All of them",
        score=3,
        priority=2,
        owner_id=1,
        tags=["home"],
        date_started=local(2027, 1, 1),
        color_id="green",
    )
    done = subtasks.add_subtask(task_id, "Fill the can", time_estimated=1, time_spent=2, user_id=1)
    subtasks.update_subtask(done, status=2)
    subtasks.add_subtask(task_id, "Water")

    tasks.close_task(task_id)

    old, new = tasks.get_task(task_id), tasks.get_task(successor_of(task_id) or 0)
    same = ("title", "description", "score", "priority", "owner_id", "tags", "color_id", "time_estimated")
    assert [getattr(new, name) for name in same] == [getattr(old, name) for name in same]
    assert (new.column_id, new.is_active, new.date_started, new.time_spent) == (flow[0], 1, None, 0)
    assert [(step.title, step.status, step.time_spent) for step in subtasks.list_subtasks(new.id)] == [
        ("Fill the can", 0, 0),
        ("Water", 0, 0),
    ]


def test_a_move_to_another_project_makes_nothing_anew(project: int) -> None:
    task_id = recurring(project, FROM_FIRST_COLUMN)
    last = last_event_id()

    transfers.move_task_to_project(task_id, projects.create_project("Shop"))

    assert "task.create" not in names_after(last)


@pytest.mark.parametrize(
    ("due", "factor", "timeframe", "expected"),
    [
        (local(2027, 1, 30), 3, DAYS, local(2027, 2, 2)),
        (local(2027, 1, 30, 14, 30), 14, DAYS, local(2027, 2, 13, 14, 30)),
        (local(2027, 1, 31), 1, MONTHS, local(2027, 2, 28)),
        (local(2028, 1, 31), 1, MONTHS, local(2028, 2, 29)),
        (local(2027, 1, 31), 2, MONTHS, local(2027, 3, 31)),
        (local(2027, 5, 31), 1, MONTHS, local(2027, 6, 30)),
        (local(2027, 11, 30), 3, MONTHS, local(2028, 2, 29)),
        (local(2027, 12, 15), 1, MONTHS, local(2028, 1, 15)),
        (local(2028, 2, 29), 1, YEARS, local(2029, 2, 28)),
        (local(2028, 2, 29), 4, YEARS, local(2032, 2, 29)),
        (local(2027, 3, 1), -1, DAYS, local(2027, 2, 28)),
        (local(2027, 3, 31), -1, MONTHS, local(2027, 2, 28)),
        (local(2027, 3, 31), 0, MONTHS, local(2027, 3, 31)),
        (0, 3, DAYS, 0),
        (local(2027, 1, 1), 9999, YEARS, local(2027, 1, 1)),
        (local(1971, 1, 1), -9999, DAYS, local(1971, 1, 1)),
    ],
)
@pytest.mark.parametrize("base", [DUE_DATE, TRIGGER_DATE])
def test_the_next_due_date_is_so_much_later_on_the_calendar(
    due: int, factor: int, timeframe: int, expected: int, base: int
) -> None:
    assert recurrence.next_due(Pattern(due, factor, timeframe, base), due) == expected


def test_the_base_is_the_due_date_or_the_day_it_happens() -> None:
    due, now = local(2027, 1, 1), local(2027, 5, 31, 9, 15)

    assert recurrence.next_due(Pattern(due, 1, MONTHS, DUE_DATE), now) == local(2027, 2, 1)
    assert recurrence.next_due(Pattern(due, 1, MONTHS, TRIGGER_DATE), now) == local(2027, 6, 30, 9, 15)


@given(
    due=st.integers(0, dates.LATEST),
    factor=st.integers(-recurrence.MOST, recurrence.MOST),
    timeframe=st.sampled_from([DAYS, MONTHS, YEARS]),
    base=st.sampled_from([DUE_DATE, TRIGGER_DATE]),
    now=st.integers(0, dates.LATEST),
)
def test_a_due_date_is_always_one_that_can_be_stored(
    due: int, factor: int, timeframe: int, base: int, now: int
) -> None:
    following = recurrence.next_due(Pattern(due, factor, timeframe, base), now)

    assert 0 <= following <= dates.LATEST


@pytest.mark.parametrize("due", [local(2027, 1, 31), 0])
def test_the_due_date_of_the_new_task_moves_on(project: int, due: int) -> None:
    fields = {"recurrence_factor": 1, "recurrence_timeframe": MONTHS, "date_due": due}
    task_id = recurring(project, ON_CLOSE, **fields)

    tasks.close_task(task_id)

    assert tasks.get_task(successor_of(task_id) or 0).date_due == (local(2027, 2, 28) if due else 0)


@pytest.mark.parametrize(
    "field",
    [
        {"recurrence_status": 3},
        {"recurrence_trigger": -1},
        {"recurrence_factor": 10_000},
        {"recurrence_timeframe": 3},
        {"recurrence_basedate": 2},
    ],
)
def test_what_is_no_recurrence_is_refused_and_changes_nothing(project: int, field: Any) -> None:
    task_id = tasks.create_task(project, "Task")
    last = last_event_id()

    with pytest.raises(InvalidError, match="is not possible as the recurrence"):
        tasks.create_task(project, "Task", **field)
    with pytest.raises(InvalidError, match="is not possible as the recurrence"):
        tasks.update_task(task_id, **field)

    assert last_event_id() == last
    assert sql.fetch_all("SELECT count(*) FROM tasks") == [(1,)]


def test_the_next_due_date_is_counted_in_the_boards_time_zone(project: int) -> None:
    zone = ZoneInfo("America/New_York")
    settings.set_time_zone("America/New_York")
    due = int(datetime(2026, 10, 31, tzinfo=zone).timestamp())  # the clocks go back on the day after
    task_id = recurring(project, ON_CLOSE, date_due=due, recurrence_factor=2, recurrence_timeframe=DAYS)

    tasks.close_task(task_id)

    child = successor_of(task_id)
    assert child is not None
    assert tasks.get_task(child).date_due == int(datetime(2026, 11, 2, tzinfo=zone).timestamp())


def test_columns_are_first_and_last_by_their_places_and_in_the_tasks_own_project(project: int, flow: list[int]) -> None:
    other = projects.create_project("Other")
    columns.move_column(flow[3], 1)
    leaving, arriving = (recurring(project, each) for each in (FROM_FIRST_COLUMN, TO_LAST_COLUMN))
    assert tasks.get_task(leaving).column_id == flow[3]

    moves.move_task(leaving, column_id=flow[0])
    moves.move_task(arriving, column_id=flow[2])

    assert [tasks.get_task(successor_of(each) or 0).column_id for each in (leaving, arriving)] == [flow[3]] * 2
    there = [column.id for column in columns.list_columns(other)]
    elsewhere = recurring(other, FROM_FIRST_COLUMN)
    moves.move_task(elsewhere, column_id=there[3])
    assert tasks.get_task(successor_of(elsewhere) or 0).column_id == there[0]


@pytest.mark.parametrize("status", [recurrence.NONE, recurrence.PROCESSED])
def test_a_task_that_does_not_recur_or_has_is_not_made_anew(project: int, flow: list[int], status: int) -> None:
    made = [
        recurring(project, each, recurrence_status=status) for each in (FROM_FIRST_COLUMN, TO_LAST_COLUMN, ON_CLOSE)
    ]

    moves.move_task(made[0], column_id=flow[1])
    moves.move_task(made[1], column_id=flow[3])
    tasks.close_task(made[2])

    assert [successor_of(each) for each in made] == [None] * 3


def test_the_successor_of_one_that_came_again_before_has_no_successor_yet(project: int) -> None:
    task_id = recurring(project, ON_CLOSE)
    tasks.close_task(task_id)
    tasks.open_task(task_id)
    sql.execute("UPDATE tasks SET recurrence_status = 1 WHERE id = ?", (task_id,))

    tasks.close_task(task_id)

    assert successor_of(successor_of(task_id) or 0) is None


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("recurrence_status", 0, 2),
        ("recurrence_trigger", 0, 2),
        ("recurrence_factor", -9999, 9999),
        ("recurrence_timeframe", 0, 2),
        ("recurrence_basedate", 0, 1),
    ],
)
def test_what_a_recurrence_can_be_goes_from_one_number_to_another(
    project: int, name: str, least: int, most: int
) -> None:
    words = name.replace("_", " ")

    for value in (least, most):
        recurrence.check_recurrence({name: value, "title": "Task"})
    for odd in (least - 1, most + 1, 0.5, None):
        with pytest.raises(InvalidError) as refused:
            recurrence.check_recurrence({name: odd})
        assert str(refused.value) == f"{odd} is not possible as the {words}; it goes from {least} to {most}."


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (Pattern(86_400, -1, DAYS, DUE_DATE), 86_400),
        (Pattern(86_401, -1, DAYS, DUE_DATE), 1),
        (Pattern(86_402, -1, DAYS, DUE_DATE), 2),
        (Pattern(dates.LATEST - 86_400, 1, DAYS, DUE_DATE), dates.LATEST),
        (Pattern(dates.LATEST - 86_399, 1, DAYS, DUE_DATE), dates.LATEST - 86_399),
        (Pattern(86_400, 0, DAYS, TRIGGER_DATE), 86_400),
        (Pattern(0, 1, DAYS, TRIGGER_DATE), 0),
        (Pattern(10**20, 1, DAYS, DUE_DATE), 10**20),
    ],
)
def test_a_due_date_outside_the_calendar_stays_as_it_is(pattern: Pattern, expected: int) -> None:
    due = recurrence.next_due(pattern, 500_000, ZoneInfo("UTC"))

    assert due == expected
    assert type(due) is int


def test_what_a_person_chooses_from_has_a_word_for_each_number() -> None:
    assert [len(each) for each in (recurrence.TRIGGERS, recurrence.TIMEFRAMES, recurrence.BASE_DATES)] == [3, 3, 2]
    assert (recurrence.TRIGGERS[ON_CLOSE], recurrence.TIMEFRAMES[MONTHS]) == ("When it is closed", "months")
    assert recurrence.BASE_DATES[DUE_DATE] == "its due date"

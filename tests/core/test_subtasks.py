from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbtui.core.db import database
from kbtui.core.events import log
from kbtui.core.projects import members, projects, users
from kbtui.core.tasks import removals, subtasks, tasks
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import facts_after, last_event_id
from tests.core.new_boards import NewBoards


@pytest.fixture
def task(project: int) -> int:
    return tasks.create_task(project, "Task")


def titles(task_id: int) -> list[str]:
    """Return the titles in order, having made sure that the positions are 1 to n."""
    listed = subtasks.list_subtasks(task_id)
    assert [subtask.position for subtask in listed] == list(range(1, len(listed) + 1))
    return [subtask.title for subtask in listed]


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["add", "move", "remove", "restore"]), st.integers(0, 9), st.integers(1, 12)),
    min_size=4,
    max_size=30,
)


@pytest.fixture(scope="module")
def crowd(boards: NewBoards) -> Any:
    """Connect to a board with one project, for all examples."""
    boards.connect()
    yield projects.create_project("Website")
    database.close()


@given(operations=OPERATIONS)
@settings(max_examples=100, deadline=None)
def test_positions_are_dense_after_any_operations(crowd: int, operations: list[tuple[str, int, int]]) -> None:
    task_id = tasks.create_task(crowd, "Task")
    expected: list[str] = []
    ids: dict[str, int] = {}
    removed: list[subtasks.Subtask] = []

    for number, (what, which, position) in enumerate(operations):
        name = expected[which % len(expected)] if expected else ""
        if what == "add":
            name = f"Step {number}"
            ids[name] = subtasks.add_subtask(task_id, name, position=position)
            expected.insert(position - 1, name)
        elif what == "move" and name:
            subtasks.update_subtask(ids[name], position=position)
            expected.remove(name)
            expected.insert(position - 1, name)
        elif what == "remove" and name:
            removed.append(subtasks.remove_subtask(ids[name]))
            expected.remove(name)
        elif what == "restore" and removed:
            gone = removed.pop()
            subtasks.restore_subtask(gone)
            expected.insert(gone.position - 1, gone.title)
        assert titles(task_id) == expected


def test_a_toggle_goes_through_the_states_and_gives_it_to_who_toggles(task: int) -> None:
    mika = users.add_user("mika")
    subtask_id = subtasks.add_subtask(task, "Step")
    last = last_event_id()

    with log.authored_by(mika):
        assert subtasks.toggle_subtask(subtask_id)[1].status == subtasks.IN_PROGRESS
    assert subtasks.toggle_subtask(subtask_id)[1].status == subtasks.DONE
    assert subtasks.toggle_subtask(subtask_id)[1].status == subtasks.TODO

    assert subtasks.get_subtask(subtask_id).user_id == mika
    assert [(name, facts["toggled"], facts["changes"]) for name, facts in facts_after(last)] == [
        ("subtask.update", True, {"status": 1, "user_id": mika}),
        ("subtask.update", True, {"status": 2}),
        ("subtask.update", True, {"status": 0}),
    ]


def test_nobody_toggles_without_assigning(task: int) -> None:
    subtask_id = subtasks.add_subtask(task, "Step")

    with log.authored_by(0):
        subtasks.toggle_subtask(subtask_id)

    assert subtasks.get_subtask(subtask_id).user_id == 0


def test_the_tasks_times_are_the_sums_of_its_subtasks_silently(task: int) -> None:
    def times() -> tuple[float, float]:
        row = tasks.get_task(task)
        return row.time_estimated, row.time_spent

    tasks.update_task(task, time_estimated=10)
    last = last_event_id()

    first = subtasks.add_subtask(task, "One")
    assert times() == (10, 0), "a subtask without times says nothing about them"
    second = subtasks.add_subtask(task, "Two", time_estimated=2, time_spent=0.5)
    assert times() == (2, 0.5)
    subtasks.update_subtask(first, time_estimated=1.5)
    assert times() == (3.5, 0.5)
    removed = subtasks.remove_subtask(second)
    assert times() == (1.5, 0)
    subtasks.restore_subtask(removed)
    assert times() == (3.5, 0.5)

    assert {name.split(".")[0] for name, _ in facts_after(last)} == {"subtask"}


def test_an_edit_tells_what_changed_and_one_that_changes_nothing_is_not_facts_after(task: int) -> None:
    subtasks.add_subtask(task, "One")
    subtask_id = subtasks.add_subtask(task, "Two", time_spent=1)
    last = last_event_id()

    assert subtasks.update_subtask(subtask_id, title="Dos", position=1, time_spent=1)
    assert not subtasks.update_subtask(subtask_id, title="Dos", position=1)
    assert subtasks.update_subtask(subtask_id, position=99)
    assert not subtasks.update_subtask(subtask_id, position=99)

    assert [(facts["changes"], facts["before"], facts["toggled"]) for _, facts in facts_after(last)] == [
        ({"title": "Dos", "position": 1}, {"title": "Two", "position": 2}, False),
        ({"position": 2}, {"position": 1}, False),
    ]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"title": " "}, "The title is empty"),
        ({"title": "x" * 256}, "at most 255"),
        ({"status": 3}, "no status 3; it is 0 Todo, 1 In progress or 2 Done"),
        ({"position": 0}, "positions begin at 1"),
        ({"time_spent": -1}, "-1 is not possible as the time spent in hours"),
        ({"time_estimated": float("nan")}, "nan is not possible as the time estimated"),
        ({"time_estimated": float("inf")}, "inf is not possible"),
    ],
)
def test_a_bad_value_is_refused_and_changes_nothing(task: int, fields: Any, complaint: str) -> None:
    subtask_id = subtasks.add_subtask(task, "One")
    before, last = subtasks.list_subtasks(task), last_event_id()

    with pytest.raises(InvalidError, match=complaint):
        subtasks.update_subtask(subtask_id, **fields)
    with pytest.raises(InvalidError, match=complaint):
        subtasks.add_subtask(task, **{"title": "Two", **fields})

    assert (subtasks.list_subtasks(task), last_event_id()) == (before, last)


def test_what_is_not_there_is_refused(task: int) -> None:
    with pytest.raises(NotFoundError, match=r"There is no subtask 9\."):
        subtasks.toggle_subtask(9)
    with pytest.raises(NotFoundError, match=r"There is no user 9\."):
        subtasks.add_subtask(task, "One", user_id=9)
    with pytest.raises(NotFoundError, match=r"There is no task #9\."):
        subtasks.add_subtask(9, "One")


def test_a_subtask_keeps_what_it_was_given(task: int) -> None:
    mika = users.add_user("mika", name="Mika")

    first = subtasks.add_subtask(task, " One\n", status=1, user_id=mika, time_estimated=2.0, time_spent=0.5)
    second = subtasks.add_subtask(task, "Two")

    assert subtasks.get_subtask(first) == subtasks.Subtask(first, "One", 1, 2, 0.5, task, mika, 1, "mika", "Mika")
    assert subtasks.get_subtask(second) == subtasks.Subtask(second, "Two", 0, 0, 0, task, 0, 2, None, None)
    assert [type(each) for each in subtasks.get_subtask(first)[3:5]] == [int, float]
    assert subtasks.STATUS_NAMES == ("Todo", "In progress", "Done")


def test_who_has_no_name_is_told_by_none(task: int) -> None:
    subtask_id = subtasks.add_subtask(task, "One", user_id=users.add_user("noor"))

    subtask = subtasks.get_subtask(subtask_id)

    assert (subtask.username, subtask.name) == ("noor", None)


def test_subtasks_are_those_of_the_task(task: int, project: int) -> None:
    other = tasks.create_task(project, "Other")
    subtasks.add_subtask(other, "Elsewhere", time_spent=3)
    subtasks.add_subtask(other, "There too")

    first, second = subtasks.add_subtask(task, "One"), subtasks.add_subtask(task, "Two", time_spent=1)
    subtasks.update_subtask(second, position=1)
    subtasks.remove_subtask(first)

    assert titles(task) == ["Two"]
    assert titles(other) == ["Elsewhere", "There too"]
    assert [tasks.get_task(each).time_spent for each in (task, other)] == [1, 3]


def test_an_edit_returns_the_subtask_before_and_after_and_changes_no_other(task: int) -> None:
    first, second = subtasks.add_subtask(task, "One"), subtasks.add_subtask(task, "Two")
    before, other = subtasks.get_subtask(first), subtasks.get_subtask(second)

    changed = subtasks.update_subtask(first, title="Uno", status=2, time_spent=3)

    after = before._replace(title="Uno", status=2, time_spent=3)
    assert changed == (before, after)
    assert subtasks.list_subtasks(task) == [after, other]


def test_every_event_of_a_subtask_is_one_of_its_task_and_tells_the_subtask(task: int, project: int) -> None:
    subtasks.add_subtask(task, "Zero")
    last = last_event_id()
    subtask_id = subtasks.add_subtask(task, "One", position=1)
    first = subtasks.get_subtask(subtask_id)
    second = subtasks.toggle_subtask(subtask_id)[1]
    subtasks.restore_subtask(subtasks.remove_subtask(subtask_id))

    assert [(name, facts["subtask"], facts["task"]["id"]) for name, facts in facts_after(last)] == [
        ("subtask.create", first._asdict(), task),
        ("subtask.update", second._asdict(), task),
        ("subtask.delete", second._asdict(), task),
        ("subtask.create", second._asdict(), task),
    ]
    assert second.position == 1
    assert sql.fetch_all("SELECT DISTINCT project_id, task_id FROM events WHERE id > ?", (last,)) == [(project, task)]


def test_a_toggle_takes_a_subtask_from_nobody(task: int) -> None:
    mika = users.add_user("mika")
    subtask_id = subtasks.add_subtask(task, "Step", user_id=mika)

    before, after = subtasks.toggle_subtask(subtask_id)

    assert (before.status, after.status, after.user_id) == (0, 1, mika)


def test_times_are_possible_up_to_a_billion_hours_and_are_told_as_plain_numbers(task: int) -> None:
    subtask_id = subtasks.add_subtask(task, "One", time_estimated=999_999_999, time_spent=0)

    with pytest.raises(InvalidError, match="1000000000 is not possible as the time spent in hours"):
        subtasks.update_subtask(subtask_id, time_spent=1_000_000_000)
    subtasks.update_subtask(subtask_id, time_spent=2.0)

    subtask = subtasks.get_subtask(subtask_id)
    assert (subtask.time_estimated, subtask.time_spent) == (999_999_999, 2)
    assert type(subtask.time_spent) is int


def test_a_tasks_times_stay_when_those_of_its_subtasks_do(task: int) -> None:
    subtask_id = subtasks.add_subtask(task, "One", time_spent=1)
    tasks.update_task(task, time_spent=7)

    subtasks.update_subtask(subtask_id, title="Uno", time_spent=1)
    subtasks.toggle_subtask(subtask_id)
    assert tasks.get_task(task).time_spent == 7
    subtasks.update_subtask(subtask_id, time_estimated=4)
    assert (tasks.get_task(task).time_estimated, tasks.get_task(task).time_spent) == (4, 1)
    subtasks.update_subtask(subtask_id, time_spent=3)

    assert (tasks.get_task(task).time_estimated, tasks.get_task(task).time_spent) == (4, 3)


def test_a_subtask_whose_task_is_gone_does_not_come_back(task: int) -> None:
    removed = subtasks.remove_subtask(subtasks.add_subtask(task, "One"))
    removals.remove_task(task)

    with pytest.raises(NotFoundError, match=f"There is no task #{task}"):
        subtasks.restore_subtask(removed)


def test_who_can_be_assigned_is_asked_of_the_tasks_own_project(project: int) -> None:
    tasks.create_task(project, "Task")
    mika = users.add_user("mika")
    closed = projects.create_project("Closed")
    members.add_member(closed, 1)
    subtask_id = subtasks.add_subtask(tasks.create_task(closed, "Task"), "Step")

    with log.authored_by(mika):
        subtasks.toggle_subtask(subtask_id)
    with pytest.raises(InvalidError, match="no member"):
        subtasks.update_subtask(subtask_id, user_id=mika)

    assert subtasks.get_subtask(subtask_id).user_id == 0

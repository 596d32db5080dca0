from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbtui.core.db import database
from kbtui.core.events import log
from kbtui.core.projects import projects, users
from kbtui.core.tasks import subtasks, tasks
from kbtui.errors import InvalidError, NotFoundError
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
        return row["time_estimated"], row["time_spent"]

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

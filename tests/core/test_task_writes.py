"""What making, editing, closing and opening a task writes, tells and returns, column by column."""

import random
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kbtui.core.db import database
from kbtui.core.events.snapshot import task_snapshot
from kbtui.core.projects import categories, columns, projects, users
from kbtui.core.tasks import moves, recurrence, removals, subtasks, tasks
from kbtui.core.values.dates import LATEST
from kbtui.core.values.text import fold
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import facts_after, last_event_id
from tests.core.new_boards import NewBoards

EARLIER, NOW = 1_900_000_000, 2_000_000_000


def row(task_id: int) -> dict[str, Any]:
    """Return a task as it is stored."""
    return sql.fetch_dicts("SELECT * FROM tasks WHERE id = ?", (task_id,))[0]


def places_after(event_id: int) -> list[tuple[str, int, int]]:
    """Return the name, the project and the task of each event after one."""
    return sql.fetch_all("SELECT name, project_id, task_id FROM events WHERE id > ? ORDER BY id", (event_id,))


@pytest.fixture
def task(project: int) -> int:
    """Make a task, and another one beside it, some time ago."""
    with time_machine.travel(EARLIER, tick=False):
        task_id = tasks.create_task(project, "Task", description="a\nb", score=3, tags=["ui"])
        tasks.create_task(project, "Other", tags=["ui"])
    return task_id


@pytest.fixture(autouse=True)
def clock(board: object) -> Any:
    with time_machine.travel(NOW + 0.5, tick=False):
        yield


def times_are_whole(task_id: int) -> bool:
    names = ("date_creation", "date_modification", "date_moved", "date_completed")
    return {type(row(task_id)[name]) for name in names} <= {int, type(None)}


def test_a_new_task_is_told_as_it_is_and_stands_where_it_was_put(project: int, task: int) -> None:
    last = last_event_id()

    first = tasks.create_task(project, "Érst", position=1)
    second = tasks.create_task(project, "Second", position=2)
    far = tasks.create_task(project, "Far", position=50)

    assert [each.id for each in tasks.list_tasks(project)] == [first, second, task, task + 1, far]
    made = row(first)
    assert (made["folded"], made["creator_id"], made["color_id"]) == (fold("Érst"), 1, "yellow")
    assert [made[name] for name in ("date_creation", "date_modification", "date_moved")] == [NOW] * 3
    assert times_are_whole(first)
    assert places_after(last) == [("task.create", project, each) for each in (first, second, far)]
    assert facts_after(last)[2][1] == task_snapshot(far)


def test_an_edit_writes_one_task_and_returns_what_it_changed(project: int, task: int) -> None:
    mika, bug = users.add_user("mika", name="Mika"), categories.add_category(project, "Bug")
    before, other, last = row(task), row(task + 1), last_event_id()

    edit = tasks.update_task(task, title="Ärt", score=3, owner_id=mika, category_id=bug, tags=["x", "UI"])

    was = {"title": "Task", "owner_id": 0, "category_id": 0, "tags": ["ui"]}
    now = {"title": "Ärt", "owner_id": mika, "category_id": bug, "tags": ["ui", "x"]}
    assert edit == tasks.Edit(was, now)
    stored = {"title": "Ärt", "folded": fold("Ärt"), "owner_id": mika, "category_id": bug, "date_modification": NOW}
    assert row(task) == before | stored
    assert row(task + 1) == other
    assert times_are_whole(task)
    assert places_after(last) == [("task.update", project, task)]
    facts = facts_after(last)[0][1]
    assert facts["from"] == {"assignee_username": None, "assignee_name": None, "category_name": None}
    again = tasks.update_task(task, owner_id=0, category_id=0)
    assert again is not None
    assert facts_after(last)[1][1]["from"] == {
        "assignee_username": "mika",
        "assignee_name": "Mika",
        "category_name": "Bug",
    }


def test_tags_alone_change_when_the_task_was_changed(task: int) -> None:
    before = row(task)

    edit = tasks.update_task(task, tags=[])

    assert edit == tasks.Edit({"tags": ["ui"]}, {"tags": []})
    assert row(task) == before | {"date_modification": NOW}
    assert [tasks.get_task(each).tags for each in (task, task + 1)] == [[], ["ui"]]


def test_closing_and_opening_write_one_task_and_its_subtasks(project: int, task: int) -> None:
    steps = [subtasks.add_subtask(task, "One"), subtasks.add_subtask(task, "Two", status=1)]
    beside = subtasks.add_subtask(task + 1, "Beside")
    before, last = row(task), last_event_id()

    closing = tasks.close_task(task)
    closed = row(task)
    opening = tasks.open_task(task)

    assert closing == tasks.Closing({steps[0]: 0, steps[1]: 1}, None, None)
    assert closed == before | {"is_active": 0, "date_completed": NOW, "date_modification": NOW}
    assert opening == tasks.Opening(NOW)
    assert row(task) == before | {"date_completed": 0, "date_modification": NOW}
    assert times_are_whole(task)
    assert [subtasks.get_subtask(each).status for each in (*steps, beside)] == [2, 2, 0]
    assert places_after(last) == [("task.close", project, task), ("task.open", project, task)]
    assert [facts["task"]["is_active"] for _, facts in facts_after(last)] == [0, 1]
    assert tasks.reopen_task(task, {steps[0]: 1}) is False
    assert subtasks.get_subtask(steps[0]).status == 2


def test_closing_again_as_if_it_had_not_been_opened_keeps_when_it_was_closed(project: int, task: int) -> None:
    tasks.update_task(task, recurrence_status=1, recurrence_trigger=recurrence.ON_CLOSE)
    step = subtasks.add_subtask(task, "One")
    before, last = row(task), last_event_id()

    assert tasks.reclose_task(task, EARLIER) is True
    assert tasks.reclose_task(task, NOW) is False

    assert row(task) == before | {"is_active": 0, "date_completed": EARLIER, "date_modification": NOW}
    assert subtasks.get_subtask(step).status == 0
    assert places_after(last) == [("task.close", project, task)]


def test_opening_again_gives_only_those_subtasks_back_their_states(task: int) -> None:
    steps = [subtasks.add_subtask(task, "One"), subtasks.add_subtask(task, "Two")]
    tasks.close_task(task)

    assert tasks.reopen_task(task, {steps[0]: 1}) is True

    assert [subtasks.get_subtask(each).status for each in steps] == [1, 2]
    assert tasks.get_task(task).is_active == 1


def test_what_was_made_anew_before_is_told_by_the_next_closing(project: int) -> None:
    task_id = tasks.create_task(project, "Again", recurrence_status=1, recurrence_trigger=recurrence.ON_CLOSE)
    first = tasks.close_task(task_id)
    assert first is not None
    tasks.open_task(task_id)
    sql.execute("UPDATE tasks SET recurrence_status = 1 WHERE id = ?", (task_id,))

    second = tasks.close_task(task_id)

    assert second is not None
    assert (first.next_task_before, second.next_task_before) == (None, first.next_task_id)
    assert second.next_task_id == tasks.get_task(task_id).recurrence_child


@pytest.mark.parametrize(
    ("name", "most"),
    [("score", (1 << 53) - 1), ("priority", (1 << 53) - 1), ("time_spent", (1 << 53) - 1), ("date_due", LATEST)],
)
def test_a_number_is_possible_up_to_its_limit(project: int, task: int, name: str, most: int) -> None:
    fields: Any = {name: most}
    tasks.update_task(task, **fields)

    assert getattr(tasks.get_task(task), name) == most
    for beyond, says in ((1 << 53, "is too large for the"), (-(1 << 53), "is too large for the")):
        with pytest.raises(InvalidError, match=f"{says} {name.replace('_', ' ')}"):
            tasks.update_task(task, **{name: beyond})  # type: ignore[arg-type]
    if name == "date_due":
        with pytest.raises(InvalidError, match="The date due is too far away; the calendar ends with the year 9998"):
            tasks.update_task(task, date_due=LATEST + 1)
    if name in ("score", "priority"):
        tasks.update_task(task, **{name: 1 - (1 << 53)})  # type: ignore[arg-type]
        assert getattr(tasks.get_task(task), name) == 1 - (1 << 53)


@pytest.mark.parametrize("name", ["time_spent", "time_estimated", "date_due", "date_started"])
def test_no_time_is_negative_but_nothing_is_no_negative_time(task: int, name: str) -> None:
    with pytest.raises(InvalidError, match=f"The {name.replace('_', ' ')} cannot be negative"):
        tasks.update_task(task, **{name: -1})  # type: ignore[arg-type]
    tasks.update_task(task, **{name: 1})  # type: ignore[arg-type]

    tasks.update_task(task, **{name: 0})  # type: ignore[arg-type]

    assert getattr(tasks.get_task(task), name) == 0


def test_texts_are_kept_up_to_their_limits_and_cleaned(project: int, task: int) -> None:
    tasks.update_task(
        task, title="x" * 200, reference=" " + "r" * 255, color_id=" " + "c" * 50, description="a\r\nb\x07"
    )

    made = tasks.get_task(task)
    assert (made.title, made.reference, made.color_id) == ("x" * 200, "r" * 255, "c" * 50)
    assert made.description == "a\nb\ufffd"
    tasks.update_task(task, reference="", color_id="")
    assert (tasks.get_task(task).reference, tasks.get_task(task).color_id) == ("", "yellow")
    with pytest.raises(InvalidError, match="The colour is 51 characters long"):
        tasks.update_task(task, color_id="c" * 51)


def test_a_category_of_another_project_is_refused(project: int, task: int) -> None:
    foreign = categories.add_category(projects.create_project("Shop"), "Bug")

    with pytest.raises(InvalidError, match=f"The category {foreign} belongs to another project"):
        tasks.update_task(task, category_id=foreign)
    with pytest.raises(NotFoundError, match="There is no category 99"):
        tasks.create_task(project, "Task", category_id=99)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("more", range(3))
def test_what_is_known_of_a_cell_is_not_taken_for_that_of_another_board(
    boards: NewBoards, tmp_path: Path, more: int
) -> None:
    for name, changes in (("one.db", 0), ("two.db", more)):
        boards.connect(tmp_path / name)
        project = projects.create_project("Website")
        for number in range(changes):
            projects.update_project(project, name=f"Website {number}")

        task_id = tasks.create_task(project, "Task")

        assert facts_after(0)[-1][1]["task"]["position"] == tasks.get_task(task_id).position == 1
        assert row(task_id)["rank"] == 0


@pytest.mark.parametrize("seed", range(3))
def test_in_one_transaction_each_event_tells_where_its_task_stands(project: int, seed: int) -> None:
    chance, made = random.Random(seed), [tasks.create_task(project, "First")]
    column = columns.list_columns(project)[1].id

    with database.transaction():
        for number in range(40):
            last = last_event_id()
            what, task_id = chance.choice(("create", "create", "close", "open", "move", "remove")), chance.choice(made)
            if what == "create" or len(made) < 3:
                task_id = tasks.create_task(project, f"Task {number}", position=chance.choice((None, None, 1, 2)))
                made.append(task_id)
            elif what == "close":
                tasks.close_task(task_id)
            elif what == "open":
                tasks.open_task(task_id)
            elif what == "move" and tasks.get_task(task_id).is_active:
                moves.move_task(task_id, column_id=chance.choice((None, column)), position=chance.choice((None, 1, 3)))
            elif what == "remove":
                removals.remove_task(task_id)
                made.remove(task_id)
            for name, facts in facts_after(last):
                if name != "task.remove":
                    assert facts["task"]["position"] == tasks.get_task(task_id).position, (number, name)


def test_a_new_task_has_the_default_priority_of_its_own_project(project: int) -> None:
    other = projects.create_project("Shop")
    projects.update_project(other, priority_default=2)

    made = [tasks.get_task(tasks.create_task(each, "Task")).priority for each in (project, other)]

    assert made == [0, 2]


def test_what_is_closed_and_opened_between_two_new_tasks_counts_for_the_second(project: int) -> None:
    first, second = tasks.create_task(project, "One"), tasks.create_task(project, "Two")
    told = []

    with database.transaction():
        for change in (lambda: None, lambda: tasks.close_task(first), lambda: tasks.open_task(first)):
            change()
            tasks.create_task(project, "New")
            told.append(facts_after(0)[-1][1]["task"]["position"])
        tasks.close_task(second)
        tasks.open_task(second)
        tasks.create_task(project, "Last")
        told.append(facts_after(0)[-1][1]["task"]["position"])

    assert told == [3, 3, 5, 6]

"""Whatever a person does: undone, everything is as it was; done again, everything is as it had become."""

from collections.abc import Callable
from typing import Any

import pytest

from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks import comments, files, links, subtasks, tasks, transfers
from kbtui.core.undo.undo_stack import UndoStack
from tests import sql
from tests.core.conftest import last_event_id, names_after

TABLES = ("task_tags", "subtasks", "comments", "task_links", "files", "file_contents", "projects", "swimlanes")

TIMES = ("date_modification", "date_moved", "date_completed")
"""When something was last done to a task, which undoing it changes too."""

Action = Callable[[UndoStack], object]


@pytest.fixture(autouse=True)
def world(project: int) -> None:
    """Make two projects and three tasks, the first with everything on it, the third recurring."""
    projects.create_project("Shop")
    users.add_user("mika")
    swimlanes.add_swimlane(project, "Urgent")
    categories.add_category(project, "Bug")
    tasks.create_task(
        project,
        "First",
        description="One",
        owner_id=2,
        category_id=1,
        tags=["ui", "x"],
        time_estimated=9,
        date_due=86400,
    )
    tasks.create_task(project, "Second", column_id=2, time_estimated=7)
    fields = {"recurrence_status": 1, "recurrence_trigger": 2, "recurrence_factor": 1, "date_due": 86400}
    tasks.create_task(project, "Third", **fields, tags=["ui"])  # type: ignore[arg-type]
    for title in ("Plan", "Do", "Check"):
        subtasks.add_subtask(1, title, time_estimated=1.5, time_spent=1)
    tasks.update_task(1, time_spent=20)
    subtasks.add_subtask(3, "Step", status=1)
    comments.add_comment(1, "Look")
    files.add_file(1, "notes.txt", b"One")
    links.add_task_link(1, 2, 2)
    tasks.create_task(project, "Fourth")
    tasks.close_task(4)


def state() -> dict[str, Any]:
    """Return everything of the board but when it was last touched; a task's rank is told by its position."""
    found: dict[str, Any] = {
        table: sql.fetch_all(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES if table != "comments"
    }
    found["comments"] = [
        {name: value for name, value in comment._asdict().items() if name != "date_modification"}
        for task in tasks.list_tasks(is_active=None)
        for comment in comments.list_comments(task.id)
    ]
    found["tasks"] = [
        {
            name: value
            for name, value in task._asdict().items()
            if name not in TIMES and (task.is_active or name != "position")
        }
        for task in sorted(tasks.list_tasks(is_active=None), key=lambda task: int(task.id))
    ]
    return found


ACTIONS: dict[str, Action] = {
    "create_task": lambda stack: stack.create_task(1, "New", tags=["ui"], position=1),
    "duplicate_task": lambda stack: stack.duplicate_task(1),
    "duplicate_task to another project": lambda stack: stack.duplicate_task(1, 2),
    "update_task": lambda stack: stack.update_task(
        1, title="Uno", description="", owner_id=0, category_id=0, tags=["x"], time_estimated=2, date_due=0, score=3
    ),
    "update_task how it recurs": lambda stack: stack.update_task(3, recurrence_status=0, recurrence_factor=2),
    "move_task": lambda stack: stack.move_task(1, column_id=2, swimlane_id=3, position=1),
    "move_task in its cell": lambda stack: stack.move_task(1, position=2),
    "close_task": lambda stack: stack.close_task(1),
    "close_task that recurs": lambda stack: stack.close_task(3),
    "open_task": lambda stack: stack.open_task(4),
    "remove_task": lambda stack: stack.remove_task(1),
    "move_task_to_project": lambda stack: stack.move_task_to_project(1, 2),
    "move_task_to_project of a closed task": lambda stack: stack.move_task_to_project(4, 2),
    "add_comment": lambda stack: stack.add_comment(1, "New"),
    "update_comment": lambda stack: stack.update_comment(1, "Other"),
    "remove_comment": lambda stack: stack.remove_comment(1),
    "add_subtask": lambda stack: stack.add_subtask(1, "New", time_estimated=3, position=1),
    "add_subtask that is the first": lambda stack: stack.add_subtask(2, "New", time_estimated=3),
    "update_subtask": lambda stack: stack.update_subtask(
        2, title="Done", position=3, time_spent=4, user_id=2, status=2
    ),
    "toggle_subtask": lambda stack: stack.toggle_subtask(2),
    "remove_subtask": lambda stack: stack.remove_subtask(2),
    "add_task_link": lambda stack: stack.add_task_link(1, 3, 10),
    "update_task_link": lambda stack: stack.update_task_link(1, opposite_task_id=3, link_id=6),
    "update_task_link from the other end": lambda stack: stack.update_task_link(2, opposite_task_id=3),
    "remove_task_link": lambda stack: stack.remove_task_link(2),
    "add_file": lambda stack: stack.add_file(1, "new.txt", b"\x00"),
    "remove_file": lambda stack: stack.remove_file(1),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_what_is_undone_is_as_it_was_and_what_is_redone_as_it_became(name: str) -> None:
    stack, before = UndoStack(), state()
    ACTIONS[name](stack)
    after = state()
    assert after != before

    for _ in range(2):
        stack.undo()
        assert state() == before
        stack.redo()
        assert state() == after


def test_everything_in_a_row_is_undone_to_the_beginning_and_redone_to_the_end() -> None:
    stack, states = UndoStack(), [state()]
    for name, act in ACTIONS.items():
        if not name.startswith(("remove_task", "update_task_link", "move_task_to", "move_task in its cell")):
            act(stack)
            states.append(state())

    for expected in reversed(states[:-1]):
        stack.undo()
        assert state() == expected
    for expected in states[1:]:
        stack.redo()
        assert state() == expected


def test_there_is_an_action_for_everything_that_can_be_undone() -> None:
    public = {name for name in dir(UndoStack) if not name.startswith("_")} - {"add", "undo", "redo", "clear"}

    assert {name.split()[0] for name in ACTIONS} == public


@pytest.mark.parametrize(("trigger", "column"), [(0, 3), (1, 4)])
def test_a_move_that_made_a_task_anew_is_undone_with_it(project: int, trigger: int, column: int) -> None:
    task_id = tasks.create_task(project, "Task", recurrence_status=1, recurrence_trigger=trigger)
    stack, before = UndoStack(), state()
    stack.move_task(task_id, column_id=columns.list_columns(project)[column - 1].id)
    after = state()

    stack.undo()
    undone = state()
    stack.redo()

    assert undone == before
    assert state() == after


def test_a_task_made_anew_that_somebody_has_worked_on_stays(project: int) -> None:
    stack = UndoStack()
    stack.close_task(3)
    successor = tasks.get_task(3).recurrence_child or 0
    comments.add_comment(successor, "Mine")

    stack.undo()
    assert tasks.get_task(successor).recurrence_parent == 3
    assert tasks.get_task(3).is_active == 1
    stack.redo()

    assert tasks.get_task(3).recurrence_child == successor
    assert len(tasks.list_tasks(project, is_active=None)) == 5, "it does not come again"


def test_undoing_is_announced_like_any_change() -> None:
    stack = UndoStack()
    last = last_event_id()

    stack.close_task(3)
    stack.undo()
    stack.redo()

    assert names_after(last) == [
        *("task.close", "task.create"),
        *("task.open", "task.remove"),
        *("task.restore", "task.close"),
    ]


def test_times_that_somebody_changed_meanwhile_are_not_overwritten() -> None:
    stack = UndoStack()
    stack.add_subtask(2, "New", time_estimated=3)
    tasks.update_task(2, time_estimated=11)

    stack.undo()

    assert tasks.get_task(2).time_estimated == 11


def test_a_landing_undone_gives_back_what_had_no_counterpart() -> None:
    assert transfers.plan_transfer(1, 2).category_id == 0
    stack = UndoStack()

    stack.move_task_to_project(1, 2)
    stack.undo()

    task = tasks.get_task(1)
    assert (task.category_name, task.swimlane_name, task.tags) == ("Bug", "Default swimlane", ["ui", "x"])

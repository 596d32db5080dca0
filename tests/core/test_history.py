"""Undo and redo: changes like any other, which survive what others did meanwhile."""

from pathlib import Path

import pytest

from kbtui.core.db import database
from kbtui.core.projects import columns, projects
from kbtui.core.tasks import comments, link_types, links, moves, ranks, removals, subtasks, tasks
from kbtui.core.undo.steps import STEPS
from kbtui.core.undo.undo_stack import History
from kbtui.errors import DatabaseBusyError, InvalidError
from tests import sql
from tests.core.conftest import last_event_id, names_after
from tests.core.other_processes import locked


@pytest.fixture
def history() -> History:
    """Return a history of nothing."""
    return History()


def test_an_edit_is_taken_back_and_done_again(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task", tags=["ui"], score=3)
    last = last_event_id()

    history.update_task(task_id, title="Other", tags=["urgent"])
    step = history.undo()
    undone = tasks.get_task(task_id)
    history.redo()

    assert (step.what, step.task_id) == (f"edited #{task_id}", task_id)
    assert (undone["title"], undone["tags"], undone["score"]) == ("Task", ["ui"], 3)
    assert tasks.get_task(task_id)["title"] == "Other"
    assert names_after(last) == ["task.update"] * 3


def test_a_move_is_taken_back_to_where_it_was(project: int, history: History) -> None:
    ready = columns.list_columns(project)[1].id
    task_ids = [tasks.create_task(project, f"Task {number}") for number in range(3)]
    before, last = ranks.find_location(task_ids[1]), last_event_id()

    history.move_task(task_ids[1], column_id=ready)
    moved = ranks.find_location(task_ids[1])
    history.undo()
    assert ranks.find_location(task_ids[1]) == before
    history.redo()

    assert ranks.find_location(task_ids[1]) == moved
    assert names_after(last) == ["task.move.column"] * 3


def test_what_changes_nothing_is_no_step(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task")

    assert not history.update_task(task_id, title="Task")
    assert not history.move_task(task_id, position=1)
    assert not history.open_task(task_id)
    assert not history.move_task_to_project(task_id, project)

    with pytest.raises(InvalidError, match=r"There is nothing to undo\."):
        history.undo()


def test_closing_is_taken_back_with_the_subtasks_as_they_were(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task")
    subtasks.add_subtask(task_id, "Open")
    subtasks.add_subtask(task_id, "Begun", status=1)

    history.close_task(task_id)
    history.undo()
    assert [subtask["status"] for subtask in subtasks.list_subtasks(task_id)] == [0, 1]
    history.redo()

    assert [subtask["status"] for subtask in subtasks.list_subtasks(task_id)] == [2, 2]
    assert tasks.get_task(task_id)["is_active"] == 0


def test_a_new_task_and_a_copy_go_and_come_back_under_their_ids(project: int, history: History) -> None:
    task_id = history.create_task(project, "Task", tags=["ui"])
    copy_id = history.duplicate_task(task_id)

    history.undo()
    history.undo()
    assert tasks.list_tasks(project) == []
    history.redo()
    history.redo()

    assert [task["id"] for task in tasks.list_tasks(project)] == [task_id, copy_id]
    assert tasks.get_task(task_id)["tags"] == ["ui"]


def test_a_removed_task_comes_back_with_what_is_on_it(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task")
    comment_id = comments.add_comment(task_id, "Text")

    history.remove_task(task_id)
    history.undo()

    assert comments.get_comment(comment_id)["comment"] == "Text"


def test_a_move_to_another_project_is_taken_back_whole(project: int, history: History) -> None:
    other, ready = projects.create_project("Other"), columns.list_columns(project)[1].id
    tasks.create_task(project, "Neighbour", column_id=ready)
    task_id = tasks.create_task(project, "Task", column_id=ready, position=1, owner_id=1)
    before = ranks.find_location(task_id)

    history.move_task_to_project(task_id, other)
    history.undo()
    assert ranks.find_location(task_id) == before
    history.redo()

    assert tasks.get_task(task_id)["project_id"] == other


def test_a_way_back_that_is_blocked_half_way_leaves_the_task_where_it_is(
    project: int, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = projects.create_project("Other")
    task_id = tasks.create_task(project, "Task")
    history.move_task_to_project(task_id, other)
    last = last_event_id()

    def refuse(*_: object, **__: object) -> bool:
        raise InvalidError("no")

    monkeypatch.setattr("kbtui.core.undo.task_undo.move_task", refuse)
    with pytest.raises(InvalidError, match="Cannot undo “moved #1 to another project”: no"):
        history.undo()

    assert tasks.get_task(task_id)["project_id"] == other
    assert last_event_id() == last


def test_a_step_that_somebody_made_impossible_is_dropped_and_says_why(project: int, history: History) -> None:
    first, second = tasks.create_task(project, "First"), tasks.create_task(project, "Second")
    history.update_task(first, title="Edited")
    history.move_task(second, position=1)
    history.update_task(second, title="Edited too")
    removals.remove_task(second)

    with pytest.raises(InvalidError, match=rf"Cannot undo “edited #{second}”: There is no task #{second}\."):
        history.undo()
    with pytest.raises(InvalidError, match=rf"Cannot undo “moved #{second}”: There is no task #{second}\."):
        history.undo()

    history.undo()
    assert tasks.get_task(first)["title"] == "First"


def test_a_move_is_not_taken_back_in_another_project(project: int, history: History) -> None:
    other, task_id = projects.create_project("Other"), tasks.create_task(project, "Task")
    tasks.create_task(project, "Second")
    history.move_task(task_id, position=2)
    History().move_task_to_project(task_id, other)
    last = last_event_id()

    with pytest.raises(InvalidError, match=rf"Cannot undo “moved #{task_id}”: .*in another project now\."):
        history.undo()

    assert last_event_id() == last


def test_a_locked_database_loses_no_step(board: Path, project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task")
    history.update_task(task_id, title="Other")
    history.remove_task(task_id)
    database.connect(board, busy_timeout=0.1)

    with locked(board), pytest.raises(DatabaseBusyError):
        history.undo()
    history.undo()
    assert tasks.get_task(task_id)["title"] == "Other"
    with locked(board), pytest.raises(DatabaseBusyError):
        history.redo()
    history.redo()
    history.undo()
    history.undo()

    assert tasks.get_task(task_id)["title"] == "Task"


def test_a_new_step_makes_undone_ones_unreachable(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task")
    history.update_task(task_id, title="Other")
    history.undo()
    history.update_task(task_id, score=1)

    with pytest.raises(InvalidError, match=r"There is nothing to redo\."):
        history.redo()


def test_a_step_that_fails_is_not_remembered(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task")
    with pytest.raises(InvalidError):
        history.update_task(task_id, title="")
    with pytest.raises(InvalidError):
        history.move_task(task_id, position=0)

    with pytest.raises(InvalidError, match="nothing to undo"):
        history.undo()


def test_the_last_two_hundred_steps_can_be_undone(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task")
    with database.transaction():
        for score in range(1, STEPS + 11):
            history.update_task(task_id, score=score)

        for _ in range(STEPS):
            history.undo()

    assert tasks.get_task(task_id)["score"] == 10
    with pytest.raises(InvalidError, match="nothing to undo"):
        history.undo()


def test_undoing_a_move_of_a_task_that_was_closed_is_refused(project: int, history: History) -> None:
    task_id, _ = tasks.create_task(project, "Task"), tasks.create_task(project, "Second")
    history.move_task(task_id, position=2)
    tasks.close_task(task_id)

    with pytest.raises(InvalidError, match="is closed; open it before moving it"):
        history.undo()

    tasks.open_task(task_id)
    assert moves.move_task(task_id, position=1)


def test_an_opening_taken_back_leaves_all_as_it_was_and_makes_nothing_anew(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task")
    done, _ = subtasks.add_subtask(task_id, "Done"), subtasks.add_subtask(task_id, "Later")
    tasks.close_task(task_id)
    subtasks.update_subtask(done, status=0)
    tasks.update_task(task_id, recurrence_status=1, recurrence_trigger=2)
    sql.execute("UPDATE tasks SET date_completed = 5 WHERE id = ?", (task_id,))
    last = last_event_id()

    history.open_task(task_id)
    history.undo()

    assert [each["status"] for each in subtasks.list_subtasks(task_id)] == [0, 2]
    assert tasks.get_task(task_id)["date_completed"] == 5
    assert len(tasks.list_tasks(project, is_active=None)) == 1
    assert names_after(last) == ["task.open", "task.close"]


def test_a_closed_task_comes_back_from_another_project_as_it_was(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task")
    done = subtasks.add_subtask(task_id, "Done")
    tasks.close_task(task_id)
    subtasks.update_subtask(done, status=1)
    tasks.update_task(task_id, recurrence_status=1, recurrence_trigger=2)
    other = projects.create_project("Other")

    history.move_task_to_project(task_id, other)
    history.undo()

    task = tasks.get_task(task_id)
    assert (task["project_id"], task["is_active"]) == (project, 0)
    assert [each["status"] for each in subtasks.list_subtasks(task_id)] == [1]
    assert len(tasks.list_tasks(project, is_active=None)) == 1


def test_a_link_whose_type_is_gone_cannot_come_back_but_its_task_can(project: int, history: History) -> None:
    kind = link_types.add_link_type("follows")
    one, two = tasks.create_task(project, "One"), tasks.create_task(project, "Two")
    link = links.add_task_link(one, two, kind)
    history.remove_task(two)
    link_types.remove_link_type(kind)
    history.undo()
    assert tasks.get_task(two)["title"] == "Two"
    assert links.list_task_links(one) == []

    kind = link_types.add_link_type("follows")
    link = links.add_task_link(one, two, kind)
    history.remove_task_link(link)
    link_types.remove_link_type(kind)
    with pytest.raises(InvalidError, match="no link type"):
        history.undo()


def test_undo_leaves_what_somebody_else_has_changed_since(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task", score=1)
    history.update_task(task_id, title="Mine", score=2)
    tasks.update_task(task_id, title="Theirs")

    history.undo()
    assert (tasks.get_task(task_id)["title"], tasks.get_task(task_id)["score"]) == ("Theirs", 1)
    history.redo()
    assert (tasks.get_task(task_id)["title"], tasks.get_task(task_id)["score"]) == ("Theirs", 2)

    tasks.update_task(task_id, score=5)
    with pytest.raises(InvalidError, match="somebody else has changed it since"):
        history.undo()
    assert tasks.get_task(task_id)["score"] == 5


def test_undo_of_parts_leaves_what_somebody_else_has_changed_since(project: int, history: History) -> None:
    task_id = tasks.create_task(project, "Task")
    comment, subtask = comments.add_comment(task_id, "Old"), subtasks.add_subtask(task_id, "Old")
    history.update_comment(comment, "Mine")
    comments.update_comment(comment, "Theirs")
    with pytest.raises(InvalidError, match="somebody else"):
        history.undo()
    history.update_subtask(subtask, title="Mine", status=0)
    subtasks.update_subtask(subtask, status=2, time_spent=3)
    history.undo()

    assert comments.get_comment(comment)["comment"] == "Theirs"
    now = subtasks.get_subtask(subtask)
    assert (now["title"], now["status"], now["time_spent"]) == ("Old", 2, 3)


def test_a_title_longer_than_the_screens_comes_back(project: int, history: History) -> None:
    long = "x" * 300
    task_id = tasks.create_task(project, long, title_limit=tasks.API_TITLE_LIMIT)
    history.update_task(task_id, title="Short")
    history.undo()

    assert tasks.get_task(task_id)["title"] == long

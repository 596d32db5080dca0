"""Undo and redo: changes like any other, which survive what others did meanwhile."""

import pytest

from kbtui.core.db import database, engine, models
from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.projects import columns, projects
from kbtui.core.tasks import comments, files, link_types, links, moves, ranks, removals, subtasks, tasks
from kbtui.core.undo.steps import STEPS
from kbtui.core.undo.undo_stack import UndoStack
from kbtui.errors import DatabaseBusyError, InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import last_event_id, names_after
from tests.core.other_processes import locked


@pytest.fixture
def stack() -> UndoStack:
    """Return a stack of nothing."""
    return UndoStack()


def test_an_edit_is_taken_back_and_done_again(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task", tags=["ui"], score=3)
    last = last_event_id()

    stack.update_task(task_id, title="Other", tags=["urgent"])
    step = stack.undo()
    undone = tasks.get_task(task_id)
    stack.redo()

    assert (step.what, step.task_id) == (f"edited #{task_id}", task_id)
    assert (undone.title, undone.tags, undone.score) == ("Task", ["ui"], 3)
    assert tasks.get_task(task_id).title == "Other"
    assert names_after(last) == ["task.update"] * 3


def test_a_move_is_taken_back_to_where_it_was(project: int, stack: UndoStack) -> None:
    ready = columns.list_columns(project)[1].id
    task_ids = [tasks.create_task(project, f"Task {number}") for number in range(3)]
    before, last = ranks.find_location(task_ids[1]), last_event_id()

    stack.move_task(task_ids[1], column_id=ready)
    moved = ranks.find_location(task_ids[1])
    stack.undo()
    assert ranks.find_location(task_ids[1]) == before
    stack.redo()

    assert ranks.find_location(task_ids[1]) == moved
    assert names_after(last) == ["task.move.column"] * 3


def test_what_changes_nothing_is_no_step(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")

    assert not stack.update_task(task_id, title="Task")
    assert not stack.move_task(task_id, position=1)
    assert not stack.open_task(task_id)
    assert not stack.move_task_to_project(task_id, project)

    with pytest.raises(InvalidError, match=r"There is nothing to undo\."):
        stack.undo()


def test_closing_is_taken_back_with_the_subtasks_as_they_were(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    subtasks.add_subtask(task_id, "Open")
    subtasks.add_subtask(task_id, "Begun", status=1)

    stack.close_task(task_id)
    stack.undo()
    assert [subtask.status for subtask in subtasks.list_subtasks(task_id)] == [0, 1]
    stack.redo()

    assert [subtask.status for subtask in subtasks.list_subtasks(task_id)] == [2, 2]
    assert tasks.get_task(task_id).is_active == 0


def test_a_new_task_and_a_copy_go_and_come_back_under_their_ids(project: int, stack: UndoStack) -> None:
    task_id = stack.create_task(project, "Task", tags=["ui"])
    copy_id = stack.duplicate_task(task_id)

    stack.undo()
    stack.undo()
    assert tasks.list_tasks(project) == []
    stack.redo()
    stack.redo()

    assert [task.id for task in tasks.list_tasks(project)] == [task_id, copy_id]
    assert tasks.get_task(task_id).tags == ["ui"]


def test_a_removed_task_comes_back_with_what_is_on_it(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    comment_id = comments.add_comment(task_id, "Text")

    stack.remove_task(task_id)
    stack.undo()

    assert comments.get_comment(comment_id).comment == "Text"


def test_a_move_to_another_project_is_taken_back_whole(project: int, stack: UndoStack) -> None:
    other, ready = projects.create_project("Other"), columns.list_columns(project)[1].id
    tasks.create_task(project, "Neighbour", column_id=ready)
    task_id = tasks.create_task(project, "Task", column_id=ready, position=1, owner_id=1)
    before = ranks.find_location(task_id)

    stack.move_task_to_project(task_id, other)
    stack.undo()
    assert ranks.find_location(task_id) == before
    stack.redo()

    assert tasks.get_task(task_id).project_id == other


def test_a_way_back_that_is_blocked_half_way_leaves_the_task_where_it_is(
    project: int, stack: UndoStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = projects.create_project("Other")
    task_id = tasks.create_task(project, "Task")
    stack.move_task_to_project(task_id, other)
    last = last_event_id()

    def refuse(*_: object, **__: object) -> bool:
        raise InvalidError("no")

    monkeypatch.setattr("kbtui.core.undo.task_undo.move_task", refuse)
    with pytest.raises(InvalidError, match="Cannot undo “moved #1 to another project”: no"):
        stack.undo()

    assert tasks.get_task(task_id).project_id == other
    assert last_event_id() == last


def test_a_step_that_somebody_made_impossible_is_dropped_and_says_why(project: int, stack: UndoStack) -> None:
    first, second = tasks.create_task(project, "First"), tasks.create_task(project, "Second")
    stack.update_task(first, title="Edited")
    stack.move_task(second, position=1)
    stack.update_task(second, title="Edited too")
    removals.remove_task(second)

    with pytest.raises(InvalidError, match=rf"Cannot undo “edited #{second}”: There is no task #{second}\."):
        stack.undo()
    with pytest.raises(InvalidError, match=rf"Cannot undo “moved #{second}”: There is no task #{second}\."):
        stack.undo()

    stack.undo()
    assert tasks.get_task(first).title == "First"


def test_a_move_is_not_taken_back_in_another_project(project: int, stack: UndoStack) -> None:
    other, task_id = projects.create_project("Other"), tasks.create_task(project, "Task")
    tasks.create_task(project, "Second")
    stack.move_task(task_id, position=2)
    UndoStack().move_task_to_project(task_id, other)
    last = last_event_id()

    with pytest.raises(InvalidError, match=rf"Cannot undo “moved #{task_id}”: .*in another project now\."):
        stack.undo()

    assert last_event_id() == last


def test_a_locked_database_loses_no_step(board_name: str, project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    stack.update_task(task_id, title="Other")
    stack.remove_task(task_id)
    database.connect_thread(busy_timeout=0.1)

    with locked(board_name), pytest.raises(DatabaseBusyError):
        stack.undo()
    stack.undo()
    assert tasks.get_task(task_id).title == "Other"
    with locked(board_name), pytest.raises(DatabaseBusyError):
        stack.redo()
    stack.redo()
    stack.undo()
    stack.undo()

    assert tasks.get_task(task_id).title == "Task"


def test_a_new_step_makes_undone_ones_unreachable(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    stack.update_task(task_id, title="Other")
    stack.undo()
    stack.update_task(task_id, score=1)

    with pytest.raises(InvalidError, match=r"There is nothing to redo\."):
        stack.redo()


def test_a_step_that_fails_is_not_remembered(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    with pytest.raises(InvalidError):
        stack.update_task(task_id, title="")
    with pytest.raises(InvalidError):
        stack.move_task(task_id, position=0)

    with pytest.raises(InvalidError, match="nothing to undo"):
        stack.undo()


def test_the_last_two_hundred_steps_can_be_undone(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    with database.transaction():
        for score in range(1, STEPS + 11):
            stack.update_task(task_id, score=score)

        for _ in range(STEPS):
            stack.undo()

    assert tasks.get_task(task_id).score == 10
    with pytest.raises(InvalidError, match="nothing to undo"):
        stack.undo()


def test_undoing_a_move_of_a_task_that_was_closed_is_refused(project: int, stack: UndoStack) -> None:
    task_id, _ = tasks.create_task(project, "Task"), tasks.create_task(project, "Second")
    stack.move_task(task_id, position=2)
    tasks.close_task(task_id)

    with pytest.raises(InvalidError, match="is closed; open it before moving it"):
        stack.undo()

    tasks.open_task(task_id)
    assert moves.move_task(task_id, position=1)


def test_an_opening_taken_back_leaves_all_as_it_was_and_makes_nothing_anew(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    done, _ = subtasks.add_subtask(task_id, "Done"), subtasks.add_subtask(task_id, "Later")
    tasks.close_task(task_id)
    subtasks.update_subtask(done, status=0)
    tasks.update_task(task_id, recurrence_status=1, recurrence_trigger=2)
    sql.execute("UPDATE tasks SET date_completed = 5 WHERE id = ?", (task_id,))
    last = last_event_id()

    stack.open_task(task_id)
    stack.undo()

    assert [each.status for each in subtasks.list_subtasks(task_id)] == [0, 2]
    assert tasks.get_task(task_id).date_completed == 5
    assert len(tasks.list_tasks(project, is_active=None)) == 1
    assert names_after(last) == ["task.open", "task.close"]


def test_a_closed_task_comes_back_from_another_project_as_it_was(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    done = subtasks.add_subtask(task_id, "Done")
    tasks.close_task(task_id)
    subtasks.update_subtask(done, status=1)
    tasks.update_task(task_id, recurrence_status=1, recurrence_trigger=2)
    other = projects.create_project("Other")

    stack.move_task_to_project(task_id, other)
    stack.undo()

    task = tasks.get_task(task_id)
    assert (task.project_id, task.is_active) == (project, 0)
    assert [each.status for each in subtasks.list_subtasks(task_id)] == [1]
    assert len(tasks.list_tasks(project, is_active=None)) == 1


def test_a_link_whose_types_are_gone_comes_back_with_them(project: int, stack: UndoStack) -> None:
    kind = link_types.add_link_type("follows", "precedes")
    one, two = tasks.create_task(project, "One"), tasks.create_task(project, "Two")
    link = links.add_task_link(one, two, kind)
    before = (links.list_task_links(one), links.list_task_links(two), types())

    stack.remove_task_link(link)
    link_types.remove_link_type(kind)
    link_types.remove_link_type(kind + 1)
    stack.undo()

    assert (links.list_task_links(one), links.list_task_links(two), types()) == before


def test_a_link_whose_opposite_type_is_gone_comes_back_in_both_directions(project: int, stack: UndoStack) -> None:
    kind = link_types.add_link_type("follows", "precedes")
    one, two = tasks.create_task(project, "One"), tasks.create_task(project, "Two")
    link = links.add_task_link(one, two, kind)
    before = (links.list_task_links(one), links.list_task_links(two), types())

    stack.remove_task_link(link)
    link_types.remove_link_type(kind + 1)
    stack.undo()
    assert (links.list_task_links(one), links.list_task_links(two), types()) == before

    stack.remove_task(two)
    link_types.remove_link_type(kind + 1)
    stack.undo()
    assert (links.list_task_links(one), links.list_task_links(two), types()) == before


def test_a_link_comes_back_as_the_type_that_has_its_label_now(project: int, stack: UndoStack) -> None:
    kind = link_types.add_link_type("follows")
    one, two = tasks.create_task(project, "One"), tasks.create_task(project, "Two")
    stack.remove_task_link(links.add_task_link(one, two, kind))
    link_types.remove_link_type(kind)
    other = link_types.add_link_type("Follows")

    stack.undo()

    assert [each.link_id for each in (*links.list_task_links(one), *links.list_task_links(two))] == [other, other]


def types() -> list[tuple[int, str, int]]:
    return [(each.id, each.label, each.opposite_id) for each in link_types.list_link_types()]


def kept() -> tuple[int, int]:
    """Return how many removed things and how many contents wait in the database."""
    return models.RemovedItem.select().count(), models.RemovedContent.select().count()


def test_what_was_removed_waits_in_the_database_until_it_is_back(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    stack.add_file(task_id, "a.bin", bytes(range(256)))
    stack.add_file(task_id, "b.bin", b"b")

    stack.remove_file(2)
    assert kept() == (1, 1)
    stack.remove_task(task_id)
    assert kept() == (2, 2)
    stack.undo()
    assert kept() == (1, 1)
    stack.undo()

    assert kept() == (0, 0)
    assert [files.read_content(file.id) for file in files.list_files(task_id)] == [bytes(range(256)), b"b"]


def test_what_no_step_can_reach_any_more_goes(project: int, stack: UndoStack) -> None:
    task_id, other = tasks.create_task(project, "Task"), tasks.create_task(project, "Other")
    stack.add_file(task_id, "a.bin", b"a")
    stack.undo()
    assert kept() == (1, 1)
    stack.update_task(other, score=1)
    assert kept() == (0, 0)

    stack.remove_task(task_id)
    with database.transaction():
        for score in range(2, STEPS + 1):
            stack.update_task(other, score=score)
        assert kept() == (1, 0)
        stack.update_task(other, score=0)
    assert kept() == (0, 0)

    stack.remove_task(other)
    stack.clear()
    assert kept() == (0, 0)


def test_what_cannot_come_back_goes(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    stack.remove_task(task_id)
    projects.remove_project(project)

    with pytest.raises(InvalidError, match="There is no project"):
        stack.undo()

    assert kept() == (0, 0)


def test_what_was_removed_a_day_ago_goes_and_cannot_come_back(project: int, stack: UndoStack) -> None:
    for title in ("Old", "New"):
        stack.remove_task(tasks.create_task(project, title))
    sql.execute("UPDATE removed_items SET date_creation = 1000 WHERE row_id = 1")

    assert removals.drop_removed(1000 + removals.KEPT_SECONDS) == 0
    assert removals.drop_removed(1001 + removals.KEPT_SECONDS) == 1
    stack.undo()
    with pytest.raises(InvalidError, match="Cannot undo “removed #1”: Task #1 was removed more than a day ago"):
        stack.undo()


def test_what_a_killed_program_left_goes_when_another_removes_something(project: int, stack: UndoStack) -> None:
    for title in ("Left", "Task"):
        tasks.create_task(project, title)
    UndoStack().remove_task(1)
    sql.execute("UPDATE removed_items SET date_creation = date_creation - ?", (removals.KEPT_SECONDS + 1,))

    stack.remove_task(2)

    assert sql.fetch_all("SELECT row_id FROM removed_items") == [(2,)]


def test_what_is_removed_for_good_is_not_kept(project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    files.remove_file(files.add_file(task_id, "a.bin", b"a"), keep=False)
    removed = removals.remove_task(task_id, keep=False)

    assert kept() == (0, 0)
    with pytest.raises(NotFoundError, match="cannot be brought back"):
        removals.restore_task(removed)


def test_a_change_reads_and_writes_in_one_transaction(
    project: int, stack: UndoStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = tasks.create_task(project, "Task")
    read, is_inside = tasks.get_task, []

    def watched(task_id: int) -> TaskSnapshot:
        is_inside.append(engine.database.in_transaction())
        return read(task_id)

    monkeypatch.setattr("kbtui.core.undo.task_undo.get_task", watched)
    stack.update_task(task_id, title="Other")
    stack.undo()
    stack.redo()

    assert is_inside
    assert all(is_inside)


def test_undo_leaves_what_somebody_else_has_changed_since(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task", score=1)
    stack.update_task(task_id, title="Mine", score=2)
    tasks.update_task(task_id, title="Theirs")

    stack.undo()
    assert (tasks.get_task(task_id).title, tasks.get_task(task_id).score) == ("Theirs", 1)
    stack.redo()
    assert (tasks.get_task(task_id).title, tasks.get_task(task_id).score) == ("Theirs", 2)

    tasks.update_task(task_id, score=5)
    with pytest.raises(InvalidError, match="somebody else has changed it since"):
        stack.undo()
    assert tasks.get_task(task_id).score == 5


def test_undo_of_parts_leaves_what_somebody_else_has_changed_since(project: int, stack: UndoStack) -> None:
    task_id = tasks.create_task(project, "Task")
    comment, subtask = comments.add_comment(task_id, "Old"), subtasks.add_subtask(task_id, "Old")
    stack.update_comment(comment, "Mine")
    comments.update_comment(comment, "Theirs")
    with pytest.raises(InvalidError, match="somebody else"):
        stack.undo()
    stack.update_subtask(subtask, title="Mine", status=0)
    subtasks.update_subtask(subtask, status=2, time_spent=3)
    stack.undo()

    assert comments.get_comment(comment).comment == "Theirs"
    now = subtasks.get_subtask(subtask)
    assert (now.title, now.status, now.time_spent) == ("Old", 2, 3)


def test_a_title_longer_than_the_screens_comes_back(project: int, stack: UndoStack) -> None:
    long = "x" * 300
    task_id = tasks.create_task(project, long, title_limit=tasks.API_TITLE_LIMIT)
    stack.update_task(task_id, title="Short")
    stack.undo()

    assert tasks.get_task(task_id).title == long

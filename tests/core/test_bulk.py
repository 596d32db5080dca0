"""Many changes in one transaction: each costs what the first did, and tells what it would tell alone."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbtui.core.db import database
from kbtui.core.db.engine import database as engine
from kbtui.core.projects import columns, projects
from kbtui.core.tasks import moves, removals, tasks, transfers
from kbtui.core.tasks.ranks import FARTHEST
from tests import sql
from tests.core.conftest import facts_after
from tests.core.new_boards import NewBoards

Change = tuple[str, int, int, int | None]
"""What is done, to which of the tasks made so far, in which column, and at which position."""

CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["create"] * 5 + ["close", "open", "move", "edit", "remove", "copy", "transfer", "crowd"]),
        st.integers(0, 9),
        st.integers(1, 2),
        st.sampled_from([None, None, 1, 2, 50]),
    ),
    max_size=25,
)


def make_projects() -> None:
    projects.create_project("Website")
    projects.create_project("Other")


def change(made: list[int], what: str, which: int, column: int, position: int | None) -> None:
    """Make one change, if there is a task to make it to."""
    task_id = made[which % len(made)] if made else 0
    if what == "create" or not made:
        made.append(tasks.create_task(1, "Task", column_id=column, position=position, tags=["ui"]))
    elif what == "close":
        tasks.close_task(task_id)
    elif what == "open":
        tasks.open_task(task_id)
    elif what == "move" and tasks.get_task(task_id).is_active and tasks.get_task(task_id).project_id == 1:
        moves.move_task(task_id, column_id=column, position=position)
    elif what == "edit":
        tasks.update_task(task_id, title=f"Task {which}")
    elif what == "remove":
        removals.remove_task(task_id)
        made.remove(task_id)
    elif what == "copy":
        made.append(transfers.duplicate_task(task_id))
    elif what == "transfer":
        transfers.move_task_to_project(task_id, 3 - tasks.get_task(task_id).project_id)
    elif what == "crowd":
        sql.execute("UPDATE tasks SET rank = ? WHERE id = ?", (FARTHEST - 1, task_id))


def told(boards: NewBoards, changes: list[Change], around: Callable[[], AbstractContextManager[object]]) -> list[Any]:
    """Return what the events say after changes on a new board, but when."""
    boards.connect(fill=make_projects)
    made: list[int] = []
    with around():
        for each in changes:
            change(made, *each)
    return [(name, timeless(facts)) for name, facts in facts_after(0)]


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: timeless(each) for name, each in value.items() if not name.startswith("date_")}
    return value


@given(changes=CHANGES)
@settings(max_examples=40, deadline=None)
def test_changes_in_one_transaction_tell_what_they_would_tell_alone(boards: NewBoards, changes: list[Change]) -> None:
    alone = told(boards, changes, nullcontext)

    assert told(boards, changes, database.transaction) == alone


def statements(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> list[str]:
    """Return the statements that some work sends to the database."""
    sent: list[str] = []
    board: Any = engine.obj  # type: ignore[attr-defined]
    execute_sql = board.execute_sql

    def send(text: str, params: Any = None) -> Any:
        sent.append(text)
        return execute_sql(text, params)

    with monkeypatch.context() as listening:
        listening.setattr(board, "execute_sql", send)
        work()
    return sent


def test_a_cell_is_counted_once_for_all_tasks_that_one_transaction_makes_there(
    project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.create_task(project, "Before")
    ready = columns.list_columns(project)[1].id

    @database.transactional
    def make() -> None:
        for _ in range(10):
            tasks.create_task(project, "Task", tags=["ui"])
            tasks.create_task(project, "Task", column_id=ready)

    sent = statements(monkeypatch, make)

    assert len([text for text in sent if text.startswith("SELECT count(1)")]) == 2
    assert len([text for text in sent if text.startswith('SELECT count("t1"."id")')]) == 1, "for the tag's position"


def test_where_a_task_stands_that_was_just_made_is_not_counted_when_it_is_closed(
    project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.create_task(project, "Before")

    @database.transactional
    def make() -> None:
        for number in range(6):
            task_id = tasks.create_task(project, "Task")
            if number % 2:
                tasks.close_task(task_id)

    sent = statements(monkeypatch, make)

    assert len([text for text in sent if text.startswith("SELECT count(1)")]) == 1
    assert [text for text in sent if '"tasks" AS "o"' in text] == []
    positions = [facts["task"]["position"] for name, facts in facts_after(0) if name.startswith("task.")]
    assert positions == [1, 2, 3, 3, 3, 4, 4, 4, 5, 5]


def test_nothing_is_known_of_a_cell_in_another_database(boards: NewBoards) -> None:
    for _ in range(2):
        boards.connect(fill=make_projects)
        with database.transaction():
            for position in (1, 2, 3):
                task_id = tasks.create_task(1, "Task")
                assert tasks.get_task(task_id).position == position
                assert facts_after(0)[-1][1]["task"]["position"] == position


def test_what_another_transaction_has_put_into_a_cell_is_counted(project: int) -> None:
    with database.transaction():
        tasks.create_task(project, "First")
    with database.transaction():
        sql.execute("DELETE FROM tasks")
    with database.transaction():
        task_id = tasks.create_task(project, "Second")

    assert tasks.get_task(task_id).position == 1
    assert facts_after(0)[-1][1]["task"]["position"] == 1


def test_what_moves_away_between_two_new_tasks_is_not_counted_any_more(board_name: str) -> None:
    make_projects()
    ready = columns.list_columns(1)[1].id

    with database.transaction():
        first, second, third = (tasks.create_task(1, title) for title in ("One", "Two", "Three"))
        moves.move_task(first, column_id=ready)
        tasks.close_task(second)
        last = tasks.create_task(1, "Last")

    told = {facts["task"]["id"]: facts["task"]["position"] for name, facts in facts_after(0) if name == "task.create"}
    assert told == {first: 1, second: 2, third: 3, last: 2}

"""Transactions: a change and its event are committed together, or neither is; who is told, and when."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from kbtui.core.db import database
from kbtui.core.db.models import MODELS, Task
from kbtui.core.events import log
from kbtui.core.projects import columns
from kbtui.core.tasks import moves, tasks
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.compared_board import dump
from tests.core.conftest import last_event_id
from tests.core.new_boards import CONNECT
from tests.core.other_processes import python

Answer = TypeVar("Answer")

TRY_TO_WRITE = f"""
import sys
from kbtui.errors import DatabaseBusyError
{CONNECT}
connect(sys.argv[1])
database.connect_thread(busy_timeout=0.1)
try:
    with database.transaction():
        print("free")
except DatabaseBusyError:
    print("busy")
database.close()
"""


def stored() -> list[Any]:
    """Return all that is stored."""
    return [dump(*(model._meta.table_name for model in MODELS)), sql.counters()]


def seen_elsewhere(read: Callable[[], Answer]) -> Answer:
    """Return what another thread reads, through a connection of its own."""

    def look() -> Answer:
        database.connect_thread()
        try:
            return read()
        finally:
            database.close()

    with ThreadPoolExecutor(1) as others:
        return others.submit(look).result()


def test_a_change_and_its_event_are_taken_back_together(project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    before = stored()

    @database.transactional
    def change_and_fail() -> None:
        tasks.update_task(task_id, title="Other")
        tasks.create_task(project, "Second")
        raise NotFoundError("no such thing")

    with pytest.raises(NotFoundError):
        change_and_fail()

    assert stored() == before


def test_transactional_functions_inside_another_are_committed_with_it(project: int) -> None:
    with database.transaction():
        tasks.create_task(project, "First")
        tasks.create_task(project, "Second")
        assert seen_elsewhere(Task.select().count) == 0

    assert seen_elsewhere(Task.select().count) == 2


def test_a_transaction_takes_the_lock_before_it_reads(board_name: str, project: int) -> None:
    with database.transaction():
        during, _ = python(TRY_TO_WRITE, board_name).communicate()
    after, _ = python(TRY_TO_WRITE, board_name).communicate()

    assert (during, after) == ("busy\n", "free\n")


def test_an_event_outside_of_a_transaction_is_a_bug(project: int) -> None:
    last = last_event_id()

    with pytest.raises(RuntimeError, match=r"task\.create must be recorded in the transaction of its change"):
        log.record("task.create", {}, project_id=project)

    assert last_event_id() == last


def test_listeners_are_called_once_after_a_commit(project: int) -> None:
    column = columns.list_columns(project)[1].id
    task_id = tasks.create_task(project, "Task")
    calls: list[int] = []
    stop = log.on_commit(lambda recorded: calls.append(last_event_id()))

    with database.transaction():
        tasks.create_task(project, "Second")
        moves.move_task(task_id, column_id=column)
        tasks.close_task(task_id)
        assert calls == []

    assert calls == [last_event_id()]
    stop()
    tasks.open_task(task_id)
    assert len(calls) == 1


def test_a_listener_that_fails_turns_no_success_into_a_failure(project: int, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    def fail(recorded: object) -> None:
        raise InvalidError("It cannot be told; nothing was changed.")

    stops = [log.on_commit(fail), log.on_commit(lambda recorded: calls.append(last_event_id()))]

    task_id = tasks.create_task(project, "Task")

    for stop in stops:
        stop()

    assert sql.fetch_one("SELECT title FROM tasks WHERE id = ?", (task_id,)) == ("Task",)
    assert calls == [last_event_id()]
    assert "It cannot be told" in caplog.text


def test_listeners_are_not_called_after_a_rollback_nor_where_nothing_changed(project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    calls: list[bool] = []
    stop = log.on_commit(lambda recorded: calls.append(True))

    @database.transactional
    def change_and_fail() -> None:
        tasks.update_task(task_id, title="Other")
        tasks.create_task(project, "")

    with pytest.raises(InvalidError):
        change_and_fail()
    tasks.update_task(task_id, title="Task")
    tasks.open_task(task_id)

    assert calls == []
    tasks.close_task(task_id)
    assert calls == [True]
    stop()

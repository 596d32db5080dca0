"""One connection that writes, lent in the order it was asked for, and readers beside it."""

import threading
import time

import pytest

from kbtui.core.db import database
from kbtui.core.db.engine import database as engine
from kbtui.core.db.engine.base import Turns
from kbtui.core.db.models import Setting
from kbtui.core.projects import projects, settings
from kbtui.errors import DatabaseBusyError, DatabaseReadOnlyError
from tests.core.other_processes import locked


def test_turns_come_in_the_order_they_were_asked_for() -> None:
    turns = Turns()
    assert turns.take(1)
    came: list[int] = []

    def wait(number: int) -> None:
        assert turns.take(30)
        came.append(number)
        turns.give()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        while len(turns._waiting) <= number:
            time.sleep(0.001)
    turns.give()
    for thread in threads:
        thread.join()

    assert came == [0, 1, 2, 3, 4]


def test_a_turn_that_does_not_come_in_time_is_given_up() -> None:
    turns = Turns()
    assert turns.take(1)

    assert not turns.take(0.01)
    turns.give()

    assert turns.take(0.01), "whoever gave up is not waited for"


def test_reading_goes_on_while_another_process_holds_the_lock_and_writing_fails_in_time(
    board_name: str, project: int
) -> None:
    database.connect_thread(busy_timeout=0.2)
    with locked(board_name):
        assert projects.get_project(project).name == "Website"
        started = time.monotonic()
        with pytest.raises(DatabaseBusyError, match="is locked by another program; nothing was changed"):
            settings.put("a", "1")
        assert 0.15 < time.monotonic() - started < 5

    settings.put("a", "1")


@pytest.mark.usefixtures("board")
def test_a_thread_reads_at_once_what_it_wrote() -> None:
    for number in range(20):
        settings.put("a", str(number))

        assert settings.get("a") == str(number)


@pytest.mark.usefixtures("board")
def test_what_is_changed_outside_of_a_transaction_is_refused() -> None:
    with pytest.raises(DatabaseReadOnlyError):
        Setting.insert(key="a", value="1").execute()

    assert settings.get("a") == ""


@pytest.mark.usefixtures("board")
def test_threads_write_one_after_the_other_and_none_is_lost() -> None:
    def write(name: str) -> None:
        database.connect_thread()
        for number in range(10):
            settings.put(f"{name}{number}", name)
        database.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert engine.execute_sql("SELECT count(*) FROM settings").fetchone()[0] == 40

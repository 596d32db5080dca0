"""Faults while a person is at work: the real program on a real terminal, and something gets in its way.

Each key press is answered at once, in words; nothing typed is lost; and when the fault is over, all goes on.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest

from kbtui.core.db import database
from kbtui.core.tasks import tasks
from kbtui.webhooks import endpoints
from kbtui.webhooks.listener import Behaviour
from tests.boards import make_board
from tests.cli.conftest import Receiver
from tests.core.other_processes import python
from tests.disks import filled, mounted
from tests.patience import PATIENCE
from tests.terminal import Terminal
from tests.tui.test_board_pty import cursor_task, open_terminal, place_of
from tests.tui.test_faults import locked

HELD = Behaviour(hang=True)
"""A receiver that answers when the test gives it another behaviour: not before the test got in the way."""

LOCKED = "is locked by another program; nothing was changed. Try again."
FULL = "No room is left for"

DELIVER = """
import sys
from kbtui.cli import main
sys.exit(main(["--database", sys.argv[1], "deliver", "--json"]))
"""


def fetch(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Read from the database, beside the program."""
    with closing(connect(path)) as connection:
        return connection.execute(sql).fetchall()


def make_announced_board(path: Path, *urls: str, count: int = 12) -> None:
    """Make a board whose changes from here on go to these receivers."""
    make_board(path, count)
    database.connect(path)
    try:
        for url in urls:
            endpoints.add_endpoint(url)
    finally:
        database.close()


@contextmanager
def at_work(folder: Path, behaviour: Behaviour | None = None) -> Iterator[tuple[Terminal, Path, Receiver]]:
    """Open a board on a terminal, with a receiver that its changes are sent to."""
    path = folder / "kbtui.db"
    with Receiver(behaviour) as receiver:
        make_announced_board(path, receiver.url)
        with open_terminal(path) as terminal:
            yield terminal, path, receiver


def states(path: Path) -> list[str]:
    """Return the state of each delivery, oldest first."""
    return [str(state) for (state,) in fetch(path, "SELECT state FROM deliveries ORDER BY id")]


def change_tasks(path: Path, task_ids: Iterable[int]) -> None:
    """Change tasks in another process than the program's, this one."""
    database.connect(path)
    try:
        for task_id in task_ids:
            tasks.update_task(task_id, title=f"Changed #{task_id}")
    finally:
        database.close()


def press_and_see(terminal: Terminal, key: str, path: Path, task_id: int) -> None:
    """Move the task under the cursor and wait until it is somewhere else."""
    before = place_of(path, task_id)
    terminal.press(key)
    terminal.wait_for(lambda: place_of(path, task_id) != before)


def marked(terminal: Terminal) -> int:
    """Return the id of the task under the cursor, which there must be."""
    task_id = cursor_task(terminal)
    assert task_id is not None
    return task_id


def write_a_task(terminal: Terminal, title: str) -> None:
    """Open the form of a new task, type a title and save it."""
    terminal.press("n")
    terminal.wait_for_text("What is to be done?")
    terminal.press(title)
    terminal.wait_for_text(title)
    terminal.press("\x13")  # ctrl+s


# A database that another process has locked


@contextmanager
def locked_for(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock, of which the program knows nothing, for at least that long."""
    end = time.monotonic() + seconds
    with locked(path):
        yield
        time.sleep(max(end - time.monotonic(), 0.0))


@pytest.mark.parametrize("seconds", [0.3, pytest.param(10, marks=pytest.mark.slow)])
def test_a_key_press_on_a_locked_board_says_so_and_works_when_the_lock_is_gone(tmp_path: Path, seconds: float) -> None:
    with at_work(tmp_path) as (terminal, path, receiver):
        task_id = marked(terminal)
        place = place_of(path, task_id)
        with locked_for(path, seconds):
            terminal.press("L")
            terminal.wait_for(lambda: LOCKED in terminal.text or place_of(path, task_id) != place)
            if place_of(path, task_id) == place:
                terminal.press("j")  # the rest of the board is as alive as ever
                terminal.wait_for(lambda: cursor_task(terminal) != task_id)
                terminal.press("k")
                terminal.wait_for(lambda: cursor_task(terminal) == task_id)

        moved = place_of(path, task_id) != place
        if not moved:
            press_and_see(terminal, "L", path, task_id)
        terminal.wait_for(lambda: states(path) == ["done"])

        assert receiver.names == ["task.move.column"]


def test_nothing_typed_is_lost_while_the_board_is_locked(tmp_path: Path) -> None:
    with at_work(tmp_path) as (terminal, path, receiver):
        with locked(path):
            write_a_task(terminal, "Precious words")
            terminal.wait_for_text("Nothing you typed is lost")
            assert "Precious words" in terminal.text
            assert fetch(path, "SELECT count(*) FROM tasks WHERE title = 'Precious words'") == [(0,)]

        terminal.press("\x13")
        terminal.wait_for(lambda: fetch(path, "SELECT count(*) FROM tasks WHERE title = 'Precious words'") == [(1,)])
        terminal.wait_for(lambda: states(path) == ["done"])

        assert receiver.names == ["task.create"]


@pytest.mark.parametrize("seconds", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_results_of_requests_wait_for_the_lock_and_the_screen_says_what_keeps_them(
    tmp_path: Path, seconds: float
) -> None:
    with at_work(tmp_path, HELD) as (terminal, path, receiver):
        task_id = marked(terminal)
        press_and_see(terminal, "L", path, task_id)
        terminal.wait_for(lambda: receiver.listener.count == 1)
        with locked_for(path, seconds):
            receiver.listener.behaviour = Behaviour()
            terminal.wait_for(lambda: "✗" in terminal.lines[-2] and LOCKED in terminal.lines[-2])
            terminal.press("j")
            terminal.wait_for(lambda: cursor_task(terminal) != task_id)
            assert states(path) == ["sending"]

        terminal.wait_for(lambda: states(path) == ["done"])
        terminal.wait_for(lambda: "locked" not in terminal.lines[-2])

        assert receiver.listener.count == 1


def test_a_board_that_stays_locked_can_be_opened_and_left(tmp_path: Path) -> None:
    path = tmp_path / "kbtui.db"
    with Receiver() as receiver:
        make_announced_board(path, receiver.url)
        with locked(path), open_terminal(path) as terminal:
            terminal.press("L")
            terminal.wait_for_text(LOCKED)
            terminal.press("q")

            assert terminal.wait(deadline=6) == 0
            assert b"Traceback" not in terminal.raw


def test_a_board_is_left_while_its_requests_have_answers_that_cannot_be_written(tmp_path: Path) -> None:
    with at_work(tmp_path, HELD) as (terminal, path, receiver):
        press_and_see(terminal, "L", path, marked(terminal))
        terminal.wait_for(lambda: receiver.listener.count == 1)
        with locked(path):
            receiver.listener.behaviour = Behaviour()
            terminal.wait_for_text(LOCKED)
            terminal.press("q")

            assert terminal.wait(deadline=6) == 0
        assert states(path) == ["sending"]  # its lease ends, and then it is sent again


# A disk without room


def test_a_full_disk_takes_back_a_change_with_its_event_and_the_person_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "-t", "tmpfs", "-o", "size=2m", "tmpfs"), at_work(folder) as (terminal, path, receiver):
        task_id = marked(terminal)
        place, events = place_of(path, task_id), fetch(path, "SELECT max(id) FROM events")
        with filled(folder):
            terminal.press("L")
            terminal.wait_for_text(FULL)
            write_a_task(terminal, "Precious words")
            terminal.wait_for_text("Nothing you typed is lost")
            assert (place_of(path, task_id), fetch(path, "SELECT max(id) FROM events")) == (place, events)

        terminal.press("\x13")
        terminal.wait_for(lambda: fetch(path, "SELECT count(*) FROM tasks WHERE title = 'Precious words'") == [(1,)])
        terminal.wait_for(lambda: states(path) == ["done"])

        assert receiver.names == ["task.create"]
        assert fetch(path, "PRAGMA integrity_check") == [("ok",)]


def test_results_that_find_no_room_are_written_when_there_is_some(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "-t", "tmpfs", "-o", "size=2m", "tmpfs"), at_work(folder, HELD) as (terminal, path, receiver):
        task_id = marked(terminal)
        press_and_see(terminal, "L", path, task_id)
        terminal.wait_for(lambda: receiver.listener.count == 1)
        with filled(folder):
            receiver.listener.behaviour = Behaviour(body=b"x" * 2048)
            terminal.wait_for_text(FULL)
            terminal.press("j")
            terminal.wait_for(lambda: cursor_task(terminal) != task_id)
            assert states(path) == ["sending"]

        terminal.wait_for(lambda: states(path) == ["done"])
        terminal.wait_for(lambda: FULL not in terminal.text)

        assert receiver.listener.count == 1


# Requests under way


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
def test_leaving_does_not_wait_for_receivers_that_never_answer(tmp_path: Path, key: str) -> None:
    path = tmp_path / "kbtui.db"
    with Receiver(Behaviour(hang=True)) as receiver:
        make_announced_board(path, receiver.url, receiver.url)
        with open_terminal(path) as terminal:
            change_tasks(path, range(1, 9))
            terminal.wait_for(lambda: receiver.listener.count >= 6)
            terminal.press(key)

            assert terminal.wait(deadline=6) == 0
            assert b"Traceback" not in terminal.raw

    assert set(states(path)) == {"ready"}
    assert fetch(path, "SELECT max(attempt) FROM deliveries") == [(0,)]
    assert fetch(path, "SELECT DISTINCT error FROM attempts") == [("interrupted",)]
    assert fetch(path, "SELECT max(failures) FROM endpoints") == [(0,)]


def test_leaving_does_not_wait_for_a_test_event(tmp_path: Path) -> None:
    with at_work(tmp_path, Behaviour(hang=True)) as (terminal, _, receiver):
        terminal.press("w")
        terminal.wait_for_text("Deliveries")
        terminal.press("t")
        terminal.wait_for(lambda: receiver.listener.count == 1)
        terminal.press("ctrl+q")

        assert terminal.wait(deadline=6) == 0
        assert b"Traceback" not in terminal.raw


# Several programs on one file


def test_two_screens_and_a_sender_on_one_file_send_everything_once_and_in_order(tmp_path: Path) -> None:
    with at_work(tmp_path) as (first, path, receiver), open_terminal(path) as second:
        sender = python(DELIVER, path)
        try:
            rows = set(open_rows(path))
            ours = marked(first)
            second.press("down")
            second.wait_for(lambda: cursor_task(second) != ours)
            theirs = marked(second)
            for key in ("L", "L", "L", "H", "H", "L"):
                press_and_see(first, key, path, ours)
                press_and_see(second, key, path, theirs)
            first.wait_for(lambda: set(states(path)) == {"done"})
            seen_by(second, ours, path)
            seen_by(first, theirs, path)
        finally:
            sender.send_signal(signal.SIGTERM)
            _, said = sender.communicate(timeout=PATIENCE)

    assert (sender.returncode, said) == (0, "")
    assert set(open_rows(path)) == rows
    order = dict(fetch(path, "SELECT webhook_id, id FROM deliveries"))
    arrived = [(each.payload["event_data"]["task_id"], each.webhook_id) for each in receiver.received]
    assert len(arrived) == len(order) == 12
    for task_id in (ours, theirs):
        ids = [order[webhook_id] for told, webhook_id in arrived if told == str(task_id)]
        assert ids == sorted(ids)
        assert len(ids) == 6


def open_rows(path: Path) -> list[tuple[int, ...]]:
    return fetch(path, "SELECT id FROM tasks WHERE is_active = 1")


def seen_by(terminal: Terminal, task_id: int, path: Path) -> None:
    """Wait until a screen shows a task in the column it is in."""
    column_id, _ = place_of(path, task_id)
    width = terminal.screen.columns // 5

    def shows() -> bool:
        found = terminal.find(f"#{task_id} ")
        return found is not None and found[0] // width + 1 == column_id

    terminal.wait_for(shows)


# Files that cannot be used


def spoil_newer(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")


def spoil_damaged(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"x" * 200)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [(spoil_newer, "was written by a newer kbtui"), (spoil_damaged, "is damaged or is no kbtui database")],
)
def test_a_file_that_cannot_be_used_is_one_line_and_not_touched(
    tmp_path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    path = tmp_path / "kbtui.db"
    make_board(path, 3)
    spoil(path)
    before = path.read_bytes()
    with Terminal([sys.executable, "-m", "kbtui", "--database", path]) as terminal:
        assert terminal.wait() == 1

    assert sentence in re.sub(r"\s+", " ", terminal.text)
    assert b"Traceback" not in terminal.raw
    assert path.read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder read-only that it owns")
def test_a_read_only_file_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    make_board(folder / "kbtui.db", 3)
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        with Terminal([sys.executable, "-m", "kbtui", "--database", folder / "kbtui.db"]) as terminal:
            assert terminal.wait() == 1

    assert "kbtui.db cannot be" in re.sub(r"\s+", " ", terminal.text)
    assert b"Traceback" not in terminal.raw

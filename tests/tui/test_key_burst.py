"""Keys that arrive all at once, as over a slow line: none is lost, and none means something else."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kbtui.core.db import database
from kbtui.core.projects import projects
from kbtui.core.tasks import tasks
from tests.boards import make_board
from tests.busy import busy_loops
from tests.terminal import Terminal
from tests.tui.test_board_pty import cursor_task, fetch, open_terminal

PASTE = b"\x1b[200~%s\x1b[201~"
ESC, ENTER, CTRL_S = b"\x1b", b"\r", b"\x13"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Make a board of a few tasks: five in the first column, with the cursor on the first of them."""
    path = tmp_path / "board.db"
    database.connect(path)
    try:
        project_id = projects.create_project("Website")
        for number in range(5):
            tasks.create_task(project_id, f"Old {number}")
    finally:
        database.close()
    return path


def test_what_is_typed_in_one_go_with_the_key_of_a_form_lands_in_the_form(tmp_path: Path) -> None:
    path = tmp_path / "board.db"
    make_board(path, 6)
    before = fetch(path, "SELECT id, column_id FROM tasks ORDER BY id")

    with open_terminal(path) as terminal:
        terminal.send(b"nHello LJx title")
        terminal.wait_for_text("Hello LJx title")
        terminal.send(b"\r")
        terminal.wait_for(lambda: fetch(path, "SELECT id FROM tasks WHERE title = 'Hello LJx title'"))

    assert fetch(path, "SELECT id, column_id FROM tasks ORDER BY id")[: len(before)] == before


@pytest.mark.parametrize(("loops", "times"), [(0, 1), pytest.param(8, 5, marks=pytest.mark.slow)])
def test_a_project_whose_name_is_typed_in_one_go_is_shown(tmp_path: Path, loops: int, times: int) -> None:
    path = tmp_path / "board.db"
    make_board(path, 6)
    database.connect(path)
    projects.create_project("Garden round")
    projects.create_project("Other")
    database.close()

    with open_terminal(path) as terminal, busy_loops(loops):
        for _ in range(times):
            terminal.press("p")
            terminal.wait_for_text("Filter")
            terminal.send(b"Garden round\r")
            terminal.wait_for(lambda: "Garden round  0 tasks" in terminal.lines[-2] and "Filter" not in terminal.text)
            terminal.send(b"pWebsite\r")
            terminal.wait_for(lambda: "Website  6 tasks" in terminal.lines[-2] and "Rename" not in terminal.text)

    assert len(fetch(path, "SELECT id FROM projects")) == 3


# Each burst below is sent in one write, and the next one when it has been done. The cursor is on an old task; what a
# burst is to have done is looked up in the database, and that it has done nothing else at the end.


def write_and_move(terminal: Terminal, path: Path, number: int) -> None:
    """Write a task, which the cursor goes to; move it out of the first column, which there is none before, and up."""
    title = f"Row {number}"
    terminal.send(b"n%b\rHK" % title.encode())
    terminal.wait_for(lambda: order(path)[-2] == title)


def write_three(terminal: Terminal, path: Path, number: int) -> None:
    """Write three tasks, with a step down after each."""
    titles = [f"Row {number}{letter}" for letter in "abc"]
    terminal.send(b"".join(b"n%b\rj" % title.encode() for title in titles))
    terminal.wait_for(lambda: order(path)[-3:] == titles)


def write_pasted(terminal: Terminal, path: Path, number: int) -> None:
    """Write a task with a title that is pasted in parts, and move it up."""
    title = f"Row {number} jkx HL q"
    terminal.send(b"nRow " + PASTE % b"%d jkx" % number + b" HL " + PASTE % b"q" + b"\rK")
    terminal.wait_for(lambda: order(path)[-2] == title)


def comment(terminal: Terminal, path: Path, number: int) -> None:
    """Open the task under the cursor, write a comment, and go back."""
    text = f"Said {number}, jkx"
    terminal.send(ENTER + b"c%b" % text.encode() + CTRL_S + ESC)
    terminal.wait_for(lambda: fetch(path, f"SELECT id FROM comments WHERE comment = '{text}'"))


def leave_and_close(terminal: Terminal, path: Path, number: int) -> None:
    """Begin to edit a task and leave it; go a step down, close the task there, and open it again."""
    task_id = cursor_task(terminal)
    titles = order(path)
    terminal.send(b"exx" + ESC + b"jx")
    terminal.wait_for(lambda: len(order(path)) == len(titles) - 1)
    terminal.send(b"uk")
    terminal.wait_for(lambda: order(path) == titles and cursor_task(terminal) == task_id)


def order(path: Path) -> list[str]:
    """Return the titles of the open tasks in the first column, in their order."""
    rows = fetch(path, 'SELECT title FROM tasks WHERE is_active = 1 AND column_id = 1 ORDER BY "rank", id')
    return [str(title) for (title,) in rows]


Burst = Callable[[Terminal, Path, int], None]
BURSTS: list[Burst] = [write_and_move, write_three, write_pasted, comment, leave_and_close]
MADE: dict[Burst, int] = {write_and_move: 1, write_three: 3, write_pasted: 1}
"""How many tasks a burst makes."""


SLOW_BURSTS = int(os.environ.get("KBTUI_TEST_BURSTS", "30"))
"""How many bursts of each kind the long runs send; the more, the longer they take."""


@pytest.mark.parametrize("burst", BURSTS)
@pytest.mark.parametrize(
    ("loops", "times"),
    [(0, 2), pytest.param(0, SLOW_BURSTS, marks=pytest.mark.slow), pytest.param(8, 3, marks=pytest.mark.slow)],
)
def test_every_key_of_a_burst_means_what_it_would_alone(path: Path, burst: Burst, loops: int, times: int) -> None:
    with open_terminal(path) as terminal, busy_loops(loops):
        for number in range(times):
            burst(terminal, path, number)
        terminal.press("q", "y")  # drafts are asked about

        assert terminal.wait() == 0

    made = fetch(path, "SELECT count(*) FROM tasks WHERE is_active = 1")
    assert made == [(5 + times * MADE.get(burst, 0),)]
    assert len(fetch(path, "SELECT id FROM comments")) == (times if burst is comment else 0)

"""The real program on a real terminal: bytes in, a picture out, and what the database says."""

import random
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import connect

import pytest

from kbtui.core.db import database
from kbtui.core.projects import swimlanes
from kbtui.core.tasks import tasks
from tests.boards import make_board
from tests.terminal import Terminal
from tests.tui.board_fixtures import make_project
from tests.tui.test_glyphs import NASTY

HEADS = re.compile(r"[▾▸] .+ \(\d+\) ─")


@contextmanager
def open_terminal(path: Path, columns: int = 160, rows: int = 45) -> Iterator[Terminal]:
    """Open the board of a database on a terminal of its own."""
    environ = {"KBTUI_CONFIG": "", "XDG_CONFIG_HOME": str(path.parent)}
    command = [sys.executable, "-m", "kbtui", "--database", str(path)]
    with Terminal(command, columns=columns, rows=rows, environ=environ) as terminal:
        terminal.wait_for(lambda: "▶ #" in terminal.text and " tasks" in terminal.text)
        yield terminal


def fetch(path: Path, sql: str, *values: object) -> list[tuple[int, ...]]:
    """Read from the database, beside the program."""
    with closing(connect(path)) as connection:
        return connection.execute(sql, values).fetchall()


def place_of(path: Path, task_id: int) -> tuple[int, int]:
    """Return the ids of a task's column and swimlane."""
    ((column_id, swimlane_id),) = fetch(path, "SELECT column_id, swimlane_id FROM tasks WHERE id = ?", task_id)
    return column_id, swimlane_id


def cursor_task(terminal: Terminal) -> int | None:
    """Return the id of the task under the cursor."""
    found = re.search(r"▶ #(\d+) ", terminal.text)
    return int(found[1]) if found else None


def cards(terminal: Terminal) -> list[tuple[int, int, int]]:
    """Return the id and the place of each card whose first line is on the screen."""
    return [
        (int(found[1]), found.start(1), y)
        for y, line in enumerate(terminal.lines)
        for found in re.finditer(r"[▌▶] #(\d+) ", line)
    ]


def bodies(terminal: Terminal) -> list[range]:
    """Return the lines of each open swimlane's body."""
    heads = [y for y, line in enumerate(terminal.lines) if HEADS.search(line)]
    ends = [*heads[1:], len(terminal.lines) - 2]
    return [range(head + 1, end) for head, end in zip(heads, ends, strict=True)]


def drag_at_random(terminal: Terminal, path: Path, chance: random.Random, columns: int) -> bool:
    """Drag some card on the screen to some other cell; tell whether the database has it there."""
    task_id, x, y = chance.choice(cards(terminal))
    shown = [number for number, body in enumerate(bodies(terminal)) if len(body) > 3]
    before = place_of(path, task_id)
    (last_event,) = fetch(path, "SELECT max(id) FROM events")[0]
    width = terminal.screen.columns // columns
    while True:
        column, lane = chance.randrange(columns), chance.choice(shown)
        body = bodies(terminal)[lane]
        target = (column + 1, lane + 1)
        if target != before:
            break
    terminal.drag((x, y), (column * width + chance.randrange(2, width - 2), chance.choice(body[1:-1])))

    def landed() -> bool:
        return place_of(path, task_id) == target

    def drawn() -> bool:
        marks = [(x, y) for y, line in enumerate(terminal.lines) for x in [line.find("▶ #")] if x >= 0]
        return (
            "lands here" not in terminal.text
            and cursor_task(terminal) == task_id
            and [(x // width, y in bodies(terminal)[lane]) for x, y in marks] == [(column, True)]
        )

    terminal.wait_for(landed)
    terminal.wait_for(drawn)
    names = {name for (name,) in fetch(path, "SELECT name FROM events WHERE id > ?", last_event)}
    return names <= {"task.move.column", "task.move.swimlane"} and bool(names)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Make a board of 90 tasks."""
    path = tmp_path / "kbtui.db"
    make_board(path, 90)
    return path


def test_keys_move_the_cursor_and_the_task(path: Path) -> None:
    with open_terminal(path) as terminal:
        first = cursor_task(terminal)
        assert first is not None
        terminal.press("j")
        terminal.wait_for(lambda: cursor_task(terminal) != first)
        terminal.press("up")
        terminal.wait_for(lambda: cursor_task(terminal) == first)
        terminal.press("L", "shift+right", "}")
        terminal.wait_for(lambda: place_of(path, first) == (3, 2))
        terminal.press("u", "u", "u")
        terminal.wait_for(lambda: place_of(path, first) == (1, 1))
        terminal.press("ctrl+y")
        terminal.wait_for(lambda: place_of(path, first) == (2, 1))
        terminal.wait_for(lambda: cursor_task(terminal) == first)


@pytest.mark.parametrize(("size", "drops"), [((160, 45), 25), ((80, 24), 15)])
def test_every_drop_lands(path: Path, size: tuple[int, int], drops: int) -> None:
    columns = min(size[0] // 22, 5)
    chance = random.Random(drops)
    with open_terminal(path, *size) as terminal:
        landed = [drag_at_random(terminal, path, chance, columns) for _ in range(drops)]
        terminal.settle(quiet=0.2)
        drawn = terminal.lines[:-2]
        terminal.resize(size[0] - 1, size[1])
        terminal.wait_for(lambda: terminal.lines[:-2] != drawn)
        terminal.resize(*size)

        terminal.wait_for(lambda: terminal.lines[:-2] == drawn)  # what was drawn bit by bit is what is drawn at once

    assert landed == [True] * drops
    assert fetch(path, "SELECT count(*) FROM tasks WHERE is_active = 1") == [(90,)]


def test_escape_and_a_drop_outside_leave_a_dragged_task_where_it_was(path: Path) -> None:
    with open_terminal(path) as terminal:
        task_id, x, y = cards(terminal)[0]
        before = fetch(path, "SELECT max(id) FROM events")
        terminal.mouse(0, x, y)
        terminal.mouse(32, x + 60, y + 4)
        terminal.wait_for_text("lands here")
        terminal.press("escape")
        terminal.wait_for(lambda: "lands here" not in terminal.text)
        terminal.mouse(0, x + 60, y + 4, release=True)
        terminal.drag((x, y), (x + 40, 43))
        terminal.drag((x, y), (terminal.lines[0].index("+"), 0))
        terminal.settle()

        assert fetch(path, "SELECT max(id) FROM events") == before
        assert place_of(path, task_id) == (1, 1)
        assert "▶ #" in terminal.text  # no form was opened by the drop on the plus


def test_the_wheel_and_clicks_arrive_as_bytes(path: Path) -> None:
    with open_terminal(path) as terminal:
        task_id, x, y = cards(terminal)[-1]
        terminal.mouse(0, x, y)
        terminal.mouse(0, x, y, release=True)
        terminal.wait_for(lambda: cursor_task(terminal) == task_id)
        terminal.mouse(65, 3, 5)
        terminal.wait_for(lambda: terminal.lines[2].startswith(" ▲ 1 more"))
        terminal.mouse(64, 3, 5)
        terminal.wait_for(lambda: not terminal.lines[2].startswith(" ▲ 1 more"))


def test_the_board_fits_itself_into_a_window_that_changes_its_size(path: Path) -> None:
    with open_terminal(path) as terminal:
        task = cursor_task(terminal)
        for columns, rows in ((80, 24), (250, 70), (20, 5), (1, 1), (120, 40)):
            terminal.resize(columns, rows)
            terminal.settle(quiet=0.2)
            assert terminal.process.poll() is None
        terminal.wait_for(lambda: cursor_task(terminal) == task)

        assert all(name in terminal.lines[0] for name in ("Backlog", "Ready", "Work in progress", "Done", "Shipped"))


def test_text_that_terminals_do_not_agree_about_never_moves_a_border(tmp_path: Path) -> None:
    path = tmp_path / "kbtui.db"
    make_project(path, {})
    try:
        for number, text in enumerate(NASTY):
            title = text.encode("utf-8", "replace").decode()
            tasks.create_task(1, f"{title} {title} {title}", column_id=number % 4 + 1, tags=[f"t{title}"[:50]])
        swimlanes.update_swimlane(1, name="漢字 \x1b[31m 👨\u200d👩 e\u0301")
    finally:
        database.close()

    with open_terminal(path, 120, 44) as terminal:
        for _ in range(len(NASTY) // 4):
            lines = [line for line in range(2, 42) if not HEADS.search(terminal.lines[line])]
            borders = {terminal.screen.buffer[y][x].data for y in lines for x in (0, 30, 60, 90)}
            gaps = {terminal.screen.buffer[y][x].data for y in lines for x in (29, 59, 89)}
            assert borders <= {" ", "▌", "▶", "█"}
            assert gaps == {" "}
            terminal.press("j")
            terminal.settle()


def is_as_it_was(terminal: Terminal) -> bool:
    """Tell whether a program that has ended left the terminal as it found it."""
    pairs = (
        (b"\x1b[?1049h", b"\x1b[?1049l"),
        (b"\x1b[?25l", b"\x1b[?25h"),
        (b"\x1b[?1003h", b"\x1b[?1003l"),
    )
    modes = [terminal.raw.rfind(off) > terminal.raw.rfind(on) >= 0 for on, off in pairs]
    return terminal.current_attributes == terminal.attributes and all(modes) and b"Traceback" not in terminal.raw


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
def test_quitting_gives_the_terminal_back_as_it_was(path: Path, key: str) -> None:
    with open_terminal(path) as terminal:
        terminal.press(key)
        status = terminal.wait()

        assert status == 0
        assert is_as_it_was(terminal)


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_to_end_gives_the_terminal_back_as_it_was(path: Path, number: signal.Signals, expected: int) -> None:
    with open_terminal(path) as terminal:
        terminal.press("n")
        terminal.wait_for_text("New task")
        terminal.process.send_signal(number)
        status = terminal.wait()

        assert status == expected
        assert is_as_it_was(terminal)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_every_drop_lands_again_and_again(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with open_terminal(path) as terminal:
        landed = [drag_at_random(terminal, path, chance, 5) for _ in range(200)]

    assert landed == [True] * 200

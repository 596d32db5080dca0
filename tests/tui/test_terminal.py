"""What a program owes its terminal: it ends with it, stops for the shell, and leaves it as it was."""

import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from kbtui.core.db import database
from kbtui.core.projects import projects
from kbtui.webhooks import endpoints
from kbtui.webhooks.listener import Behaviour
from tests.boards import make_board
from tests.cli.conftest import Receiver
from tests.patience import Stopwatch
from tests.terminal import Terminal
from tests.tui.test_board_pty import cursor_task, fetch, is_as_it_was, open_terminal, place_of

AT_MOST = 2.0
"""Seconds within which the program is promised to be gone."""

SHELL = """
import fcntl, os, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Make a board of a few tasks."""
    path = tmp_path / "kbtui.db"
    make_board(path, 12)
    return path


def close_terminal(terminal: Terminal) -> None:
    """Take the terminal away, which is told to nobody: it is the controlling terminal of no process."""
    terminal.hang_up()


def tell_hang_up(terminal: Terminal) -> None:
    """Tell of it by the signal, while the terminal stays."""
    terminal.process.send_signal(signal.SIGHUP)


def seconds_to_end(terminal: Terminal) -> float:
    """Return how long the program takes to end, without the time for which it got no processor."""
    stopwatch = Stopwatch(terminal.process.pid)
    while terminal.process.poll() is None and stopwatch.read() < 10 * AT_MOST:
        time.sleep(0.01)
    return stopwatch.read()


@pytest.mark.parametrize("hang_up", [close_terminal, tell_hang_up])
@pytest.mark.parametrize("keys", ["", "nHalf a title"], ids=["the board", "a form"])
def test_a_program_whose_terminal_has_gone_is_gone_too(
    path: Path, hang_up: Callable[[Terminal], None], keys: str
) -> None:
    with Receiver(Behaviour(hang=True)) as receiver:
        database.connect(path)
        endpoints.add_endpoint(receiver.url)
        database.close()
        with open_terminal(path) as terminal:
            task_id = cursor_task(terminal)
            assert task_id is not None
            before = place_of(path, task_id)
            terminal.press("L")
            terminal.wait_for(lambda: receiver.listener.count == 1)
            terminal.press(*keys)
            terminal.settle()
            hang_up(terminal)

            assert seconds_to_end(terminal) < AT_MOST
            assert terminal.process.returncode == 128 + signal.SIGHUP
    assert place_of(path, task_id) != before
    assert str(fetch(path, "PRAGMA integrity_check")[0][0]) == "ok"


def test_a_terminal_that_takes_nothing_holds_up_no_end(path: Path) -> None:
    with open_terminal(path, 250, 70) as terminal:
        terminal.stop_reading()
        for _ in range(100):
            with suppress(BlockingIOError):
                terminal.press("j", "v", "k", "v")
        time.sleep(0.5)
        tell_hang_up(terminal)

        assert seconds_to_end(terminal) < AT_MOST


def start(terminal: Terminal, command: str) -> None:
    terminal.press(f"{command}\r")
    terminal.wait_for(lambda: "▶ #" in terminal.text and " tasks" in terminal.text)


@pytest.mark.parametrize("wrapper", ["", "sh -c '%s; true'"], ids=["itself", "by another program"])
def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_the_board_back(path: Path, wrapper: str) -> None:
    command = f"{sys.executable} -m kbtui --database {path}"
    environ = {"KBTUI_CONFIG": "", "XDG_CONFIG_HOME": str(path.parent), "PS1": "shell> ", "HISTFILE": ""}
    with Terminal([sys.executable, "-c", SHELL], environ=environ) as terminal:
        terminal.wait_for_text("shell>")
        start(terminal, wrapper % command if wrapper else command)
        drawn = terminal.lines
        terminal.send(b"\x1a")
        terminal.wait_for(lambda: b"Stopped" in terminal.raw)
        assert terminal.raw.rfind(b"\x1b[?1049l") > terminal.raw.rfind(b"\x1b[?1049h")
        terminal.press("echo $((6 * 7))\r")
        terminal.wait_for(lambda: b"42" in terminal.raw)
        terminal.press("fg\r")
        terminal.wait_for(lambda: terminal.lines == drawn)
        terminal.press("x")
        terminal.wait_for(lambda: fetch(path, "SELECT count(*) FROM tasks WHERE is_active = 0") == [(1,)])
        terminal.press("q")
        terminal.wait_for(lambda: terminal.raw.rfind(b"\x1b[?1049l") > terminal.raw.rfind(b"\x1b[?1049h"))
        terminal.press("exit\r")

        assert terminal.wait() == 0


def test_ctrl_z_without_a_shell_says_so(path: Path) -> None:
    with open_terminal(path) as terminal:
        terminal.send(b"\x1a")
        terminal.wait_for_text("There is no shell that could bring kbtui back")
        terminal.press("x")
        terminal.wait_for_text("Closed #")


def test_the_windows_title_is_the_project_and_is_put_back(path: Path) -> None:
    database.connect(path)
    projects.create_project("Garden\x1b]0;x\x07 round")
    database.close()
    with open_terminal(path) as terminal:
        terminal.wait_for(lambda: terminal.screen.title == "Website – kbtui")
        terminal.press("pGarden\r")
        terminal.wait_for(lambda: terminal.screen.title.startswith("Garden") and "x" in terminal.screen.title)
        assert "\x1b" not in terminal.screen.title
        terminal.press("q")

        assert terminal.wait() == 0
        assert is_as_it_was(terminal)
        assert terminal.raw.count(b"\x1b[22;2t") == terminal.raw.count(b"\x1b[23;2t") == 1


@pytest.mark.parametrize("key", ["\x03", "q"])
def test_ctrl_c_leaves_as_q_does(path: Path, key: str) -> None:
    with open_terminal(path) as terminal:
        terminal.press(key)

        assert terminal.wait() == 0
        assert is_as_it_was(terminal)

"""``kbtui`` and ``kbtui demo`` on a real terminal, as far as the command line has to do with it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def on_a_terminal(*argv: str, shows: str, keys: bytes) -> tuple[int, str]:
    """Run kbtui on a terminal, press keys once it shows something, and return its status and all that it wrote."""
    terminal, program_side = pty.openpty()
    fcntl.ioctl(program_side, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    program = subprocess.Popen(
        [sys.executable, "-m", "kbtui", *argv],
        stdin=program_side,
        stdout=program_side,
        stderr=program_side,
        env={**os.environ, "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(program_side)
    written, pressed = b"", False
    while select.select([terminal], [], [], 60)[0]:
        try:
            more = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        written += more
        if not more:
            break
        if not pressed and shows.encode() in written:
            os.write(terminal, keys)
            pressed = True
    status = program.wait(60)
    os.close(terminal)
    return status, written.decode("utf-8", "replace")


@pytest.mark.parametrize("argv", [[], ["demo"]])
def test_the_board_opens_and_q_ends_it_with_0(argv: list[str]) -> None:
    status, written = on_a_terminal(*argv, shows="Backlog", keys=b"q")

    assert status == 0
    assert "Traceback" not in written


def test_with_json_the_board_says_in_the_end_which_one_it_was(database_file: Path) -> None:
    status, written = on_a_terminal("--json", shows="Backlog", keys=b"q")

    assert status == 0
    assert written.rstrip().endswith(f'"database": "{database_file}"\r\n}}')


def test_the_demo_leaves_the_person_s_own_board_alone(run: Run, database_file: Path) -> None:
    on_a_terminal("demo", shows="Backlog", keys=b"q")

    assert not database_file.exists()


def test_a_damaged_board_is_one_line_instead_of_a_screen(database_file: Path) -> None:
    database_file.write_text("This is a letter, not a board. " * 100)

    status, written = on_a_terminal(shows="\0", keys=b"")

    assert status == 1
    assert written.count("\n") == 1
    assert "is damaged or is no kbtui database" in written

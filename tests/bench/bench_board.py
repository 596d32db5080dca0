"""Measure the board as a person feels it, beside a bare Textual program: ``python -m tests.bench.bench_board``.

Real programs on real ptys, all running at once and taking turns in short rounds, so that whatever else the machine
does hits all of them alike. A press is timed from just before its write(2) to the arrival of the last byte of the
first frame that shows what it does; a start from just before fork to the first frame with the whole board. Output
is stamped by a thread that blocks in read(2) and is drawn only when the program is quiet again.
"""

import argparse
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from kbtui.core.db import database
from kbtui.webhooks import endpoints
from tests.bench.targets import FLAT, Row, judge, table
from tests.boards import make_board
from tests.terminal import FRAME_END, Terminal

QUIET = 0.03
"""Seconds without output after which a press is over."""

ROOT = Path(__file__).parents[2]


@dataclass
class Candidate:
    """A program to measure, and its samples in milliseconds."""

    name: str
    command: Sequence[str]
    shown: Callable[[Terminal], object]
    presses: dict[str, tuple[str, str]]
    terminal: Terminal | None = None
    samples: dict[str, list[float]] = field(default_factory=dict)
    peak: float = 0.0

    def add(self, what: str, milliseconds: float) -> None:
        """Keep one sample."""
        self.samples.setdefault(what, []).append(milliseconds)


def board_shown(terminal: Terminal) -> bool:
    """Tell whether the whole board is drawn: a task under the cursor, and the bars below."""
    return "▶ #" in terminal.text and " tasks" in terminal.lines[-2] and "Help" in terminal.lines[-1]


def cursor_mark(terminal: Terminal) -> tuple[int, str]:
    """Return in which place of a line the cursor is, and on which task."""
    for line in terminal.lines:
        x = line.find("▶ #")
        if x >= 0:
            return x, line[x + 2 : x + 9].split(" ")[0]
    return -1, ""


def first_frame(terminal: Terminal, since: int, condition: Callable[[], object], deadline: float) -> float:
    """Return the milliseconds from a moment to the end of the first frame on which a condition holds."""
    hit = 0.0
    tail = b""
    end = time.monotonic() + deadline
    while not hit:
        for piece in terminal.outputs(quiet=QUIET, deadline=max(end - time.monotonic(), 0)):
            terminal.draw(piece.data)
            ends_frame = FRAME_END in tail + piece.data
            tail = piece.data[-len(FRAME_END) :]
            if not hit and ends_frame and condition():
                hit = (piece.arrived - since) / 1e6
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain; the screen was\n{terminal.text}")
    return hit


def press(candidate: Candidate, what: str, key: str, *, counts: bool) -> None:
    """Press a key and measure until the screen shows what it does."""
    terminal = candidate.terminal
    assert terminal is not None
    before, text = cursor_mark(terminal), terminal.text

    def done() -> bool:
        if what == "move":
            x, task = cursor_mark(terminal)
            return task == before[1] and x != before[0]
        return terminal.text != text if before[0] < 0 else cursor_mark(terminal)[1] not in ("", before[1])

    time.sleep(random.uniform(0, 0.02))
    terminal.settle(quiet=QUIET)
    since = time.monotonic_ns()
    terminal.press(key)
    took = first_frame(terminal, since, done, 10)
    if counts:
        candidate.add(what, took)


def start(candidate: Candidate) -> Terminal:
    """Start a program and measure until it shows what it has to show."""
    terminal = Terminal(candidate.command)
    try:
        candidate.add("start", first_frame(terminal, terminal.started, lambda: candidate.shown(terminal), 60))
    except BaseException:
        terminal.stop()
        raise
    return terminal


def leave(candidate: Candidate, terminal: Terminal) -> None:
    """Note a program's memory, and quit it."""
    candidate.peak = max(candidate.peak, terminal.peak_memory())
    terminal.press("q")
    terminal.wait()
    terminal.stop()


def measure(candidates: Sequence[Candidate], *, starts: int, rounds: int, presses: int) -> None:
    """Take all the samples, in turns."""
    for number in range(starts):
        for candidate in candidates:
            leave(candidate, start(candidate))
        note(f"starts {number + 1}/{starts}")
    with ExitStack() as stack:
        for candidate in candidates:
            candidate.terminal = stack.enter_context(start(candidate))
        time.sleep(1)
        for number in range(rounds):
            for candidate in random.sample(candidates, len(candidates)):
                for what, keys in candidate.presses.items():
                    for index in range(presses + 2):
                        press(candidate, what, keys[index % 2], counts=index > 1)
            note(f"rounds {number + 1}/{rounds}")
        for candidate in candidates:
            assert candidate.terminal is not None
            candidate.peak = max(candidate.peak, candidate.terminal.peak_memory())
            candidate.terminal.press("q")
            candidate.terminal.wait()


def note(text: str) -> None:
    """Say on stderr how far it is."""
    print(f"\r{text}   ", end="", file=sys.stderr, flush=True)


def kbtui_on(path: Path, name: str) -> Candidate:
    """Return the board on a database."""
    command = (sys.executable, "-m", "kbtui", "--database", str(path))
    return Candidate(name, command, board_shown, {"cursor": ("j", "k"), "move": ("L", "H")})


def prepare(
    folder: Path, sizes: Sequence[int], hanging: Sequence[int], flat: Sequence[int], ports: Sequence[int]
) -> list[Candidate]:
    """Make the databases, each with an endpoint, and return what to measure."""
    bare = Candidate(
        "bare",
        (sys.executable, "-m", "tests.bench.bare_app"),
        lambda t: "pressed 1000" in t.text,
        {"cursor": ("j", "k")},
    )
    candidates = [bare]
    for size in sizes:
        note(f"making {size:,} tasks")
        path = folder / f"{size}.db"
        make_board(path, size)
        copy = folder / f"{size}-hanging.db"
        if size in hanging:
            shutil.copy(path, copy)
            add_endpoint(copy, ports[1])
            candidates.append(kbtui_on(copy, f"{size} hanging"))
        add_endpoint(path, ports[0])
        candidates.append(kbtui_on(path, str(size)))
    for size in flat:
        note(f"making {size:,} tasks in one swimlane")
        path = folder / f"{size}-flat.db"
        make_board(path, size, is_flat=True)
        add_endpoint(path, ports[0])
        candidates.append(kbtui_on(path, f"{size}{FLAT}"))
    return candidates


def add_endpoint(path: Path, port: int) -> None:
    """Send a database's events to a port of this machine."""
    database.connect(path)
    try:
        endpoints.add_endpoint(f"http://127.0.0.1:{port}/")
    finally:
        database.close()


def row(candidate: Candidate) -> Row:
    """Return a candidate's medians and 95th percentiles."""
    medians = {what: statistics.median(values) for what, values in candidate.samples.items()}
    p95s = {what: statistics.quantiles(values, n=20)[-1] for what, values in candidate.samples.items()}
    return Row(candidate.name, medians, p95s, candidate.peak)


def main() -> int:
    """Measure, print a table and the targets; the exit status says whether all are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default="50,500,5000,50000", help="numbers of tasks")
    parser.add_argument("--hanging", default="500,50000", help="those of them that also run with a receiver that hangs")
    parser.add_argument("--flat", default="50000", help="numbers of tasks in three columns of one swimlane")
    parser.add_argument("--starts", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--presses", type=int, default=8, help="of each kind, in each round")
    parser.add_argument(
        "--nice", type=int, default=0, help="the niceness to run at; below 0, as root, on a busy machine"
    )
    arguments = parser.parse_args()
    os.nice(arguments.nice)  # the programs inherit it: all of them are treated alike
    os.chdir(ROOT)
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            (sys.executable, "-m", "tests.bench.receivers"), stdout=subprocess.PIPE, text=True
        ) as receivers,
    ):
        try:
            assert receivers.stdout is not None
            ports = [int(port) for port in receivers.stdout.readline().split()]
            given = (arguments.sizes, arguments.hanging, arguments.flat)
            sizes, hanging, flat = ([int(size) for size in text.split(",") if size] for text in given)
            candidates = prepare(Path(folder), sizes, hanging, flat, ports)
            measure(candidates, starts=arguments.starts, rounds=arguments.rounds, presses=arguments.presses)
        finally:
            receivers.kill()
    rows = {candidate.name: row(candidate) for candidate in candidates}
    note("")
    count = arguments.rounds * arguments.presses
    print(f"\nPython {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; 160×45;")
    print(f"{count} presses and {arguments.starts + 1} starts each; ms, median (p95).\n")
    print(table(rows))
    verdicts = judge(rows)
    print("\n".join(f"* {verdict}" for verdict in verdicts))
    return 0 if all(verdict.met for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())

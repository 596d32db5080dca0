"""Measure opening a task with much on it, beside one with nothing: ``python -m tests.bench.bench_task``.

The real program on a real pty: from just before the write(2) of Enter to the last byte of the first frame that shows
the task's own screen. Both programs run at once and take turns.
"""

import random
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from kbtui.core.db import database
from kbtui.core.events import log
from kbtui.core.projects import projects
from kbtui.core.tasks import comments, subtasks, tasks
from tests.bench.bench_board import QUIET, board_shown, first_frame
from tests.terminal import Terminal

COMMENTS, SUBTASKS = 200, 100
ROUNDS = 25


def make_task(path: Path, *, full: bool) -> None:
    """Make a board with one task on it."""
    database.connect(path)
    with log.authored_by(1), database.transaction():
        project_id = projects.create_project("Website")
        task_id = tasks.create_task(project_id, "Something to open", description="# Why\n\nSo.")
        tasks.create_task(project_id, "Something else")
        for number in range(COMMENTS if full else 0):
            comments.add_comment(task_id, f"Comment {number} with **Markdown**, `code` and\n\n- a list\n- of things")
        for number in range(SUBTASKS if full else 0):
            subtasks.add_subtask(task_id, f"Step {number}")
    database.close()


def opened(terminal: Terminal) -> bool:
    """Tell whether the task's own screen is shown whole."""
    return "Subtasks" in terminal.text and "Comments" in terminal.text and "Help" in terminal.lines[-1]


def open_once(terminal: Terminal) -> float:
    """Open the task, and return the milliseconds; leave it again."""
    time.sleep(random.uniform(0, 0.02))
    terminal.settle(quiet=QUIET)
    since = time.monotonic_ns()
    terminal.press("enter")
    took = first_frame(terminal, since, lambda: opened(terminal), 20)
    terminal.settle(quiet=0.1)
    terminal.press("escape")
    terminal.wait_for(lambda: board_shown(terminal))
    return took


def main() -> int:
    """Measure, and print a table."""
    samples: dict[str, list[float]] = {"nothing": [], f"{COMMENTS} comments and {SUBTASKS} subtasks": []}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        terminals = {}
        for number, name in enumerate(samples):
            path = Path(folder) / f"{number}.db"
            make_task(path, full=number > 0)
            command = [sys.executable, "-m", "kbtui", "--database", str(path)]
            terminals[name] = stack.enter_context(Terminal(command))
            terminals[name].wait_for(partial(board_shown, terminals[name]))
        first = {name: open_once(terminal) for name, terminal in terminals.items()}
        for _ in range(ROUNDS):
            for name in random.sample(list(samples), len(samples)):
                samples[name].append(open_once(terminals[name]))
    print("| what is on the task | first time, ms | again, ms, median | p95 | × |\n|---|---|---|---|---|")
    bare = statistics.median(next(iter(samples.values())))
    for name, taken in samples.items():
        median = statistics.median(taken)
        p95 = statistics.quantiles(taken, n=20)[-1]
        print(f"| {name} | {first[name]:.0f} | {median:.0f} | {p95:.0f} | {median / bare:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())

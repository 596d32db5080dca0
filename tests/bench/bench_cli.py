"""Measure the CPU of ``kbtui task move`` beside a script that makes the same move through core.

Run with ``python -m tests.bench.bench_cli [--runs 40]``; prints milliseconds of CPU (user and system) of a whole
process, and the ratio. The script imports argparse and peewee (without PostgreSQL's drivers, as the package core has
it), opens the file and calls ``move_task``. The two take turns on the same board, so that the noise of the machine hits
both.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from kbtui.core.db import database
from kbtui.core.projects import columns, projects
from kbtui.core.tasks.tasks import create_task
from tests.bench.targets import Verdict

COMMAND = "import sys; from kbtui.cli import main; sys.exit(main())"
"""What the installed script ``kbtui`` does."""

SCRIPT = """
import argparse
import sys
import kbtui.core
import peewee
from kbtui.core.db import database
from kbtui.core.tasks.moves import move_task
database.connect(sys.argv[1])
move_task(int(sys.argv[2]), column_id=int(sys.argv[3]))
database.close()
"""

LIMIT = 1.25
"""How many times the script's CPU the command may take."""


def make_board(path: Path) -> tuple[list[int], list[int]]:
    """Make a board with a task for each of the two, and return the tasks and two columns to move them between."""
    database.connect(path)
    project_id = projects.create_project("Website")
    column_ids = [int(column.id) for column in columns.list_columns(project_id)[:2]]
    task_ids = [create_task(project_id, title, column_id=column_ids[0]) for title in ("By command", "By script")]
    database.close()
    return task_ids, column_ids


def cpu(*argv: str, environ: dict[str, str]) -> float:
    """Run Python with these arguments, and return the milliseconds of CPU that it took."""
    process = subprocess.Popen([sys.executable, *argv], stdout=subprocess.DEVNULL, env=environ)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise AssertionError(f"{argv} ended with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def measure(folder: Path, runs: int) -> tuple[list[float], list[float]]:
    """Return the CPU of each run of the command, and of the script."""
    path = folder / "kbtui.db"
    (by_command, by_script), column_ids = make_board(path)
    environ = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    for variable in ("KBTUI_CONFIG", "PYTHONDONTWRITEBYTECODE"):  # what is installed has its bytecode beside it
        environ.pop(variable, None)
    command, script = [], []
    for run in range(runs + 1):
        column = str(column_ids[(run + 1) % 2])
        argv = ("task", "move", str(by_command), "--column", column, "--database", str(path))
        command.append(cpu("-c", COMMAND, *argv, environ=environ))
        script.append(cpu("-c", SCRIPT, str(path), str(by_script), column, environ=environ))
    return command[1:], script[1:]  # the first run of each may have compiled modules


def main() -> None:
    """Print what both take, and whether the limit is kept."""
    parser = argparse.ArgumentParser(description="Measure the CPU of kbtui task move.")
    parser.add_argument("--runs", type=int, default=40, help="of each")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command, script = measure(Path(folder), arguments.runs)
    print("| | CPU ms, median | fastest |\n|---|---|---|")
    for name, times in (("`kbtui task move`", command), ("script", script)):
        print(f"| {name} | {statistics.median(times):.1f} | {min(times):.1f} |")
    ratio = statistics.median(command) / statistics.median(script)
    print(f"\n{Verdict('CPU of kbtui task move, against a script', ratio, LIMIT)}")


if __name__ == "__main__":
    main()

"""How long 50,000 tasks take to come in from CSV, and to go out and come in as a document.

Run it with: python -m tests.bench.bench_exchange [TASKS]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from kbtui.core.db import database
from kbtui.core.exchange.exports import export_project
from kbtui.core.exchange.imports import import_project
from kbtui.core.exchange.spreadsheets import read_tasks
from kbtui.core.projects import projects

MOST_SECONDS = 30
"""How long each of the three may take for 50,000 tasks."""

R = TypeVar("R")


def main(count: int = 50_000) -> None:
    """Print how long each takes."""
    with tempfile.TemporaryDirectory() as folder:
        database.connect(Path(folder) / "kbtui.db")
        project_id = projects.create_project("Website")
        lines = (f"Task {number},bug,Ready,4,ui" for number in range(count))
        text = "\n".join(("Title,Category Name,Column Name,Complexity,Tags", *lines))
        timed("CSV in", lambda: read_tasks(project_id, text, time.time()))
        document = timed("document out", lambda: export_project(project_id))
        timed("document in", lambda: import_project(document, name="Copy"))
        database.close()


def timed(what: str, work: Callable[[], R]) -> R:
    """Do something and print how many seconds it took."""
    start, cpu = time.monotonic(), time.process_time()
    done = work()
    print(f"{what:14} {time.monotonic() - start:6.1f} s, {time.process_time() - cpu:6.1f} s of CPU", flush=True)
    return done


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

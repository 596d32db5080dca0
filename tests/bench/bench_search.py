"""Measure the search in 50,000 tasks, and the lists of the API at 5,000.

Run with ``python -m tests.bench.bench_search [--tasks 50000]``; prints a Markdown table. A query's time is that of the
tasks it means, with their names and places in the order of the screen (at most 50 of them), as a person finds them; how
many there are, counted apart, is beside it.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from kbtui.core.db import database
from kbtui.core.db.models import Task
from kbtui.core.projects import columns, projects, users
from kbtui.core.tasks import comments, links, subtasks
from kbtui.core.views.queries import Asker, conditions
from kbtui.core.views.task_search import search_tasks
from kbtui.server.callers import APPLICATION, Call
from kbtui.server.json_text import write
from kbtui.server.procedures.board import get_board
from kbtui.server.procedures.task import get_all_tasks
from tests import sql
from tests.boards import make_board

QUERIES = (
    "password",
    "PASSWORD layout",
    '"invoice keyboard"',
    "#4999",
    "rm",
    "nothing of the kind",
    "title:export status:open",
    "status:closed",
    "assignee:me status:open",
    "assignee:nobody priority:>=3",
    "creator:admin category:bug category:chore",
    'column:"Work in progress" swimlane:expedite',
    "tag:ui tag:backend search",
    "color:red score:3..8",
    "due:<today status:open",
    "created:today..tomorrow id:>49000",
    "completed:none moved:>=-7d started:none draft",
    "comment:answer",
    "link:blocks subtask:assignee:mika",
    "description:about reference:none archive",
)
"""What is searched for: words in parts, every field, comparisons, ranges and alternatives."""

ASKED = 9
"""How often each is asked; the median counts."""


def fill(path: Path, count: int) -> None:
    """Make the board, with something on some of its tasks."""
    project_id = make_board(path, count)
    database.connect(path)
    mika = users.find_user("mika").id
    with database.transaction():
        for task_id in range(1, count, 25):
            comments.add_comment(task_id, "An answer to it" if task_id % 10 == 1 else "A remark")
            subtasks.add_subtask(task_id, "Step", user_id=mika)
            links.add_task_link(task_id, task_id + 1, 2)
        sql.execute("UPDATE tasks SET is_active = 0, date_completed = date_creation WHERE id % 4 = 0")
    assert columns.list_columns(project_id)
    assert projects.list_projects()
    database.checkpoint()


def median(ask: Callable[[], object]) -> float:
    """Return what asking takes, in milliseconds."""
    times = []
    for _ in range(ASKED):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def cpu(ask: Callable[[], object]) -> float:
    """Return the least processor time that asking takes, in milliseconds."""
    least = float("inf")
    for _ in range(ASKED):
        before = resource.getrusage(resource.RUSAGE_SELF)
        ask()
        after = resource.getrusage(resource.RUSAGE_SELF)
        least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return least * 1000


def measure(count: int) -> None:
    """Print how long each query takes."""
    asker = Asker(users.ADMIN_ID, time.time())
    print("| query | tasks | ms |\n|---|---|---|")
    times = []
    for query in QUERIES:
        times.append(median(lambda query=query: search_tasks(query, 1, asker=asker)))  # type: ignore[misc]
        found = Task.select().where(*conditions(query, asker, 1)).count()
        print(f"| `{query}` | {found:,} | {times[-1]:.1f} |")
    middle, slowest = statistics.median(times), max(times)
    print(f"{count:,} tasks: median {middle:.1f} ms (at most 50), slowest {slowest:.1f} (at most 100)")


def main() -> None:
    """Print the table, and how the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=50_000)
    count = parser.parse_args().tasks
    with tempfile.TemporaryDirectory() as folder:
        try:
            fill(Path(folder) / "search.db", count)
            measure(count)
            database.close()
            make_board(Path(folder) / "lists.db", 5000)
            database.connect(Path(folder) / "lists.db")
            call = Call(APPLICATION, "http://127.0.0.1")
            print(f"getAllTasks at 5,000: {cpu(lambda: write(get_all_tasks(call, 1))):.0f} ms of CPU")
            print(f"getBoard at 5,000: {cpu(lambda: write(get_board(1))):.0f} ms of CPU")
        finally:
            database.close()


if __name__ == "__main__":
    main()

"""Measure ``moveTaskPosition`` over HTTP: boards of three sizes, and receivers that are fast, slow, hanging and down.

Run with ``python -m tests.bench.bench_jsonrpc [--moves 300]``; prints a Markdown table. ``kbtui serve`` runs as a
process of its own and delivers meanwhile, as it does for a person. Kanboard 1.2.53 took 32, 139 and 428 ms at 100,
1,000 and 10,000 tasks without a webhook, and 10,069 ms a move with a hanging receiver.
"""

import argparse
import base64
import contextlib
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kbtui.core.db import database
from kbtui.core.projects import columns, credentials, projects, swimlanes
from kbtui.core.tasks.ranks import GAP
from kbtui.webhooks import endpoints
from tests import sql

COUNTS = (100, 1000, 10_000)
RECEIVERS = ("fast", "slow (1 s)", "hanging", "down")


class Cost(NamedTuple):
    """What a move takes, in milliseconds."""

    median: float
    p95: float


class Login(NamedTuple):
    """Where the board is, and who moves what on it."""

    path: Path
    header: str
    tasks: list[int]
    columns: list[int]


def make_board(path: Path, count: int, receiver: str) -> Login:
    """Make a board whose tasks are spread over four columns, with an endpoint."""
    database.connect(path)
    project_id = projects.create_project("Website")
    lane = swimlanes.default_swimlane(project_id).id
    column_ids = [int(column.id) for column in columns.list_columns(project_id)]
    with database.transaction():
        tasks = [
            sql.insert_row(
                "tasks",
                {
                    "title": "Write it down",
                    "project_id": project_id,
                    "column_id": column_ids[number % 4],
                    "swimlane_id": lane,
                    "rank": number * GAP,
                    "date_creation": 0,
                    "date_modification": 0,
                    "date_moved": 0,
                },
            )
            for number in range(count)
        ]
    endpoints.add_endpoint(receiver)
    login = base64.b64encode(f"jsonrpc:{credentials.api_token()}".encode()).decode()
    database.checkpoint()
    database.close()
    return Login(path, f"Basic {login}", tasks, column_ids)


@contextlib.contextmanager
def running(*command: str, path: Path) -> Iterator[str]:
    """Run a command of kbtui that listens, and return where."""
    environment = {**os.environ, "KBTUI_DATABASE": str(path)}
    arguments = [sys.executable, "-m", "kbtui", *command, "--port", "0"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        drain = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        yield next(word for word in line.split() if word.startswith("http")).rstrip(";")
        process.terminate()
        drain.wait()


@contextlib.contextmanager
def receiver_url(kind: str, path: Path) -> Iterator[str]:
    """Start a receiver of a kind, and return its URL."""
    if kind in RECEIVERS[:2]:
        delay = "0" if kind == "fast" else "1"
        with running("listen", "--delay", delay, path=path) as url:
            yield url
        return
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        if kind == "hanging":  # connections come about, and nobody ever answers
            listening.listen(128)
            yield url
            return
    yield url


def measure(login: Login, url: str, moves: int) -> Cost:
    """Move tasks about, one move after the other, and return what one took."""
    chance = random.Random(1)
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    headers = {"Authorization": login.header, "Content-Type": "application/json"}
    times = []
    for number in range(moves + 20):
        params = {
            "project_id": 1,
            "task_id": chance.choice(login.tasks),
            "column_id": chance.choice(login.columns),
            "position": chance.randint(1, len(login.tasks) // 4),
            "swimlane_id": 0,
        }
        body = json.dumps({"jsonrpc": "2.0", "method": "moveTaskPosition", "params": params, "id": number})
        started = time.perf_counter()
        connection.request("POST", "/jsonrpc.php", body, headers)
        answered = json.load(connection.getresponse())
        times.append((time.perf_counter() - started) * 1000)
        if answered["result"] is not True:
            raise AssertionError(answered)
    connection.close()
    times = sorted(times[20:])
    return Cost(statistics.median(times), times[int(len(times) * 0.95)])


def main() -> None:
    """Print the table, and how the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=300)
    moves = parser.parse_args().moves
    costs: dict[tuple[int, str], Cost] = {}
    for count in COUNTS:
        for kind in RECEIVERS:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "kbtui.db"
                with receiver_url(kind, path) as receiver:
                    login = make_board(path, count, receiver)
                    with running("serve", path=path) as url:
                        costs[count, kind] = measure(login, url, moves)
    print("| tasks | " + " | ".join(RECEIVERS) + " | (median (p95), ms)")
    print("|---" * (len(RECEIVERS) + 1) + "|")
    for count in COUNTS:
        cells = [f"{costs[count, kind].median:.2f} ({costs[count, kind].p95:.2f})" for kind in RECEIVERS]
        print(f"| {count:,} | {' | '.join(cells)} |")
    for kind in RECEIVERS:
        ratio = costs[COUNTS[-1], kind].median / costs[COUNTS[0], kind].median
        print(f"{kind}: {COUNTS[-1]:,} tasks take {ratio:.2f} times what {COUNTS[0]} take (at most 1.5)")
    for count in COUNTS:
        medians = [costs[count, kind].median for kind in RECEIVERS]
        print(f"{count:,} tasks: the slowest receiver costs {max(medians) / min(medians) - 1:.0%} more (at most 10%)")


if __name__ == "__main__":
    main()

"""Measure deliveries under load: ``python -m tests.bench.bench_load [--events 10000] [--queued 100000]``.

Three tables. What an event costs, beside bare httpx and beside raw asyncio, in turns and against one receiver in a
process of its own. The memory of a process that delivers a long queue. And the screen: keys while eight requests
are in flight beside keys while nothing is sent, and starts with a long queue beside starts with a short one.
"""

import argparse
import asyncio
import multiprocessing
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kbtui.core.db import database
from kbtui.webhooks import endpoints
from tests import sql
from tests.bench.bench_board import Candidate, add_endpoint, kbtui_on, measure, note
from tests.bench.bench_delivery import Cost, bare_asyncio, bare_httpx, engine, receive
from tests.boards import make_board

ROOT = Path(__file__).parents[2]
BODY = b"x" * 900

DELIVER = """
import resource, sys
from kbtui.core.db import database
from kbtui.webhooks.delivery import DeliveryThread
database.connect(sys.argv[1])
thread = DeliveryThread(until_idle=True)
thread.start()
step, told = int(sys.argv[2]), 0
while not thread.join(0.02):
    if thread.sent >= told + step:
        told += step
        with open("/proc/self/statm") as file:
            now = int(file.read().split()[1]) * resource.getpagesize() / 2**20
        print(told, now, flush=True)
thread.stop()
"""


@contextmanager
def receiving() -> Iterator[str]:
    """Run the receiver in a process of its own; yield its URL."""
    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=receive, args=(theirs,), daemon=True)
    receiver.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/hook"
    finally:
        receiver.terminate()
        receiver.join()


def measure_costs(url: str, total: int, rounds: int) -> dict[str, list[Cost]]:
    """Deliver ``total`` queued events, and post as many without a queue, all of them in turns."""
    part = total // rounds
    costs: dict[str, list[Cost]] = {"raw asyncio": [], "bare httpx": [], "delivery": []}
    for number in range(rounds):
        note(f"costs {number + 1}/{rounds}")
        with tempfile.TemporaryDirectory() as folder:
            database.connect(Path(folder) / "kbtui.db")
            try:
                costs["raw asyncio"].append(asyncio.run(bare_asyncio(url, BODY, part)))
                costs["bare httpx"].append(asyncio.run(bare_httpx(url, BODY, part)))
                costs["delivery"].append(asyncio.run(engine(url, part)))
            finally:
                database.close()
    return costs


def queue_many(path: Path, count: int, url: str) -> None:
    """Queue one event of the board this many times, as if so many changes had been made while nobody sent them."""
    database.connect(path)
    try:
        endpoint_id = endpoints.add_endpoint(url)
        endpoints.update_endpoint(endpoint_id, concurrency=8)
        # Who never answers is waited for as long as anybody measures.
        sql.execute("UPDATE endpoints SET deadline = 3600 WHERE id = ?", (endpoint_id,))
        with database.transaction():
            (facts,) = sql.fetch_all("SELECT facts FROM events WHERE name = 'task.create' LIMIT 1")[0]
            first = sql.insert_row(
                "events", {"name": "task.create", "date_creation": 1, "facts": facts, "project_id": 1, "task_id": 1}
            )
            numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            sql.execute(
                "INSERT INTO deliveries (webhook_id, event_id, endpoint_id, task_id, event_name, state, date_creation,"
                f" scheduled_at, due_at) {numbers} SELECT 'msg_' || i, ?, ?, NULL, 'task.create', 'ready', 1, 1, 1"
                " FROM n",
                (count, first, endpoint_id),
            )
        database.checkpoint()
    finally:
        database.close()


def measure_memory(url: str, count: int) -> list[tuple[int, float]]:
    """Deliver a long queue in a process of its own; return how many were sent and the MiB it used, ten times."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kbtui.db"
        make_board(path, 50)
        queue_many(path, count, url)
        done = subprocess.run(
            (sys.executable, "-c", DELIVER, str(path), str(count // 10)),
            check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    lines = [line.split() for line in done.stdout.splitlines()]
    return [(int(sent), float(used)) for sent, used in lines]


def measure_keys(folder: Path, ports: Sequence[int], *, rounds: int, presses: int) -> list[Candidate]:
    """Press keys while nothing is sent, while eight requests wait for answers, and while such answers come in."""
    quiet, waiting, busy = (folder / f"{name}.db" for name in ("quiet", "waiting", "busy"))
    make_board(quiet, 500)
    shutil.copy(quiet, waiting)
    shutil.copy(quiet, busy)
    add_endpoint(quiet, ports[0])
    queue_many(waiting, 20_000, f"http://127.0.0.1:{ports[1]}/")
    queue_many(busy, 20_000, f"http://127.0.0.1:{ports[2]}/")
    candidates = [
        kbtui_on(quiet, "nothing in flight"),
        kbtui_on(waiting, "8 in flight"),
        kbtui_on(busy, "8 in flight, 16 answers/s"),
    ]
    measure(candidates, starts=1, rounds=rounds, presses=presses)
    return candidates


def measure_starts(folder: Path, url: str, queued: int, *, starts: int) -> list[Candidate]:
    """Start the screen with a short queue and with a long one."""
    short, full = folder / "short.db", folder / "full.db"
    make_board(short, 500)
    shutil.copy(short, full)
    queue_many(short, 100, url)
    note(f"queueing {queued:,}")
    queue_many(full, queued, url)
    candidates = [kbtui_on(short, "100 queued"), kbtui_on(full, f"{queued:,} queued")]
    for candidate in candidates:
        candidate.presses = {"cursor": ("j", "k")}
    measure(candidates, starts=starts, rounds=2, presses=8)
    return candidates


def median(candidate: Candidate, what: str) -> float:
    """Return the median of what was measured, in milliseconds."""
    return statistics.median(candidate.samples[what])


def cost_table(costs: dict[str, list[Cost]]) -> tuple[str, float]:
    """Return the table of costs, and how many times the bare client's CPU an event takes."""
    httpx_ms = statistics.median(cost.cpu_ms for cost in costs["bare httpx"])
    lines = ["| | events/s | CPU ms an event | × bare httpx |", "|---|---|---|---|"]
    ratio = 0.0
    for name, found in costs.items():
        cpu_ms = statistics.median(cost.cpu_ms for cost in found)
        per_second = statistics.median(cost.per_second for cost in found)
        ratio = cpu_ms / httpx_ms
        lines.append(f"| {name} | {per_second:,.0f} | {cpu_ms:.2f} | {ratio:.2f} |")
    return "\n".join(lines), ratio


def main() -> int:
    """Measure, print the tables and the targets; the exit status says whether all are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=10_000, help="queued events whose cost is measured")
    parser.add_argument("--queued", type=int, default=100_000, help="events that are queued when the screen starts")
    parser.add_argument("--sent", type=int, default=20_000, help="events that one process delivers, for its memory")
    parser.add_argument("--rounds", type=int, default=5, help="turns")
    parser.add_argument("--presses", type=int, default=8, help="of each key, in each of three times as many turns")
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument(
        "--nice", type=int, default=0, help="the niceness to run at; below 0, as root, on a busy machine"
    )
    arguments = parser.parse_args()
    os.nice(arguments.nice)
    os.chdir(ROOT)
    with receiving() as url:
        costs, ratio = cost_table(measure_costs(url, arguments.events, arguments.rounds))
        note("memory")
        memory = measure_memory(url, arguments.sent)
        with (
            tempfile.TemporaryDirectory() as folder,
            subprocess.Popen(
                (sys.executable, "-m", "tests.bench.receivers"), stdout=subprocess.PIPE, text=True
            ) as receivers,
        ):
            try:
                assert receivers.stdout is not None
                ports = [int(port) for port in receivers.stdout.readline().split()]
                keys = measure_keys(Path(folder), ports, rounds=arguments.rounds * 3, presses=arguments.presses)
                queues = measure_starts(Path(folder), url, arguments.queued, starts=arguments.starts)
            finally:
                receivers.kill()
    note("")
    print(f"\nPython {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(f"{costs}\n")
    print("| events sent | MiB in use |\n|---|---|")
    print("\n".join(f"| {sent:,} | {used:.1f} |" for sent, used in memory) + "\n")
    print("| | cursor ms | move ms | start ms | peak MiB |\n|---|---|---|---|---|")
    for candidate in (*keys, *queues):
        known = candidate.samples
        cells = [f"{median(candidate, what):.1f}" if what in known else "" for what in ("cursor", "move", "start")]
        print(f"| {candidate.name} | {' | '.join(cells)} | {candidate.peak:.0f} |")
    targets = (
        ("CPU of an event, against bare httpx", ratio, 1.5),
        ("memory after all, against after a tenth", memory[-1][1] / memory[0][1], 1.1),
        ("cursor with 8 in flight, against none", median(keys[1], "cursor") / median(keys[0], "cursor"), 1.1),
        ("move with 8 in flight, against none", median(keys[1], "move") / median(keys[0], "move"), 1.1),
        (
            "first frame with a long queue, against a short one",
            median(queues[1], "start") / median(queues[0], "start"),
            1.1,
        ),
        ("peak memory with a long queue, against a short one", queues[1].peak / queues[0].peak, 1.1),
    )
    print()
    for target, reached, limit in targets:
        print(f"* {'met' if reached <= limit else 'MISSED'}: {target}: {reached:.2f} (at most {limit:g})")
    return 0 if all(reached <= limit for _, reached, limit in targets) else 1


if __name__ == "__main__":
    sys.exit(main())

"""A process that changes a board and delivers, until it kills or stops itself at a given step.

``python -m tests.webhooks.crash_worker DATABASE STEP NTH [STOP]``; the step ``none`` goes on for ever.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from typing import Any

from kbtui.core.db import database as board_database
from kbtui.core.db.engine import SqliteEngine
from kbtui.core.tasks import tasks
from kbtui.webhooks import attempt, results
from kbtui.webhooks.attempt import Outcome, Post
from kbtui.webhooks.delivery import DeliveryThread
from kbtui.webhooks.engine import Engine
from kbtui.webhooks.policy import Policy
from tests.sql import fetch_all

STEPS = (
    "before the change commits",
    "after the claim",
    "before the POST",
    "after the POST",
    "before the commit",
    "after the commit",
)

LEASE, DEADLINE = 12.0, 6.0
POLICY = Policy(schedule=(0.0,) * 10, jitter=0.0, deadline=DEADLINE, lease_margin=LEASE - DEADLINE, poll=0.02)


_changing = threading.RLock()
"""Held during each change, whose transaction shuts out other processes: nobody could go on beside one that is
stopped in the middle of it, whereas of one that is killed SQLite takes the lock away.
"""


class Trap:
    """Kill or stop this process the nth time it comes to the step."""

    def __init__(self, step: str, nth: int, deadly: signal.Signals) -> None:
        self.step = step
        self.left = nth
        self.deadly = deadly
        self.is_settling = False

    def reach(self, step: str) -> None:
        """Tell that the process is at a step."""
        if step != self.step:
            return
        self.left -= 1
        if self.left == 0:
            with _changing if self.deadly == signal.SIGSTOP else contextlib.nullcontext():
                os.kill(os.getpid(), self.deadly)
                # A signal that one sends oneself can arrive a moment later, and nothing may happen meanwhile.
                time.sleep(0.2)


def set_trap(trap: Trap) -> None:
    """Wrap the functions where the steps are, in this process alone."""
    start_claimed, settle, send, commit = Engine._start_claimed, results.settle, attempt.send, SqliteEngine.commit

    def watched_start(engine: Engine) -> None:
        if engine._claimed:
            trap.reach("after the claim")
        start_claimed(engine)

    async def watched_send(post: Post) -> Outcome:
        trap.reach("before the POST")
        outcome = await send(post)
        trap.reach("after the POST")
        return outcome

    def watched_settle(finished: Any, *given: Any) -> list[results.Settled]:
        trap.is_settling = bool(finished)
        return settle(finished, *given)

    def watched_commit(database: SqliteEngine) -> None:
        if threading.current_thread() is threading.main_thread():
            trap.reach("before the change commits")
            commit(database)
            return
        is_settling, trap.is_settling = trap.is_settling, False
        if is_settling:
            trap.reach("before the commit")
        commit(database)
        if is_settling:
            trap.reach("after the commit")

    for owner, name, watched in (
        (Engine, "_start_claimed", watched_start),
        (SqliteEngine, "commit", watched_commit),
        (attempt, "send", watched_send),
        (results, "settle", watched_settle),
    ):
        setattr(owner, name, watched)


def main() -> None:
    """Change the tasks there are, one after the other, and deliver meanwhile."""
    path, step, nth, *rest = sys.argv[1:]
    board_database.connect(path)
    set_trap(Trap(step, int(nth), signal.SIGSTOP if rest else signal.SIGKILL))
    thread = DeliveryThread(POLICY)
    thread.start()
    if step == "none":
        print("ready", flush=True)
        sys.stdin.read()
        thread.stop()
        return
    task_ids = [task_id for (task_id,) in fetch_all("SELECT id FROM tasks ORDER BY id")]
    for number in range(400):
        with _changing:
            tasks.update_task(task_ids[number % len(task_ids)], title=f"{os.getpid()} {number}")
        time.sleep(0.003)
    time.sleep(LEASE * 4)
    sys.exit(f"never came {step}")


if __name__ == "__main__":
    main()

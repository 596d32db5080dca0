"""What tests of delivery share: short times, events without a board behind them, and a look at the outbox."""

import asyncio
import json
from typing import Any

from kbtui.core.db.database import transaction
from kbtui.core.events import log
from kbtui.webhooks.engine import Engine
from kbtui.webhooks.policy import Policy
from kbtui.webhooks.results import Report
from kbtui.webhooks.test_event import sample_event
from tests.patience import PATIENCE
from tests.sql import fetch_all, fetch_dicts

QUICK = Policy(
    schedule=(0.0,) + (0.02,) * 9,
    jitter=0.0,
    deadline=PATIENCE,
    outage_pause=0.05,
    poll=0.01,
    lease_margin=0.5,
    restart_delay=0.05,
    database_retry=0.02,
    grace=0.1,
)
"""The same rules in a hurry."""

ONCE = Policy(schedule=(0.0, 3600.0, 3600.0), jitter=0.0, deadline=PATIENCE, outage_pause=60.0, poll=0.01)
"""What fails is not tried again while a test runs."""


def announce(
    task_id: int | None = 1,
    name: str = "task.update",
    *,
    project_id: int = 1,
    title: str = "",
    after: int | None = None,
) -> int:
    """Record an event of a task that exists on no board, and return the event's id.

    ``after`` is another task: the event is to arrive after what is on its way about that one.
    """
    facts = json.loads(json.dumps(sample_event()[1]))
    facts["task"]["id"] = task_id or 0
    facts["task"]["project_id"] = project_id
    if title:
        facts["task"]["title"] = facts["changes"]["title"] = title
    with transaction():
        return log.record(name, facts, project_id=project_id, task_id=task_id, after_task_id=after)


async def deliver(policy: Policy = QUICK, *, seconds: float = PATIENCE) -> list[Report]:
    """Deliver until nothing is due, and return every attempt that was made."""
    reports: list[Report] = []
    engine = Engine(policy, on_attempt=reports.append, until_idle=True)
    await asyncio.wait_for(engine.run(), seconds)
    return reports


async def deliver_all(policy: Policy = QUICK, *, seconds: float = PATIENCE) -> list[Report]:
    """Deliver until nothing waits, and return every attempt that was made."""
    reports: list[Report] = []
    async with asyncio.timeout(seconds):
        while deliveries("ready", "blocked", "sending"):
            reports += await deliver(policy)
            await asyncio.sleep(0.01)
    return reports


def deliveries(*states: str) -> list[dict[str, Any]]:
    """Return the rows of the outbox, oldest first, all or those in some states."""
    rows = fetch_dicts("SELECT * FROM deliveries ORDER BY id")
    return [row for row in rows if not states or row["state"] in states]


def states() -> list[str]:
    """Return the state of each delivery, oldest first."""
    return [row["state"] for row in deliveries()]


def endpoint_row(endpoint_id: int = 1) -> dict[str, Any]:
    """Return an endpoint's row."""
    return fetch_dicts("SELECT * FROM endpoints WHERE id = ?", (endpoint_id,))[0]


def attempts() -> list[dict[str, Any]]:
    """Return every attempt on record, oldest first."""
    return fetch_dicts("SELECT * FROM attempts ORDER BY id")


def plan(sql: str, *params: Any) -> str:
    """Return how SQLite goes about a statement."""
    return " | ".join(str(row[3]) for row in fetch_all(f"EXPLAIN QUERY PLAN {sql}", params))

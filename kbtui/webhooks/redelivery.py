"""Redelivery: what a person does about single deliveries, or about all that failed."""

import time
from collections.abc import Iterable

from kbtui.core.db.database import fetch_all, fetch_one, transactional
from kbtui.core.db.engine import database
from kbtui.errors import InvalidError, NotFoundError
from kbtui.webhooks.outbox import UNFINISHED, ready_next

SKIPPED = "skipped"

_FAILED = f"state = 'dead' AND last_error <> '{SKIPPED}'"
"""SQL: given up, but not by a person."""

_RESTART = """UPDATE deliveries SET state = CASE WHEN {task} IS NULL THEN 'ready' ELSE 'blocked' END, task_id = {task},
    attempt = 0, refusals = 0, scheduled_at = ?, due_at = ?, finished_at = 0, last_error = '' WHERE {which}"""
_TASK = """(SELECT CASE WHEN p.is_ordered THEN v.task_id END FROM events v, endpoints p
    WHERE v.id = deliveries.event_id AND p.id = deliveries.endpoint_id)"""
_RESTART_ONE = _RESTART.format(task=_TASK, which="id = ?")
_RESTART_FAILED = _RESTART.format(task=_TASK, which=f"{_FAILED} AND finished_at >= ? AND endpoint_id = ?")
_STEP_BACK = """UPDATE deliveries SET state = 'blocked'
    WHERE endpoint_id = ? AND state = 'ready' AND task_id IS NOT NULL
    AND EXISTS (SELECT 1 FROM deliveries AS earlier WHERE earlier.endpoint_id = deliveries.endpoint_id
    AND earlier.task_id = deliveries.task_id AND earlier.state = 'blocked' AND earlier.id < deliveries.id)"""
_HEADLESS = f"""SELECT DISTINCT task_id FROM deliveries d WHERE endpoint_id = ? AND {UNFINISHED} AND state = 'blocked'
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE endpoint_id = d.endpoint_id AND task_id = d.task_id
    AND state IN ('ready', 'sending'))"""


@transactional
def resend(delivery_id: int) -> None:
    """Send a delivery again, with the same id and the same bytes: a finished one anew, a waiting one at once.

    It stands in its task's line again, before all later ones but one that is being sent. A pause of
    the endpoint that its failures or its Retry-After have brought about ends. Raises NotFoundError; InvalidError for
    one that is being sent, or that waits for another one.
    """
    state, endpoint_id, _ = _read(delivery_id)
    now = time.time()
    if state == "sending":
        raise InvalidError(f"Delivery {delivery_id} is being sent right now.")
    if state == "blocked":
        raise InvalidError(f"Delivery {delivery_id} waits for an earlier one of its task; resend or skip that one.")
    if state == "ready":
        database.execute_sql("UPDATE deliveries SET scheduled_at = ?, due_at = ? WHERE id = ?", (now, now, delivery_id))
    else:
        database.execute_sql(_RESTART_ONE, (now, now, delivery_id))
        _find_heads(endpoint_id, now)
    _end_pause(endpoint_id)


def list_failed(since: float = 0.0, *, endpoint_id: int | None = None) -> list[int]:
    """Return the ids of all that :func:`resend_failed` sends again, oldest first."""
    rows = fetch_all(
        f"SELECT id FROM deliveries WHERE {_FAILED} AND finished_at >= ? AND (? IS NULL OR endpoint_id = ?)"
        " ORDER BY id",
        (since, endpoint_id, endpoint_id),
    )
    return [delivery_id for (delivery_id,) in rows]


@transactional
def resend_failed(since: float = 0.0, *, endpoint_id: int | None = None) -> int:
    """Send all again that failed for good since a time (Unix seconds), not what a person skipped; return how many."""
    now = time.time()
    count = 0
    for (each,) in fetch_all("SELECT id FROM endpoints WHERE ? IS NULL OR id = ?", (endpoint_id, endpoint_id)):
        restarted: int = database.execute_sql(_RESTART_FAILED, (now, now, since, each)).rowcount
        if restarted:
            count += restarted
            _find_heads(each, now)
            _end_pause(each)
    return count


@transactional
def skip(delivery_id: int) -> None:
    """Give a waiting delivery up, so that the next one of its task can go; it can be resent later.

    Raises NotFoundError; InvalidError for one that is being sent or finished.
    """
    state, endpoint_id, task_id = _read(delivery_id)
    if state not in ("ready", "blocked"):
        what = "being sent right now" if state == "sending" else "finished already"
        raise InvalidError(f"Delivery {delivery_id} is {what}; only one that waits can be skipped.")
    now = time.time()
    database.execute_sql(
        "UPDATE deliveries SET state = 'dead', finished_at = ?, last_error = ? WHERE id = ?",
        (now, SKIPPED, delivery_id),
    )
    if state == "ready" and task_id is not None:
        ready_next(endpoint_id, task_id, now)


def held(ids: Iterable[int]) -> str:
    """Say in a sentence which endpoints of deliveries get nothing for now, "" when all do."""
    marks = ", ".join(map(str, map(int, ids))) or "NULL"
    rows = fetch_all(
        "SELECT DISTINCT name, CASE WHEN is_enabled THEN 'paused: resume' ELSE 'disabled: enable' END FROM endpoints"
        f" WHERE (is_paused OR NOT is_enabled) AND id IN (SELECT endpoint_id FROM deliveries WHERE id IN ({marks}))"
    )
    return " ".join(f"{name} is {state} it, and they go." for name, state in rows)


def list_behind(delivery_id: int) -> list[int]:
    """Return the ids of those that wait in the same line as a delivery, oldest first; without a task, of none."""
    _, endpoint_id, task_id = _read(delivery_id)
    rows = fetch_all(
        f"SELECT id FROM deliveries WHERE endpoint_id = ? AND task_id = ? AND {UNFINISHED} AND id <> ? ORDER BY id",
        (endpoint_id, task_id, delivery_id),
    )
    return [each for (each,) in rows]


def _read(delivery_id: int) -> tuple[str, int, int | None]:
    row = fetch_one("SELECT state, endpoint_id, task_id FROM deliveries WHERE id = ?", (delivery_id,))
    if row is None:
        raise NotFoundError(f"There is no delivery {delivery_id}.")
    return row[0], row[1], row[2]


def _find_heads(endpoint_id: int, now: float) -> None:
    """Ready the first delivery of each line of an endpoint, unless one of the line is being sent."""
    database.execute_sql(_STEP_BACK, (endpoint_id,))
    for (task_id,) in fetch_all(_HEADLESS, (endpoint_id,)):
        ready_next(endpoint_id, task_id, now)


def _end_pause(endpoint_id: int) -> None:
    database.execute_sql("UPDATE endpoints SET paused_until = 0 WHERE id = ?", (endpoint_id,))

"""Deliveries: looking them up, with what was sent and what came back."""

import json
from typing import Any

from kbtui.core.database import fetch_dicts, fetch_one
from kbtui.core.rows import read_number
from kbtui.core.text import clean_text
from kbtui.errors import NotFoundError
from kbtui.webhooks.formats import render

STATES = ("ready", "sending", "blocked", "done", "dead")

_SELECT = """SELECT d.id, d.webhook_id, d.state, d.event_id, d.event_name, d.task_id, d.endpoint_id,
    e.name AS endpoint, d.attempt, d.date_creation, d.due_at, d.finished_at, d.last_status, d.last_error, d.last_ms
FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id"""


def list_deliveries(*, state: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Return deliveries, the newest first, at most ``limit``; times are Unix seconds."""
    return fetch_dicts(
        f"{_SELECT} WHERE ?1 IS NULL OR d.state = ?1 ORDER BY d.id DESC LIMIT ?2",
        (state, limit),
    )


def get_delivery(delivery_id: int) -> dict[str, Any]:
    """Return a delivery as :func:`list_deliveries` does; raise NotFoundError."""
    rows = fetch_dicts(f"{_SELECT} WHERE d.id = ?", (delivery_id,))
    if not rows:
        raise NotFoundError(f"There is no delivery {delivery_id}.")
    return rows[0]


def find_delivery(ref: str) -> int:
    """Return the id of the delivery that an id (``12``, ``#12``) or a webhook-id means; raise NotFoundError."""
    row = fetch_one(
        "SELECT id FROM deliveries WHERE id = ? OR webhook_id = ?", (read_number(ref), clean_text(ref).strip())
    )
    if row is None:
        raise NotFoundError(f'There is no delivery "{ref}"; see: kbtui deliveries list')
    return int(row[0])


def list_attempts(delivery_id: int) -> list[dict[str, Any]]:
    """Return the attempts of a delivery, oldest first; the answer is decoded, what is no UTF-8 in it replaced."""
    rows = fetch_dicts(
        "SELECT number, started_at, ms, status, error, detail, answer_headers, answer FROM attempts"
        " WHERE delivery_id = ? ORDER BY id",
        (delivery_id,),
    )
    return [{**row, "answer": bytes(row["answer"]).decode("utf-8", "replace")} for row in rows]


def read_body(delivery_id: int) -> str:
    """Return the body that is sent, "" when it cannot be rendered; raise NotFoundError."""
    row = fetch_one(
        "SELECT p.format, v.name, v.facts, v.author FROM deliveries d JOIN endpoints p ON p.id = d.endpoint_id"
        " JOIN events v ON v.id = d.event_id WHERE d.id = ?",
        (delivery_id,),
    )
    if row is None:
        raise NotFoundError(f"There is no delivery {delivery_id}.")
    payload_format, name, facts, author = row
    try:
        return render(payload_format, name, json.loads(facts), author).body.decode()
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""  # a damaged row, which the engine gives up with a sentence of its own

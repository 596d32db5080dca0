"""Deliveries: looking them up, with what was sent and what came back."""

import json
import shlex
from dataclasses import dataclass, replace
from typing import Any

from kbtui.core.db.database import fetch_dicts, fetch_one
from kbtui.core.db.lookup import read_number
from kbtui.core.events.facts import read_facts
from kbtui.core.values.text import clean_text
from kbtui.errors import NotFoundError
from kbtui.webhooks.formats import render
from kbtui.webhooks.policy import MASK, Policy
from kbtui.webhooks.requests import without
from kbtui.webhooks.urls import origin, parse

STATES = ("ready", "sending", "blocked", "done", "dead")

_SELECT = """SELECT d.id, d.webhook_id, d.state, d.event_id, d.event_name, v.task_id, d.endpoint_id,
    e.name AS endpoint, d.attempt, e.schedule, d.date_creation, d.due_at, d.finished_at, d.last_status, d.last_error,
    d.last_ms, CASE WHEN NOT e.is_enabled THEN 'disabled' WHEN e.is_paused THEN 'paused' ELSE '' END AS held,
    e.paused_until
FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id JOIN events v ON v.id = d.event_id"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries are meant: those in a state, to an endpoint, about a task, since a time; None means any."""

    state: str | None = None
    endpoint_id: int | None = None
    task_id: int | None = None
    since: float | None = None
    """The event happened then or later, in Unix seconds."""

    def sql(self) -> tuple[str, tuple[Any, ...]]:
        """Return the condition and its parameters."""
        wanted = {
            "d.state = ?": self.state,
            "d.endpoint_id = ?": self.endpoint_id,
            "d.event_id IN (SELECT id FROM events WHERE task_id = ?)": self.task_id,
            "d.date_creation >= ?": self.since,
        }
        given = {condition: value for condition, value in wanted.items() if value is not None}
        return " AND ".join(given) or "1", tuple(given.values())


ALL = Filter()


def list_deliveries(
    *, state: str | None = None, limit: int = 50, offset: int = 0, only: Filter = ALL
) -> list[dict[str, Any]]:
    """Return deliveries, the newest first, at most ``limit`` from an offset on; times are Unix seconds.

    ``attempt`` is how many attempts were made, ``max_attempts`` how many there can be; ``next_try`` is when a ready
    one is tried; ``held`` says that it is not, since its endpoint is ``paused`` or ``disabled``.
    """
    condition, params = (only if state is None else replace(only, state=state)).sql()
    page = f"SELECT d.id FROM deliveries d WHERE {condition} ORDER BY d.id DESC LIMIT ? OFFSET ?"
    return _read(f"WHERE d.id IN ({page}) ORDER BY d.id DESC", (*params, limit, offset))


def _read(which: str, params: tuple[Any, ...]) -> list[dict[str, Any]]:
    rows = fetch_dicts(f"{_SELECT} {which}", params)
    for row in rows:
        row["max_attempts"] = len(Policy().steps(row.pop("schedule")))
        next_try = max(row["due_at"], row.pop("paused_until"))
        row["next_try"] = next_try if row["state"] == "ready" and not row["held"] else None
    return rows


def count_deliveries(only: Filter = ALL) -> int:
    """Return how many deliveries there are."""
    condition, params = only.sql()
    row = fetch_one(f"SELECT count(*) FROM deliveries d WHERE {condition}", params)
    return int(row[0]) if row else 0


def count_newer(delivery_id: int, only: Filter = ALL) -> int:
    """Return how many deliveries come before this one in :func:`list_deliveries`: its offset there."""
    condition, params = only.sql()
    row = fetch_one(f"SELECT count(*) FROM deliveries d WHERE d.id > ? AND {condition}", (delivery_id, *params))
    return int(row[0]) if row else 0


def get_delivery(delivery_id: int) -> dict[str, Any]:
    """Return a delivery as :func:`list_deliveries` does; raise NotFoundError."""
    rows = _read("WHERE d.id = ?", (delivery_id,))
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


def read_request(delivery_id: int) -> tuple[str, list[tuple[str, str]], str]:
    """Return the URL with the token masked, the headers and the body that are sent. Raises NotFoundError.

    What differs from attempt to attempt, the timestamp and the signature, is said in words.
    """
    row = fetch_one(
        "SELECT p.url, coalesce(nullif(d.format, ''), p.format), p.headers, p.secret, d.webhook_id, v.name,"
        " CAST(v.facts AS BLOB), v.author, CAST(x.text AS BLOB)"
        " FROM deliveries d JOIN endpoints p ON p.id = d.endpoint_id JOIN events v ON v.id = d.event_id"
        " LEFT JOIN event_texts x ON x.id = v.text_id WHERE d.id = ?",
        (delivery_id,),
    )
    if row is None:
        raise NotFoundError(f"There is no delivery {delivery_id}.")
    url, payload_format, own, secret, webhook_id, name, facts, author, text = row
    masked = origin(url) + parse(url).with_token("").removesuffix("token=") + f"token={MASK}"
    try:
        payload = render(payload_format, name, read_facts(facts, text), author)
        own_headers = dict.fromkeys(json.loads(own), MASK)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return masked, [], ""
    headers = [*without(payload.headers, own_headers), *own_headers.items(), ("webhook-id", webhook_id)]
    headers.append(("webhook-timestamp", "the moment of the attempt"))
    if secret:
        headers.append(("webhook-signature", f"v1,{MASK}"))
    return masked, headers, payload.body.decode()


def curl(delivery_id: int) -> str:
    """Return a command line that sends a delivery's request by hand, the token masked. Raises NotFoundError."""
    url, headers, body = read_request(delivery_id)
    told = [(name, value) for name, value in headers if name not in ("webhook-timestamp", "webhook-signature")]
    sent = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in told]
    return " ".join(["curl", "--globoff", "-X POST", *sent, f"--data-raw {shlex.quote(body)}", shlex.quote(url)])

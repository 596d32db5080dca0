"""``kbtui deliveries``: what was sent, what waits, and sending it again."""

import json
import time
from argparse import Namespace
from typing import Any

from kbtui.cli.output import Answer, counted, pairs, table
from kbtui.config import Settings
from kbtui.core.database import transaction
from kbtui.webhooks import deliveries
from kbtui.webhooks.redelivery import resend as send_again


def list_deliveries(arguments: Namespace, settings: Settings) -> Answer:
    """List deliveries, the newest first."""
    listed = deliveries.list_deliveries(state=arguments.state, limit=max(arguments.limit, 0))
    if not listed:
        return Answer("There are no such deliveries.", [])
    heads = ("ID", "TIME", "EVENT", "TASK", "ENDPOINT", "STATE", "ATTEMPT", "STATUS", "ERROR", "MS")
    rows = [
        (
            each["id"],
            _moment(each["date_creation"]),
            each["event_name"],
            "" if each["task_id"] is None else f"#{each['task_id']}",
            each["endpoint"],
            each["state"],
            each["attempt"],
            each["last_status"] or "",
            each["last_error"],
            _ms(each["last_ms"]),
        )
        for each in listed
    ]
    return Answer(table(heads, rows), listed)


def show_delivery(arguments: Namespace, settings: Settings) -> Answer:
    """Show a delivery, what is sent, and what every attempt brought."""
    delivery = deliveries.get_delivery(deliveries.find_delivery(arguments.ref))
    attempts = deliveries.list_attempts(delivery["id"])
    body = deliveries.read_body(delivery["id"])
    facts = [
        ("Id", delivery["webhook_id"]),
        ("Event", delivery["event_name"]),
        ("Task", delivery["task_id"]),
        ("Endpoint", delivery["endpoint"]),
        ("State", delivery["state"]),
        ("Created", _moment(delivery["date_creation"])),
        ("Next try", _moment(delivery["due_at"]) if delivery["state"] == "ready" else ""),
        ("Finished", _moment(delivery["finished_at"]) if delivery["finished_at"] else ""),
    ]
    parts = [f"Delivery {delivery['id']}", pairs(facts), body, *map(_attempt, attempts)]
    document = {**delivery, "payload": json.loads(body) if body else None, "attempts": attempts}
    return Answer("\n\n".join(part for part in parts if part), document)


def resend(arguments: Namespace, settings: Settings) -> Answer:
    """Send deliveries again: all that are named, or none."""
    with transaction():
        ids = tuple(dict.fromkeys(deliveries.find_delivery(ref) for ref in arguments.refs))
        for delivery_id in ids:
            send_again(delivery_id)
    text = f"{counted(len(ids), 'delivery', 'deliveries')} to be sent again."
    return Answer(text, {"resent": list(ids)}, changed=True, resent=ids)


def _attempt(attempt: dict[str, Any]) -> str:
    facts = [
        ("Status", attempt["status"]),
        ("Error", attempt["error"]),
        ("Detail", attempt["detail"]),
        ("Took", f"{_ms(attempt['ms'])} ms"),
        ("Answer", attempt["answer"]),
    ]
    return f"Attempt {attempt['number']} at {_moment(attempt['started_at'])}\n{pairs(facts)}"


def _ms(ms: float | None) -> object:
    return "" if ms is None else round(ms)


def _moment(timestamp: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(timestamp))

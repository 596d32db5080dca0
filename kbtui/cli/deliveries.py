"""``kbtui deliveries``: what was sent, what waits; sending it again, giving it up, clearing it away."""

import json
import re
import time
from argparse import ArgumentTypeError, Namespace
from dataclasses import asdict, replace
from typing import Any

from kbtui.cli.argument_types import number
from kbtui.cli.output import Answer, counted, pairs, table
from kbtui.cli.parser import Command, CommandParser, UsageError
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.db.lookup import read_number
from kbtui.core.values.dates import parse_due
from kbtui.core.views.search import find_task
from kbtui.errors import InvalidError
from kbtui.webhooks import deliveries, endpoints, redelivery, retention
from kbtui.webhooks.deliveries import AttemptRow, DeliveryRow

STATES = ("ready", "sending", "blocked", "done", "dead")

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

EXAMPLES = "30m, 12h, 1d, 2w, today, 2027-01-31, '2027-01-31 14:30'"
"""What :func:`since` understands, for help and errors."""


def add_arguments(parser: CommandParser) -> None:
    """Add the five commands of ``kbtui deliveries``."""
    parser.add_commands(
        (
            Command("list", "list deliveries, the newest first", _add_filters, list_deliveries),
            Command("show", "show a delivery and every attempt", _add_delivery, show_delivery),
            Command("resend", "send deliveries again, under the same webhook-id", _add_failed, resend),
            Command("skip", "give deliveries up, so that the next of a task can go", _add_deliveries, skip),
            Command("prune", "remove the records of what was finished long ago", _add_retention, prune),
        )
    )


def _add_filters(parser: CommandParser) -> None:
    parser.add_argument("--state", choices=STATES, help="only those in this state")
    parser.add_argument("--task", metavar="ID", help="only those about this task, number or title")
    parser.add_argument("--limit", type=number, default=50, metavar="N", help="at most so many; 50 if not given")
    _add_endpoint_and_time(parser)


def _add_delivery(parser: CommandParser) -> None:
    parser.add_argument("ref", metavar="ID", help="number or webhook-id of the delivery")


def _add_failed(parser: CommandParser) -> None:
    parser.add_argument("refs", metavar="ID", nargs="*", help="number or webhook-id of a delivery")
    parser.add_argument("--failed", action="store_true", help="all that were given up")
    _add_endpoint_and_time(parser)


def _add_endpoint_and_time(parser: CommandParser) -> None:
    parser.add_argument("--endpoint", metavar="E", help="only those to this endpoint, number or name")
    parser.add_argument("--since", type=since, metavar="TIME", help=f"only those since then: {EXAMPLES}")


def _add_deliveries(parser: CommandParser) -> None:
    parser.add_argument("refs", metavar="ID", nargs="+", help="number or webhook-id of a delivery")


def _add_retention(parser: CommandParser) -> None:
    parser.add_argument("--keep-days", type=float, metavar="N", help="days that what was delivered is kept; usually 7")
    parser.add_argument("--keep-rows", type=number, metavar="N", help="how many of those at most; usually 10,000")
    parser.add_argument("--keep-failed-days", type=float, metavar="N", help="days for what was given up; usually 30")
    parser.add_argument(
        "--keep-event-days", type=float, metavar="N", help="days for events without a delivery; usually 90"
    )
    parser.add_argument("--save", action="store_true", help="keep to these numbers from now on")


def since(text: str) -> float:
    """Read how long ago, or when, as Unix seconds, for ``type=``."""
    words = text.strip().lower()
    if match := re.fullmatch("([0-9]{1,6})([smhdw])", words):
        return time.time() - int(match[1]) * UNITS[match[2]]
    try:
        start = 0 if words.startswith("+") else parse_due(words, time.time())
    except InvalidError:
        start = 0
    if not start:
        raise ArgumentTypeError(f"{text!r} is no time; try {EXAMPLES}")
    return float(start)


def list_deliveries(arguments: Namespace, settings: Settings) -> Answer:
    """List deliveries, the newest first."""
    listed = deliveries.list_deliveries(only=_filter(arguments), limit=max(arguments.limit, 0))
    if not listed:
        return Answer("There are no such deliveries.", [])
    heads = ("ID", "TIME", "EVENT", "TASK", "ENDPOINT", "STATE", "ATTEMPT", "STATUS", "ERROR", "MS", "NEXT TRY")
    rows = [
        (
            each.id,
            _local_time(each.date_creation),
            each.event_name,
            "" if each.task_id is None else f"#{each.task_id}",
            each.endpoint,
            each.state,
            f"{each.attempt}/{each.max_attempts}",
            each.last_status or "",
            each.last_error,
            _ms(each.last_ms),
            _next_try(each),
        )
        for each in listed
    ]
    return Answer(table(heads, rows), [each._asdict() for each in listed])


def _filter(arguments: Namespace) -> deliveries.Filter:
    task_id = None
    if arguments.task is not None:
        # A task that has been removed is found by its number: what was sent about it is still there.
        task_id = read_number(arguments.task) or find_task(arguments.task)
    return deliveries.Filter(arguments.state, _endpoint_id(arguments), task_id, arguments.since)


def _endpoint_id(arguments: Namespace) -> int | None:
    return None if arguments.endpoint is None else int(endpoints.find_endpoint(arguments.endpoint).id)


def show_delivery(arguments: Namespace, settings: Settings) -> Answer:
    """Show a delivery, what is sent, and what every attempt brought."""
    delivery = deliveries.get_delivery(deliveries.find_delivery(arguments.ref))
    attempts = deliveries.list_attempts(delivery.id)
    url, headers, body = deliveries.read_request(delivery.id)
    facts = [
        ("Id", delivery.webhook_id),
        ("Event", delivery.event_name),
        ("Task", delivery.task_id),
        ("Endpoint", delivery.endpoint),
        ("State", delivery.state),
        ("Attempts", f"{delivery.attempt} of {delivery.max_attempts}"),
        ("Created", _local_time(delivery.date_creation)),
        ("Next try", _next_try(delivery)),
        ("Finished", _local_time(delivery.finished_at) if delivery.finished_at else ""),
    ]
    request = "\n".join([f"POST {url}", *(f"{name}: {value}" for name, value in headers)])
    parts = [f"Delivery {delivery.id}", pairs(facts), request, body, *map(_attempt, attempts)]
    document = {
        **delivery._asdict(),
        "url": url,
        "headers": dict(headers),
        "payload": json.loads(body) if body else None,
        "attempts": [each._asdict() for each in attempts],
    }
    return Answer("\n\n".join(part for part in parts if part), document)


def resend(arguments: Namespace, settings: Settings) -> Answer:
    """Send deliveries again: all that are named, or none; or all that were given up."""
    if bool(arguments.refs) == arguments.failed:
        raise UsageError("name deliveries, or give --failed for all that were given up")
    if not arguments.failed and (arguments.since is not None or arguments.endpoint is not None):
        raise UsageError("--since and --endpoint choose among those of --failed")
    with transaction():
        if arguments.failed:
            chosen: dict[str, Any] = {"since": arguments.since or 0.0, "endpoint_id": _endpoint_id(arguments)}
            ids = redelivery.list_failed(**chosen)
            redelivery.resend_failed(**chosen)
        else:
            ids = _find(arguments.refs)
            for delivery_id in ids:
                redelivery.resend(delivery_id)
        held = redelivery.held(ids)
    text = " ".join(filter(None, (f"{counted(len(ids), 'delivery', 'deliveries')} to be sent again.", held)))
    return Answer(text, {"resent": ids}, changed=True, resent=tuple(ids))


def skip(arguments: Namespace, settings: Settings) -> Answer:
    """Give deliveries up that wait: all that are named, or none."""
    with transaction():
        ids = _find(arguments.refs)
        for delivery_id in ids:
            redelivery.skip(delivery_id)
        behind = tuple(each for delivery_id in ids for each in redelivery.list_behind(delivery_id))
    text = f"{counted(len(ids), 'delivery', 'deliveries')} given up; what waited for that goes on."
    return Answer(text, {"skipped": ids}, changed=True, resent=behind)


def _find(refs: list[str]) -> list[int]:
    return list(dict.fromkeys(deliveries.find_delivery(ref) for ref in refs))


def prune(arguments: Namespace, settings: Settings) -> Answer:
    """Remove what was finished long ago, by the board's setting or by what is given; with ``--save`` that is set."""
    changes = {
        name: value
        for name, value in (
            ("days", arguments.keep_days),
            ("rows", arguments.keep_rows),
            ("failed_days", arguments.keep_failed_days),
            ("event_days", arguments.keep_event_days),
        )
        if value is not None
    }
    rule = replace(retention.read_retention(), **changes)
    if arguments.save:
        retention.save_retention(rule)
    pruned = retention.prune(rule)
    removed = counted(pruned.done + pruned.dead, "delivery", "deliveries")
    events = f" and {counted(pruned.events, 'event')}" if pruned.events else ""
    saved = "; so it is from now on" if arguments.save else ""
    words = (
        f"Kept are those delivered in the last {rule.days:g} days, at most {rule.rows:,}, and those given up in the"
        f" last {rule.failed_days:g} days; events without a delivery for {rule.event_days:g} days{saved}."
    )
    document = {
        "removed": {"done": pruned.done, "dead": pruned.dead, "events": pruned.events},
        "keep": asdict(rule),
        "saved": bool(arguments.save),
    }
    return Answer(f"{removed}{events} removed. {words}", document)


def _attempt(attempt: AttemptRow) -> str:
    facts = [
        ("Status", attempt.status),
        ("Error", attempt.error),
        ("Detail", attempt.detail),
        ("Took", f"{_ms(attempt.ms)} ms"),
        ("Headers", attempt.answer_headers),
        ("Answer", attempt.answer),
    ]
    return f"Attempt {attempt.number} at {_local_time(attempt.started_at)}\n{pairs(facts)}"


def _next_try(delivery: DeliveryRow) -> str:
    if delivery.next_try is not None:
        return _local_time(delivery.next_try)
    return str(delivery.held) if delivery.state in ("ready", "blocked") else ""


def _ms(ms: float | None) -> object:
    return "" if ms is None else round(ms)


def _local_time(timestamp: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(timestamp))

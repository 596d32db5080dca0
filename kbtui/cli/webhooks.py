"""``kbtui webhook``: where events go, the token, and a test."""

from argparse import Namespace
from typing import Any

from kbtui.cli.choices import choose_project
from kbtui.cli.output import Answer, pairs, table
from kbtui.cli.parser import UsageError
from kbtui.config import Settings
from kbtui.core import settings as board_settings
from kbtui.core.database import transaction
from kbtui.webhooks import endpoints
from kbtui.webhooks.health import health

EVERY_PROJECT = ("", "all")
"""What is written for no project in particular."""

SHOWN = ("id", "name", "url", "format", "events", "project_id", "is_enabled", "disabled_reason", "is_paused")
"""What is printed of an endpoint: not its secrets, nor its headers, which may hold some."""


def add_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Add an endpoint."""
    fields = _given(arguments)
    if arguments.name is not None:
        fields["name"] = arguments.name
    endpoint_id = endpoints.add_endpoint(arguments.url, **fields)
    document = _document(endpoint_id)
    return Answer(f"Added {_named(document)}; it gets {_what(document)} as {document['format']}.", document)


def list_endpoints(arguments: Namespace, settings: Settings) -> Answer:
    """List the endpoints and how they are doing."""
    listed = [_document(endpoint.id) for endpoint in endpoints.list_endpoints()]
    if not listed:
        return Answer("There are no webhooks; add one with: kbtui webhook add URL", [])
    heads = ("ID", "NAME", "STATE", "WAITING", "LAST MS", "FORMAT", "EVENTS", "PROJECT", "URL")
    rows = [
        (
            each["id"],
            each["name"],
            each["state"],
            each["waiting"],
            "" if each["last_ms"] is None else round(each["last_ms"]),
            each["format"],
            each["events"],
            "all" if each["project_id"] is None else f"#{each['project_id']}",
            each["url"],
        )
        for each in listed
    ]
    return Answer(table(heads, rows), listed)


def edit_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Change an endpoint."""
    fields = _given(arguments)
    for option in ("url", "name"):
        if getattr(arguments, option) is not None:
            fields[option] = getattr(arguments, option)
    if not fields and arguments.enabled is None:
        raise UsageError("nothing to change was given")
    with transaction():
        endpoint_id = int(endpoints.find_endpoint(arguments.ref).id)
        changed = endpoints.update_endpoint(endpoint_id, **fields)
        if arguments.enabled is not None:
            changed = endpoints.set_enabled(endpoint_id, bool(arguments.enabled)) or changed
    document = {**_document(endpoint_id), "changed": changed}
    what = _named(document)
    return Answer(f"Changed {what}." if changed else f"Nothing differs: {what} stays as it is.", document)


def remove_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Remove an endpoint with all that waits for it."""
    with transaction():
        document = _document(int(endpoints.find_endpoint(arguments.ref).id))
        endpoints.remove_endpoint(document["id"])
    return Answer(f"Removed {_named(document)}.", {**document, "removed": True})


def test_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Send a test event at once, and show what the receiver answers."""
    from kbtui.webhooks.trial import send_test  # brings the network, which the other commands do without

    document = _document(int(endpoints.find_endpoint(arguments.ref).id))
    outcome = send_test(document["id"])
    answered = outcome.answer.decode("utf-8", "replace")
    tested = {
        "endpoint_id": document["id"],
        "delivered": not outcome.error,
        "status": outcome.status,
        "error": outcome.error,
        "detail": outcome.detail,
        "ms": round(outcome.ms, 1),
        "answer": answered,
    }
    facts = [("Status", outcome.status), ("Took", f"{outcome.ms:.0f} ms"), ("Answer", answered)]
    if outcome.error:
        failure = f"The test event was not delivered to {_named(document)}: {outcome.detail or outcome.error}"
        return Answer(pairs(facts), tested, failure=failure)
    return Answer(f"The test event was delivered to {_named(document)}.\n\n{pairs(facts)}", tested)


def show_token(arguments: Namespace, settings: Settings) -> Answer:
    """Show the token that receivers check, or replace it."""
    token = board_settings.reset_webhook_token() if arguments.reset else board_settings.webhook_token()
    return Answer(token, {"token": token})


def _given(arguments: Namespace) -> dict[str, Any]:
    """Return the fields that adding and editing share."""
    fields: dict[str, Any] = {}
    if arguments.format is not None:
        fields["payload_format"] = arguments.format
    if arguments.events is not None:
        fields["events"] = arguments.events
    if arguments.project is not None:
        is_every = arguments.project.strip().lower() in EVERY_PROJECT
        fields["project_id"] = None if is_every else int(choose_project(arguments.project).id)
    return fields


def _document(endpoint_id: int) -> dict[str, Any]:
    endpoint = endpoints.get_endpoint(endpoint_id)
    document: dict[str, Any] = {name: getattr(endpoint, name) for name in SHOWN}
    doing = health(endpoint_id)
    if doing is not None:
        for name in ("state", "reason", "failures", "last_status", "last_ms", "p50", "p95", "waiting", "next_try"):
            document[name] = getattr(doing, name)
    return document


def _named(document: dict[str, Any]) -> str:
    return f'webhook #{document["id"]} "{document["name"]}"'


def _what(document: dict[str, Any]) -> str:
    what = "all events" if document["events"] == "*" else document["events"]
    return what if document["project_id"] is None else f"{what} of project #{document['project_id']}"

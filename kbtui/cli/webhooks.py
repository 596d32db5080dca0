"""``kbtui webhook``: where events go and how, pauses, secrets, the token, and a test."""

import sys
import time
from argparse import ArgumentTypeError, Namespace
from typing import Any

from kbtui.cli.argument_types import number, yes_or_no
from kbtui.cli.choices import choose_project
from kbtui.cli.output import Answer, pairs, table
from kbtui.cli.parser import Command, CommandParser, UsageError, no_arguments
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.projects import settings as board_settings
from kbtui.errors import InvalidError
from kbtui.webhooks import endpoints
from kbtui.webhooks.health import health
from kbtui.webhooks.policy import MASK
from kbtui.webhooks.signatures import PREFIX

EVERY_PROJECT = ("", "all")
"""What is written for no project in particular."""

OPTIONS = {
    "name": "name",
    "format": "payload_format",
    "events": "events",
    "deadline": "deadline",
    "schedule": "schedule",
    "ordered": "is_ordered",
    "concurrency": "concurrency",
    "ca_file": "ca_file",
    "proxy": "use_proxy",
}
"""Option of the command line → field of an endpoint."""

DOCUMENT_FIELDS = ("id", "name", "url", "format", "events", "project_id", "is_enabled", "disabled_reason", "is_paused",
                   "deadline", "schedule", "is_ordered", "concurrency", "ca_file", "use_proxy")  # fmt: skip
"""What is printed of an endpoint: not its secret, nor the values of its headers, which may hold some."""


def add_arguments(parser: CommandParser) -> None:
    """Add the ten commands of ``kbtui webhook``."""
    parser.add_commands(
        (
            Command("add", "send events to a URL", _add_new, add_endpoint),
            Command("list", "list the endpoints and how they are doing", no_arguments, list_endpoints),
            Command("show", "show an endpoint with all its settings", _add_endpoint, show_endpoint),
            Command("edit", "change an endpoint", _add_changes, edit_endpoint),
            Command("remove", "remove an endpoint and its deliveries", _add_endpoint, remove_endpoint),
            Command("pause", "send nothing to it for now, but keep its events", _add_endpoint, pause_endpoint),
            Command("resume", "send to it again, now, whatever it waits for", _add_endpoint, resume_endpoint),
            Command("test", "send a test event at once and show the answer", _add_endpoint, test_endpoint),
            Command("secret", "show or change the secret that signs deliveries", _add_secret, show_secret),
            Command("token", "show the token that receivers check", _add_reset, show_token),
        )
    )


def _add_new(parser: CommandParser) -> None:
    parser.add_argument("url", metavar="URL")
    _add_fields(parser)


def _add_endpoint(parser: CommandParser) -> None:
    parser.add_argument("ref", metavar="ID", help="number or name of the endpoint")


def _add_changes(parser: CommandParser) -> None:
    _add_endpoint(parser)
    _add_fields(parser)
    parser.add_argument("--url", metavar="URL")
    parser.add_argument("--enabled", type=yes_or_no, metavar="yes|no", help="send to it or not")


def _add_fields(parser: CommandParser) -> None:
    """Add what can be set of an endpoint, new or not."""
    parser.add_argument("--name", metavar="N", help="what to call it; its host if not given")
    parser.add_argument("--format", metavar="F", help="kanboard-1.0 or kanboard-1.2")
    parser.add_argument("--events", metavar="NAMES", help="such as 'task.move.*,comment.*'; * for all")
    parser.add_argument("--project", metavar="P", help="only events of this project; all: of every project")
    parser.add_argument("--deadline", type=float, metavar="SECONDS", help="for one attempt, 1 to 30")
    parser.add_argument(
        "--schedule",
        metavar="TIMES",
        help="from one attempt to the next, such as '0, 5s, 5m, 2h'; '' for the usual one",
    )
    parser.add_argument("--ordered", type=yes_or_no, metavar="yes|no", help="keep the order of each task's events")
    parser.add_argument("--concurrency", type=number, metavar="N", help="requests open at once, 1 to 32")
    parser.add_argument("--ca-file", metavar="FILE", help="authorities to trust instead of the usual; '' for those")
    parser.add_argument(
        "--header", dest="headers", action="append", type=_header, metavar="'NAME: VALUE'",
        help="send this header too; once for each; without a value: no more",
    )  # fmt: skip
    parser.add_argument("--proxy", type=yes_or_no, metavar="yes|no", help="go through the proxy of the environment")


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ArgumentTypeError("a header is written 'Name: value'")
    return name.strip(), value.strip()


def _add_secret(parser: CommandParser) -> None:
    _add_endpoint(parser)
    parser.add_argument("--show", action="store_true", help="print the secret itself")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--rotate", action="store_true", help="make a new one; for 24 hours the old one signs as well")
    change.add_argument("--set", metavar="whsec_…", help="use this one; - reads it from standard input")
    change.add_argument("--remove", action="store_true", help="sign no more")


def _add_reset(parser: CommandParser) -> None:
    parser.add_argument("--reset", action="store_true", help="replace it by a new one")


def add_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Add an endpoint."""
    fields = _read_fields(arguments)
    if arguments.headers:
        fields["headers"] = _changed_headers({}, arguments.headers)
    endpoint_id = endpoints.save_endpoint(None, url=arguments.url, **fields)
    assert endpoint_id is not None  # noqa: S101 - what is added has one
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


def show_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Show an endpoint with all its settings."""
    document = _document(int(endpoints.find_endpoint(arguments.ref).id))
    state = document["state"] + (f": {document['reason']}" if document["reason"] else "")
    facts = [
        ("Name", document["name"]),
        ("URL", document["url"]),
        ("State", state),
        ("Waiting", document["waiting"]),
        ("Next try", _local_time(document["next_try"])),
        ("Format", document["format"]),
        ("Events", document["events"]),
        ("Project", "all" if document["project_id"] is None else f"#{document['project_id']}"),
        ("Enabled", _yes_or_no(document["is_enabled"])),
        ("Paused", _yes_or_no(document["is_paused"])),
        ("Signed", _yes_or_no(document["is_signed"])),
        ("Deadline", f"{document['deadline']:g} s"),
        ("Schedule", document["schedule"] or "the usual one"),
        ("Ordered", _yes_or_no(document["is_ordered"])),
        ("Concurrency", document["concurrency"]),
        ("CA file", document["ca_file"]),
        ("Headers", ", ".join(f"{name}: {MASK}" for name in document["headers"])),
        ("Proxy", _yes_or_no(document["use_proxy"])),
    ]
    return Answer(pairs(facts), document)


def edit_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Change an endpoint."""
    fields = _read_fields(arguments)
    if arguments.url is not None:
        fields["url"] = arguments.url
    if not fields and arguments.enabled is None and not arguments.headers:
        raise UsageError("nothing to change was given")
    with transaction():
        endpoint_id = int(endpoints.find_endpoint(arguments.ref).id)
        if arguments.headers:
            fields["headers"] = _changed_headers(endpoints.read_headers(endpoint_id), arguments.headers)
        changed = endpoints.update_endpoint(endpoint_id, **fields)
        if arguments.enabled is not None:
            changed = endpoints.set_enabled(endpoint_id, bool(arguments.enabled)) or changed
    document = {**_document(endpoint_id), "changed": changed}
    what = _named(document)
    return Answer(f"Changed {what}." if changed else f"Nothing differs: {what} stays as it is.", document)


def pause_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Send nothing to an endpoint until it is resumed."""
    with transaction():
        endpoint_id = int(endpoints.find_endpoint(arguments.ref).id)
        changed = endpoints.pause(endpoint_id)
    document = {**_document(endpoint_id), "changed": changed}
    effect = "its events are kept until it is resumed" if changed else "it was paused already"
    return Answer(f"Paused {_named(document)}; {effect}.", document)


def resume_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Send to an endpoint again, at once, and send what waits for it."""
    with transaction():
        endpoint_id = int(endpoints.find_endpoint(arguments.ref).id)
        changed = endpoints.resume(endpoint_id)
        waiting = tuple(endpoints.list_waiting(endpoint_id))
    document = {**_document(endpoint_id), "changed": changed}
    effect = "what waits for it is sent now" if changed else "it was neither paused nor waiting"
    if not document["is_enabled"]:
        effect = f"but it is disabled; enable it with: kbtui webhook edit {endpoint_id} --enabled yes"
    return Answer(f"Resumed {_named(document)}; {effect}.", document, changed=True, resent=waiting)


def remove_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Remove an endpoint with all that waits for it."""
    with transaction():
        document = _document(int(endpoints.find_endpoint(arguments.ref).id))
        endpoints.remove_endpoint(document["id"])
    return Answer(f"Removed {_named(document)}.", {**document, "removed": True})


def test_endpoint(arguments: Namespace, settings: Settings) -> Answer:
    """Send a test event at once, and show what the receiver answers."""
    from kbtui.webhooks.test_event import send_test  # brings the network, which the other commands do without

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


def show_secret(arguments: Namespace, settings: Settings) -> Answer:
    """Show an endpoint's signing secret, masked unless asked for, or change it."""
    with transaction():
        endpoint_id = int(endpoints.find_endpoint(arguments.ref).id)
        if arguments.rotate:
            endpoints.rotate_secret(endpoint_id)
        elif arguments.remove:
            endpoints.set_secret(endpoint_id, "")
        elif arguments.set is not None:
            endpoints.set_secret(endpoint_id, _read_secret(arguments.set))
        endpoint = endpoints.get_endpoint(endpoint_id)
    printed = endpoint.secret if arguments.show else f"{PREFIX}{MASK}" if endpoint.secret else ""
    old_until = endpoint.old_secret_until if endpoint.old_secret_until > time.time() else None
    lines = [printed or "There is no secret: what is sent is not signed."]
    if old_until is not None:
        lines.append(f"The secret before it signs as well until {_local_time(old_until)}.")
    if endpoint.secret and not arguments.show:
        lines.append("With --show the secret itself is printed.")
    document = {"endpoint_id": endpoint_id, "signed": bool(endpoint.secret), "secret": printed, "old_until": old_until}
    return Answer("\n".join(lines), document)


def _read_secret(option: str) -> str:
    """Return the secret of an option, or for ``-`` that on stdin, where no list of processes shows it."""
    secret = sys.stdin.readline().strip() if option == "-" and sys.stdin is not None else option
    if not secret:
        raise InvalidError("No secret was given; --remove ends signing.")
    return secret


def show_token(arguments: Namespace, settings: Settings) -> Answer:
    """Show the token that receivers check, or replace it."""
    token = board_settings.reset_webhook_token() if arguments.reset else board_settings.webhook_token()
    return Answer(token, {"token": token})


def _read_fields(arguments: Namespace) -> dict[str, Any]:
    """Return the fields that the options give, by the names they have in an endpoint; headers are apart."""
    fields = {field: getattr(arguments, option) for option, field in OPTIONS.items()}
    fields = {field: value for field, value in fields.items() if value is not None}
    if arguments.project is not None:
        is_every = arguments.project.strip().lower() in EVERY_PROJECT
        fields["project_id"] = None if is_every else int(choose_project(arguments.project).id)
    return fields


def _changed_headers(headers: dict[str, str], changes: list[tuple[str, str]]) -> dict[str, str]:
    """Return an endpoint's own headers as they are to be: each change replaces, or without a value removes, one."""
    for name, value in changes:
        headers = {other: text for other, text in headers.items() if other.lower() != name.lower()}
        if value:
            headers[name] = value
    return headers


def _document(endpoint_id: int) -> dict[str, Any]:
    endpoint = endpoints.get_endpoint(endpoint_id)
    document: dict[str, Any] = {name: getattr(endpoint, name) for name in DOCUMENT_FIELDS}
    document["headers"] = list(endpoints.read_headers(endpoint_id))
    document["is_signed"] = bool(endpoint.secret)
    state = health(endpoint_id)
    if state is not None:
        for name in ("state", "reason", "failures", "last_status", "last_ms", "p50", "p95", "waiting", "next_try"):
            document[name] = getattr(state, name)
    return document


def _named(document: dict[str, Any]) -> str:
    return f'webhook #{document["id"]} "{document["name"]}"'


def _what(document: dict[str, Any]) -> str:
    what = "all events" if document["events"] == "*" else document["events"]
    return what if document["project_id"] is None else f"{what} of project #{document['project_id']}"


def _yes_or_no(flag: int) -> str:
    return "yes" if flag else "no"


def _local_time(timestamp: float | None) -> str:
    return "" if timestamp is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(timestamp))

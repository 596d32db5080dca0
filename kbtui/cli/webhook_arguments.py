"""The grammar of ``kbtui listen``, ``deliver``, ``webhook``, ``deliveries`` and ``doctor``."""

import argparse
from pathlib import Path

from kbtui.cli.parser import Actions, CommandParser, add_command, add_group, number, yes_or_no
from kbtui.cli.times import EXAMPLES, since

STATES = ("ready", "sending", "blocked", "done", "dead")


def add_receiver(commands: "Actions[CommandParser]") -> None:
    """Add the command that receives and the one that sends."""
    listening = add_command(
        commands, "listen", "listen:listen", "receive webhooks and print each delivery", opens_board=False
    )
    listening.add_argument(
        "--host", type=read_host, default="127.0.0.1", metavar="ADDRESS", help="127.0.0.1 if not given"
    )
    listening.add_argument(
        "--port", type=read_port, default=8642, metavar="N", help="8642 if not given; 0: any that is free"
    )
    listening.add_argument("--token", default="", metavar="T", help="refuse deliveries with another token")
    listening.add_argument("--secret", default="", metavar="whsec_…", help="refuse deliveries not signed with it")
    listening.add_argument("--output", type=Path, metavar="FILE", help="add each delivery to a file of JSON lines")
    listening.add_argument("--status", type=_status, default=200, metavar="N", help="answer with this status")
    listening.add_argument("--delay", type=_seconds, default=0.0, metavar="SECONDS", help="answer only after this long")
    listening.add_argument("--fail-first", type=_count, default=0, metavar="N", help="answer the first N with 500")
    bad = listening.add_mutually_exclusive_group()
    bad.add_argument("--hang", action="store_true", help="never answer")
    bad.add_argument("--reset", action="store_true", help="break the connection instead of answering")
    bad.add_argument(
        "--drip", type=_seconds, nargs="?", const=0.5, default=0.0, metavar="SECONDS",
        help="answer byte by byte, so far apart; 0.5 if not given",
    )  # fmt: skip

    sending = add_command(
        commands,
        "deliver",
        "deliver:deliver",
        "send what is due, without a screen, until Ctrl+C or SIGTERM; several may run; --json logs a line an attempt",
    )
    sending.add_argument("--once", action="store_true", help="end when nothing is due")


def add_groups(commands: "Actions[CommandParser]") -> None:
    """Add the groups for endpoints and for deliveries, and the doctor."""
    _add_webhook(add_group(commands, "webhook", "webhook endpoints: where events go, how, and how they are doing"))
    _add_deliveries(add_group(commands, "deliveries", "what was sent and what waits: list, show, resend, skip, prune"))
    add_command(
        commands,
        "doctor",
        "doctor:examine",
        "check the database, the deliveries and the endpoints, and say what to do",
        opens_board=False,
    )


def _add_webhook(group: "Actions[CommandParser]") -> None:
    adding = add_command(group, "add", "webhooks:add_endpoint", "send events to a URL")
    adding.add_argument("url", metavar="URL")
    add_command(group, "list", "webhooks:list_endpoints", "list the endpoints and how they are doing")
    showing = add_command(group, "show", "webhooks:show_endpoint", "show an endpoint with all its settings")
    editing = add_command(group, "edit", "webhooks:edit_endpoint", "change an endpoint")
    removing = add_command(group, "remove", "webhooks:remove_endpoint", "remove an endpoint and its deliveries")
    pausing = add_command(group, "pause", "webhooks:pause_endpoint", "send nothing to it for now, but keep its events")
    resuming = add_command(group, "resume", "webhooks:resume_endpoint", "send to it again, now, whatever it waits for")
    testing = add_command(group, "test", "webhooks:test_endpoint", "send a test event at once and show the answer")
    signing = add_command(group, "secret", "webhooks:show_secret", "show or change the secret that signs deliveries")
    for parser in (showing, editing, removing, pausing, resuming, testing, signing):
        parser.add_argument("ref", metavar="ID", help="number or name of the endpoint")
    for parser in (adding, editing):
        _add_fields(parser)
    editing.add_argument("--url", metavar="URL")
    editing.add_argument("--enabled", type=yes_or_no, metavar="yes|no", help="send to it or not")
    signing.add_argument("--show", action="store_true", help="print the secret itself")
    change = signing.add_mutually_exclusive_group()
    change.add_argument("--rotate", action="store_true", help="make a new one; for 24 hours the old one signs as well")
    change.add_argument("--set", metavar="whsec_…", help="use this one; - reads it from standard input")
    change.add_argument("--remove", action="store_true", help="sign no more")
    token = add_command(group, "token", "webhooks:show_token", "show the token that receivers check")
    token.add_argument("--reset", action="store_true", help="replace it by a new one")


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


def _add_deliveries(group: "Actions[CommandParser]") -> None:
    listing = add_command(group, "list", "deliveries:list_deliveries", "list deliveries, the newest first")
    listing.add_argument("--state", choices=STATES, help="only those in this state")
    listing.add_argument("--task", metavar="ID", help="only those about this task, number or title")
    listing.add_argument("--limit", type=number, default=50, metavar="N", help="at most so many; 50 if not given")
    showing = add_command(group, "show", "deliveries:show_delivery", "show a delivery and every attempt")
    showing.add_argument("ref", metavar="ID", help="number or webhook-id of the delivery")
    resending = add_command(group, "resend", "deliveries:resend", "send deliveries again, under the same webhook-id")
    resending.add_argument("refs", metavar="ID", nargs="*", help="number or webhook-id of a delivery")
    resending.add_argument("--failed", action="store_true", help="all that were given up")
    skipping = add_command(group, "skip", "deliveries:skip", "give deliveries up, so that the next of a task can go")
    skipping.add_argument("refs", metavar="ID", nargs="+", help="number or webhook-id of a delivery")
    for parser in (listing, resending):
        parser.add_argument("--endpoint", metavar="E", help="only those to this endpoint, number or name")
        parser.add_argument("--since", type=since, metavar="TIME", help=f"only those since then: {EXAMPLES}")
    pruning = add_command(group, "prune", "deliveries:prune", "remove the records of what was finished long ago")
    pruning.add_argument("--keep-days", type=float, metavar="N", help="days that what was delivered is kept; usually 7")
    pruning.add_argument("--keep-rows", type=number, metavar="N", help="how many of those at most; usually 10,000")
    pruning.add_argument("--keep-failed-days", type=float, metavar="N", help="days for what was given up; usually 30")
    pruning.add_argument("--save", action="store_true", help="keep to these numbers from now on")


def read_host(text: str) -> str:
    """Read what to listen on, for ``type=``."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; 0.0.0.0 stands for every address of this machine")
    return text


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise argparse.ArgumentTypeError("a header is written 'Name: value'")
    return name.strip(), value.strip()


def _count(text: str) -> int:
    return _between(number(text), 0, 1_000_000)


def read_port(text: str) -> int:
    """Read a port, for ``type=``."""
    return _between(number(text), 0, 65535)


def _status(text: str) -> int:
    return _between(number(text), 200, 599)


def _between(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{value} is not between {least} and {most}")
    return value


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 3600 seconds")
    return seconds

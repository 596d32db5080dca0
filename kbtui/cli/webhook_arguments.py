"""The grammar of ``kbtui listen``, ``deliver``, ``webhook`` and ``deliveries``."""

import argparse

from kbtui.cli.parser import Actions, CommandParser, add_command, add_group, number, yes_or_no

STATES = ("ready", "sending", "blocked", "done", "dead")


def add_receiver(commands: "Actions[CommandParser]") -> None:
    """Add the command that receives and the one that sends."""
    listening = add_command(
        commands, "listen", "listen:listen", "receive webhooks and print each delivery", opens_board=False
    )
    listening.add_argument("--host", type=_host, default="127.0.0.1", metavar="ADDRESS", help="127.0.0.1 if not given")
    listening.add_argument(
        "--port", type=_port, default=8642, metavar="N", help="8642 if not given; 0: any that is free"
    )
    listening.add_argument("--token", default="", metavar="T", help="refuse deliveries with another token")
    listening.add_argument("--status", type=_status, default=200, metavar="N", help="answer with this status")
    listening.add_argument("--delay", type=_seconds, default=0.0, metavar="SECONDS", help="answer only after this long")

    sending = add_command(commands, "deliver", "deliver:deliver", "send what is due, without a screen, until Ctrl+C")
    sending.add_argument("--once", action="store_true", help="end when nothing is due")


def add_groups(commands: "Actions[CommandParser]") -> None:
    """Add the groups for endpoints and for deliveries."""
    _add_webhook(add_group(commands, "webhook", "list, add, edit, remove and test webhook endpoints; show the token"))
    _add_deliveries(add_group(commands, "deliveries", "list, show and resend deliveries"))


def _add_webhook(group: "Actions[CommandParser]") -> None:
    adding = add_command(group, "add", "webhooks:add_endpoint", "send events to a URL")
    adding.add_argument("url", metavar="URL")
    add_command(group, "list", "webhooks:list_endpoints", "list the endpoints and how they are doing")
    editing = add_command(group, "edit", "webhooks:edit_endpoint", "change an endpoint")
    editing.add_argument("ref", metavar="ID", help="number or name of the endpoint")
    editing.add_argument("--url", metavar="URL")
    editing.add_argument("--enabled", type=yes_or_no, metavar="yes|no", help="send to it or not")
    for parser in (adding, editing):
        parser.add_argument("--name", metavar="N", help="what to call it; its host if not given")
        parser.add_argument("--format", metavar="F", help="kanboard-1.0 or kanboard-1.2")
        parser.add_argument("--events", metavar="NAMES", help="such as 'task.move.*,comment.*'; * for all")
        parser.add_argument("--project", metavar="P", help="only events of this project; all: of every project")
    removing = add_command(group, "remove", "webhooks:remove_endpoint", "remove an endpoint and its deliveries")
    testing = add_command(group, "test", "webhooks:test_endpoint", "send a test event at once and show the answer")
    for parser in (removing, testing):
        parser.add_argument("ref", metavar="ID", help="number or name of the endpoint")
    token = add_command(group, "token", "webhooks:show_token", "show the token that receivers check")
    token.add_argument("--reset", action="store_true", help="replace it by a new one")


def _add_deliveries(group: "Actions[CommandParser]") -> None:
    listing = add_command(group, "list", "deliveries:list_deliveries", "list deliveries, the newest first")
    listing.add_argument("--state", choices=STATES, help="only those in this state")
    listing.add_argument("--limit", type=number, default=50, metavar="N", help="at most so many; 50 if not given")
    showing = add_command(group, "show", "deliveries:show_delivery", "show a delivery and every attempt")
    showing.add_argument("ref", metavar="ID", help="number or webhook-id of the delivery")
    resending = add_command(group, "resend", "deliveries:resend", "send deliveries again, under the same webhook-id")
    resending.add_argument("refs", metavar="ID", nargs="+", help="number or webhook-id of a delivery")


def _host(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; 0.0.0.0 stands for every address of this machine")
    return text


def _port(text: str) -> int:
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

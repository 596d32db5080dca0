"""``kbtui listen``: a receiver to develop against, good or bad."""

import asyncio
import contextlib
import json
import signal
import time
from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import TextIO

from kbtui.cli.argument_types import between, number, read_host, read_port
from kbtui.cli.output import Answer, counted, print_json, print_note, print_text
from kbtui.cli.parser import CommandParser
from kbtui.config import Settings
from kbtui.errors import InvalidError
from kbtui.webhooks.listener import Behaviour, Listener, Received
from kbtui.webhooks.signatures import check_secret


def add_arguments(parser: CommandParser) -> None:
    """Add where to listen, what to expect and how to answer."""
    parser.set_defaults(perform=listen, opens_board=False)
    parser.add_argument("--host", type=read_host, default="127.0.0.1", metavar="ADDRESS", help="127.0.0.1 if not given")
    parser.add_argument(
        "--port", type=read_port, default=8642, metavar="N", help="8642 if not given; 0: any that is free"
    )
    parser.add_argument("--token", default="", metavar="T", help="refuse deliveries with another token")
    parser.add_argument("--secret", default="", metavar="whsec_…", help="refuse deliveries not signed with it")
    parser.add_argument("--output", type=Path, metavar="FILE", help="add each delivery to a file of JSON lines")
    parser.add_argument("--status", type=_status, default=200, metavar="N", help="answer with this status")
    parser.add_argument("--delay", type=_seconds, default=0.0, metavar="SECONDS", help="answer only after this long")
    parser.add_argument("--fail-first", type=_count, default=0, metavar="N", help="answer the first N with 500")
    bad = parser.add_mutually_exclusive_group()
    bad.add_argument("--hang", action="store_true", help="never answer")
    bad.add_argument("--reset", action="store_true", help="break the connection instead of answering")
    bad.add_argument(
        "--drip",
        type=_seconds,
        nargs="?",
        const=0.5,
        default=0.0,
        metavar="SECONDS",
        help="answer byte by byte, so far apart; 0.5 if not given",
    )


def _count(text: str) -> int:
    return between(number(text), 0, 1_000_000)


def _status(text: str) -> int:
    return between(number(text), 200, 599)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise ArgumentTypeError(f"{text} is not between 0 and 3600 seconds")
    return seconds


def listen(arguments: Namespace, settings: Settings) -> Answer:
    """Receive until Ctrl+C or SIGTERM; print each delivery, with ``--json`` as one document on one line."""
    secret = check_secret(arguments.secret) if arguments.secret else ""
    with contextlib.ExitStack() as stack:
        log = None if arguments.output is None else stack.enter_context(_open(arguments.output))
        count = asyncio.run(_receive(arguments, secret, log))
    return Answer(f"{counted(count, 'delivery', 'deliveries')} received.", None)


def _open(path: Path) -> TextIO:
    """Open the file that deliveries are added to; raise InvalidError when that cannot be done."""
    try:
        return path.expanduser().open("a", encoding="utf-8")
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidError(f"{path} cannot be written: {reason}.") from error


async def _receive(arguments: Namespace, secret: str, log: TextIO | None) -> int:
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def report(received: Received) -> None:
        try:
            if log is not None:
                log.write(json.dumps(received.as_dict()) + "\n")
                log.flush()
            if arguments.json:
                print_json(received.as_dict(), indent=None)
            else:
                print_text(_describe(received))
        except OSError as error:  # whoever was reading is gone: that is not the sender's business
            if not over.done():
                over.set_exception(error)

    def end() -> None:
        if not over.done():
            over.set_result(None)

    listener = Listener(
        host=arguments.host,
        port=arguments.port,
        token=arguments.token,
        secret=secret,
        behaviour=Behaviour(
            status=arguments.status,
            delay=arguments.delay,
            fail_first=arguments.fail_first,
            hang=arguments.hang,
            drip=arguments.drip,
            reset=arguments.reset,
        ),
        on_received=report,
    )
    try:
        await listener.start()
    except UnicodeError as error:  # what the resolver says of a name that cannot be one
        raise InvalidError(f'"{arguments.host}" is no address to listen on.') from error
    try:
        loop.add_signal_handler(signal.SIGTERM, end)
        announce = print_note if arguments.json else print_text
        announce(f"Listening on {listener.url}; Ctrl+C ends it.")
        await over
    finally:
        await listener.stop()
    return listener.count


def _describe(received: Received) -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(received.time))
    answered = f"answered {received.status}" if received.status else "not answered"
    head = f"{clock}  {received.event_name or f'{received.method} {received.path}'}  {answered}"
    faults = ["the token is wrong"] if received.token_is_right is False else []
    if received.signature:
        faults.append(f"the signature is bad: {received.signature}")
    elif received.is_signed:
        faults.append("the signature is right")
    payload = received.payload
    body = (
        received.body.decode("utf-8", "replace")
        if payload is None
        else json.dumps(payload, indent=2, ensure_ascii=False)
    )
    return "\n".join(part for part in ("; ".join([head, *faults]), received.webhook_id, body) if part)

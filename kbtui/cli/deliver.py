"""``kbtui deliver``: send what is due, without a screen."""

import signal
import threading
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType

from kbtui.cli.output import INTERRUPTED, Answer, counted, print_json, print_note, print_text
from kbtui.cli.parser import CommandParser
from kbtui.config import Settings
from kbtui.webhooks.delivery import Report, deliver_forever, deliver_until_idle, waiting

SECONDS = 1.5
"""How long requests under way hold the end up; what is left of two seconds is for the interpreter."""

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end it in an orderly way: Ctrl+C, a service's stop, and a terminal that is closed."""


def add_arguments(parser: CommandParser) -> None:
    """Add how long to send."""
    parser.set_defaults(perform=deliver, opens_board=True)
    parser.add_argument("--once", action="store_true", help="end when nothing is due")


class Log:
    """Print each attempt as it ends: a line for a person, or with ``--json`` a document on one line.

    Neither token nor secret is in what can be told of an attempt. When nobody reads any more, the service ends.
    """

    def __init__(self, stopping: threading.Event, *, as_json: bool) -> None:
        self._stopping = stopping
        self._as_json = as_json
        self._failure: OSError | None = None

    def attempt(self, report: Report) -> None:
        """Print one attempt; called in the thread that sends, which goes on whatever becomes of the line."""
        try:
            if self._as_json:
                print_json(asdict(report), indent=None)
            else:
                print_text(_line(report))
        except OSError as error:
            self._failure = self._failure or error
            self._stopping.set()

    def trouble(self, sentence: str) -> None:
        """Say on stderr what keeps the sender from its work, or that it goes on."""
        print_note(f"kbtui: {sentence or 'Sending goes on.'}")

    def check(self) -> None:
        """Raise what kept a line from being printed."""
        if self._failure is not None:
            raise self._failure


def deliver(arguments: Namespace, settings: Settings) -> Answer:
    """Send until nothing is due, or until Ctrl+C or SIGTERM; print each attempt as it ends."""
    stopping = threading.Event()
    log = Log(stopping, as_json=arguments.json)
    if arguments.once:
        return _deliver_once(log, as_json=arguments.json)
    with _stopped_by_signals(stopping) as received:
        if not arguments.json:
            print_text("Sending what is due; Ctrl+C ends it.")
        sent = deliver_forever(stopping, on_attempt=log.attempt, on_trouble=log.trouble, timeout=SECONDS)
        log.check()
        return _answer(arguments, sent, status=INTERRUPTED if signal.SIGINT in received else 0)


def _deliver_once(log: Log, *, as_json: bool) -> Answer:
    """Send until nothing is due: a line for each attempt as it ends, or one document with all of them."""
    reports: list[Report] = []
    sent = deliver_until_idle(None, on_attempt=reports.append if as_json else log.attempt, beside_others=True).sent
    log.check()
    left = waiting()
    return Answer(_summary(sent, left), {"sent": sent, "left": left, "attempts": [asdict(each) for each in reports]})


@contextmanager
def _stopped_by_signals(stopping: threading.Event) -> Iterator[list[int]]:
    """Let signals set ``stopping`` instead of killing; yield the list of those that came."""
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        received.append(number)
        stopping.set()

    # Under nohup a hangup is to be ignored, and stays so.
    heard = [number for number in ENDINGS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _answer(arguments: Namespace, sent: int, *, status: int = 0) -> Answer:
    left = waiting()
    if arguments.json:
        print_json({"sent": sent, "left": left}, indent=None)
    return Answer(_summary(sent, left), None, status=status)


def _summary(sent: int, left: int) -> str:
    return f"{counted(sent, 'delivery', 'deliveries')} sent, {left:,} left queued."


def _line(report: Report) -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(report.time))
    what = f"{report.event_name} to {report.endpoint}"
    outcome = f"{report.status or report.error} in {report.ms:.0f} ms, {report.state}"
    number = f", attempt {report.attempt} of {report.attempts}" if report.state != "done" else ""
    more = f": {report.detail}" if report.detail else ""
    return f"{clock}  {what}  {outcome}{number}{more}"

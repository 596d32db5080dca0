"""``kbtui deliver``: send what is due, without a screen."""

import signal
import threading
import time
from argparse import Namespace
from dataclasses import replace
from types import FrameType

from kbtui.cli.output import INTERRUPTED, Answer, counted, print_text
from kbtui.config import Settings
from kbtui.webhooks.delivery import Report, deliver_forever, deliver_until_idle, waiting


def deliver(arguments: Namespace, settings: Settings) -> Answer:
    """Send until nothing is due, or until Ctrl+C or SIGTERM; print each attempt as it ends."""
    on_attempt = None if arguments.json else _print_report
    if arguments.once:
        sent = deliver_until_idle(None, on_attempt=on_attempt, beside_others=True).sent
        return _answer(sent)
    stopping = threading.Event()
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        received.append(number)
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if not arguments.json:
            print_text("Sending what is due; Ctrl+C ends it.")
        sent = deliver_forever(stopping, on_attempt=on_attempt)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return replace(_answer(sent), status=INTERRUPTED if signal.SIGINT in received else 0)


def _answer(sent: int) -> Answer:
    left = waiting()
    text = f"{counted(sent, 'delivery', 'deliveries')} sent, {left:,} left queued."
    return Answer(text, {"sent": sent, "left": left})


def _print_report(report: Report) -> None:
    clock = time.strftime("%H:%M:%S", time.localtime(report.time))
    what = f"{report.event_name} to {report.endpoint}"
    said = f"{report.status or report.error} in {report.ms:.0f} ms, {report.state}"
    more = f": {report.detail}" if report.detail else ""
    print_text(f"{clock}  {what}  {said}{more}")

"""``kbtui serve``: the task URL and the API, and deliveries unless somebody else makes them."""

import logging
import signal
import threading
from argparse import Namespace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from kbtui.cli.argument_types import read_host, read_port
from kbtui.cli.delivery_process import DeliveryProcess
from kbtui.cli.output import INTERRUPTED, Answer, counted, print_note, print_text
from kbtui.cli.parser import CommandParser, UsageError
from kbtui.config import Settings
from kbtui.core.db.engine import database
from kbtui.errors import DatabaseError, KbtuiError

if TYPE_CHECKING:
    from kbtui.server.thread import ServerThread

LOOK_SECONDS = 0.5
"""How often it looks whether the database file is in its place, and whether somebody delivers."""

PACKAGES = ("starlette", "uvicorn", "h11", "click", "anyio")
"""What the extra brings."""


def add_arguments(parser: CommandParser) -> None:
    """Add where and how to serve."""
    parser.set_defaults(perform=serve, opens_board=True)
    parser.add_argument("--host", type=read_host, metavar="ADDRESS", default="127.0.0.1", help="127.0.0.1 if not given")
    parser.add_argument(
        "--port", type=read_port, metavar="N", default=8080, help="8080 if not given; 0: any that is free"
    )
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="a certificate (PEM), to serve https")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, if that is in another file")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which it is called; can be repeated",
    )
    parser.add_argument(
        "--auth-header", default="X-API-Auth", metavar="NAME", help="a header that can stand in for Authorization"
    )


def serve(arguments: Namespace, settings: Settings) -> Answer:
    """Answer until Ctrl+C or SIGTERM."""
    server = _make_server(arguments)
    stopping = threading.Event()
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        received.append(number)
        stopping.set()

    logging.getLogger("uvicorn.error").addHandler(logging.StreamHandler())
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    delivery = DeliveryProcess() if arguments.deliver else None
    trouble = ""
    try:
        server.start()
        _announce(server, arguments)
        while server.is_running:
            trouble = _look_at_file(trouble)
            if delivery is not None and not trouble:
                delivery.take_over()
            if stopping.wait(LOOK_SECONDS):
                break
    finally:
        server.stop()
        if delivery is not None:
            delivery.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
    sent = delivery.sent if delivery is not None else 0
    status = INTERRUPTED if signal.SIGINT in received else 0
    text = f"Stopped; {counted(sent, 'delivery', 'deliveries')} sent."
    return Answer(text, {"url": server.url, "sent": sent}, status=status)


def _look_at_file(trouble: str) -> str:
    """Return why the database file cannot be used, "" if it can; say so when that is new."""
    now = ""
    try:
        database.check_file()
    except DatabaseError as error:
        now = str(error)
    if now != trouble:
        print_note(f"kbtui: {now or 'The database file is back in its place; serving goes on.'}")
    return now


def _make_server(arguments: Namespace) -> "ServerThread":
    if arguments.tls_key is not None and arguments.tls_cert is None:
        raise UsageError("--tls-key needs --tls-cert")
    return make_server(
        host=arguments.host,
        port=arguments.port,
        tls_cert=arguments.tls_cert,
        tls_key=arguments.tls_key,
        allowed_hosts=tuple(arguments.allow_host),
        auth_header=arguments.auth_header,
    )


def make_server(**options: Any) -> "ServerThread":
    """Make a server with these options; raise KbtuiError, which says what to install, without the extra ``serve``."""
    try:
        from kbtui.server.options import Options
        from kbtui.server.thread import ServerThread
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in PACKAGES:
            raise
        raise KbtuiError("Serving needs a few more packages; install them with: pip install 'kbtui[serve]'") from None
    return ServerThread(options=Options(**options))


def _announce(server: "ServerThread", arguments: Namespace) -> None:
    if not server.options.is_loopback and not server.options.has_tls:
        print_note(
            "Warning: passwords, tokens and tasks go over the network unencrypted; give --tls-cert, or listen on"
            " 127.0.0.1 only."
        )
    announce = print_note if arguments.json else print_text
    announce(f"Serving {server.url}; Ctrl+C ends it.")

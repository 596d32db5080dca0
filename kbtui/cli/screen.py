"""``kbtui`` and ``kbtui demo``: the board on the screen."""

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from kbtui.cli.output import Answer
from kbtui.cli.parser import CommandParser
from kbtui.cli.progress import print_notice
from kbtui.config import Settings
from kbtui.errors import KbtuiError

if TYPE_CHECKING:
    from kbtui.server.thread import ServerThread


def add_arguments(parser: CommandParser) -> None:
    """Let ``kbtui demo`` open a board; it takes no arguments."""
    parser.set_defaults(perform=open_demo, opens_board=False)


def open_board(arguments: Namespace, settings: Settings) -> Answer:
    """Open the board of the database; ``--json`` says in the end which one that was."""
    _need_terminal()
    from kbtui.tui.app import run  # brings Textual, for which there has to be a terminal

    status = run(settings, make_server=_serve_on, tell=print_notice)
    return Answer("", {"database": str(settings.database)}, status=status)


def open_demo(arguments: Namespace, settings: Settings) -> Answer:
    """Open a throw-away board with sample tasks and a receiver of its own."""
    _need_terminal()
    from kbtui.tui.demo import run  # brings Textual, for which there has to be a terminal

    return Answer("", {"demo": True}, status=run(settings, make_server=_serve_on))


def _serve_on(port: int) -> "ServerThread":
    """Make the server that the screen runs inside itself."""
    from kbtui.cli.serve import make_server  # brings starlette, which the screen may never need

    return make_server(port=port)


def _need_terminal() -> None:
    """Raise KbtuiError unless there is a terminal to read keys from and to draw on, which stderr is used for."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise KbtuiError("The board needs a terminal; without one there are the commands of kbtui --help.")

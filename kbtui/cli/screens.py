"""``kbtui`` and ``kbtui demo``: the board on the screen."""

import sys
from argparse import Namespace

from kbtui.cli.output import Answer
from kbtui.config import Settings
from kbtui.errors import KbtuiError


def open_board(arguments: Namespace, settings: Settings) -> Answer:
    """Open the board of the database; ``--json`` says in the end which one that was."""
    _need_terminal()
    from kbtui.tui.app import run  # brings Textual, for which there has to be a terminal

    return Answer("", {"database": str(settings.database)}, status=run(settings))


def open_demo(arguments: Namespace, settings: Settings) -> Answer:
    """Open a throw-away board with sample tasks and a receiver of its own."""
    _need_terminal()
    from kbtui.tui.demo import run  # brings Textual, for which there has to be a terminal

    return Answer("", {"demo": True}, status=run(settings))


def _need_terminal() -> None:
    """Raise KbtuiError unless there is a terminal to read keys from and to draw on, which stderr is used for."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise KbtuiError("The board needs a terminal; without one there are the commands of kbtui --help.")

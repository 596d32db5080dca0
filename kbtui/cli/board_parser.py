"""The grammar of ``kbtui`` without a command, which opens the board.

The whole grammar takes longer to build than the board's first frame may wait, and it is not needed for that.
"""

from collections.abc import Sequence
from typing import Any, NoReturn

from kbtui import __version__
from kbtui.cli.parser import CommandParser, UsageError, add_common

PROGRAM: dict[str, Any] = {
    "prog": "kbtui",
    "description": "A Kanban board for the terminal that sends every change to your webhook. "
    "Without a command it opens the board.",
    "epilog": "An ID can be a number (12, #12) or a name. Options that all commands share can stand anywhere.",
}


def add_options(parser: CommandParser) -> None:
    """Add what can be given without a command."""
    parser.add_argument("-V", "--version", action="version", version=f"kbtui {__version__}")
    add_common(parser)
    parser.set_defaults(
        config=None,
        database=None,
        json=False,
        deliver=True,
        run="screens:open_board",
        parser=parser,
        noun="",
        opens_board=False,
    )


def parse_without_command(argv: Sequence[str]) -> Any:
    """Return the arguments if there is no command among them and nothing wrong with them, else None."""
    parser = _Silent(**PROGRAM, add_help=False)
    add_options(parser)
    try:
        arguments, rest = parser.parse_known_args(argv)
    except UsageError:
        return None
    return None if rest else arguments


class _Silent(CommandParser):
    """A parser that leaves it to the whole grammar to say what is wrong."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)

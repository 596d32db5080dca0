"""What the command line's grammar is made of."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from kbtui.cli.output import visible
from kbtui.errors import KbtuiError

Actions = argparse._SubParsersAction
"""What ``add_subparsers`` returns: where the commands of a group are added."""

LARGEST_NUMBER = 2**53
"""Numbers beyond this are not the same in every program that reads JSON."""


class UsageError(KbtuiError):
    """The arguments are each well formed, but not together."""


class CommandParser(argparse.ArgumentParser):
    """A parser that takes no abbreviations and never prints what a terminal would obey.

    With ``mixes`` an argument that can be left out may follow an option, which argparse lets it do on request only.
    """

    mixes = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **kwargs})  # type: ignore[arg-type]

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse what a command is given, as argparse does."""
        if not self.mixes or "--" in (args or ()):
            return super().parse_known_args(args, namespace)
        self.mixes = False  # argparse gets here again
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.mixes = True

    def error(self, message: str) -> NoReturn:
        """Print how the command is used and what was wrong, then exit with 2."""
        super().error(visible(message))


def add_group(commands: "Actions[CommandParser]", name: str, text: str) -> "Actions[CommandParser]":
    """Add a command that only has commands of its own, and return where to add those."""
    group = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    add_common(group)
    return group.add_subparsers(required=True, dest="action", title="commands", metavar="COMMAND")


def add_command(
    commands: "Actions[CommandParser]", name: str, run: str, text: str, *, noun: str = "", opens_board: bool = True
) -> CommandParser:
    """Add a command and return its parser.

    ``run`` names the module in this package and the function that do it, as text: so ``--help`` imports none of them.
    """
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    add_common(parser)
    parser.set_defaults(run=run, parser=parser, noun=noun, opens_board=opens_board)
    return parser


def number(text: str) -> int:
    """Read a whole number, for ``type=``."""
    value = int(text)
    if abs(value) > LARGEST_NUMBER:
        raise argparse.ArgumentTypeError(f"{text} is too large")
    return value


def hours(text: str) -> float:
    """Read a time in hours, for ``type=``."""
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text} is no time")
    return value


def yes_or_no(text: str) -> int:
    """Read a yes or a no as 1 or 0, for ``type=``."""
    flags = {"yes": 1, "true": 1, "on": 1, "1": 1, "no": 0, "false": 0, "off": 0, "0": 0}
    if text.lower() not in flags:
        raise argparse.ArgumentTypeError(f"{text!r} is neither yes nor no")
    return flags[text.lower()]


def add_common(parser: CommandParser) -> None:
    """Add the options that can stand before and after every command; the last one given counts."""
    common = parser.add_argument_group("options of all commands")
    absent = argparse.SUPPRESS
    common.add_argument("--json", action="store_true", default=absent, help="print one JSON document")
    common.add_argument("--database", type=Path, metavar="FILE", default=absent, help="the board (KBTUI_DATABASE)")
    common.add_argument("--config", type=Path, metavar="FILE", default=absent, help="config.toml (KBTUI_CONFIG)")
    common.add_argument(
        "--no-deliver",
        dest="deliver",
        action="store_false",
        default=absent,
        help="leave the events of a change queued instead of sending them",
    )

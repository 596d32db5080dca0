"""Parsers of commands, each built only when its command is given."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from kbtui.cli.output import Answer, visible
from kbtui.config import Settings
from kbtui.errors import KbtuiError

Perform = Callable[[argparse.Namespace, Settings], Answer]
"""What does a command: it takes the arguments and the person's settings."""


class UsageError(KbtuiError):
    """The arguments are each well formed, but not together."""


class CommandParser(argparse.ArgumentParser):
    """A parser that takes no abbreviations and never prints what a terminal would obey.

    With ``mixes`` an argument that can be left out may follow an option, which argparse lets it do on request only.
    """

    mixes = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_checking_formatter, **kwargs)

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

    def format_usage(self) -> str:
        """Return how the command is used, as wide as the terminal."""
        self.formatter_class = argparse.HelpFormatter
        return super().format_usage()

    def format_help(self) -> str:
        """Return the command's help, as wide as the terminal."""
        self.formatter_class = argparse.HelpFormatter
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Print how the command is used and what was wrong, then exit with 2."""
        super().error(visible(message))

    def add_commands(self, commands: Iterable["Command"], *, required: bool = True) -> None:
        """Add commands below this one; their parsers wait until they are given."""
        group = self.add_subparsers(
            title="commands",
            metavar="COMMAND",
            required=required,
            dest="action" if required else argparse.SUPPRESS,
            prog=self.prog,
            parser_class=LaterParser,
        )
        for command in commands:
            description = f"{command.text[0].upper()}{command.text[1:]}."
            group.add_parser(command.name, help=command.text, description=description, command=command)


def _checking_formatter(prog: str) -> argparse.HelpFormatter:
    """Return what argparse checks the metavar of each new argument with.

    It prints nothing. The usual one asks for the width of the terminal, which takes as long as all else together.
    """
    return argparse.HelpFormatter(prog, width=80)


class Command(NamedTuple):
    """A command before its parser is built: its name, its line of help, and what adds its arguments.

    ``perform`` does it; a group of commands has none, and one that is named as text sets it with its arguments.
    ``opens_board`` tells whether the database is opened for it.
    """

    name: str
    text: str
    add_arguments: Callable[[CommandParser], None]
    perform: Perform | None = None
    opens_board: bool = True


class LaterParser(CommandParser):
    """What stands for a command's parser until that command is given: to build all of them takes longer than a move."""

    def __init__(self, *, command: Command, **kwargs: Any) -> None:
        # argparse's own __init__ is part of what takes its time; nothing but what is overridden here is asked of it.
        self._command = command
        self._kwargs = kwargs

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Build the command's parser, and parse what the command is given."""
        return self.build().parse_known_args(args, namespace)

    def build(self) -> CommandParser:
        """Return the command's parser."""
        parser = CommandParser(**self._kwargs)
        add_common(parser)
        parser.set_defaults(parser=parser, perform=self._command.perform, opens_board=self._command.opens_board)
        self._command.add_arguments(parser)
        return parser


def no_arguments(parser: CommandParser) -> None:
    """Add nothing: the command only takes the options of all commands."""


def add_common(parser: CommandParser) -> None:
    """Add the options that can stand before and after every command; the last one given counts."""
    common = parser.add_argument_group("options of all commands")
    absent = argparse.SUPPRESS
    common.add_argument("--json", action="store_true", default=absent, help="print one JSON document")
    # A path would not be told from a URL any more: it has one slash where there were two.
    common.add_argument("--database", metavar="FILE", default=absent, help="the board (KBTUI_DATABASE)")
    common.add_argument("--config", type=Path, metavar="FILE", default=absent, help="config.toml (KBTUI_CONFIG)")
    common.add_argument(
        "--no-deliver",
        dest="deliver",
        action="store_false",
        default=absent,
        help="leave the events of a change queued instead of sending them",
    )

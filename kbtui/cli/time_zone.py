"""``kbtui timezone``: in which time zone the board's days are counted."""

from argparse import Namespace

from kbtui.cli.output import Answer
from kbtui.cli.parser import CommandParser
from kbtui.config import Settings
from kbtui.core.projects import settings as board_settings

COMPUTERS = "computer"
"""What is written for the computer's own."""


def add_arguments(parser: CommandParser) -> None:
    """Add which one it is to be."""
    parser.set_defaults(perform=set_time_zone, opens_board=True)
    parser.add_argument(
        "zone", nargs="?", metavar="ZONE", help=f"Europe/Berlin, UTC …; {COMPUTERS}: that of the computer"
    )


def set_time_zone(arguments: Namespace, settings: Settings) -> Answer:
    """Show the board's time zone, or set it."""
    if arguments.zone is not None:
        board_settings.set_time_zone("" if arguments.zone == COMPUTERS else arguments.zone)
    name = board_settings.time_zone_name()
    return Answer(name, {"time_zone": name, "changed": arguments.zone is not None})

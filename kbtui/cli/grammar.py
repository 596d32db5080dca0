"""The grammar of the whole command line."""

from kbtui.cli import (
    board_arguments,
    history_arguments,
    parts_arguments,
    server_arguments,
    task_arguments,
    webhook_arguments,
)
from kbtui.cli.board_parser import PROGRAM, add_options
from kbtui.cli.parser import CommandParser, add_command


def build_parser() -> CommandParser:
    """Return the parser of the whole command line."""
    parser = CommandParser(**PROGRAM)
    add_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    add_command(
        commands,
        "demo",
        "screens:open_demo",
        "open a throw-away board with sample tasks and a receiver",
        opens_board=False,
    )
    webhook_arguments.add_receiver(commands)
    board_arguments.add_groups(commands)
    task_arguments.add_tasks(commands)
    parts_arguments.add_groups(commands)
    history_arguments.add_commands(commands)
    webhook_arguments.add_groups(commands)
    server_arguments.add_commands(commands)
    return parser

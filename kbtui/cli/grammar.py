"""The grammar of the whole command line."""

from kbtui import __version__
from kbtui.cli import board_arguments, history_arguments, parts_arguments, task_arguments, webhook_arguments
from kbtui.cli.parser import CommandParser, add_command, add_common


def build_parser() -> CommandParser:
    """Return the parser of the whole command line."""
    parser = CommandParser(
        prog="kbtui",
        description="A Kanban board for the terminal that sends every change to your webhook. "
        "Without a command it opens the board.",
        epilog="An ID can be a number (12, #12) or a name. Options that all commands share can stand anywhere.",
    )
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
    return parser

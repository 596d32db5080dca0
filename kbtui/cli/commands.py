"""The commands of ``kbtui``: what its help says of each, and which module has it.

Such a module is imported when its command is given. Its ``add_arguments`` adds to the command's parser what can follow,
and what performs it.
"""

import importlib
from argparse import Namespace
from functools import partial

from kbtui import __version__
from kbtui.cli.output import Answer
from kbtui.cli.parser import Command, CommandParser, add_common
from kbtui.config import Settings

COMMANDS = (
    ("demo", "screen", "open a throw-away board with sample tasks and a receiver"),
    ("listen", "listen", "receive webhooks and print each delivery"),
    (
        "deliver",
        "deliver",
        "send what is due, without a screen, until Ctrl+C or SIGTERM; several may run; --json logs a line an attempt",
    ),
    ("project", "projects", "list, add, edit and remove projects"),
    ("column", "columns", "list, add, edit and remove columns"),
    ("swimlane", "swimlanes", "list, add, edit and remove swimlanes"),
    ("category", "categories", "list, add, edit and remove categories"),
    ("tag", "tags", "list, add, edit and remove tags"),
    ("user", "users", "list, add, edit and remove users; set their passwords, tokens and roles"),
    ("task", "tasks", "list, show, add, edit, move, close, open, duplicate and remove tasks"),
    ("comment", "comments", "list, add, edit and remove comments on a task"),
    ("subtask", "subtasks", "list, add, edit, toggle, move and remove subtasks of a task"),
    ("link", "links", "list, add, edit and remove internal links between tasks; list their types"),
    ("file", "files", "list, add, save and remove files on a task"),
    ("activity", "activity", "tell what has happened, the newest first"),
    ("export", "exports", "write a whole project as JSON, or its tasks as CSV"),
    (
        "import",
        "imports",
        "make a project of what kbtui export wrote, or tasks of a CSV file: all of it, or nothing",
    ),
    ("webhook", "webhooks", "webhook endpoints: where events go, how, and how they are doing"),
    ("deliveries", "deliveries", "what was sent and what waits: list, show, resend, skip, prune"),
    ("doctor", "doctor", "check the database, the deliveries and the endpoints, and say what to do"),
    ("serve", "serve", "answer Kanboard's task URL and JSON-RPC API, and deliver, until Ctrl+C"),
    ("timezone", "time_zone", "show or set the time zone in which the API and recurring tasks count days"),
    ("token", "api_token", "show the token with which programs call the API"),
)
"""Name of a command, its module in this package, its line of help; in the order of the help."""


def build_parser() -> CommandParser:
    """Return the parser of the command line; what is below a command is built when that is given."""
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
        perform=_open_board,
        parser=parser,
        opens_board=False,
        edits_users=False,
    )
    parser.add_commands(
        (Command(name, text, partial(_add_arguments, module)) for name, module, text in COMMANDS), required=False
    )
    return parser


def _add_arguments(module: str, parser: CommandParser) -> None:
    importlib.import_module(f"kbtui.cli.{module}").add_arguments(parser)


def _open_board(arguments: Namespace, settings: Settings) -> Answer:
    from kbtui.cli.screen import open_board  # a command does without the screen

    return open_board(arguments, settings)

"""``kbtui token``: the token with which programs call the API."""

from argparse import Namespace

from kbtui.cli.output import Answer
from kbtui.cli.parser import CommandParser
from kbtui.config import Settings
from kbtui.core.projects import credentials


def add_arguments(parser: CommandParser) -> None:
    """Add how to replace it."""
    parser.set_defaults(perform=show_token, opens_board=True)
    parser.add_argument("--reset", action="store_true", help="replace it by a new one")


def show_token(arguments: Namespace, settings: Settings) -> Answer:
    """Show the token of the application, or a new one."""
    token = credentials.reset_api_token() if arguments.reset else credentials.api_token()
    return Answer(token, {"user": "jsonrpc", "token": token})

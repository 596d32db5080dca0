"""``kbtui activity``: what has happened, as sentences."""

import time
from argparse import Namespace

from kbtui.cli.argument_types import number
from kbtui.cli.choices import choose_project
from kbtui.cli.output import Answer, visible
from kbtui.cli.parser import CommandParser
from kbtui.config import Settings
from kbtui.core.projects import users
from kbtui.core.views.activity import list_activity, sentence
from kbtui.core.views.search import find_task

KINDS = ("tasks", "moves", "subtasks", "comments", "links", "files", "board")
"""What of the activity can be asked for."""


def add_arguments(parser: CommandParser) -> None:
    """Add what of the activity is shown."""
    parser.set_defaults(perform=show_activity, opens_board=True)
    parser.add_argument("--project", metavar="P", help="only in this project, number or name")
    parser.add_argument("--task", metavar="ID", help="only to this task, number or title")
    parser.add_argument("--user", metavar="USER", help="only by this user, number or name")
    parser.add_argument("--kind", dest="kinds", choices=KINDS, action="append", help="only this; once for each kind")
    parser.add_argument("--limit", type=number, default=50, metavar="N", help="at most so many; 50 if not given")


def show_activity(arguments: Namespace, settings: Settings) -> Answer:
    """Tell what has happened, the newest first."""
    recorded = list_activity(
        project_id=None if arguments.project is None else int(choose_project(arguments.project).id),
        task_id=None if arguments.task is None else find_task(arguments.task),
        author_id=None if arguments.user is None else int(users.find_user(arguments.user).id),
        kinds=arguments.kinds or (),
        limit=max(arguments.limit, 0),
    )
    listed = [
        {
            "id": event.id,
            "name": event.name,
            "project_id": event.project_id,
            "task_id": event.task_id,
            "author": event.author,
            "date_creation": event.date_creation,
            "sentence": sentence(event),
        }
        for event in recorded
    ]
    if not listed:
        return Answer("Nothing of that kind has happened.", [])
    return Answer(
        "\n".join(f"{_local_time(event.date_creation)}  {visible(sentence(event))}" for event in recorded), listed
    )


def _local_time(timestamp: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(timestamp))

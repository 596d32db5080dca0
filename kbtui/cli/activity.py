"""``kbtui activity``: what has happened, as sentences."""

import time
from argparse import Namespace

from kbtui.cli.choices import choose_project
from kbtui.cli.output import Answer, visible
from kbtui.config import Settings
from kbtui.core.projects import users
from kbtui.core.views.activity import list_activity, sentence
from kbtui.core.views.search import find_task


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
        "\n".join(f"{_moment(event.date_creation)}  {visible(sentence(event))}" for event in recorded), listed
    )


def _moment(timestamp: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(timestamp))

"""``kbtui comment``: list, add, edit and remove comments on a task."""

import time
from argparse import Namespace

from kbtui.cli.output import Answer, visible
from kbtui.cli.parser import Command, CommandParser
from kbtui.cli.streams import STANDARD, read_text
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.tasks import comments
from kbtui.core.values.dates import write_due
from kbtui.core.views.search import find_comment, find_task


def add_arguments(parser: CommandParser) -> None:
    """Add the four commands of ``kbtui comment``."""
    parser.add_commands(
        (
            Command("list", "list the comments on a task, oldest first", _add_task, list_comments),
            Command("add", "comment on a task", _add_task_and_text, add_comment),
            Command("edit", "change what a comment says", _add_comment_and_text, edit_comment),
            Command("remove", "remove comments for good", _add_comments, remove_comments),
        )
    )


def _add_task(parser: CommandParser) -> None:
    parser.add_argument("task", metavar="TASK", help="number or title of the task")


def _add_task_and_text(parser: CommandParser) -> None:
    _add_task(parser)
    _add_text(parser)


def _add_comment_and_text(parser: CommandParser) -> None:
    parser.add_argument("ref", metavar="ID", help="number of the comment")
    _add_text(parser)


def _add_text(parser: CommandParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="Markdown; - reads it from standard input")


def _add_comments(parser: CommandParser) -> None:
    parser.add_argument("refs", metavar="ID", nargs="+", help="number of a comment")


def list_comments(arguments: Namespace, settings: Settings) -> Answer:
    """List the comments on a task, oldest first."""
    task_id = find_task(arguments.task)
    listed = comments.list_comments(task_id)
    if not listed:
        return Answer(f"There are no comments on task #{task_id}.", [])
    return Answer("\n\n".join(map(_block, listed)), [each._asdict() for each in listed])


def add_comment(arguments: Namespace, settings: Settings) -> Answer:
    """Comment on a task."""
    text = _text(arguments)
    with transaction():
        task_id = find_task(arguments.task)
        comment_id = comments.add_comment(task_id, text)
    comment = comments.get_comment(comment_id)
    return Answer(f"Added comment #{comment_id} to task #{task_id}.", comment._asdict(), changed=True)


def edit_comment(arguments: Namespace, settings: Settings) -> Answer:
    """Change what a comment says."""
    text = _text(arguments)
    with transaction():
        comment_id = find_comment(arguments.ref)
        changed = comments.update_comment(comment_id, text)
    words = f"Changed comment #{comment_id}." if changed else f"Nothing differs: comment #{comment_id} stays as it is."
    return Answer(words, {**comments.get_comment(comment_id)._asdict(), "changed": changed is not None}, changed=True)


def remove_comments(arguments: Namespace, settings: Settings) -> Answer:
    """Remove comments: all that are named, or none."""
    with transaction():
        ids = dict.fromkeys(find_comment(ref) for ref in arguments.refs)
        removed = [comments.remove_comment(comment_id) for comment_id in ids]
    text = "\n".join(f"Removed comment #{each.id} from task #{each.task_id}." for each in removed)
    return Answer(text, {"comments": [each._asdict() for each in removed]}, changed=True)


def _text(arguments: Namespace) -> str:
    return read_text(STANDARD) if arguments.text == STANDARD else str(arguments.text)


def _block(comment: comments.Comment) -> str:
    who = comment.name or comment.username or "nobody"
    clock = time.strftime("%H:%M", time.localtime(comment.date_creation))
    day = write_due(comment.date_creation).split(" ")[0]
    lines = [f"#{comment.id} by {who} on {day} at {clock}", *comment.comment.split("\n")]
    return "\n".join(visible(line) for line in lines)

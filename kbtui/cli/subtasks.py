"""``kbtui subtask``: list, add, edit, toggle, move and remove the subtasks of a task."""

from argparse import ArgumentTypeError, Namespace
from typing import Any

from kbtui.cli.argument_types import hours, number
from kbtui.cli.choices import find_user_id
from kbtui.cli.output import Answer, table
from kbtui.cli.parser import Command, CommandParser, UsageError
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.tasks import subtasks
from kbtui.core.views.search import find_subtask, find_task

STATUSES = ("todo", "in-progress", "done")
"""How the three states of a subtask are written, in Kanboard's order."""

FIELDS = {"estimate": "time_estimated", "spent": "time_spent", "status": "status", "position": "position"}
"""The options whose values are passed on as they are → what they are in a subtask."""


def add_arguments(parser: CommandParser) -> None:
    """Add the six commands of ``kbtui subtask``."""
    toggle = "put subtasks into their next state: todo, in progress, done, todo; nobody's become yours"
    parser.add_commands(
        (
            Command("list", "list the subtasks of a task in their order", _add_task, list_subtasks),
            Command("add", "add a subtask; without a position, last", _add_new, add_subtask),
            Command("edit", "change a subtask", _add_changes, edit_subtask),
            Command("toggle", toggle, _add_subtasks, toggle_subtasks),
            Command("move", "move a subtask within its list", _add_move, move_subtask),
            Command("remove", "remove subtasks for good", _add_subtasks, remove_subtasks),
        )
    )


def _add_task(parser: CommandParser) -> None:
    parser.add_argument("task", metavar="TASK", help="number or title of the task")


def _add_new(parser: CommandParser) -> None:
    _add_task(parser)
    parser.add_argument("title", metavar="TITLE", help="after -- it may begin with a dash")
    _add_fields(parser)


def _add_changes(parser: CommandParser) -> None:
    parser.add_argument("ref", metavar="ID", help="number or title of the subtask")
    parser.add_argument("--title", metavar="TITLE")
    _add_fields(parser)


def _add_fields(parser: CommandParser) -> None:
    parser.add_argument("--assignee", metavar="USER", help="number or name of a user; none: nobody")
    parser.add_argument("--estimate", type=hours, metavar="HOURS", help="how long it should take")
    parser.add_argument("--spent", type=hours, metavar="HOURS", help="how long it has taken")
    parser.add_argument("--status", type=status, metavar="STATUS", help=f"{', '.join(STATUSES)}")
    parser.add_argument("--position", type=number, metavar="N", help="place in the list, from 1; past the end: last")


def _add_move(parser: CommandParser) -> None:
    parser.add_argument("ref", metavar="ID", help="number or title of the subtask")
    parser.add_argument("position", type=number, metavar="N", help="place in the list, from 1; past the end: last")


def _add_subtasks(parser: CommandParser) -> None:
    parser.add_argument("refs", metavar="ID", nargs="+", help="number or title of a subtask")


def status(text: str) -> int:
    """Read the state of a subtask, in words or as Kanboard's number, for ``type=``."""
    words = "-".join(text.lower().split())
    if words in ("0", "1", "2"):
        return int(words)
    if words not in STATUSES:
        raise ArgumentTypeError(f"{text!r} is none of {', '.join(STATUSES)}")
    return STATUSES.index(words)


def list_subtasks(arguments: Namespace, settings: Settings) -> Answer:
    """List the subtasks of a task in their order."""
    task_id = find_task(arguments.task)
    listed = subtasks.list_subtasks(task_id)
    if not listed:
        return Answer(f"There are no subtasks of task #{task_id}.", [])
    heads = ("ID", "POS", "STATUS", "SPENT", "ESTIMATE", "ASSIGNEE", "TITLE")
    rows = [
        (
            f"#{each.id}",
            each.position,
            subtasks.STATUS_NAMES[each.status],
            each.time_spent or "",
            each.time_estimated or "",
            each.name or each.username or "",
            each.title,
        )
        for each in listed
    ]
    return Answer(table(heads, rows), [each._asdict() for each in listed])


def add_subtask(arguments: Namespace, settings: Settings) -> Answer:
    """Add a subtask."""
    with transaction():
        task_id = find_task(arguments.task)
        subtask_id = subtasks.add_subtask(task_id, arguments.title, **_read_fields(arguments))
    subtask = subtasks.get_subtask(subtask_id)
    return Answer(f"Added {_named(subtask)} to task #{task_id}.", subtask._asdict(), changed=True)


def edit_subtask(arguments: Namespace, settings: Settings) -> Answer:
    """Change a subtask, and where it stands."""
    with transaction():
        subtask_id = find_subtask(arguments.ref)
        fields = _read_fields(arguments)
        if arguments.title is not None:
            fields["title"] = arguments.title
        if not fields:
            raise UsageError("nothing to change was given")
        changed = subtasks.update_subtask(subtask_id, **fields)
    subtask = subtasks.get_subtask(subtask_id)
    text = f"Changed {_named(subtask)}." if changed else f"Nothing differs: {_named(subtask)} stays as it is."
    return Answer(text, {**subtask._asdict(), "changed": changed is not None}, changed=True)


def toggle_subtasks(arguments: Namespace, settings: Settings) -> Answer:
    """Put subtasks into their next state: all that are named, or none."""
    with transaction():
        ids = _find_all(arguments)
        for subtask_id in ids:
            subtasks.toggle_subtask(subtask_id)
    listed = [subtasks.get_subtask(subtask_id) for subtask_id in ids]
    text = "\n".join(f"S{_named(each)[1:]} is {_state(each)} now." for each in listed)
    return Answer(text, {"subtasks": [each._asdict() for each in listed]}, changed=True)


def move_subtask(arguments: Namespace, settings: Settings) -> Answer:
    """Move a subtask within its list."""
    with transaction():
        subtask_id = find_subtask(arguments.ref)
        changed = subtasks.update_subtask(subtask_id, position=arguments.position)
    subtask = subtasks.get_subtask(subtask_id)
    text = (
        f"Moved {_named(subtask)} to position {subtask.position}."
        if changed
        else f"Nothing moves: {_named(subtask)} stands there already."
    )
    return Answer(text, {**subtask._asdict(), "changed": changed is not None}, changed=True)


def remove_subtasks(arguments: Namespace, settings: Settings) -> Answer:
    """Remove subtasks: all that are named, or none."""
    with transaction():
        removed = [subtasks.remove_subtask(subtask_id) for subtask_id in _find_all(arguments)]
    text = "\n".join(f"Removed {_named(each)} from task #{each.task_id}." for each in removed)
    return Answer(text, {"subtasks": [each._asdict() for each in removed]}, changed=True)


def _find_all(arguments: Namespace) -> list[int]:
    """Return the ids that are meant, each once."""
    return list(dict.fromkeys(find_subtask(ref) for ref in arguments.refs))


def _read_fields(arguments: Namespace) -> dict[str, Any]:
    """Return the fields that the options give."""
    options = {name: getattr(arguments, option) for option, name in FIELDS.items()}
    fields = {name: value for name, value in options.items() if value is not None}
    if arguments.assignee is not None:
        fields["user_id"] = find_user_id(arguments.assignee)
    return fields


def _named(subtask: subtasks.Subtask) -> str:
    return f'subtask #{subtask.id} "{subtask.title}"'


def _state(subtask: subtasks.Subtask) -> str:
    state = subtasks.STATUS_NAMES[subtask.status].lower()
    whose = subtask.name or subtask.username
    return f"{state} ({whose})" if whose else state

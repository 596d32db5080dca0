"""``kbtui task move`` and ``duplicate``: within a project, and into another one."""

from argparse import Namespace

from kbtui.cli.argument_types import number
from kbtui.cli.choices import choose_cell, choose_project, choose_task
from kbtui.cli.output import Answer
from kbtui.cli.parser import CommandParser, UsageError
from kbtui.cli.task_words import successor_words, task_location, task_name
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.tasks import moves


def add_place(parser: CommandParser) -> None:
    """Add the options that name a cell."""
    parser.add_argument("--project", metavar="P", help="number or name of a project")
    parser.add_argument("--column", metavar="C", help="number or title of a column")
    parser.add_argument("--swimlane", metavar="S", help="number or name of a swimlane")


def add_position(parser: CommandParser) -> None:
    """Add the option that says where in a cell."""
    parser.add_argument("--position", type=number, metavar="N", help="place in the cell, from 1; past the end: last")


def add_task_argument(parser: CommandParser) -> None:
    """Add the task that a command is about."""
    parser.add_argument("ref", metavar="ID", help="number or title of the task")


def add_move(parser: CommandParser) -> None:
    """Add which task is moved, and where to."""
    add_task_argument(parser)
    add_place(parser)
    add_position(parser)
    _add_dry_run(parser)


def add_duplication(parser: CommandParser) -> None:
    """Add which task is copied, and where to."""
    add_task_argument(parser)
    parser.add_argument("--project", metavar="P", help="into this project instead of its own")
    _add_dry_run(parser)


def _add_dry_run(parser: CommandParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="only tell what the task would become in another --project"
    )


def move_task(arguments: Namespace, settings: Settings) -> Answer:
    """Move a task within its project, or to another one."""
    if all(value is None for value in (arguments.project, arguments.column, arguments.swimlane, arguments.position)):
        raise UsageError("say where to: --column, --swimlane, --position or --project")
    with transaction():
        task = choose_task(arguments.ref)
        project_id = task.project_id if arguments.project is None else int(choose_project(arguments.project).id)
        if project_id != task.project_id:
            from kbtui.cli import transfers  # a move within the project, by far the most frequent, does without it

            return transfers.move_task(arguments, task, project_id)
        if arguments.dry_run:
            raise UsageError("--dry-run needs a --project that is another one")
        move = moves.move_task(task.id, **choose_cell(arguments, project_id))
    if move is None:
        text = f"Nothing moves: {task_name(task)} stands there already."
        return Answer(text, {**task._asdict(), "changed": False}, changed=True)
    lines = [f"Moved {task_name(move.task)} to {task_location(move.task)}.", successor_words(task, move.task)]
    return Answer("\n".join(filter(None, lines)), {**move.task._asdict(), "changed": True}, changed=True)


def duplicate_task(arguments: Namespace, settings: Settings) -> Answer:
    """Copy a task, within its project or into another one."""
    from kbtui.cli import transfers  # a move does without it

    return transfers.duplicate_task(arguments)

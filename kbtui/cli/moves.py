"""``kbtui task move`` and ``duplicate``: within a project, and into another one."""

from argparse import Namespace
from typing import Any

from kbtui.cli.argument_types import number
from kbtui.cli.choices import choose_project
from kbtui.cli.output import Answer, pairs
from kbtui.cli.parser import CommandParser, UsageError
from kbtui.cli.recurrence import successor_words
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks import moves, tasks, transfers
from kbtui.core.views.search import find_task


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


def read_place(arguments: Namespace, project_id: int) -> dict[str, Any]:
    """Return where in a project a task shall be, as far as the options say, for the functions of core."""
    place: dict[str, Any] = {}
    if arguments.column is not None:
        place["column_id"] = int(columns.find_column(project_id, arguments.column).id)
    if arguments.swimlane is not None:
        place["swimlane_id"] = int(swimlanes.find_swimlane(project_id, arguments.swimlane).id)
    if getattr(arguments, "position", None) is not None:
        place["position"] = arguments.position
    return place


def move_task(arguments: Namespace, settings: Settings) -> Answer:
    """Move a task within its project, or to another one."""
    if all(value is None for value in (arguments.project, arguments.column, arguments.swimlane, arguments.position)):
        raise UsageError("say where to: --column, --swimlane, --position or --project")
    with transaction():
        task = tasks.get_task(find_task(arguments.ref))
        project_id = task["project_id"] if arguments.project is None else int(choose_project(arguments.project).id)
        if project_id != task["project_id"]:
            return _transfer(arguments, task, project_id)
        if arguments.dry_run:
            raise UsageError("--dry-run needs a --project that is another one")
        changed = moves.move_task(task["id"], **read_place(arguments, project_id))
    moved = tasks.get_task(task["id"])
    document = {**moved, "changed": changed}
    if not changed:
        return Answer(f"Nothing moves: {task_name(moved)} stands there already.", document, changed=True)
    lines = [f"Moved {task_name(moved)} to {task_location(moved)}.", successor_words(task, moved)]
    return Answer("\n".join(filter(None, lines)), document, changed=True)


def _transfer(arguments: Namespace, task: dict[str, Any], project_id: int) -> Answer:
    """Move a task to another project, or only tell what it would become there."""
    place = read_place(arguments, project_id)
    position = place.pop("position", None)
    names = _describe(task, transfers.landing(task["id"], project_id, **place))
    status = "" if task["is_active"] else "open (was closed)"
    words = pairs([*_compare(task, names), ("Status", status)])
    if arguments.dry_run:
        return Answer(f"Would move {task_name(task)}.\n\n{words}", {"mapping": names, "changed": False})
    transfers.move_task_to_project(task["id"], project_id, **place)
    if position is not None:
        moves.move_task(task["id"], position=position)
    moved = tasks.get_task(task["id"])
    text = f"Moved {task_name(moved)} to {task_location(moved)}.\n\n{words}"
    return Answer(text, {**moved, "mapping": names, "changed": True}, changed=True)


def duplicate_task(arguments: Namespace, settings: Settings) -> Answer:
    """Copy a task, within its project or into another one."""
    with transaction():
        task = tasks.get_task(find_task(arguments.ref))
        project_id = None if arguments.project is None else int(choose_project(arguments.project).id)
        names, words = None, ""
        if project_id is not None and project_id != task["project_id"]:
            names = _describe(task, transfers.landing(task["id"], project_id))
            words = f"\n\n{pairs(_compare(task, names))}"
        if arguments.dry_run and names is None:
            raise UsageError("--dry-run needs a --project that is another one")
        if arguments.dry_run:
            return Answer(f"Would copy {task_name(task)}.{words}", {"mapping": names, "changed": False})
        copy_id = transfers.duplicate_task(task["id"], project_id)
    copy = tasks.get_task(copy_id)
    text = f"Copied #{task['id']} as {task_name(copy)} in {task_location(copy)}.{words}"
    return Answer(text, copy if names is None else {**copy, "mapping": names}, changed=True)


def _describe(task: dict[str, Any], plan: transfers.Landing) -> dict[str, str | None]:
    """Return the names of where a task goes, and of whom and what it is assigned to there; None is nobody, none."""
    return {
        "project": projects.get_project(plan.project_id).name,
        "column": columns.get_column(plan.cell.column_id).title,
        "swimlane": swimlanes.get_swimlane(plan.cell.swimlane_id).name,
        "assignee": users.get_user(plan.owner_id).username if plan.owner_id else None,
        "category": categories.get_category(plan.category_id).name if plan.category_id else None,
        "tags": ", ".join(task["tags"]) or None,
    }


def _compare(task: dict[str, Any], names: dict[str, str | None]) -> list[tuple[str, object]]:
    """Return each name with what it was before, where that differs."""
    before = {
        "project": task["project_name"],
        "column": task["column_title"],
        "swimlane": task["swimlane_name"],
        "assignee": task["assignee_username"],
        "category": task["category_name"],
        "tags": names["tags"],
    }
    return [
        (what.capitalize(), name if name == before[what] else f"{name or 'none'} (was {before[what] or 'none'})")
        for what, name in names.items()
    ]


def task_name(task: dict[str, Any]) -> str:
    """Return a task as sentences name it."""
    return f'task #{task["id"]} "{task["title"]}"'


def task_location(task: dict[str, Any]) -> str:
    """Return where a task stands, as sentences say it."""
    return f"{task['project_name']}: {task['column_title']}, {task['swimlane_name']}, position {task['position']}"

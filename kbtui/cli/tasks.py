"""``kbtui task``: add, list, show, edit, move, close, open, duplicate and remove tasks."""

import time
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from kbtui.cli.argument_types import hours, number
from kbtui.cli.choices import NOTHING, choose_cell, choose_project, choose_task, find_category_id, find_user_id
from kbtui.cli.moves import (
    add_duplication,
    add_move,
    add_place,
    add_position,
    add_task_argument,
    duplicate_task,
    move_task,
)
from kbtui.cli.output import Answer, pairs, table
from kbtui.cli.parser import Command, CommandParser, UsageError
from kbtui.cli.recurrence import add_recurrence, recurrence_fields
from kbtui.cli.task_words import recurrence_words, successor_words, task_location, task_name
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.events.log import author_id
from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.projects import projects
from kbtui.core.tasks import tasks
from kbtui.core.tasks.recurrence import NONE
from kbtui.core.values.colors import check_color
from kbtui.core.values.dates import EXAMPLES, format_due, parse_due, write_due
from kbtui.core.views.search import find_task

FIELDS = ("title", "description", "score", "priority", "time_estimated", "time_spent", "reference", "tags")
"""The options whose values are passed on as they are."""


def add_arguments(parser: CommandParser) -> None:
    """Add the nine commands of ``kbtui task``."""
    parser.add_commands(
        (
            Command("add", "add a task; without a place, last in the first column", _add_new, add_task),
            Command("list", "list tasks in the order of the board", _add_filters, list_tasks),
            Command("show", "show all that is known of a task", add_task_argument, show_task),
            Command("edit", "change a task; an empty value takes away what was there", _add_changes, edit_task),
            Command("move", "move a task; without a position, last in its new cell", add_move, move_task),
            Command("close", "close tasks", _add_tasks, close_tasks),
            Command("open", "open closed tasks again", _add_tasks, open_tasks),
            Command("duplicate", "copy a task", add_duplication, duplicate_task),
            Command("remove", "remove tasks for good", _add_tasks, remove_tasks),
        )
    )


def _add_new(parser: CommandParser) -> None:
    parser.add_argument("title", metavar="TITLE", help="at most 200 characters; after -- it may begin with a dash")
    add_place(parser)
    add_position(parser)
    _add_fields(parser)


def _add_filters(parser: CommandParser) -> None:
    parser.add_argument(
        "query", metavar="WORD", nargs="*", help='what to search for, such as: login "due:<today" tag:ui assignee:me'
    )
    add_place(parser)
    parser.add_argument("--assignee", metavar="USER", help="only tasks of this user; none: of nobody")
    parser.add_argument("--status", choices=("open", "closed", "all"), help="open, unless a WORD says another one")


def _add_changes(parser: CommandParser) -> None:
    add_task_argument(parser)
    parser.add_argument("--title", metavar="TITLE")
    _add_fields(parser)


def _add_fields(parser: CommandParser) -> None:
    parser.add_argument("--description", metavar="TEXT", help="Markdown")
    parser.add_argument("--assignee", metavar="USER", help="number or name of a user; none: nobody")
    parser.add_argument("--category", metavar="C", help="number or name of a category; none: no category")
    parser.add_argument("--color", metavar="COLOR", help="yellow, blue, green, …")
    parser.add_argument("--score", type=number, metavar="N", help="complexity")
    parser.add_argument("--priority", type=number, metavar="N")
    parser.add_argument("--due", metavar="DATE", help=f"{EXAMPLES}; none: no date")
    parser.add_argument("--started", metavar="DATE", help="when work on it began; none: not yet")
    parser.add_argument(
        "--estimate", dest="time_estimated", type=hours, metavar="HOURS", help="how long it should take"
    )
    parser.add_argument("--spent", dest="time_spent", type=hours, metavar="HOURS", help="how long it has taken")
    parser.add_argument("--reference", metavar="TEXT", help="its number or address elsewhere")
    parser.add_argument(
        "--tag", dest="tags", action="append", metavar="T", help="once for each tag; an edit replaces all tags by these"
    )
    add_recurrence(parser)


def _add_tasks(parser: CommandParser) -> None:
    parser.add_argument("refs", metavar="ID", nargs="+", help="number or title of a task")


def add_task(arguments: Namespace, settings: Settings) -> Answer:
    """Add a task; the first one of an empty board gets a project to be in."""
    with transaction():
        if arguments.project is None and not projects.list_projects(with_inactive=True):
            projects.create_project(projects.FIRST_PROJECT)
        project_id = int(choose_project(arguments.project).id)
        fields = {**_read_fields(arguments, project_id), **recurrence_fields(arguments, NONE)}
        task_id = tasks.create_task(project_id, **choose_cell(arguments, project_id), **fields)
    task = tasks.get_task(task_id)
    return Answer(f"Added {task_name(task)} to {task_location(task)}.", task._asdict(), changed=True)


def list_tasks(arguments: Namespace, settings: Settings) -> Answer:
    """List the tasks of one project, or of all, that a query means."""
    from kbtui.core.views.queries import Asker, check_query, conditions  # no other command needs it, and it takes time

    query = " ".join(arguments.query)
    check_query(query)
    project = choose_project(arguments.project) if arguments.project is not None else None
    if project is None and (arguments.column, arguments.swimlane) != (None, None):
        project = choose_project(None)
    place = choose_cell(arguments, int(project.id)) if project else {}
    status = arguments.status or ("all" if "status:" in query.lower() else "open")
    listed = tasks.list_tasks(
        int(project.id) if project else None,
        owner_id=None if arguments.assignee is None else find_user_id(arguments.assignee),
        is_active={"open": True, "closed": False, "all": None}[status],
        where=conditions(query, Asker(author_id(), time.time())),
        **place,
    )
    text = _table(listed) if listed else "There are no such tasks."
    return Answer(text, [task._asdict() for task in listed])


def show_task(arguments: Namespace, settings: Settings) -> Answer:
    """Show all that is known of a task."""
    task = choose_task(arguments.ref)
    facts = [
        ("Project", task.project_name),
        ("Column", task.column_title),
        ("Swimlane", task.swimlane_name),
        ("Position", task.position if task.is_active else ""),
        ("Status", "open" if task.is_active else f"closed on {write_due(task.date_completed or 0)}"),
        ("Assignee", task.assignee_name or task.assignee_username),
        ("Category", task.category_name),
        ("Tags", ", ".join(task.tags)),
        ("Colour", task.color_id),
        ("Priority", task.priority),
        ("Score", task.score or ""),
        ("Started", write_due(task.date_started or 0)),
        ("Due", write_due(task.date_due)),
        ("Estimate", f"{task.time_estimated} h" if task.time_estimated else ""),
        ("Spent", f"{task.time_spent} h" if task.time_spent else ""),
        ("Repeats", recurrence_words(task)),
        ("Reference", task.reference),
        ("Created", f"{write_due(task.date_creation)} by {task.creator_username or 'nobody'}"),
        ("Changed", write_due(task.date_modification)),
        ("Moved", write_due(task.date_moved)),
    ]
    parts = [f"#{task.id} {task.title}", pairs(facts), task.description]
    return Answer("\n\n".join(part for part in parts if part), task._asdict())


def edit_task(arguments: Namespace, settings: Settings) -> Answer:
    """Change a task."""
    with transaction():
        task = choose_task(arguments.ref)
        fields = _read_fields(arguments, task.project_id)
        fields |= recurrence_fields(arguments, task.recurrence_status)
        if not fields:
            raise UsageError("nothing to change was given")
        changed = tasks.update_task(task.id, **fields)
    task = tasks.get_task(task.id)
    text = f"Changed {task_name(task)}." if changed else f"Nothing differs: {task_name(task)} stays as it is."
    return Answer(text, {**task._asdict(), "changed": changed is not None}, changed=True)


def close_tasks(arguments: Namespace, settings: Settings) -> Answer:
    """Close tasks: all that are named, or none."""
    return _each(arguments, "Closed", "closed", tasks.close_task)


def open_tasks(arguments: Namespace, settings: Settings) -> Answer:
    """Open closed tasks again: all that are named, or none."""
    return _each(arguments, "Opened", "open", tasks.open_task)


def remove_tasks(arguments: Namespace, settings: Settings) -> Answer:
    """Remove tasks: all that are named, or none."""
    from kbtui.core.tasks.removals import remove_task  # a move does without what it brings

    with transaction():
        ids = _find_all(arguments.refs)
        removed = [tasks.get_task(task_id) for task_id in ids]
        for task_id in ids:
            remove_task(task_id, keep=False)
    text = "\n".join(f"Removed {task_name(task)}." for task in removed)
    return Answer(text, {"tasks": [task._asdict() for task in removed]}, changed=True)


def _each(arguments: Namespace, done: str, already: str, change: Callable[[int], object]) -> Answer:
    with transaction():
        before = {task_id: tasks.get_task(task_id) for task_id in _find_all(arguments.refs)}
        changed = {task_id: change(task_id) is not None for task_id in before}
    after = [tasks.get_task(task_id) for task_id in before]
    lines = []
    for task in after:
        name = task_name(task)
        lines.append(f"{done} {name}." if changed[task.id] else f"Nothing changes: {name} is {already} already.")
        lines.append(successor_words(before[task.id], task))
    listed = [{**task._asdict(), "changed": changed[task.id]} for task in after]
    return Answer("\n".join(filter(None, lines)), {"tasks": listed}, changed=True)


def _find_all(refs: list[str]) -> list[int]:
    """Return the ids that are meant, each once."""
    return list(dict.fromkeys(find_task(ref) for ref in refs))


def _read_fields(arguments: Namespace, project_id: int) -> dict[str, Any]:
    """Return the fields of a task that the options give."""
    fields = {name: getattr(arguments, name) for name in FIELDS if getattr(arguments, name) is not None}
    if arguments.assignee is not None:
        fields["owner_id"] = find_user_id(arguments.assignee)
    if arguments.category is not None:
        fields["category_id"] = find_category_id(project_id, arguments.category)
    if arguments.color is not None:
        fields["color_id"] = "" if arguments.color.lower() in NOTHING else check_color(arguments.color)
    if arguments.due is not None:
        fields["date_due"] = parse_due(arguments.due, time.time())
    if arguments.started is not None:
        fields["date_started"] = parse_due(arguments.started, time.time()) or None
    return fields


def _table(listed: list[TaskSnapshot]) -> str:
    now = time.time()
    heads = ("ID", "PROJECT", "SWIMLANE", "COLUMN", "POS", "PRIO", "DUE", "ASSIGNEE", "TITLE")
    rows = [
        (
            f"#{task.id}",
            task.project_name,
            task.swimlane_name,
            task.column_title,
            task.position if task.is_active else "closed",
            task.priority,
            format_due(task.date_due, now),
            task.assignee_name or task.assignee_username or "",
            task.title,
        )
        for task in listed
    ]
    return table(heads, rows)

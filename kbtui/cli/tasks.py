"""``kbtui task``: add, list, show, edit, move, close, open, duplicate and remove tasks."""

import time
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from kbtui.cli.choices import NOTHING, choose_project, find_category_id, find_user_id
from kbtui.cli.landings import closed_words, describe_landing, landing_words
from kbtui.cli.output import Answer, pairs, table
from kbtui.cli.parser import UsageError
from kbtui.cli.recurrence import recurrence_fields, recurrence_words, successor_words
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.projects import columns, projects, swimlanes
from kbtui.core.tasks import tasks
from kbtui.core.tasks.moves import move_task as move
from kbtui.core.tasks.recurrence import NONE
from kbtui.core.tasks.removals import remove_task
from kbtui.core.tasks.transfers import duplicate_task as duplicate
from kbtui.core.tasks.transfers import landing, move_task_to_project
from kbtui.core.values.colors import check_color
from kbtui.core.values.dates import format_due, parse_due, write_due
from kbtui.core.views.search import find_task

FIRST_PROJECT = "My project"
"""What the project is called that the first task of an empty board gets."""

FIELDS = ("title", "description", "score", "priority", "time_estimated", "time_spent", "reference", "tags")
"""The options whose values are passed on as they are."""


def add_task(arguments: Namespace, settings: Settings) -> Answer:
    """Add a task; the first one of an empty board gets a project to be in."""
    with transaction():
        if arguments.project is None and not projects.list_projects(with_inactive=True):
            projects.create_project(FIRST_PROJECT)
        project_id = int(choose_project(arguments.project).id)
        fields = {**_given(arguments, project_id), **recurrence_fields(arguments, NONE)}
        task_id = tasks.create_task(project_id, **_place(arguments, project_id), **fields)
    task = tasks.get_task(task_id)
    return _changed(f"Added {_named(task)} to {_where(task)}.", task)


def list_tasks(arguments: Namespace, settings: Settings) -> Answer:
    """List the tasks of one project, or of all."""
    project = choose_project(arguments.project) if arguments.project is not None else None
    if project is None and (arguments.column, arguments.swimlane) != (None, None):
        project = choose_project(None)
    place = _place(arguments, int(project.id)) if project else {}
    listed = tasks.list_tasks(
        int(project.id) if project else None,
        owner_id=None if arguments.assignee is None else find_user_id(arguments.assignee),
        is_active={"open": True, "closed": False, "all": None}[arguments.status],
        **place,
    )
    text = _table(listed) if listed else "There are no such tasks."
    return Answer(text, listed)


def show_task(arguments: Namespace, settings: Settings) -> Answer:
    """Show all that is known of a task."""
    task = tasks.get_task(find_task(arguments.ref))
    facts = [
        ("Project", task["project_name"]),
        ("Column", task["column_title"]),
        ("Swimlane", task["swimlane_name"]),
        ("Position", task["position"] if task["is_active"] else ""),
        ("Status", "open" if task["is_active"] else f"closed on {write_due(task['date_completed'])}"),
        ("Assignee", task["assignee_name"] or task["assignee_username"]),
        ("Category", task["category_name"]),
        ("Tags", ", ".join(task["tags"])),
        ("Colour", task["color_id"]),
        ("Priority", task["priority"]),
        ("Score", task["score"] or ""),
        ("Started", write_due(task["date_started"] or 0)),
        ("Due", write_due(task["date_due"])),
        ("Estimate", f"{task['time_estimated']} h" if task["time_estimated"] else ""),
        ("Spent", f"{task['time_spent']} h" if task["time_spent"] else ""),
        ("Repeats", recurrence_words(task)),
        ("Reference", task["reference"]),
        ("Created", f"{write_due(task['date_creation'])} by {task['creator_username'] or 'nobody'}"),
        ("Changed", write_due(task["date_modification"])),
        ("Moved", write_due(task["date_moved"])),
    ]
    parts = [f"#{task['id']} {task['title']}", pairs(facts), task["description"]]
    return Answer("\n\n".join(part for part in parts if part), task)


def edit_task(arguments: Namespace, settings: Settings) -> Answer:
    """Change a task."""
    with transaction():
        task_id = find_task(arguments.ref)
        task = tasks.get_task(task_id)
        fields = {**_given(arguments, task["project_id"]), **recurrence_fields(arguments, task["recurrence_status"])}
        if not fields:
            raise UsageError("nothing to change was given")
        changed = tasks.update_task(task_id, **fields)
    task = tasks.get_task(task_id)
    text = f"Changed {_named(task)}." if changed else f"Nothing differs: {_named(task)} stays as it is."
    return _changed(text, {**task, "changed": changed})


def move_task(arguments: Namespace, settings: Settings) -> Answer:
    """Move a task within its project, or to another one."""
    if all(value is None for value in (arguments.project, arguments.column, arguments.swimlane, arguments.position)):
        raise UsageError("say where to: --column, --swimlane, --position or --project")
    with transaction():
        task = tasks.get_task(find_task(arguments.ref))
        target = task["project_id"] if arguments.project is None else int(choose_project(arguments.project).id)
        if target != task["project_id"]:
            return _transfer(arguments, task, target)
        if arguments.dry_run:
            raise UsageError("--dry-run needs a --project that is another one")
        changed = move(task["id"], **_place(arguments, target))
    moved = tasks.get_task(task["id"])
    if not changed:
        return _changed(f"Nothing moves: {_named(moved)} stands there already.", {**moved, "changed": False})
    lines = [f"Moved {_named(moved)} to {_where(moved)}.", successor_words(task, moved)]
    return _changed("\n".join(filter(None, lines)), {**moved, "changed": True})


def _transfer(arguments: Namespace, task: dict[str, Any], project_id: int) -> Answer:
    """Move a task to another project, or only tell what it would become there."""
    place = _place(arguments, project_id)
    position = place.pop("position", None)
    mapping = describe_landing(task, landing(task["id"], project_id, **place))
    shown = pairs([*landing_words(task, mapping), ("Status", closed_words(task))])
    if arguments.dry_run:
        return Answer(f"Would move {_named(task)}.\n\n{shown}", {"mapping": mapping, "changed": False})
    move_task_to_project(task["id"], project_id, **place)
    if position is not None:
        move(task["id"], position=position)
    moved = tasks.get_task(task["id"])
    text = f"Moved {_named(moved)} to {_where(moved)}.\n\n{shown}"
    return _changed(text, {**moved, "mapping": mapping, "changed": True})


def close_tasks(arguments: Namespace, settings: Settings) -> Answer:
    """Close tasks: all that are named, or none."""
    return _each(arguments, "Closed", "closed", tasks.close_task)


def open_tasks(arguments: Namespace, settings: Settings) -> Answer:
    """Open closed tasks again: all that are named, or none."""
    return _each(arguments, "Opened", "open", tasks.open_task)


def duplicate_task(arguments: Namespace, settings: Settings) -> Answer:
    """Copy a task, within its project or into another one."""
    with transaction():
        task = tasks.get_task(find_task(arguments.ref))
        project_id = None if arguments.project is None else int(choose_project(arguments.project).id)
        mapping, shown = None, ""
        if project_id not in (None, task["project_id"]):
            assert project_id is not None  # noqa: S101 - narrowed above
            mapping = describe_landing(task, landing(task["id"], project_id))
            shown = f"\n\n{pairs(landing_words(task, mapping))}"
        if arguments.dry_run and mapping is None:
            raise UsageError("--dry-run needs a --project that is another one")
        if arguments.dry_run:
            return Answer(f"Would copy {_named(task)}.{shown}", {"mapping": mapping, "changed": False})
        copy_id = duplicate(task["id"], project_id)
    copy = tasks.get_task(copy_id)
    text = f"Copied #{task['id']} as {_named(copy)} in {_where(copy)}.{shown}"
    return _changed(text, copy if mapping is None else {**copy, "mapping": mapping})


def remove_tasks(arguments: Namespace, settings: Settings) -> Answer:
    """Remove tasks: all that are named, or none."""
    with transaction():
        ids = _find_all(arguments.refs)
        removed = [tasks.get_task(task_id) for task_id in ids]
        for task_id in ids:
            remove_task(task_id)
    text = "\n".join(f"Removed {_named(task)}." for task in removed)
    return _changed(text, {"tasks": removed})


def _each(arguments: Namespace, done: str, already: str, change: Callable[[int], bool]) -> Answer:
    with transaction():
        before = {task_id: tasks.get_task(task_id) for task_id in _find_all(arguments.refs)}
        changed = {task_id: change(task_id) for task_id in before}
    listed = [{**tasks.get_task(task_id), "changed": changed[task_id]} for task_id in before]
    lines = []
    for task in listed:
        lines.append(
            f"{done} {_named(task)}." if task["changed"] else f"Nothing changes: {_named(task)} is {already} already."
        )
        lines.append(successor_words(before[task["id"]], task))
    return _changed("\n".join(filter(None, lines)), {"tasks": listed})


def _find_all(refs: list[str]) -> list[int]:
    """Return the ids that are meant, each once."""
    return list(dict.fromkeys(find_task(ref) for ref in refs))


def _place(arguments: Namespace, project_id: int) -> dict[str, Any]:
    """Return where in a project a task shall be, as far as the options say."""
    place: dict[str, Any] = {}
    if arguments.column is not None:
        place["column_id"] = int(columns.find_column(project_id, arguments.column).id)
    if arguments.swimlane is not None:
        place["swimlane_id"] = int(swimlanes.find_swimlane(project_id, arguments.swimlane).id)
    if getattr(arguments, "position", None) is not None:
        place["position"] = arguments.position
    return place


def _given(arguments: Namespace, project_id: int) -> dict[str, Any]:
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


def _changed(text: str, document: dict[str, Any]) -> Answer:
    return Answer(text, document, changed=True)


def _named(task: dict[str, Any]) -> str:
    return f'task #{task["id"]} "{task["title"]}"'


def _where(task: dict[str, Any]) -> str:
    return f"{task['project_name']}: {task['column_title']}, {task['swimlane_name']}, position {task['position']}"


def _table(listed: list[dict[str, Any]]) -> str:
    now = time.time()
    heads = ("ID", "PROJECT", "SWIMLANE", "COLUMN", "POS", "PRIO", "DUE", "ASSIGNEE", "TITLE")
    rows = [
        (
            f"#{task['id']}",
            task["project_name"],
            task["swimlane_name"],
            task["column_title"],
            task["position"] if task["is_active"] else "closed",
            task["priority"],
            format_due(task["date_due"], now),
            task["assignee_name"] or task["assignee_username"] or "",
            task["title"],
        )
        for task in listed
    ]
    return table(heads, rows)

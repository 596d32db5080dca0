"""``kbtui subtask``: list, add, edit, toggle, move and remove the steps of a task."""

from argparse import Namespace
from typing import Any

from kbtui.cli.choices import find_user_id
from kbtui.cli.output import Answer, table
from kbtui.cli.parser import UsageError
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.tasks import subtasks
from kbtui.core.views.search import find_subtask, find_task

FIELDS = {"estimate": "time_estimated", "spent": "time_spent", "status": "status", "position": "position"}
"""The options whose values are passed on as they are → what they are in a subtask."""


def list_subtasks(arguments: Namespace, settings: Settings) -> Answer:
    """List the subtasks of a task in their order."""
    task_id = find_task(arguments.task)
    listed = subtasks.list_subtasks(task_id)
    if not listed:
        return Answer(f"There are no subtasks of task #{task_id}.", [])
    heads = ("ID", "POS", "STATUS", "SPENT", "ESTIMATE", "ASSIGNEE", "TITLE")
    rows = [
        (
            f"#{each['id']}",
            each["position"],
            subtasks.STATUS_NAMES[each["status"]],
            each["time_spent"] or "",
            each["time_estimated"] or "",
            each["name"] or each["username"] or "",
            each["title"],
        )
        for each in listed
    ]
    return Answer(table(heads, rows), listed)


def add_subtask(arguments: Namespace, settings: Settings) -> Answer:
    """Add a subtask."""
    with transaction():
        task_id = find_task(arguments.task)
        subtask_id = subtasks.add_subtask(task_id, arguments.title, **_given(arguments))
    subtask = subtasks.get_subtask(subtask_id)
    return Answer(f"Added {_named(subtask)} to task #{task_id}.", subtask, changed=True)


def edit_subtask(arguments: Namespace, settings: Settings) -> Answer:
    """Change a subtask, and where it stands."""
    with transaction():
        subtask_id = find_subtask(arguments.ref)
        fields = _given(arguments)
        if arguments.title is not None:
            fields["title"] = arguments.title
        if not fields:
            raise UsageError("nothing to change was given")
        changed = subtasks.update_subtask(subtask_id, **fields)
    subtask = subtasks.get_subtask(subtask_id)
    text = f"Changed {_named(subtask)}." if changed else f"Nothing differs: {_named(subtask)} stays as it is."
    return Answer(text, {**subtask, "changed": changed}, changed=True)


def toggle_subtasks(arguments: Namespace, settings: Settings) -> Answer:
    """Put subtasks into their next state: all that are named, or none."""
    with transaction():
        ids = _find_all(arguments)
        for subtask_id in ids:
            subtasks.toggle_subtask(subtask_id)
    listed = [subtasks.get_subtask(subtask_id) for subtask_id in ids]
    text = "\n".join(f"S{_named(each)[1:]} is {_state(each)} now." for each in listed)
    return Answer(text, {"subtasks": listed}, changed=True)


def move_subtask(arguments: Namespace, settings: Settings) -> Answer:
    """Move a subtask within its list."""
    with transaction():
        subtask_id = find_subtask(arguments.ref)
        changed = subtasks.update_subtask(subtask_id, position=arguments.position)
    subtask = subtasks.get_subtask(subtask_id)
    text = (
        f"Moved {_named(subtask)} to position {subtask['position']}."
        if changed
        else f"Nothing moves: {_named(subtask)} stands there already."
    )
    return Answer(text, {**subtask, "changed": changed}, changed=True)


def remove_subtasks(arguments: Namespace, settings: Settings) -> Answer:
    """Remove subtasks: all that are named, or none."""
    with transaction():
        removed = [subtasks.remove_subtask(subtask_id) for subtask_id in _find_all(arguments)]
    text = "\n".join(f"Removed {_named(each)} from task #{each['task_id']}." for each in removed)
    return Answer(text, {"subtasks": removed}, changed=True)


def _find_all(arguments: Namespace) -> list[int]:
    """Return the ids that are meant, each once."""
    return list(dict.fromkeys(find_subtask(ref) for ref in arguments.refs))


def _given(arguments: Namespace) -> dict[str, Any]:
    """Return the fields that were given as options."""
    fields = {name: getattr(arguments, option) for option, name in FIELDS.items()}
    given = {name: value for name, value in fields.items() if value is not None}
    if arguments.assignee is not None:
        given["user_id"] = find_user_id(arguments.assignee)
    return given


def _named(subtask: dict[str, Any]) -> str:
    return f'subtask #{subtask["id"]} "{subtask["title"]}"'


def _state(subtask: dict[str, Any]) -> str:
    state = subtasks.STATUS_NAMES[subtask["status"]].lower()
    whose = subtask["name"] or subtask["username"]
    return f"{state} ({whose})" if whose else state

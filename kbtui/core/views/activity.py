"""Activity: what has happened, as sentences."""

from collections.abc import Callable, Sequence

from kbtui.core.db.engine import database
from kbtui.core.db.models import Activity
from kbtui.core.db.prepared import rows
from kbtui.core.events.log import Facts, RecordedEvent, recorded_event
from kbtui.core.views.changes import status_name, subtask_changes, task_changes

KINDS: dict[str, tuple[str, ...]] = {
    "tasks": ("task.create", "task.update", "task.assignee_change", "task.close", "task.open", "task.remove",
              "task.restore"),
    "moves": ("task.move.column", "task.move.swimlane", "task.move.position", "task.move.project"),
    "subtasks": ("subtask.create", "subtask.update", "subtask.delete"),
    "comments": ("comment.create", "comment.update", "comment.delete"),
    "links": ("task_internal_link.create_update", "task_internal_link.delete"),
    "files": ("file.create", "file.destroy"),
    "board": ("project.change", "column.change", "swimlane.change", "category.change", "tag.change",
              "user.change", "link.change"),
}  # fmt: skip
"""What can be asked for → the events it means."""


def list_activity(
    *,
    project_id: int | None = None,
    task_id: int | None = None,
    author: str | None = None,
    author_id: int | None = None,
    kinds: Sequence[str] = (),
    before_id: int | None = None,
    limit: int = 100,
) -> list[RecordedEvent]:
    """Return what happened, newest first, at most ``limit`` of it, each change once.

    ``author`` is a user's name at that time, ``author_id`` the user, whatever the name; ``kinds`` are keys of
    :data:`KINDS`, none meaning all; ``before_id`` goes on where an earlier call ended.
    """
    names = [name for kind in kinds or KINDS for name in KINDS[kind]]
    wanted = [
        field == value
        for field, value in (
            (Activity.project_id, project_id),
            (Activity.task_id, task_id),
            (Activity.author, author),
            (Activity.author_id, author_id),
        )
        if value is not None
    ]
    if before_id is not None:
        wanted.append(Activity.id < before_id)
    query = Activity.select(
        Activity.id,
        Activity.name,
        Activity.project_id,
        Activity.task_id,
        Activity.author_id,
        Activity.author,
        Activity.date_creation,
        database.stored_text(Activity.details),
    ).where(Activity.name.in_(names), *wanted)
    return rows(query.order_by(Activity.id.desc()).limit(limit), recorded_event)


def sentence(event: RecordedEvent) -> str:
    """Return an event as a sentence: who did what, from where to where."""
    who = event.author or "Somebody"
    try:
        return f"{who} {_SENTENCES[event.name](event.facts)}"
    except (LookupError, TypeError, AttributeError):  # its details are damaged
        return f"{who} did something that cannot be read any more ({event.name})"


def _task(facts: Facts) -> str:
    task = facts["task"]
    return f"#{task['id']} “{task['title']}”"


def _created(facts: Facts) -> str:
    return f"created {_task(facts)} in {facts['task']['column_title']}"


def _updated(facts: Facts) -> str:
    return _with_changes(f"edited {_task(facts)}", task_changes(facts))


def _with_changes(what: str, changes: list[str]) -> str:
    return f"{what}: {'; '.join(changes)}" if changes else what


def _assigned(facts: Facts) -> str:
    name = facts["task"].get("assignee_name") or facts["task"].get("assignee_username")
    return f"assigned {_task(facts)} to {name}" if name else f"took the assignee off {_task(facts)}"


def _moved_column(facts: Facts) -> str:
    return f"moved {_task(facts)}{_source(facts, 'column_title')} to {facts['task']['column_title']}"


def _moved_swimlane(facts: Facts) -> str:
    column = (
        f", {facts['task']['column_title']}" if facts["move"]["src_column_id"] != facts["move"]["column_id"] else ""
    )
    return f"moved {_task(facts)}{_source(facts, 'swimlane_name')} to {facts['task']['swimlane_name']}{column}"


def _source(facts: Facts, name: str) -> str:
    return f" from {facts['from'][name]}" if name in facts.get("from", {}) else ""


def _moved_position(facts: Facts) -> str:
    move = facts["move"]
    return f"moved {_task(facts)} from position {move['src_position']} to {move['position']}"


def _moved_project(facts: Facts) -> str:
    source = facts["task_before"]["project_name"] if "task_before" in facts else "another project"
    return f"moved {_task(facts)} from {source} to {facts['task']['project_name']}"


def _subtask(verb: str) -> Callable[[Facts], str]:
    return lambda facts: f"{verb} the subtask “{facts['subtask']['title']}” of {_task(facts)}"


def _subtask_updated(facts: Facts) -> str:
    changes = facts.get("changes", {})
    words = subtask_changes(facts)
    if "status" in changes:
        what = f"{_subtask('set')(facts)} to {status_name(changes['status'])}"
    elif list(changes) == ["position"]:
        what = f"{_subtask('moved')(facts)} to position {changes['position']}"
    else:
        what = _subtask("edited")(facts)
    return _with_changes(what, words)


def _comment(verb: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        first = facts["comment"]["comment"].strip().split("\n", 1)[0]
        return f"{verb} {_task(facts)}: {first if len(first) <= 80 else first[:79] + '…'}"

    return words


def _file(verb: str) -> Callable[[Facts], str]:
    return lambda facts: f"{verb.format(name=facts['file']['name'])} {_task(facts)}"


def _link(verb: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        link = facts["task_link"]
        return f"{verb}: {_task(facts)} {link['label']} #{link['opposite_task_id']}"

    return words


def _board(noun: str) -> Callable[[Facts], str]:
    verbs = {"create": "added", "update": "changed", "move": "moved", "remove": "removed"}
    return lambda facts: f"{verbs.get(facts.get('action', ''), 'changed')} the {noun} “{facts.get('name', '')}”"


_SENTENCES: dict[str, Callable[[Facts], str]] = {
    "task.create": _created,
    "task.update": _updated,
    "task.assignee_change": _assigned,
    "task.close": lambda facts: f"closed {_task(facts)}",
    "task.open": lambda facts: f"opened {_task(facts)} again",
    "task.remove": lambda facts: f"removed {_task(facts)}",
    "task.restore": lambda facts: f"brought {_task(facts)} back",
    "task.move.column": _moved_column,
    "task.move.swimlane": _moved_swimlane,
    "task.move.position": _moved_position,
    "task.move.project": _moved_project,
    "subtask.create": _subtask("added"),
    "subtask.update": _subtask_updated,
    "subtask.delete": _subtask("removed"),
    "comment.create": _comment("commented on"),
    "comment.update": _comment("edited a comment on"),
    "comment.delete": _comment("removed a comment on"),
    "file.create": _file("attached {name} to"),
    "file.destroy": _file("removed {name} from"),
    "task_internal_link.create_update": _link("linked"),
    "task_internal_link.delete": _link("unlinked"),
    "project.change": _board("project"),
    "column.change": _board("column"),
    "swimlane.change": _board("swimlane"),
    "category.change": _board("category"),
    "tag.change": _board("tag"),
    "user.change": _board("user"),
    "link.change": _board("link type"),
}

"""Search: find a task, or something on one, by its number or name."""

from typing import Any, NamedTuple

from kbtui.core.db.engine import database
from kbtui.core.db.lookup import read_number
from kbtui.core.db.models import Comment, File, Subtask, Task, TaskLink
from kbtui.core.db.prepared import rows
from kbtui.core.values.text import fold
from kbtui.errors import InvalidError, NotFoundError


def find_task(ref: str) -> int:
    """Return the id of the task that ``ref`` means: an id (``12``, ``#12``) or a whole title, whatever its case.

    An open task goes before closed ones of the same title. Raises NotFoundError, or InvalidError when several match.
    """
    number = read_number(ref)
    if number is not None and Task.select().where(Task.id == number).exists():
        return number
    folded, title = fold(ref.strip()), ref.strip().casefold()
    query = Task.select(Task.id, Task.is_active, Task.title).where(Task.folded == folded)
    # Accents, which the folded title is without, tell titles apart here.
    titled = [row for row in rows(query.order_by(Task.id), _Titled._make) if row.title.casefold() == title]
    found = [row.id for row in titled if row.is_active] or [row.id for row in titled]
    if len(found) > 1:
        numbers = ", ".join(f"#{task_id}" for task_id in found[:20])
        raise InvalidError(f'"{ref}" is the title of several tasks; choose by number: {numbers}.')
    if not found:
        if number is not None:
            raise NotFoundError(f"There is no task #{number}.")
        raise NotFoundError(f'There is no task "{ref}"; give its number or whole title.')
    return found[0]


class _Titled(NamedTuple):
    id: int
    is_active: int
    title: str


def find_comment(ref: str) -> int:
    """Return the id of the comment that a number (``12``, ``#12``) means. Raises NotFoundError."""
    return _find_part(Comment, "comment", ref)


def find_task_link(ref: str) -> int:
    """Return the id of the internal link that a number means, either direction's. Raises NotFoundError."""
    return _find_part(TaskLink, "internal link", ref)


def find_subtask(ref: str) -> int:
    """Return the id of the subtask that a number or a whole title means. Raises NotFoundError or InvalidError."""
    return _find_part(Subtask, "subtask", ref, Subtask.title)


def find_file(ref: str) -> int:
    """Return the id of the file that a number or a whole name means. Raises NotFoundError or InvalidError."""
    return _find_part(File, "file", ref, File.name)


def _find_part(model: Any, what: str, ref: str, label: Any = None) -> int:
    number = read_number(ref)
    if number is not None and model.select().where(model.id == number).exists():
        return number
    found: list[tuple[int, int]] = []
    if label is not None:
        same = database.folded(label) == fold(ref.strip())
        titled = rows(model.select(model.id, model.task_id, label).where(same).order_by(model.id), tuple)
        found = [(row_id, task_id) for row_id, task_id, each in titled if each.casefold() == ref.strip().casefold()]
    name = label.name if label is not None else ""
    if len(found) > 1:
        numbers = ", ".join(f"#{row_id} (on task #{task_id})" for row_id, task_id in found[:20])
        raise InvalidError(f'"{ref}" is the {name} of several {what}s; choose by number: {numbers}.')
    if not found:
        if number is not None:
            raise NotFoundError(f"There is no {what} #{number}.")
        raise NotFoundError(f'There is no {what} "{ref}"; give its number{f" or whole {name}" if name else ""}.')
    return found[0][0]

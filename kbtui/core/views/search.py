"""Search: find tasks, and what is on them, by what a person typed."""

from itertools import islice
from typing import NamedTuple

from kbtui.core.db.database import fetch_all, fetch_one
from kbtui.core.db.lookup import read_number
from kbtui.errors import InvalidError, NotFoundError


def find_task(ref: str) -> int:
    """Return the id of the task that ``ref`` means: an id (``12``, ``#12``) or a whole title, whatever its case.

    An open task goes before closed ones of the same title. Raises NotFoundError, or InvalidError when several match.
    """
    wanted = ref.strip()
    number = read_number(ref)
    if number is not None and fetch_one("SELECT 1 FROM tasks WHERE id = ?", (number,)):
        return number
    title = wanted.casefold()
    titled: list[tuple[int, int]] = [
        (is_active, task_id)
        for task_id, is_active, each in fetch_all("SELECT id, is_active, title FROM tasks ORDER BY id")
        if each.casefold() == title
    ]
    found = [task_id for is_active, task_id in titled if is_active] or [task_id for _, task_id in titled]
    if len(found) > 1:
        numbers = ", ".join(f"#{task_id}" for task_id in found[:20])
        raise InvalidError(f'"{ref}" is the title of several tasks; choose by number: {numbers}.')
    if not found:
        if number is not None:
            raise NotFoundError(f"There is no task #{number}.")
        raise NotFoundError(f'There is no task "{ref}"; give its number or whole title.')
    return found[0]


def find_comment(ref: str) -> int:
    """Return the id of the comment that a number (``12``, ``#12``) means. Raises NotFoundError."""
    return _find_part("comments", "comment", ref)


def find_task_link(ref: str) -> int:
    """Return the id of the internal link that a number means, either direction's. Raises NotFoundError."""
    return _find_part("task_links", "internal link", ref)


def find_subtask(ref: str) -> int:
    """Return the id of the subtask that a number or a whole title means. Raises NotFoundError or InvalidError."""
    return _find_part("subtasks", "subtask", ref, label="title")


def find_file(ref: str) -> int:
    """Return the id of the file that a number or a whole name means. Raises NotFoundError or InvalidError."""
    return _find_part("files", "file", ref, label="name")


def _find_part(table: str, what: str, ref: str, *, label: str = "") -> int:
    number = read_number(ref)
    if number is not None and fetch_one(f"SELECT 1 FROM {table} WHERE id = ?", (number,)):
        return number
    found: list[tuple[int, int]] = []
    if label:
        wanted = ref.strip().casefold()
        rows = fetch_all(f"SELECT id, task_id, {label} FROM {table} ORDER BY id")
        found = [(row_id, task_id) for row_id, task_id, each in rows if each.casefold() == wanted]
    if len(found) > 1:
        numbers = ", ".join(f"#{row_id} (on task #{task_id})" for row_id, task_id in found[:20])
        raise InvalidError(f'"{ref}" is the {label} of several {what}s; choose by number: {numbers}.')
    if not found:
        if number is not None:
            raise NotFoundError(f"There is no {what} #{number}.")
        raise NotFoundError(f'There is no {what} "{ref}"; give its number{f" or whole {label}" if label else ""}.')
    return found[0][0]


class FoundTask(NamedTuple):
    """A task that was found, as a list shows it."""

    id: int
    title: str
    project: str
    column: str
    is_active: int
    color_id: str


def search_tasks(text: str, project_id: int | None = None, limit: int = 50) -> list[FoundTask]:
    """Return the tasks whose number or title have all words of a text, in any case.

    A task whose number it is comes first, then open ones before closed ones, those changed last before others. A
    text without words finds all.
    """
    words = [word.casefold() for word in text.split()]
    number = read_number(text)
    where, params = ["1"], list[object]()
    for word in words:
        if word.isascii():  # SQLite folds no other letters; those are compared below
            where.append("instr(lower('#' || t.id || ' ' || t.title), ?) > 0")
            params.append(word)
    if project_id is not None:
        where.append("t.project_id = ?")
        params.append(project_id)
    rows = fetch_all(
        "SELECT t.id, t.title, p.name, c.title, t.is_active, t.color_id FROM tasks t JOIN projects p"
        f' ON p.id = t.project_id JOIN "columns" c ON c.id = t.column_id WHERE {" AND ".join(where)}'
        " ORDER BY t.id = ? DESC, t.is_active DESC, t.date_modification DESC, t.id DESC"
        + ("" if any(not word.isascii() for word in words) else f" LIMIT {int(limit)}"),
        (*params, number or 0),
    )
    found = (FoundTask(*row) for row in rows)
    return list(islice((task for task in found if _has(task, words)), limit))


def _has(task: FoundTask, words: list[str]) -> bool:
    title = f"#{task.id} {task.title}".casefold()
    return all(word in title for word in words)

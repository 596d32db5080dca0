"""Removing tasks, and what was removed and can be brought back.

The rows and bytes of what was removed wait in the database, not in memory, for whoever may undo the removal. They go
when no undo can reach them any more, or a day later: also those of a program that was killed.
"""

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from peewee import Value, chunked

from kbtui.core.db.database import transactional
from kbtui.core.db.models import (
    BaseModel,
    Category,
    Comment,
    File,
    FileContent,
    RemovedContent,
    RemovedItem,
    Subtask,
    Tag,
    Task,
    TaskLink,
    TaskTag,
)
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_snapshot
from kbtui.core.projects.members import assignable_or_nobody
from kbtui.core.tasks.link_types import LinkType, read_types, restore_link_types
from kbtui.core.tasks.task_rows import open_cell
from kbtui.errors import InvalidError, NotFoundError

KEPT_SECONDS = 86_400
"""How long what was removed can be brought back."""

OWNED: tuple[type[BaseModel], ...] = (TaskTag, Subtask, Comment, File, TaskLink)
"""What goes with its task, in the order it is put back."""

StoredRow = dict[str, Any]
"""A row as JSON keeps it, by the names of its model's fields."""

_AT_ONCE = 500
"""How many rows are inserted by one statement."""


class RemovedTask(NamedTuple):
    """A task that was removed; ``item_id`` is where it waits, 0 when it was not kept."""

    task_id: int
    title: str
    item_id: int


@transactional
def remove_task(task_id: int, *, keep: bool = True) -> RemovedTask:
    """Remove a task with all that is on it, and return it for :func:`restore_task` unless it is not to be kept.

    No webhook is sent for it: Kanboard has no such event. Raises NotFoundError.
    """
    facts = task_snapshot(task_id)
    task = facts["task"]
    item_id = _keep_task(task_id) if keep else 0
    Task.delete().where(Task.id == task_id).execute()
    log.record("task.remove", facts, project_id=task["project_id"], task_id=task_id)
    return RemovedTask(task_id, task["title"], item_id)


@transactional
def restore_task(removed: RemovedTask) -> None:
    """Put a removed task back as it was, under its own id; links to tasks that are gone by now stay away.

    A category or an assignee that is gone by now is none; a type of link that is gone comes back. Raises
    NotFoundError when its project, column or swimlane is gone or it is kept no longer, InvalidError when it is back
    already.
    """
    task_id = removed.task_id
    if Task.select().where(Task.id == task_id).exists():
        raise InvalidError(f"Task #{task_id} is there already.")
    rows = kept_rows(removed.item_id, f"Task #{task_id}")
    (task,) = rows["tasks"]
    open_cell(task["project"], task["column"], task["swimlane"])
    Task.insert(task | _present_references(task)).execute()
    rows["task_tags"] = _with_present_tags(rows["task_tags"])
    rows["task_links"] = _with_present_ends(rows["task_links"], rows["links"])
    for model in OWNED:
        for some in chunked(rows[model._meta.table_name], _AT_ONCE):
            model.insert_many(some).execute()
    put_contents_back(removed.item_id)
    facts = task_snapshot(task_id)
    log.record("task.restore", facts, project_id=facts["task"]["project_id"], task_id=task_id)


def _keep_task(task_id: int) -> int:
    rows: dict[str, list[StoredRow]] = {
        model._meta.table_name: _read(model.select().where(model._meta.combined["task_id"] == task_id))
        for model in OWNED
    }
    rows["tasks"] = _read(Task.select().where(Task.id == task_id))
    rows["task_links"] += _read(TaskLink.select().where(TaskLink.opposite_task_id == task_id))
    rows["links"] = [each._asdict() for each in read_types({row["link"] for row in rows["task_links"]})]
    return keep_rows("task", task_id, rows, [row["id"] for row in rows["files"]])


def _read(query: Any) -> list[StoredRow]:
    return list(query.dicts())


def _present_references(task: StoredRow) -> dict[str, int]:
    """Return the category and the assignee of a task's row, 0 for one that is gone or cannot be assigned by now."""
    is_there = Category.select().where(Category.id == task["category_id"]).exists()
    return {
        "category_id": task["category_id"] if is_there else 0,
        "owner_id": assignable_or_nobody(task["project"], task["owner_id"]),
    }


def _with_present_tags(rows: list[StoredRow]) -> list[StoredRow]:
    """Return those rows whose tag is still there."""
    present = {tag.id for tag in Tag.select(Tag.id).where(Tag.id.in_([row["tag"] for row in rows]))}
    return [row for row in rows if row["tag"] in present]


def _with_present_ends(rows: list[StoredRow], types: list[StoredRow]) -> list[StoredRow]:
    """Return those links whose tasks are both there, with their types, which come back where they are gone."""
    ends = {row[name] for row in rows for name in ("task", "opposite_task")}
    present = {task.id for task in Task.select(Task.id).where(Task.id.in_(ends))}
    rows = [row for row in rows if row["task"] in present and row["opposite_task"] in present]
    used = {row["link"] for row in rows}
    used |= {each["opposite_id"] for each in types if each["id"] in used}
    ids = restore_link_types([LinkType(**each) for each in types if each["id"] in used])
    return [row | {"link": ids[row["link"]]} for row in rows]


# -- What waits to be brought back, of tasks and of files


@transactional
def keep_rows(kind: str, row_id: int, rows: Mapping[str, list[StoredRow]], file_ids: Iterable[int]) -> int:
    """Keep rows by table, and the bytes of files, before they are removed; return where they wait.

    What has waited for a day goes. The bytes are copied by the database, whatever their size.
    """
    now = time.time()
    drop_removed(now)
    item_id: int = RemovedItem.insert(kind=kind, row_id=row_id, rows=json.dumps(rows), date_creation=int(now)).execute()
    contents = FileContent.select(Value(item_id), FileContent.file_id, FileContent.content)
    columns = [RemovedContent.item, RemovedContent.file_id, RemovedContent.content]
    RemovedContent.insert_from(contents.where(FileContent.file.in_(list(file_ids))), columns).execute()
    return item_id


def kept_rows(item_id: int, what: str) -> dict[str, list[StoredRow]]:
    """Return the rows that wait somewhere; raise NotFoundError, naming ``what`` they are, when they wait no longer."""
    item = RemovedItem.get_or_none(RemovedItem.id == item_id)
    if item is None:
        raise NotFoundError(f"{what} was removed more than a day ago, and cannot be brought back any more.")
    rows: dict[str, list[StoredRow]] = json.loads(item.rows)
    return rows


@transactional
def put_contents_back(item_id: int) -> None:
    """Give the files that are back their bytes; nothing waits any more."""
    contents = RemovedContent.select(RemovedContent.file_id, RemovedContent.content)
    columns = [FileContent.file, FileContent.content]
    FileContent.insert_from(contents.where(RemovedContent.item_id == item_id), columns).execute()
    forget_removed([item_id])


@transactional
def forget_removed(item_ids: Iterable[int]) -> None:
    """Drop what waits to be brought back and cannot be reached any more."""
    RemovedItem.delete().where(RemovedItem.id.in_(list(item_ids))).execute()


@transactional
def drop_removed(now: float) -> int:
    """Drop what has waited to be brought back for a day, and return how many tasks and files that were."""
    dropped: int = RemovedItem.delete().where(RemovedItem.date_creation < int(now) - KEPT_SECONDS).execute()
    return dropped

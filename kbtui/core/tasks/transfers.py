"""Tasks that go to another project, and copies of tasks: what they keep, and what they become there."""

import time
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from kbtui.core.db.database import fetch_all, fetch_one, insert_row, transactional
from kbtui.core.db.engine import database
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_facts, task_tags
from kbtui.core.projects import members, users
from kbtui.core.tasks.links import DUPLICATES, add_task_link
from kbtui.core.tasks.ranks import Cell, assign_rank
from kbtui.core.tasks.task_rows import check_belongs, open_cell, set_tags, stored_row
from kbtui.core.tasks.tasks import TITLE_LIMIT
from kbtui.core.values.text import fold


class Choices(TypedDict, total=False):
    """What can be chosen of where a copy lands in another project; see :func:`landing` for the rest."""

    swimlane_id: int | None
    column_id: int | None
    category_id: int | None
    owner_id: int | None


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a task ends up in a project: its cell, and who and what it is assigned to there (0: nobody, none)."""

    project_id: int
    cell: Cell
    owner_id: int
    category_id: int


def landing(
    task_id: int,
    project_id: int,
    *,
    swimlane_id: int | None = None,
    column_id: int | None = None,
    category_id: int | None = None,
    owner_id: int | None = None,
) -> Landing:
    """Tell where a task would land in a project, without moving it.

    What is not chosen is mapped: the first column; the swimlane and the category of the same name there, else the
    default swimlane and none; the assignee, if a member there. Raises NotFoundError or InvalidError.
    """
    row = stored_row(task_id)
    if swimlane_id is None:
        swimlane_id = _same_name("swimlanes", row["swimlane_id"], project_id, condition="there.is_active = 1")
    if category_id is None:
        category_id = _same_name("categories", row["category_id"], project_id)
    elif category_id:
        check_belongs("category", "categories", category_id, project_id)
    if owner_id is None:
        owner_id = members.assignable_or_nobody(project_id, row["owner_id"])
    elif owner_id:
        users.get_user(owner_id)
    return Landing(project_id, open_cell(project_id, column_id, swimlane_id), owner_id, category_id or 0)


@transactional
def move_task_to_project(
    task_id: int,
    project_id: int,
    *,
    swimlane_id: int | None = None,
    column_id: int | None = None,
    category_id: int | None = None,
    owner_id: int | None = None,
) -> bool:
    """Move a task to the end of a cell of another project; tell whether it moved.

    Subtasks, comments, files and links go with it; tags are those of the same name there, made where missing. See
    :func:`landing` for the rest. A closed task is opened, as the event says. Raises NotFoundError or InvalidError.
    """
    before = task_facts(task_id)
    if before["task"]["project_id"] == project_id:
        return False
    target = landing(
        task_id,
        project_id,
        swimlane_id=swimlane_id,
        column_id=column_id,
        category_id=category_id,
        owner_id=owner_id,
    )
    rank, _ = assign_rank(target.cell, None)
    now = int(time.time())
    database.execute_sql(
        'UPDATE tasks SET project_id = ?, column_id = ?, swimlane_id = ?, "rank" = ?, owner_id = ?, category_id = ?,'
        " is_active = 1, date_completed = CASE is_active WHEN 0 THEN 0 ELSE date_completed END,"
        " date_moved = ?, date_modification = ? WHERE id = ?",
        (project_id, *target.cell, rank, target.owner_id, target.category_id, now, now, task_id),
    )
    set_tags(task_id, project_id, before["tags"])
    facts = task_facts(task_id)
    old, new = before["task"], facts["task"]
    moved = ("project_id", "column_id", "swimlane_id", "position", "owner_id", "category_id", "is_active")
    facts["task_before"] = old
    facts["changes"] = {name: new[name] for name in moved if old[name] != new[name]}
    facts["before"] = {name: old[name] for name in facts["changes"]}
    log.record("task.move.project", facts, project_id=project_id, task_id=task_id)
    return True


@transactional
def duplicate_task(task_id: int, project_id: int | None = None, **chosen: Unpack[Choices]) -> int:
    """Copy a task with its subtasks and tags, here or into another project, and return the copy's id.

    The copy is last in its cell, open, its subtasks are to be done again, by nobody where who did them is no member
    there, and it is linked as a duplicate (an event of kanboard-1.2 only).
    """
    row = stored_row(task_id)
    here = project_id is None or project_id == row["project_id"]
    if here:
        owner_id = members.assignable_or_nobody(row["project_id"], row["owner_id"])
        target = Landing(row["project_id"], Cell(row["column_id"], row["swimlane_id"]), owner_id, row["category_id"])
    else:
        assert project_id is not None  # noqa: S101 - narrowed by `here`
        target = landing(task_id, project_id, **chosen)
    rank, _ = assign_rank(target.cell, None)
    now = int(time.time())
    copy: dict[str, Any] = row | {
        "title": f"[DUPLICATE] {row['title']}"[:TITLE_LIMIT] if here else row["title"],
        "project_id": target.project_id,
        "column_id": target.cell.column_id,
        "swimlane_id": target.cell.swimlane_id,
        "rank": rank,
        "owner_id": target.owner_id,
        "category_id": target.category_id,
        "creator_id": log.author_id(),
        "is_active": 1,
        "date_completed": None,
        "date_started": None,
        "date_creation": now,
        "date_modification": now,
        "date_moved": now,
        "time_spent": 0,
        "recurrence_parent": None,
        "recurrence_child": None,
    }
    copy["folded"] = fold(copy["title"])
    del copy["id"]
    copy_id = insert_row("tasks", copy)
    set_tags(copy_id, target.project_id, task_tags(task_id))
    database.execute_sql(
        "INSERT INTO subtasks (task_id, title, time_estimated, user_id, position)"
        " SELECT ?, title, time_estimated, user_id, position FROM subtasks WHERE task_id = ? ORDER BY position",
        (copy_id, task_id),
    )
    if not here:
        _unassign_strangers(copy_id, target.project_id)
    log.record("task.create", task_facts(copy_id), project_id=target.project_id, task_id=copy_id, after_task_id=task_id)
    add_task_link(copy_id, task_id, DUPLICATES, formats="kanboard-1.2")
    return copy_id


def _unassign_strangers(task_id: int, project_id: int) -> None:
    """Take from a task's subtasks those who cannot be assigned in a project."""
    for (user_id,) in fetch_all("SELECT DISTINCT user_id FROM subtasks WHERE task_id = ?", (task_id,)):
        if not members.is_assignable(project_id, user_id):
            database.execute_sql(
                "UPDATE subtasks SET user_id = 0 WHERE task_id = ? AND user_id = ?", (task_id, user_id)
            )


def _same_name(table: str, row_id: int, project_id: int, *, condition: str = "1") -> int | None:
    """Return the row of a project that has the same name as a row of another one."""
    row = fetch_one(
        f"SELECT there.id FROM {table} here JOIN {table} there ON there.name = here.name COLLATE NOCASE"
        f" WHERE here.id = ? AND there.project_id = ? AND {condition} ORDER BY there.position LIMIT 1",
        (row_id, project_id),
    )
    return row[0] if row else None

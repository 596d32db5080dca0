"""Tasks that go to another project, and copies of tasks: what they keep, and what they become there."""

import time
from dataclasses import dataclass
from typing import TypedDict, Unpack

from peewee import fn

from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import get_row
from kbtui.core.db.models import Category, Subtask, Swimlane, Task
from kbtui.core.db.prepared import rows, scalar, write_row
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_snapshot
from kbtui.core.projects import members, users
from kbtui.core.tasks.links import DUPLICATES, add_task_link
from kbtui.core.tasks.ranks import Cell, append_rank
from kbtui.core.tasks.task_rows import check_belongs, copy_task, open_cell, set_tags
from kbtui.core.tasks.tasks import TITLE_LIMIT
from kbtui.core.values.text import fold


class Choices(TypedDict, total=False):
    """What can be chosen of where a copy lands in another project; see :func:`plan_transfer` for the rest."""

    swimlane_id: int | None
    column_id: int | None
    category_id: int | None
    owner_id: int | None


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """Where a task goes in a project: its cell, and who and what it is assigned to there (0: nobody, none)."""

    project_id: int
    cell: Cell
    owner_id: int
    category_id: int

    def choices(self) -> Choices:
        """Return what would have to be chosen for a task to go just there."""
        column_id, swimlane_id = self.cell
        return Choices(
            column_id=column_id, swimlane_id=swimlane_id, owner_id=self.owner_id, category_id=self.category_id
        )


def plan_transfer(
    task_id: int,
    project_id: int,
    *,
    swimlane_id: int | None = None,
    column_id: int | None = None,
    category_id: int | None = None,
    owner_id: int | None = None,
) -> TransferPlan:
    """Return where a task would go in a project, without moving it.

    What is not chosen is mapped: the first column; the swimlane and the category of the same name there, else the
    default swimlane and none; the assignee, if a member there. Raises NotFoundError or InvalidError.
    """
    task = get_row(Task, task_id, "task")
    if swimlane_id is None:
        swimlane_id = _same_name(Swimlane, task.swimlane_id, project_id)
    if category_id is None:
        category_id = _same_name(Category, task.category_id, project_id)
    elif category_id:
        check_belongs(Category, category_id, project_id)
    if owner_id is None:
        owner_id = members.assignable_or_nobody(project_id, task.owner_id)
    elif owner_id:
        users.get_user(owner_id)
    return TransferPlan(project_id, open_cell(project_id, column_id, swimlane_id), owner_id, category_id or 0)


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a move to another project did; ``position`` is where the task stood, None where it was closed."""

    source: TransferPlan
    position: int | None
    date_completed: int | None
    target: TransferPlan


@transactional
def move_task_to_project(task_id: int, project_id: int, **chosen: Unpack[Choices]) -> Transfer | None:
    """Move a task to the end of a cell of another project; return what that did, None where it is there already.

    Subtasks, comments, files and links go with it; tags are those of the same name there, made where missing. What is
    not chosen is as :func:`plan_transfer` says. A closed task is opened, as the event tells. Raises NotFoundError or
    InvalidError.
    """
    before = task_snapshot(task_id)
    if before["task"]["project_id"] == project_id:
        return None
    target = plan_transfer(task_id, project_id, **chosen)
    now = int(time.time())
    values = {
        "project_id": project_id,
        "column_id": target.cell.column_id,
        "swimlane_id": target.cell.swimlane_id,
        "rank": append_rank(target.cell),
        "owner_id": target.owner_id,
        "category_id": target.category_id,
        "is_active": 1,
        "date_moved": now,
        "date_modification": now,
    }
    if not before["task"]["is_active"]:
        values["date_completed"] = 0
    write_row(Task, task_id, values)
    set_tags(task_id, project_id, before["tags"])
    facts = task_snapshot(task_id)
    old, new = before["task"], facts["task"]
    moved = ("project_id", "column_id", "swimlane_id", "position", "owner_id", "category_id", "is_active")
    facts["task_before"] = old
    facts["changes"] = {name: new[name] for name in moved if old[name] != new[name]}
    facts["before"] = {name: old[name] for name in facts["changes"]}
    log.record("task.move.project", facts, project_id=project_id, task_id=task_id)
    cell = Cell(old["column_id"], old["swimlane_id"])
    source = TransferPlan(old["project_id"], cell, old["owner_id"], old["category_id"])
    return Transfer(source, old["position"] if old["is_active"] else None, old["date_completed"], target)


@transactional
def duplicate_task(task_id: int, project_id: int | None = None, **chosen: Unpack[Choices]) -> int:
    """Copy a task with its subtasks and tags, here or into another project, and return the copy's id.

    The copy is last in its cell, open, its subtasks are to be done again, by nobody where who did them is no member
    there, and it is linked as a duplicate (an event of kanboard-1.2 only).
    """
    task = get_row(Task, task_id, "task")
    here = project_id is None or project_id == task.project_id
    if here:
        owner_id = members.assignable_or_nobody(task.project_id, task.owner_id)
        cell = Cell(task.column_id, task.swimlane_id)
        target = TransferPlan(task.project_id, cell, owner_id, task.category_id)
    else:
        assert project_id is not None  # noqa: S101 - narrowed by `here`
        target = plan_transfer(task_id, project_id, **chosen)
    now = int(time.time())
    title = f"[DUPLICATE] {task.title}"[:TITLE_LIMIT] if here else task.title
    changes = {
        "title": title,
        "folded": fold(title),
        "column_id": target.cell.column_id,
        "swimlane_id": target.cell.swimlane_id,
        "rank": append_rank(target.cell),
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
    copy_id = copy_task(task, target.project_id, changes)
    if not here:
        _unassign_strangers(copy_id, target.project_id)
    log.record(
        "task.create", task_snapshot(copy_id), project_id=target.project_id, task_id=copy_id, after_task_id=task_id
    )
    add_task_link(copy_id, task_id, DUPLICATES, formats="kanboard-1.2")
    return copy_id


def _unassign_strangers(task_id: int, project_id: int) -> None:
    """Take from a task's subtasks those who cannot be assigned in a project."""
    assigned = Subtask.select(Subtask.user_id).where(Subtask.task_id == task_id).distinct()
    strangers = [user_id for user_id in rows(assigned, scalar) if not members.is_assignable(project_id, user_id)]
    Subtask.update(user_id=0).where(Subtask.task_id == task_id, Subtask.user_id.in_(strangers)).execute()


def _same_name(model: type[Swimlane | Category], row_id: int, project_id: int) -> int | None:
    """Return the row of a project that has the same name as a row of another one; of swimlanes, an active one."""
    name = model.select(fn.lower(model.name)).where(model.id == row_id)
    query = model.select(model.id).where(model.project_id == project_id, fn.lower(model.name) == name)
    if issubclass(model, Swimlane):
        query = query.where(Swimlane.is_active == 1)
    return next(iter(rows(query.order_by(model.position).limit(1), scalar)), None)

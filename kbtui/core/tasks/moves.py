"""Moves of a task on the board of its project."""

import time
from dataclasses import dataclass

from peewee import JOIN, BaseQuery, fn

from kbtui.core.db.database import transactional
from kbtui.core.db.models import Column, Swimlane, Task
from kbtui.core.db.prepared import prepared
from kbtui.core.events import log
from kbtui.core.events.snapshot import NAMES, TaskSnapshot, select_task, snapshot_of, task_of, task_snapshot
from kbtui.core.tasks.ranks import Cell, Key, Location, Standing, find_slot, spread
from kbtui.core.tasks.recurrence import repeat_after_move
from kbtui.errors import InvalidError, NotFoundError


@dataclass(frozen=True, slots=True)
class Move:
    """What a move did: from where to where.

    ``key`` is what the task has in the order of its cell now, and ``task`` all that it is.
    ``next_task_id`` is the task that it made anew of a recurring one, if it did, and ``next_task_before`` the one that
    was made of it before.
    """

    task: TaskSnapshot
    source: Location
    target: Location
    key: Key
    next_task_id: int | None = None
    next_task_before: int | None = None


@transactional
def move_task(
    task_id: int,
    *,
    column_id: int | None = None,
    swimlane_id: int | None = None,
    position: int | None = None,
    project_id: int | None = None,
) -> Move | None:
    """Move an open task to a column, a swimlane and a position; return what that did, None when it moved nowhere.

    What is not given stays as it is; in another cell, no position means last. Positions count from 1, one past
    the end means last. Records the first that is true of: the swimlane changed, the column changed, the position
    changed (kanboard-1.2 announces both of the first two). Raises NotFoundError or InvalidError, and changes
    nothing, for an impossible move; one of a task of another project than ``project_id`` is impossible, if that is
    given.
    """
    facts, there, standing = _read(task_id, column_id, swimlane_id)
    task = facts["task"]
    if project_id not in (None, task["project_id"]):
        raise InvalidError(f"The task {task_id} belongs to another project.")
    if not task["is_active"]:
        raise InvalidError(f"Task #{task_id} is closed; open it before moving it.")
    if position is not None and position < 1:
        raise InvalidError(f"Position {position} is not possible; positions begin at 1.")
    there.check(task["project_id"])
    source = Location(task["project_id"], Cell(task["column_id"], task["swimlane_id"]), task["position"])
    stays = there.cell == source.cell
    if stays and position in (None, source.position):
        return None
    slot = find_slot(there.cell, position, standing if stays else None)
    if stays and slot.position == source.position:  # past the end means last, and there it is
        return None
    rank = spread(there.cell, slot.after, task_id=task_id) if slot.rank is None else slot.rank
    target = Location(source.project_id, there.cell, slot.position)
    _write(facts, source, target, there, rank)
    _announce(facts, source.cell, target.cell)
    leaves = target.cell.column_id != source.cell.column_id
    next_task_id = repeat_after_move(facts) if leaves else None
    before = task["recurrence_child"]
    if next_task_id is not None:
        facts = task_snapshot(task_id)
    return Move(task_of(facts), source, target, Key(rank, task_id), next_task_id, before)


@dataclass(frozen=True, slots=True)
class _Target:
    """The column and the swimlane that a task is to go to; without a project they do not exist."""

    cell: Cell
    column_title: str
    column_position: int
    column_project: int | None
    swimlane_name: str
    swimlane_project: int | None

    def check(self, project_id: int) -> None:
        """Raise NotFoundError for what does not exist, InvalidError for what is another project's."""
        for what, row_id, owner in (
            ("column", self.cell.column_id, self.column_project),
            ("swimlane", self.cell.swimlane_id, self.swimlane_project),
        ):
            if owner is None:
                raise NotFoundError(f"There is no {what} {row_id}.")
            if owner != project_id:
                raise InvalidError(f"The {what} {row_id} belongs to another project.")


@prepared(tuple)
def _read_all(task_id: int, column_id: int | None, swimlane_id: int | None) -> BaseQuery:
    """Return the snapshot of a task, and the column and the swimlane to go to: its own where none is given."""
    column, lane = Column.alias("there"), Swimlane.alias("lane")
    query: BaseQuery = (
        select_task(
            Task.rank,
            fn.coalesce(column_id, Task.column_id),
            fn.coalesce(swimlane_id, Task.swimlane_id),
            column.title,
            column.position,
            column.project_id,
            lane.name,
            lane.project_id,
        )
        .switch(Task)
        .join(column, JOIN.LEFT_OUTER, on=column.id == fn.coalesce(column_id, Task.column_id))
        .switch(Task)
        .join(lane, JOIN.LEFT_OUTER, on=lane.id == fn.coalesce(swimlane_id, Task.swimlane_id))
        .where(Task.id == task_id)
    )
    return query


def _read(task_id: int, column_id: int | None, swimlane_id: int | None) -> tuple[log.Facts, _Target, Standing]:
    """Return the snapshot of a task as it is, where it is to go, and where it stands. Raises NotFoundError."""
    row = _read_all.first(task_id, column_id, swimlane_id)
    if row is None:
        raise NotFoundError(f"There is no task #{task_id}.")
    rank, column, lane, *names = row[len(NAMES) :]
    facts = snapshot_of(row)
    return facts, _Target(Cell(column, lane), *names), Standing(Key(rank, task_id), facts["task"]["position"])


@prepared()
def _write_rank(task_id: int, rank: int) -> BaseQuery:
    return Task.update({Task.rank: rank}).where(Task.id == task_id)


@prepared()
def _write_cell(task_id: int, rank: int, column_id: int, swimlane_id: int, now: int) -> BaseQuery:
    return Task.update(
        {
            Task.rank: rank,
            Task.column: column_id,
            Task.swimlane: swimlane_id,
            Task.date_moved: now,
            Task.date_modification: now,
        }
    ).where(Task.id == task_id)


def _write(facts: log.Facts, source: Location, target: Location, there: _Target, rank: int) -> None:
    """Write the task's new location, and bring its snapshot up to that: what was written need not be read again."""
    task = facts["task"]
    facts["move"] = {
        "position": target.position,
        "column_id": target.cell.column_id,
        "swimlane_id": target.cell.swimlane_id,
        "src_column_id": source.cell.column_id,
        "dst_column_id": target.cell.column_id,
        "src_swimlane_id": source.cell.swimlane_id,
        "src_position": source.position,
        "date_moved": task["date_moved"],
    }
    facts["from"] = {"column_title": task["column_title"], "swimlane_name": task["swimlane_name"]}
    task["position"] = target.position
    if target.cell == source.cell:
        _write_rank.run(task["id"], rank)
        return
    now = int(time.time())
    _write_cell.run(task["id"], rank, *target.cell, now)
    task["column_id"], task["swimlane_id"] = target.cell
    task["date_moved"] = task["date_modification"] = now
    task["column_title"], task["column_position"] = there.column_title, there.column_position
    task["swimlane_name"] = there.swimlane_name


def _announce(facts: log.Facts, source: Cell, target: Cell) -> None:
    """Record the first that is true: another swimlane, another column, another position."""
    task = facts["task"]
    about = {"project_id": task["project_id"], "task_id": task["id"]}
    if target.swimlane_id == source.swimlane_id:
        name = "task.move.position" if target == source else "task.move.column"
        log.record(name, facts, **about)
        return
    log.record("task.move.swimlane", facts, **about)
    if target.column_id != source.column_id:
        log.record("task.move.column", facts, **about, formats="kanboard-1.2", is_told=False)

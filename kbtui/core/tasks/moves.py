"""Moves of a task on the board of its project."""

import time

from kbtui.core.db.database import fetch_one, transactional
from kbtui.core.events import log
from kbtui.core.events.snapshot import POSITION, task_facts
from kbtui.core.tasks.ranks import Cell, assign_rank, count_cell
from kbtui.core.tasks.recurrence import repeat_after_move
from kbtui.core.tasks.task_rows import open_cell, write_task
from kbtui.errors import InvalidError, NotFoundError


@transactional
def move_task(
    task_id: int, *, column_id: int | None = None, swimlane_id: int | None = None, position: int | None = None
) -> bool:
    """Move an open task to a column, a swimlane and a position; tell whether it moved at all.

    What is not given stays as it is; in another cell, no position means last. Positions count from 1, one past
    the end means last. Records the first that is true of: the swimlane changed, the column changed, the position
    changed (kanboard-1.2 announces both of the first two). Raises NotFoundError or InvalidError, and changes
    nothing, for an impossible move.
    """
    project_id, source, is_active, date_moved, src_position, names = _read(task_id)
    if not is_active:
        raise InvalidError(f"Task #{task_id} is closed; open it before moving it.")
    if position is not None and position < 1:
        raise InvalidError(f"Position {position} is not possible; positions begin at 1.")
    cell = open_cell(
        project_id,
        source.column_id if column_id is None else column_id,
        source.swimlane_id if swimlane_id is None else swimlane_id,
    )
    stays = cell == source
    if stays and (position is None or min(position, count_cell(cell)) == src_position):
        return False
    rank, got = assign_rank(cell, position, task_id=task_id)
    values = {"rank": rank}
    if not stays:
        now = int(time.time())
        values |= {"column_id": cell.column_id, "swimlane_id": cell.swimlane_id}
        values |= {"date_moved": now, "date_modification": now}
    write_task(task_id, values)
    facts = task_facts(task_id)
    facts["move"] = {
        "position": got,
        "column_id": cell.column_id,
        "swimlane_id": cell.swimlane_id,
        "src_column_id": source.column_id,
        "dst_column_id": cell.column_id,
        "src_swimlane_id": source.swimlane_id,
        "src_position": src_position,
        "date_moved": date_moved,
    }
    facts["from"] = names
    _announce(facts, source, cell)
    if cell.column_id != source.column_id:
        repeat_after_move(facts)
    return True


def _read(task_id: int) -> tuple[int, Cell, int, int, int, dict[str, str]]:
    """Return a task's project, cell, whether it is open, when it moved last, its position, its cell's names."""
    row = fetch_one(
        "SELECT t.project_id, t.column_id, t.swimlane_id, t.is_active, t.date_moved,"
        f' {POSITION}, c.title, s.name FROM tasks t JOIN "columns" c ON c.id = t.column_id'
        " JOIN swimlanes s ON s.id = t.swimlane_id WHERE t.id = ?",
        (task_id,),
    )
    if row is None:
        raise NotFoundError(f"There is no task #{task_id}.")
    project_id, column_id, swimlane_id, is_active, date_moved, position, column_title, swimlane_name = row
    names = {"column_title": column_title, "swimlane_name": swimlane_name}
    return project_id, Cell(column_id, swimlane_id), is_active, date_moved, position, names


def _announce(facts: log.Facts, source: Cell, cell: Cell) -> None:
    """Record the first that is true: another swimlane, another column, another position."""
    task = facts["task"]
    about = {"project_id": task["project_id"], "task_id": task["id"]}
    if cell.swimlane_id == source.swimlane_id:
        name = "task.move.position" if cell == source else "task.move.column"
        log.record(name, facts, **about)
        return
    log.record("task.move.swimlane", facts, **about)
    if cell.column_id != source.column_id:
        log.record("task.move.column", facts, **about, formats="kanboard-1.2", is_told=False)

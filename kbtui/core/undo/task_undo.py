"""Undo and redo of what happens to tasks: made, edited, moved, closed, removed."""

from collections.abc import Mapping
from typing import Any, Unpack

from kbtui.core.db.lookup import project_of
from kbtui.core.db.models import Activity, Task
from kbtui.core.db.prepared import write_row
from kbtui.core.tasks.moves import Move, move_task
from kbtui.core.tasks.ranks import Location
from kbtui.core.tasks.recurrence import PENDING, PROCESSED
from kbtui.core.tasks.removals import RemovedTask, remove_task, restore_task
from kbtui.core.tasks.tasks import (
    API_TITLE_LIMIT,
    NewTaskFields,
    TaskChanges,
    close_task,
    create_task,
    get_task,
    open_task,
    reclose_task,
    reopen_task,
    update_task,
)
from kbtui.core.tasks.transfers import Choices, duplicate_task, move_task_to_project
from kbtui.core.undo.steps import Removal, Step, StepStack, left_alone
from kbtui.errors import InvalidError


class TaskUndo(StepStack):
    """Do things to tasks so that they can be undone."""

    def create_task(self, project_id: int, title: str, **fields: Unpack[NewTaskFields]) -> int:
        """Create a task as ``tasks.create_task`` does."""
        task_id = create_task(project_id, title, **fields)
        self._came(f"created #{task_id}", task_id, lambda: remove_task(task_id), restore_task)
        return task_id

    def duplicate_task(self, task_id: int, project_id: int | None = None) -> int:
        """Duplicate a task as ``transfers.duplicate_task`` does."""
        copy_id = duplicate_task(task_id, project_id)
        self._came(f"duplicated #{task_id}", copy_id, lambda: remove_task(copy_id), restore_task)
        return copy_id

    def update_task(self, task_id: int, **changes: Unpack[TaskChanges]) -> bool:
        """Edit a task as ``tasks.update_task`` does."""
        edit = update_task(task_id, **changes)
        if edit is None:
            return False

        def put(values: Mapping[str, Any], instead_of: Mapping[str, Any]) -> None:
            """Put values back, but leave what somebody else has changed since."""
            own = left_alone(values, instead_of, get_task(task_id)._asdict())
            update_task(task_id, title_limit=API_TITLE_LIMIT, **own)

        self.add(
            Step(
                f"edited #{task_id}",
                task_id,
                lambda: put(edit.before, edit.after),
                lambda: put(edit.after, edit.before),
            )
        )
        return True

    def move_task(
        self, task_id: int, *, column_id: int | None = None, swimlane_id: int | None = None, position: int | None = None
    ) -> Move | None:
        """Move a task as ``moves.move_task`` does."""
        move = move_task(task_id, column_id=column_id, swimlane_id=swimlane_id, position=position)
        if move is None:
            return None
        following = NextOccurrence(task_id, move.next_task_id, move.next_task_before)

        def undo() -> None:
            _go(task_id, move.source)
            following.remove()

        def redo() -> None:
            following.restore()
            _go(task_id, move.target)

        self.add(Step(f"moved #{task_id}", task_id, undo, redo, following.items))
        return move

    def close_task(self, task_id: int) -> bool:
        """Close a task as ``tasks.close_task`` does."""
        closing = close_task(task_id)
        if closing is None:
            return False
        following = NextOccurrence(task_id, closing.next_task_id, closing.next_task_before)

        def undo() -> None:
            reopen_task(task_id, closing.statuses)
            following.remove()

        def redo() -> None:
            following.restore()
            close_task(task_id)

        self.add(Step(f"closed #{task_id}", task_id, undo, redo, following.items))
        return True

    def open_task(self, task_id: int) -> bool:
        """Open a task as ``tasks.open_task`` does."""
        opening = open_task(task_id)
        if opening is None:
            return False
        completed = opening.date_completed
        self.add(
            Step(f"opened #{task_id}", task_id, lambda: reclose_task(task_id, completed), lambda: open_task(task_id))
        )
        return True

    def remove_task(self, task_id: int) -> None:
        """Remove a task as ``removals.remove_task`` does."""
        removal = Removal(lambda: remove_task(task_id), restore_task)
        removal.remove()
        self._went(f"removed #{task_id}", task_id, removal)

    def move_task_to_project(self, task_id: int, project_id: int, **chosen: Unpack[Choices]) -> bool:
        """Move a task to another project as ``transfers.move_task_to_project`` does."""
        transfer = move_task_to_project(task_id, project_id, **chosen)
        if transfer is None:
            return False
        source = transfer.source

        def undo() -> None:
            move_task_to_project(task_id, source.project_id, **source.choices())
            if transfer.position is None:
                reclose_task(task_id, transfer.date_completed)
            else:
                _go(task_id, Location(source.project_id, source.cell, transfer.position))

        self.add(
            Step(
                f"moved #{task_id} to another project",
                task_id,
                undo,
                lambda: move_task_to_project(task_id, project_id, **transfer.target.choices()),
            )
        )
        return True


def _go(task_id: int, location: Location) -> None:
    """Move a task back to where it was, unless it has gone to another project meanwhile."""
    if project_of(Task, task_id) not in (location.project_id, None):
        raise InvalidError(f"task #{task_id} is in another project now.")
    cell = location.cell
    move_task(task_id, column_id=cell.column_id, swimlane_id=cell.swimlane_id, position=location.position)


class NextOccurrence:
    """The task that a change may make of a recurring one: it goes when the change is undone, and comes back with it."""

    def __init__(self, task_id: int, next_task_id: int | None, before: int | None) -> None:
        self._task_id = task_id
        self._id = next_task_id
        self._before = before
        self._removed: RemovedTask | None = None

    def remove(self) -> None:
        """Remove it, unless it is gone already or somebody has done something with it: then it stays."""
        self._removed = None
        if self._id is None or not self._is_untouched(self._id):
            return
        self._removed = remove_task(self._id)
        write_row(Task, self._task_id, {"recurrence_status": PENDING, "recurrence_child": self._before})

    def restore(self) -> None:
        """Put it back, if it was removed, so that the change makes no other one."""
        if self._removed is not None:
            restore_task(self._removed)
            values = {"recurrence_status": PROCESSED, "recurrence_child": self._removed.task_id}
            write_row(Task, self._task_id, values)

    def items(self) -> tuple[int, ...]:
        """Return where it waits in the database while it is removed."""
        return () if self._removed is None else (self._removed.item_id,)

    @staticmethod
    def _is_untouched(task_id: int) -> bool:
        """Return whether a task is there and nothing but its making, and our own undo, has happened to it."""
        own = ("task.create", "task.remove", "task.restore")
        touched = Activity.select().where((Activity.task_id == task_id) & Activity.name.not_in(own))
        return Task.select().where(Task.id == task_id).exists() and not touched.exists()

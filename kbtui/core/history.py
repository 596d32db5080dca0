"""Undo and redo of what one person did in one session.

Undoing is a change like any other: it goes through the same functions and records the same events. A step that
has become impossible, since somebody else changed what it touched, is dropped and says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Unpack

from kbtui.core.board import Place, find_place
from kbtui.core.facts import task_facts
from kbtui.core.moves import move_task
from kbtui.core.removals import RemovedTask, remove_task, restore_task
from kbtui.core.tasks import NewTaskFields, TaskChanges, close_task, create_task, get_task, open_task, update_task
from kbtui.core.transfers import duplicate_task
from kbtui.errors import InvalidError, KbtuiError

STEPS = 200
"""How many steps can be undone."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done: in words ("moved #3"), the task it concerns, and how to take it back and do it again."""

    what: str
    task_id: int
    undo: Callable[[], object]
    redo: Callable[[], object]


class History:
    """Do things so that they can be undone."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def add(self, step: Step) -> None:
        """Remember a step that was done, which makes what was undone before unreachable."""
        self._done = [*self._done[1 - STEPS :], step]
        self._undone.clear()

    def undo(self) -> Step:
        """Take back the last step and return it. Raises InvalidError when there is none or it is impossible by now."""
        return self._take(self._done, self._undone, "undo", lambda step: step.undo)

    def redo(self) -> Step:
        """Do the last undone step again and return it. Raises InvalidError like :meth:`undo`."""
        return self._take(self._undone, self._done, "redo", lambda step: step.redo)

    def _take(
        self, source: list[Step], target: list[Step], verb: str, choose: Callable[[Step], Callable[[], object]]
    ) -> Step:
        if not source:
            raise InvalidError(f"There is nothing to {verb}.")
        step = source.pop()
        try:
            choose(step)()
        except InvalidError as error:
            raise InvalidError(f"Cannot {verb} “{step.what}”: {error}") from error
        except KbtuiError as error:
            source.append(step)
            raise error
        target.append(step)
        return step

    def create_task(self, project_id: int, title: str, **fields: Unpack[NewTaskFields]) -> int:
        """Create a task as ``tasks.create_task`` does."""
        task_id = create_task(project_id, title, **fields)
        self.add(_removable(f"created #{task_id}", task_id))
        return task_id

    def duplicate_task(self, task_id: int) -> int:
        """Duplicate a task as ``transfers.duplicate_task`` does."""
        copy_id = duplicate_task(task_id)
        self.add(_removable(f"duplicated #{task_id}", copy_id))
        return copy_id

    def update_task(self, task_id: int, **changes: Unpack[TaskChanges]) -> bool:
        """Edit a task as ``tasks.update_task`` does."""
        old = get_task(task_id)
        if not update_task(task_id, **changes):
            return False
        before: TaskChanges = {name: old[name] for name in changes}  # type: ignore[assignment]
        self.add(
            Step(
                f"edited #{task_id}",
                task_id,
                lambda: update_task(task_id, **before),
                lambda: update_task(task_id, **changes),
            )
        )
        return True

    def move_task(
        self, task_id: int, *, column_id: int | None = None, swimlane_id: int | None = None, position: int | None = None
    ) -> bool:
        """Move a task as ``moves.move_task`` does."""
        source = find_place(task_id)
        if not move_task(task_id, column_id=column_id, swimlane_id=swimlane_id, position=position):
            return False
        target = find_place(task_id)
        assert source is not None  # noqa: S101 - an open task moved
        assert target is not None  # noqa: S101
        self.add(Step(f"moved #{task_id}", task_id, lambda: _go(task_id, source), lambda: _go(task_id, target)))
        return True

    def close_task(self, task_id: int) -> bool:
        """Close a task as ``tasks.close_task`` does."""
        if not close_task(task_id):
            return False
        self.add(Step(f"closed #{task_id}", task_id, lambda: open_task(task_id), lambda: close_task(task_id)))
        return True

    def open_task(self, task_id: int) -> bool:
        """Open a task as ``tasks.open_task`` does."""
        if not open_task(task_id):
            return False
        self.add(Step(f"opened #{task_id}", task_id, lambda: close_task(task_id), lambda: open_task(task_id)))
        return True

    def remove_task(self, task_id: int) -> None:
        """Remove a task as ``removals.remove_task`` does."""
        trash = _Trash(task_id)
        trash.remove()
        self.add(Step(f"removed #{task_id}", task_id, trash.restore, trash.remove))


class _Trash:
    """A task that comes and goes under one id."""

    def __init__(self, task_id: int) -> None:
        self.task_id = task_id
        self.removed: RemovedTask | None = None

    def remove(self) -> None:
        self.removed = remove_task(self.task_id)

    def restore(self) -> None:
        if self.removed is not None:
            restore_task(self.removed)


def _removable(what: str, task_id: int) -> Step:
    """Return the step of a task that came into being."""
    trash = _Trash(task_id)
    return Step(what, task_id, trash.remove, trash.restore)


def _go(task_id: int, place: Place) -> None:
    """Move a task back to a place, unless it has gone to another project meanwhile."""
    if task_facts(task_id)["task"]["project_id"] != place.project_id:
        raise InvalidError(f"task #{task_id} is in another project now.")
    move_task(task_id, column_id=place.cell.column_id, swimlane_id=place.cell.swimlane_id, position=place.position)

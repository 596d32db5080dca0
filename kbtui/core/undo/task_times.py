"""A task's own times around a change of its subtasks, whose sums replace them silently."""

from collections.abc import Callable
from typing import TypeVar

from kbtui.core.db.database import transaction
from kbtui.core.tasks.task_rows import stored_row, write_task

R = TypeVar("R")


class TaskTimes:
    """A task's estimate and time spent as they are before a change, for undoing that exactly."""

    def __init__(self, task_id: int) -> None:
        self._task_id = task_id
        self._before = self._after = self._read()

    def look(self) -> None:
        """Take note of the times after the change."""
        self._after = self._read()

    def undo(self, change: Callable[[], R]) -> R:
        """Do what takes the change back, and restore the times unless somebody has changed them since."""
        with transaction():
            untouched = self._read() == self._after
            returned = change()
            if untouched and self._read() != self._before:
                write_task(self._task_id, self._before)
        return returned

    def _read(self) -> dict[str, float]:
        row = stored_row(self._task_id)
        return {"time_estimated": row["time_estimated"], "time_spent": row["time_spent"]}

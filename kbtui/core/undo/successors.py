"""The task that a recurring task was made anew as, when that is undone."""

from kbtui.core.db.database import fetch_one, transactional
from kbtui.core.tasks.recurrence import PENDING, PROCESSED
from kbtui.core.tasks.removals import RemovedTask, remove_task, restore_task
from kbtui.core.tasks.task_rows import stored_row, write_task


class Successor:
    """What a change may make of a recurring task: goes when the change is undone, and comes back with it."""

    def __init__(self, task_id: int) -> None:
        self._task_id = task_id
        self._before: int | None = stored_row(task_id)["recurrence_child"]
        self._id: int | None = None
        self._gone: RemovedTask | None = None

    def look(self) -> None:
        """Take note of the task that the change has made, if any."""
        child = stored_row(self._task_id)["recurrence_child"]
        self._id = child if child != self._before else None

    @transactional
    def take_away(self) -> None:
        """Remove it, unless it is gone already or somebody has done something with it: then it stays."""
        if self._id is None or not self._is_untouched(self._id):
            return
        self._gone = remove_task(self._id)
        write_task(self._task_id, {"recurrence_status": PENDING, "recurrence_child": self._before})

    @transactional
    def put_back(self) -> None:
        """Put it back, if it was taken away, so that the change makes no other one."""
        if self._gone is None:
            return
        restore_task(self._gone)
        write_task(self._task_id, {"recurrence_status": PROCESSED, "recurrence_child": self._gone.task_id})
        self._gone = None

    @staticmethod
    def _is_untouched(task_id: int) -> bool:
        names = "('task.create', 'task.remove', 'task.restore')"
        row = fetch_one(
            "SELECT EXISTS (SELECT 1 FROM tasks WHERE id = ?1)"
            f" AND NOT EXISTS (SELECT 1 FROM events WHERE task_id = ?1 AND name NOT IN {names})",
            (task_id,),
        )
        return row is not None and bool(row[0])

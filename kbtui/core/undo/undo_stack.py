"""Undo and redo of what one person did in one session: to tasks, and to what is on them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar, Unpack

from kbtui.core.db.database import transaction
from kbtui.core.db.models import Task
from kbtui.core.db.prepared import rows
from kbtui.core.tasks import comments, files, links, subtasks
from kbtui.core.tasks.subtasks import Subtask, SubtaskChanges, SubtaskFields
from kbtui.core.undo.steps import Removal, Step, left_alone
from kbtui.core.undo.task_undo import TaskUndo

R = TypeVar("R")


class UndoStack(TaskUndo):
    """Do things so that they can be undone."""

    def add_comment(self, task_id: int, comment: str) -> int:
        """Comment on a task as ``comments.add_comment`` does."""
        comment_id = comments.add_comment(task_id, comment)
        self._came(
            f"commented on #{task_id}", task_id, lambda: comments.remove_comment(comment_id), comments.restore_comment
        )
        return comment_id

    def update_comment(self, comment_id: int, comment: str) -> bool:
        """Edit a comment as ``comments.update_comment`` does."""
        changed = comments.update_comment(comment_id, comment)
        if changed is None:
            return False
        before, after = changed

        def put(text: str, instead_of: str) -> None:
            now = comments.get_comment(comment_id).comment
            left_alone({"comment": text}, {"comment": instead_of}, {"comment": now})
            comments.update_comment(comment_id, text)

        self.add(
            Step(
                f"edited a comment on #{before.task_id}",
                before.task_id,
                lambda: put(before.comment, after.comment),
                lambda: put(after.comment, before.comment),
            )
        )
        return True

    def remove_comment(self, comment_id: int) -> None:
        """Remove a comment as ``comments.remove_comment`` does."""
        removal = Removal(lambda: comments.remove_comment(comment_id), comments.restore_comment)
        task_id = removal.remove().task_id
        self._went(f"removed a comment on #{task_id}", task_id, removal)

    def add_subtask(self, task_id: int, title: str, **fields: Unpack[SubtaskFields]) -> int:
        """Add a subtask as ``subtasks.add_subtask`` does."""
        times = TaskTimes()
        subtask_id = times.around(task_id, lambda: subtasks.add_subtask(task_id, title, **fields))
        self._came(
            f"added a subtask to #{task_id}",
            task_id,
            lambda: times.undo(lambda: subtasks.remove_subtask(subtask_id)),
            subtasks.restore_subtask,
        )
        return subtask_id

    def update_subtask(self, subtask_id: int, **fields: Unpack[SubtaskChanges]) -> bool:
        """Edit or move a subtask as ``subtasks.update_subtask`` does."""
        times = TaskTimes()
        task_id = subtasks.get_subtask(subtask_id).task_id
        changed = times.around(task_id, lambda: subtasks.update_subtask(subtask_id, **fields))
        if changed is None:
            return False
        old, new = (each._asdict() for each in changed)
        before = {name: old[name] for name in fields if old[name] != new[name]}
        after = {name: new[name] for name in before}

        def put(values: Mapping[str, Any], instead_of: Mapping[str, Any]) -> None:
            own = left_alone(values, instead_of, subtasks.get_subtask(subtask_id)._asdict())
            subtasks.update_subtask(subtask_id, **own)

        self.add(
            Step(
                f"edited a subtask of #{task_id}",
                task_id,
                lambda: times.undo(lambda: put(before, after)),
                lambda: put(after, before),
            )
        )
        return True

    def toggle_subtask(self, subtask_id: int) -> Subtask:
        """Put a subtask into its next state as ``subtasks.toggle_subtask`` does; return it as it is then."""
        before, after = subtasks.toggle_subtask(subtask_id)
        self.add(
            Step(
                f"toggled a subtask of #{before.task_id}",
                before.task_id,
                lambda: subtasks.update_subtask(subtask_id, status=before.status, user_id=before.user_id),
                lambda: subtasks.toggle_subtask(subtask_id),
            )
        )
        return after

    def remove_subtask(self, subtask_id: int) -> None:
        """Remove a subtask as ``subtasks.remove_subtask`` does."""
        times = TaskTimes()
        task_id = subtasks.get_subtask(subtask_id).task_id
        removal = Removal(
            lambda: subtasks.remove_subtask(subtask_id),
            lambda removed: times.undo(lambda: subtasks.restore_subtask(removed)),
        )
        times.around(task_id, removal.remove)
        self._went(f"removed a subtask of #{task_id}", task_id, removal)

    def add_task_link(self, task_id: int, opposite_task_id: int, link_id: int) -> int:
        """Link two tasks as ``links.add_task_link`` does."""
        task_link_id = links.add_task_link(task_id, opposite_task_id, link_id)
        self._came(
            f"linked #{task_id} to #{opposite_task_id}",
            task_id,
            lambda: links.remove_task_link(task_link_id),
            links.restore_task_link,
        )
        return task_link_id

    def update_task_link(
        self, task_link_id: int, *, opposite_task_id: int | None = None, link_id: int | None = None
    ) -> bool:
        """Change a link as ``links.update_task_link`` does."""
        changed = links.update_task_link(task_link_id, opposite_task_id=opposite_task_id, link_id=link_id)
        if changed is None:
            return False
        before, after = changed

        def to(link: links.TaskLink) -> Callable[[], object]:
            return lambda: links.update_task_link(
                task_link_id, opposite_task_id=link.opposite_task_id, link_id=link.link_id
            )

        self.add(Step(f"changed a link of #{before.task_id}", before.task_id, to(before), to(after)))
        return True

    def remove_task_link(self, task_link_id: int) -> None:
        """Remove a link as ``links.remove_task_link`` does."""
        removal = Removal(lambda: links.remove_task_link(task_link_id), links.restore_task_link)
        task_id = removal.remove().directions[0].task_id
        self._went(f"removed a link of #{task_id}", task_id, removal)

    def add_file(self, task_id: int, name: str, content: bytes) -> int:
        """Attach a file as ``files.add_file`` does."""
        file_id = files.add_file(task_id, name, content)
        self._came(f"attached a file to #{task_id}", task_id, lambda: files.remove_file(file_id), files.restore_file)
        return file_id

    def remove_file(self, file_id: int) -> None:
        """Remove a file as ``files.remove_file`` does."""
        removal = Removal(lambda: files.remove_file(file_id), files.restore_file)
        task_id = removal.remove().file.task_id
        self._went(f"removed a file of #{task_id}", task_id, removal)


class Times(NamedTuple):
    """A task's own times, in hours."""

    time_estimated: float
    time_spent: float


class TaskTimes:
    """A task's own times around a change of its subtasks, whose sums replace them silently."""

    def __init__(self) -> None:
        self._task_id = 0
        self._before = self._after = Times(0, 0)

    def around(self, task_id: int, change: Callable[[], R]) -> R:
        """Do a change of a task's subtasks, and take note of the task's times before and after it."""
        self._task_id = task_id
        with transaction():
            self._before = self._read()
            returned = change()
            self._after = self._read()
        return returned

    def undo(self, change: Callable[[], R]) -> R:
        """Do what takes the change back, and restore the times unless somebody has changed them since."""
        untouched = self._read() == self._after
        returned = change()
        if untouched and self._read() != self._before:
            Task.update(self._before._asdict()).where(Task.id == self._task_id).execute()
        return returned

    def _read(self) -> Times:
        found = rows(Task.select(Task.time_estimated, Task.time_spent).where(Task.id == self._task_id), Times._make)
        return found[0] if found else Times(0, 0)

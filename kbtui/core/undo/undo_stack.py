"""Undo and redo of what one person did in one session: to tasks, and to what is on them."""

from collections.abc import Callable, Mapping
from typing import Any, Unpack

from kbtui.core.tasks import comments, files, links, subtasks
from kbtui.core.tasks.subtasks import SubtaskChanges, SubtaskFields
from kbtui.core.undo.steps import STEPS as STEPS
from kbtui.core.undo.steps import Step as Step
from kbtui.core.undo.steps import left_alone
from kbtui.core.undo.task_times import TaskTimes
from kbtui.core.undo.task_undo import TaskHistory


class History(TaskHistory):
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
        old = comments.get_comment(comment_id)
        if not comments.update_comment(comment_id, comment):
            return False
        new = comments.get_comment(comment_id)

        def put(there: comments.Comment, instead_of: comments.Comment) -> None:
            now = comments.get_comment(comment_id)
            own = left_alone({"comment": there["comment"]}, instead_of, now)
            comments.update_comment(comment_id, own["comment"])

        what = f"edited a comment on #{old['task_id']}"
        self.add(Step(what, old["task_id"], lambda: put(old, new), lambda: put(new, old)))
        return True

    def remove_comment(self, comment_id: int) -> None:
        """Remove a comment as ``comments.remove_comment`` does."""
        task_id = comments.get_comment(comment_id)["task_id"]
        self._went(
            f"removed a comment on #{task_id}",
            task_id,
            lambda: comments.remove_comment(comment_id),
            comments.restore_comment,
        )

    def add_subtask(self, task_id: int, title: str, **fields: Unpack[SubtaskFields]) -> int:
        """Add a subtask as ``subtasks.add_subtask`` does."""
        times = TaskTimes(task_id)
        subtask_id = subtasks.add_subtask(task_id, title, **fields)
        times.look()
        self._came(
            f"added a subtask to #{task_id}",
            task_id,
            lambda: times.undo(lambda: subtasks.remove_subtask(subtask_id)),
            subtasks.restore_subtask,
        )
        return subtask_id

    def update_subtask(self, subtask_id: int, **fields: Unpack[SubtaskChanges]) -> bool:
        """Edit or move a subtask as ``subtasks.update_subtask`` does."""
        old = subtasks.get_subtask(subtask_id)
        times = TaskTimes(old["task_id"])
        if not subtasks.update_subtask(subtask_id, **fields):
            return False
        times.look()
        new = subtasks.get_subtask(subtask_id)
        before = {name: old[name] for name in fields if old[name] != new[name]}
        after = {name: new[name] for name in before}

        def put(values: Mapping[str, Any], instead_of: Mapping[str, Any]) -> None:
            own = left_alone(values, instead_of, subtasks.get_subtask(subtask_id))
            subtasks.update_subtask(subtask_id, **own)

        self.add(
            Step(
                f"edited a subtask of #{old['task_id']}",
                old["task_id"],
                lambda: times.undo(lambda: put(before, after)),
                lambda: put(after, before),
            )
        )
        return True

    def toggle_subtask(self, subtask_id: int) -> int:
        """Put a subtask into its next state as ``subtasks.toggle_subtask`` does."""
        old = subtasks.get_subtask(subtask_id)
        status = subtasks.toggle_subtask(subtask_id)
        self.add(
            Step(
                f"toggled a subtask of #{old['task_id']}",
                old["task_id"],
                lambda: subtasks.update_subtask(subtask_id, status=old["status"], user_id=old["user_id"]),
                lambda: subtasks.toggle_subtask(subtask_id),
            )
        )
        return status

    def remove_subtask(self, subtask_id: int) -> None:
        """Remove a subtask as ``subtasks.remove_subtask`` does."""
        task_id = subtasks.get_subtask(subtask_id)["task_id"]
        times = TaskTimes(task_id)
        self._went(
            f"removed a subtask of #{task_id}",
            task_id,
            lambda: subtasks.remove_subtask(subtask_id),
            lambda gone: times.undo(lambda: subtasks.restore_subtask(gone)),
        )
        times.look()

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
        old = links.get_task_link(task_link_id)
        if not links.update_task_link(task_link_id, opposite_task_id=opposite_task_id, link_id=link_id):
            return False
        new = links.get_task_link(task_link_id)

        def to(link: links.TaskLink) -> Callable[[], object]:
            return lambda: links.update_task_link(
                task_link_id, opposite_task_id=link["opposite_task_id"], link_id=link["link_id"]
            )

        self.add(Step(f"changed a link of #{old['task_id']}", old["task_id"], to(old), to(new)))
        return True

    def remove_task_link(self, task_link_id: int) -> None:
        """Remove a link as ``links.remove_task_link`` does."""
        task_id = links.get_task_link(task_link_id)["task_id"]
        self._went(
            f"removed a link of #{task_id}",
            task_id,
            lambda: links.remove_task_link(task_link_id),
            links.restore_task_link,
        )

    def add_file(self, task_id: int, name: str, content: bytes) -> int:
        """Attach a file as ``files.add_file`` does."""
        file_id = files.add_file(task_id, name, content)
        self._came(f"attached a file to #{task_id}", task_id, lambda: files.remove_file(file_id), files.restore_file)
        return file_id

    def remove_file(self, file_id: int) -> None:
        """Remove a file as ``files.remove_file`` does."""
        task_id = files.get_file(file_id)["task_id"]
        self._went(f"removed a file of #{task_id}", task_id, lambda: files.remove_file(file_id), files.restore_file)

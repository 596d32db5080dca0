"""Undo and redo of what one person did in one session.

Undoing is a change like any other: it goes through the same functions and records the same events. A step that
has become impossible, since somebody else changed what it touched, is dropped and says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypedDict, TypeVar, Unpack

from kbtui.core import comments, files, links, subtasks
from kbtui.core.board import Place, find_place
from kbtui.core.database import transactional
from kbtui.core.facts import task_facts
from kbtui.core.moves import move_task
from kbtui.core.removals import remove_task, restore_task
from kbtui.core.subtasks import SubtaskChanges, SubtaskFields
from kbtui.core.task_rows import stored_row
from kbtui.core.tasks import (
    NewTaskFields,
    TaskChanges,
    close_task,
    create_task,
    get_task,
    open_task,
    reopen_task,
    update_task,
)
from kbtui.core.transfers import duplicate_task, move_task_to_project
from kbtui.errors import InvalidError, KbtuiError, NotFoundError

Gone = TypeVar("Gone")
"""What a removal returns, and a restoration takes."""

STEPS = 200
"""How many steps can be undone."""


class Chosen(TypedDict, total=False):
    """What can be chosen when a task goes to another project."""

    swimlane_id: int | None
    column_id: int | None
    category_id: int | None
    owner_id: int | None


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
        except (InvalidError, NotFoundError) as error:
            raise InvalidError(f"Cannot {verb} “{step.what}”: {error}") from error
        except KbtuiError as error:
            source.append(step)
            raise error
        target.append(step)
        return step

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
        statuses = {subtask["id"]: subtask["status"] for subtask in subtasks.list_subtasks(task_id)}
        if not close_task(task_id):
            return False
        self.add(
            Step(f"closed #{task_id}", task_id, lambda: reopen_task(task_id, statuses), lambda: close_task(task_id))
        )
        return True

    def open_task(self, task_id: int) -> bool:
        """Open a task as ``tasks.open_task`` does."""
        if not open_task(task_id):
            return False
        self.add(Step(f"opened #{task_id}", task_id, lambda: close_task(task_id), lambda: open_task(task_id)))
        return True

    def remove_task(self, task_id: int) -> None:
        """Remove a task as ``removals.remove_task`` does."""
        self._went(f"removed #{task_id}", task_id, lambda: remove_task(task_id), restore_task)

    def move_task_to_project(self, task_id: int, project_id: int, **chosen: Unpack[Chosen]) -> bool:
        """Move a task to another project as ``transfers.move_task_to_project`` does."""
        old = stored_row(task_id)
        source = find_place(task_id)
        if not move_task_to_project(task_id, project_id, **chosen):
            return False
        landed = stored_row(task_id)
        there: Chosen = {name: landed[name] for name in Chosen.__annotations__}  # type: ignore[assignment]
        back: Chosen = {name: old[name] for name in Chosen.__annotations__}  # type: ignore[assignment]

        @transactional
        def undo() -> None:
            move_task_to_project(task_id, old["project_id"], **back)
            if source is None:
                close_task(task_id)
            else:
                _go(task_id, source)

        self.add(
            Step(
                f"moved #{task_id} to another project",
                task_id,
                undo,
                lambda: move_task_to_project(task_id, project_id, **there),
            )
        )
        return True

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
        self.add(
            Step(
                f"edited a comment on #{old['task_id']}",
                old["task_id"],
                lambda: comments.update_comment(comment_id, old["comment"]),
                lambda: comments.update_comment(comment_id, comment),
            )
        )
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
        subtask_id = subtasks.add_subtask(task_id, title, **fields)
        self._came(
            f"added a subtask to #{task_id}",
            task_id,
            lambda: subtasks.remove_subtask(subtask_id),
            subtasks.restore_subtask,
        )
        return subtask_id

    def update_subtask(self, subtask_id: int, **fields: Unpack[SubtaskChanges]) -> bool:
        """Edit or move a subtask as ``subtasks.update_subtask`` does."""
        old = subtasks.get_subtask(subtask_id)
        if not subtasks.update_subtask(subtask_id, **fields):
            return False
        before: SubtaskChanges = {name: old[name] for name in fields}  # type: ignore[assignment]
        self.add(
            Step(
                f"edited a subtask of #{old['task_id']}",
                old["task_id"],
                lambda: subtasks.update_subtask(subtask_id, **before),
                lambda: subtasks.update_subtask(subtask_id, **fields),
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
        self._went(
            f"removed a subtask of #{task_id}",
            task_id,
            lambda: subtasks.remove_subtask(subtask_id),
            subtasks.restore_subtask,
        )

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

    def _came(self, what: str, task_id: int, remove: Callable[[], Gone], restore: Callable[[Gone], object]) -> None:
        """Remember something that came into being."""
        trash = Trash(remove, restore)
        self.add(Step(what, task_id, trash.throw, trash.take_back))

    def _went(self, what: str, task_id: int, remove: Callable[[], Gone], restore: Callable[[Gone], object]) -> None:
        """Remove something, and remember it."""
        trash = Trash(remove, restore)
        trash.throw()
        self.add(Step(what, task_id, trash.take_back, trash.throw))


class Trash(Generic[Gone]):
    """Something that comes and goes under one id."""

    def __init__(self, remove: Callable[[], Gone], restore: Callable[[Gone], object]) -> None:
        self._remove = remove
        self._restore = restore
        self._gone: list[Gone] = []

    def throw(self) -> None:
        """Remove it, and keep what it was."""
        self._gone.append(self._remove())

    def take_back(self) -> None:
        """Put it back as it was."""
        self._restore(self._gone[-1])
        self._gone.clear()


def _go(task_id: int, place: Place) -> None:
    """Move a task back to a place, unless it has gone to another project meanwhile."""
    if task_facts(task_id)["task"]["project_id"] != place.project_id:
        raise InvalidError(f"task #{task_id} is in another project now.")
    move_task(task_id, column_id=place.cell.column_id, swimlane_id=place.cell.swimlane_id, position=place.position)

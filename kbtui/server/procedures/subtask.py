"""Subtasks: the steps of a task."""

from typing import Any

from kbtui.core.tasks import subtasks
from kbtui.server import shapes
from kbtui.server.registry import changes, reads


@reads
def get_subtask(subtask_id: int) -> dict[str, Any]:
    """Return a subtask."""
    row = subtasks.get_subtask(subtask_id)
    return {name: getattr(row, name) for name in subtasks.STORED}


@reads
def get_all_subtasks(task_id: int) -> list[dict[str, Any]]:
    """Return the subtasks of a task in their order."""
    return [shapes.subtask(row) for row in subtasks.list_subtasks(task_id)]


@changes
def remove_subtask(subtask_id: int) -> bool:
    """Remove a subtask."""
    subtasks.remove_subtask(subtask_id)
    return True


@changes
def create_subtask(
    task_id: int, title: str, user_id: int = 0, time_estimated: float = 0, time_spent: float = 0, status: int = 0
) -> int:
    """Add a subtask to a task and return its id."""
    return subtasks.add_subtask(
        task_id, title, user_id=user_id, time_estimated=time_estimated, time_spent=time_spent, status=status
    )


@changes
def update_subtask(
    id_: int,
    task_id: int,
    title: str | None = None,
    user_id: int | None = None,
    time_estimated: float | None = None,
    time_spent: float | None = None,
    status: int | None = None,
    position: int | None = None,
) -> bool:
    """Change what is given of a task's subtask."""
    if subtasks.get_subtask(id_).task_id != task_id:
        return False
    given: dict[str, Any] = {
        "title": title,
        "user_id": user_id,
        "time_estimated": time_estimated,
        "time_spent": time_spent,
        "status": status,
        "position": position,
    }
    subtasks.update_subtask(id_, **{name: value for name, value in given.items() if value is not None})
    return True

"""Tags of tasks."""

from typing import Any

from kbtui.core.db.models import Task
from kbtui.core.projects.tags import list_task_tags
from kbtui.core.tasks import tasks
from kbtui.core.tasks.task_rows import check_belongs
from kbtui.server import shapes
from kbtui.server.registry import changes, reads


@changes
def set_task_tags(project_id: int, task_id: int, tags: list[str]) -> bool:
    """Give a task of a project exactly these tags; those that are new are made."""
    check_belongs(Task, task_id, project_id)
    tasks.update_task(task_id, tags=tags)
    return True


@reads
def get_task_tags(task_id: int) -> dict[str, Any] | list[Any]:
    """Return the names of a task's tags, by id."""
    return shapes.mapping({tag.id: tag.name for tag in list_task_tags(task_id)})

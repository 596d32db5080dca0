"""Internal links between tasks."""

from typing import Any

from kbtui.core.tasks import links
from kbtui.errors import InvalidError
from kbtui.server.registry import changes, reads


@reads
def get_task_link_by_id(task_link_id: int) -> dict[str, Any]:
    """Return one direction of a link."""
    return links.get_task_link(task_link_id)._asdict()


@reads
def get_all_task_links(task_id: int) -> list[dict[str, Any]]:
    """Return the tasks that a task is linked to, and how."""
    return [link._asdict() for link in links.list_linked_tasks(task_id)]


@changes
def create_task_link(task_id: int, opposite_task_id: int, link_id: int) -> int:
    """Link two tasks and return the id of the link as the first one sees it."""
    return links.add_task_link(task_id, opposite_task_id, link_id)


@changes
def update_task_link(task_link_id: int, task_id: int, opposite_task_id: int, link_id: int) -> bool:
    """Give a link of a task another type or another opposite."""
    if links.get_task_link(task_link_id).task_id != task_id:
        raise InvalidError(f"The link {task_link_id} is another task's.")
    links.update_task_link(task_link_id, opposite_task_id=opposite_task_id, link_id=link_id)
    return True


@changes
def remove_task_link(task_link_id: int) -> bool:
    """Remove a link, in both directions."""
    links.remove_task_link(task_link_id)
    return True

"""Categories: what kind of work a task is."""

from typing import Any

from kbtui.core.projects import categories
from kbtui.core.tasks import tasks
from kbtui.server import shapes
from kbtui.server.registry import changes, reads


@reads
def get_category(category_id: int) -> dict[str, Any]:
    """Return a category."""
    return shapes.category(categories.get_category(category_id))


@reads
def get_all_categories(project_id: int) -> list[dict[str, Any]]:
    """Return the categories of a project."""
    return [shapes.category(row) for row in categories.list_categories(project_id)]


@changes
def remove_category(category_id: int) -> bool:
    """Remove a category; its tasks have none then, each of which is an edit of the task."""
    for task_id in categories.categorized_task_ids(category_id):
        tasks.update_task(task_id, category_id=0)
    categories.remove_category(category_id)
    return True


@changes
def create_category(project_id: int, name: str, color_id: str | None = None) -> int:
    """Add a category to a project and return its id."""
    return categories.add_category(project_id, name, color_id=color_id)


@changes
def update_category(id_: int, name: str, color_id: str | None = None) -> bool:
    """Give a category another name and colour."""
    categories.update_category(id_, name=name, color_id=color_id)
    return True

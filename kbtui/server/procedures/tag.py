"""Tags: words on tasks."""

from typing import Any

from kbtui.core.db.database import fetch_all
from kbtui.core.db.models import Tag
from kbtui.core.projects import tags
from kbtui.core.tasks import tasks
from kbtui.server import shapes
from kbtui.server.registry import changes, reads


@reads
def get_all_tags() -> list[dict[str, Any]]:
    """Return the tags of all projects, by name."""
    return [shapes.tag(row) for row in Tag.select().order_by(Tag.name, Tag.id)]


@reads
def get_tags_by_project(project_id: int) -> list[dict[str, Any]]:
    """Return the tags of a project, by name."""
    return [shapes.tag(row) for row in Tag.select().where(Tag.project_id == project_id).order_by(Tag.name)]


@changes
def create_tag(project_id: int, tag: str, color_id: str | None = None) -> int:
    """Add a tag to a project, 0 being all, and return its id; one that is there already is as good."""
    for row in tags.list_tags(project_id):
        if row.name.casefold() == tag.strip().casefold():
            return int(row.id)
    return tags.add_tag(project_id, tag, color_id=color_id)


@changes
def update_tag(tag_id: int, tag: str, color_id: str | None = None) -> bool:
    """Give a tag another name and colour."""
    tags.update_tag(tag_id, name=tag, color_id=color_id)
    return True


@changes
def remove_tag(tag_id: int) -> bool:
    """Remove a tag, and take it off its tasks, each of which is an edit of the task."""
    name = tags.get_tag(tag_id).name
    for (task_id,) in fetch_all("SELECT task_id FROM task_tags WHERE tag_id = ? ORDER BY task_id", (tag_id,)):
        tasks.update_task(task_id, tags=[each for each in tasks.get_task(task_id)["tags"] if each != name])
    tags.remove_tag(tag_id)
    return True

"""Tags: words on tasks."""

from typing import Any

from kbtui.core.projects import members, tags
from kbtui.core.tasks import tasks
from kbtui.server import shapes
from kbtui.server.callers import Call
from kbtui.server.registry import changes, reads


@reads
def get_all_tags(call: Call) -> list[dict[str, Any]]:
    """Return the tags of all projects that the caller may see, and the shared ones, by name."""
    caller = call.caller
    seen = None if caller.is_admin else members.list_project_ids(caller.user_id, with_inactive=True)
    return [shapes.tag(row) for row in tags.list_all_tags(seen)]


@reads
def get_tags_by_project(project_id: int) -> list[dict[str, Any]]:
    """Return the tags of a project, by name."""
    return [shapes.tag(row) for row in tags.list_own_tags(project_id)]


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
    for task_id in tags.tagged_task_ids(tag_id):
        tasks.update_task(task_id, tags=[each for each in tasks.get_task(task_id).tags if each != name])
    tags.remove_tag(tag_id)
    return True

"""Tags: words on tasks. Some belong to one project, those of project 0 to all."""

from collections.abc import Iterable
from typing import Any

from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import change_row, check_unused, count_tasks, find_row, get_row
from kbtui.core.db.models import Project, Tag, TaskTag
from kbtui.core.db.prepared import rows, scalar
from kbtui.core.events import log
from kbtui.core.projects.positions import close_gap, move_row, next_position
from kbtui.core.values.colors import check_color
from kbtui.core.values.text import clean_line
from kbtui.errors import InUseError

EVERY_PROJECT = 0
"""The project id of a tag that all projects share."""


def list_tags(project_id: int) -> list[Tag]:
    """Return the tags that tasks of a project can have: its own in their order, then the shared ones."""
    query = Tag.select().where(Tag.project_id.in_([project_id, EVERY_PROJECT]))
    return list(query.order_by(Tag.project_id.desc(), Tag.position, Tag.id))


def list_all_tags(project_ids: Iterable[int] | None = None) -> list[Tag]:
    """Return the tags of all projects, or of these and the shared ones, by name."""
    query = Tag.select()
    if project_ids is not None:
        query = query.where(Tag.project_id.in_([EVERY_PROJECT, *project_ids]))
    return sorted(query, key=lambda tag: (tag.name.casefold(), tag.id))


def list_own_tags(project_id: int) -> list[Tag]:
    """Return the tags of a project, without the shared ones, by name."""
    found = Tag.select().where(Tag.project_id == project_id)
    return sorted(found, key=lambda tag: (tag.name.casefold(), tag.id))


def list_task_tags(task_id: int) -> list[Tag]:
    """Return the tags of a task, by name."""
    found = Tag.select().join(TaskTag, on=(TaskTag.tag_id == Tag.id)).where(TaskTag.task_id == task_id)
    return sorted(found, key=lambda tag: (tag.name.casefold(), tag.id))


def tagged_task_ids(tag_id: int) -> list[int]:
    """Return the tasks that have a tag, by id."""
    return rows(TaskTag.select(TaskTag.task_id).where(TaskTag.tag_id == tag_id).order_by(TaskTag.task_id), scalar)


def get_tag(tag_id: int) -> Tag:
    """Return a tag; raise NotFoundError when there is none with this id."""
    return get_row(Tag, tag_id, "tag")


def find_tag(project_id: int, ref: str) -> Tag:
    """Return the tag of a project, or shared by all, that an id or a name means."""
    return find_row(list_tags(project_id), ref, "tag")


@transactional
def add_tag(project_id: int, name: str, *, color_id: str | None = None) -> int:
    """Add a tag at the end of its project's, 0 being all projects, and return its id."""
    if project_id != EVERY_PROJECT:
        get_row(Project, project_id, "project")
    tag = Tag.create(
        project_id=project_id,
        name=_clean_name(project_id, name),
        color_id=check_color(color_id) if color_id else None,
        position=next_position(Tag, project_id),
    )
    _record("create", tag)
    return int(tag.id)


@transactional
def update_tag(tag_id: int, *, name: str | None = None, color_id: str | None = None) -> bool:
    """Change what is given of a tag, "" meaning no colour; return whether anything differed."""
    tag = get_tag(tag_id)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = _clean_name(tag.project_id, name, own_id=tag_id)
    if color_id is not None:
        values["color_id"] = check_color(color_id) if color_id else None
    if not change_row(tag, **values):
        return False
    _record("update", tag)
    return True


@transactional
def move_tag(tag_id: int, position: int) -> bool:
    """Put a tag at a position among those of its project; return whether that moved it."""
    tag = get_tag(tag_id)
    if not move_row(tag, position):
        return False
    _record("move", tag)
    return True


@transactional
def remove_tag(tag_id: int) -> None:
    """Remove a tag; raise InUseError while it is on tasks, since taking it off them would be a change of each."""
    tag = get_tag(tag_id)
    count = TaskTag.select().where(TaskTag.tag_id == tag_id).count()
    if count:
        raise InUseError(f'The tag "{tag.name}" is on {count_tasks(count)}; take it off first.')
    tag.delete_instance()
    close_gap(tag)
    _record("remove", tag)


def _clean_name(project_id: int, name: str, *, own_id: int = 0) -> str:
    name = clean_line(name, "tag name")
    rivals = list(Tag.select()) if project_id == EVERY_PROJECT else list_tags(project_id)
    check_unused(rivals, name, "tag", own_id=own_id)
    return name


def _record(action: str, tag: Tag) -> None:
    facts = {"action": action, "id": tag.id, "name": tag.name}
    log.record("tag.change", facts, project_id=tag.project_id or None)

"""Categories: what kind of work a task is. Each project has its own, and a task has at most one."""

from typing import Any

from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import change_row, check_empty, check_unused, find_row, get_row
from kbtui.core.db.models import Category, Project, Task
from kbtui.core.db.prepared import rows, scalar
from kbtui.core.events import log
from kbtui.core.projects.positions import close_gap, move_row, next_position
from kbtui.core.values.colors import check_color
from kbtui.core.values.text import clean_line, clean_text


def list_categories(project_id: int) -> list[Category]:
    """Return the categories of a project in their order."""
    return list(Category.select().where(Category.project_id == project_id).order_by(Category.position, Category.id))


def get_category(category_id: int) -> Category:
    """Return a category; raise NotFoundError when there is none with this id."""
    return get_row(Category, category_id, "category")


def categorized_task_ids(category_id: int) -> list[int]:
    """Return the tasks that have a category, by id."""
    return rows(Task.select(Task.id).where(Task.category_id == category_id).order_by(Task.id), scalar)


def find_category(project_id: int, ref: str) -> Category:
    """Return the category of a project that an id or a name means; raise NotFoundError or InvalidError."""
    return find_row(list_categories(project_id), ref, "category")


@transactional
def add_category(project_id: int, name: str, *, description: str | None = None, color_id: str | None = None) -> int:
    """Add a category at the end and return its id."""
    get_row(Project, project_id, "project")
    category = Category.create(
        project_id=project_id,
        name=_clean_name(project_id, name),
        description=clean_text(description) if description else None,
        color_id=check_color(color_id) if color_id else None,
        position=next_position(Category, project_id),
    )
    _record("create", category)
    return int(category.id)


@transactional
def update_category(
    category_id: int, *, name: str | None = None, description: str | None = None, color_id: str | None = None
) -> bool:
    """Change what is given of a category, "" meaning none; return whether anything differed."""
    category = get_category(category_id)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = _clean_name(category.project_id, name, own_id=category_id)
    if description is not None:
        values["description"] = clean_text(description) or None
    if color_id is not None:
        values["color_id"] = check_color(color_id) if color_id else None
    if not change_row(category, **values):
        return False
    _record("update", category)
    return True


@transactional
def move_category(category_id: int, position: int) -> bool:
    """Put a category at a position in the list; return whether that moved it."""
    category = get_category(category_id)
    if not move_row(category, position):
        return False
    _record("move", category)
    return True


@transactional
def remove_category(category_id: int) -> None:
    """Remove a category; raise InUseError while tasks have it."""
    category = get_category(category_id)
    check_empty(Task.category_id, category_id, f'category "{category.name}"')
    category.delete_instance()
    close_gap(category)
    _record("remove", category)


def _clean_name(project_id: int, name: str, *, own_id: int = 0) -> str:
    name = clean_line(name, "category name")
    check_unused(list_categories(project_id), name, "category", own_id=own_id)
    return name


def _record(action: str, category: Category) -> None:
    facts = {"action": action, "id": category.id, "name": category.name}
    log.record("category.change", facts, project_id=category.project_id)

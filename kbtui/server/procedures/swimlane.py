"""Swimlanes: the rows across a project's columns."""

from typing import Any

from kbtui.core.projects import swimlanes
from kbtui.server import shapes
from kbtui.server.registry import changes, reads


@reads
def get_active_swimlanes(project_id: int) -> list[dict[str, Any]]:
    """Return the swimlanes on a project's board, from top to bottom."""
    return [shapes.swimlane(row) for row in swimlanes.list_swimlanes(project_id)]


@reads
def get_all_swimlanes(project_id: int) -> list[dict[str, Any]]:
    """Return all swimlanes of a project, from top to bottom."""
    return [shapes.swimlane(row) for row in swimlanes.list_swimlanes(project_id, with_inactive=True)]


@reads
def get_swimlane_by_id(swimlane_id: int) -> dict[str, Any]:
    """Return a swimlane."""
    return shapes.swimlane(swimlanes.get_swimlane(swimlane_id))


@reads
def get_swimlane_by_name(project_id: int, name: str) -> dict[str, Any] | None:
    """Return the swimlane of a project that has a name."""
    rows = swimlanes.list_swimlanes(project_id, with_inactive=True)
    return next((shapes.swimlane(row) for row in rows if row.name == name), None)


@reads
def get_swimlane(swimlane_id: int) -> dict[str, Any]:
    """Return a swimlane."""
    return get_swimlane_by_id(swimlane_id)


@changes
def add_swimlane(project_id: int, name: str, description: str = "") -> int:
    """Add a swimlane at the bottom and return its id."""
    return swimlanes.add_swimlane(project_id, name, description=description)


@changes
def update_swimlane(project_id: int, swimlane_id: int, name: str, description: str | None = None) -> bool:
    """Give a swimlane of a project another name and description."""
    if not _belongs(project_id, swimlane_id):
        return False
    swimlanes.update_swimlane(swimlane_id, name=name, description=description)
    return True


@changes
def remove_swimlane(project_id: int, swimlane_id: int) -> bool:
    """Remove a swimlane that holds no tasks and is not the default one."""
    if not _belongs(project_id, swimlane_id):
        return False
    swimlanes.remove_swimlane(swimlane_id)
    return True


@changes
def disable_swimlane(project_id: int, swimlane_id: int) -> bool:
    """Take a swimlane off the board."""
    if not _belongs(project_id, swimlane_id):
        return False
    swimlanes.update_swimlane(swimlane_id, is_active=0)
    return True


@changes
def enable_swimlane(project_id: int, swimlane_id: int) -> bool:
    """Put a swimlane back on the board."""
    if not _belongs(project_id, swimlane_id):
        return False
    swimlanes.update_swimlane(swimlane_id, is_active=1)
    return True


@changes
def change_swimlane_position(project_id: int, swimlane_id: int, position: int) -> bool:
    """Put a swimlane at a position among those of its project."""
    count = len(swimlanes.list_swimlanes(project_id, with_inactive=True))
    if not _belongs(project_id, swimlane_id) or not 1 <= position <= count:
        return False
    swimlanes.move_swimlane(swimlane_id, position)
    return True


def _belongs(project_id: int, swimlane_id: int) -> bool:
    return bool(swimlanes.get_swimlane(swimlane_id).project_id == project_id)

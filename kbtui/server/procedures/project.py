"""Projects: the boards."""

from typing import Any

from kbtui.core.db.models import Project
from kbtui.core.projects import members, projects
from kbtui.server import activities, shapes
from kbtui.server.callers import Call
from kbtui.server.registry import changes, reads


@reads
def get_project_by_id(call: Call, project_id: int) -> dict[str, Any]:
    """Return a project."""
    return shapes.project(projects.get_project(project_id), call.base_url)


@reads
def get_project_by_name(call: Call, name: str) -> dict[str, Any] | None:
    """Return the project with a name, the oldest of several."""
    return _found(call, projects.project_named(name))


@reads
def get_project_by_identifier(call: Call, identifier: str) -> dict[str, Any] | None:
    """Return the project with an identifier."""
    return _found(call, projects.project_identified(identifier))


@reads
def get_project_by_email(call: Call, email: str) -> dict[str, Any] | None:
    """Return the project with an email address."""
    return _found(call, projects.project_addressed(email))


@reads
def get_all_projects(call: Call) -> list[dict[str, Any]]:
    """Return every project, the inactive ones too."""
    return [shapes.project(row, call.base_url) for row in projects.list_projects(with_inactive=True)]


@changes
def remove_project(project_id: int) -> bool:
    """Remove a project with all that is in it."""
    projects.remove_project(project_id, with_tasks=True)
    return True


@changes
def enable_project(project_id: int) -> bool:
    """Make a project active."""
    projects.update_project(project_id, is_active=1)
    return True


@changes
def disable_project(project_id: int) -> bool:
    """Make a project inactive."""
    projects.update_project(project_id, is_active=0)
    return True


@changes
def enable_project_public_access(project_id: int) -> bool:
    """Mark a project as public."""
    projects.update_project(project_id, is_public=1)
    return True


@changes
def disable_project_public_access(project_id: int) -> bool:
    """Mark a project as public no more."""
    projects.update_project(project_id, is_public=0)
    return True


@reads
def get_project_activities(call: Call, project_ids: list[int]) -> list[dict[str, Any]]:
    """Return what happened last in some projects."""
    return activities.list_stream(project_ids, activities.STREAM_LIMIT, call.caller)


@reads
def get_project_activity(call: Call, project_id: int) -> list[dict[str, Any]]:
    """Return what happened last in a project."""
    return activities.list_stream([project_id], activities.STREAM_LIMIT, call.caller)


@changes
def create_project(
    call: Call,
    name: str,
    description: str | None = None,
    owner_id: int = 0,
    identifier: str | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    priority_default: int | None = None,
    priority_start: int | None = None,
    priority_end: int | None = None,
    email: str | None = None,
) -> int:
    """Create a project for its members and return its id. A user becomes its manager."""
    owner_id = owner_id or call.caller.user_id
    project_id = projects.create_project(
        name, description=description or "", identifier=identifier or "", owner_id=owner_id, is_open=0
    )
    projects.update_project(
        project_id,
        start_date=start_date,
        end_date=end_date,
        priority_default=priority_default,
        priority_start=priority_start,
        priority_end=priority_end,
        email=email,
    )
    if not call.caller.is_application:
        members.add_member(project_id, owner_id, members.MANAGER)
    return project_id


@changes
def update_project(
    project_id: int,
    name: str | None = None,
    description: str | None = None,
    owner_id: int | None = None,
    identifier: str | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    priority_default: int | None = None,
    priority_start: int | None = None,
    priority_end: int | None = None,
    email: str | None = None,
) -> bool:
    """Change what is given of a project."""
    projects.update_project(
        project_id,
        name=name,
        description=description,
        owner_id=owner_id,
        identifier=identifier,
        start_date=start_date,
        end_date=end_date,
        priority_default=priority_default,
        priority_start=priority_start,
        priority_end=priority_end,
        email=email,
    )
    return True


def _found(call: Call, row: Project | None) -> dict[str, Any] | None:
    return None if row is None else shapes.project(row, call.base_url)

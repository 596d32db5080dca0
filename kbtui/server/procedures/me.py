"""The caller: what is theirs."""

from typing import Any

from kbtui.core.db.models import Subtask, Task
from kbtui.core.projects import members, projects, users
from kbtui.core.tasks import subtasks
from kbtui.core.views.task_details import list_details, list_overdue, list_tags
from kbtui.server import activities, shapes
from kbtui.server.callers import Call
from kbtui.server.registry import changes, reads


@reads
def get_me(call: Call) -> dict[str, Any]:
    """Return the user who calls."""
    me = shapes.user(users.get_user(call.caller.user_id))
    return {**me, "is_ldap_user": False, "twofactor_activated": False}


@reads
def get_my_dashboard(call: Call) -> list[dict[str, Any]]:
    """Return the open tasks with which the caller has to do, each with the caller's subtasks that are not done."""
    user_id = call.caller.user_id
    mine = Subtask.select(Subtask.task_id).where(Subtask.user_id == user_id, Subtask.status != subtasks.DONE)
    found = list_details(
        Task.is_active == 1,
        Task.project.in_(_project_ids(call)),
        (Task.owner_id == user_id) | Task.id.in_(mine),
    )
    tags = list_tags(found)
    return [
        {
            **task._asdict(),
            "tags": [tag._asdict() for tag in tags.get(task.id, ())],
            "url": shapes.task_url(task.id, call.base_url),
            "subtasks": _subtasks(task.id, user_id),
        }
        for task in found
    ]


@reads
def get_my_activity_stream(call: Call) -> list[dict[str, Any]]:
    """Return what happened last in the caller's projects."""
    return activities.list_stream(_project_ids(call), activities.MY_STREAM_LIMIT, call.caller)


@changes
def create_my_private_project(call: Call, name: str, description: str | None = None) -> int:
    """Create a project of the caller's own and return its id."""
    user_id = call.caller.user_id
    project_id = projects.create_project(name, description=description or "", owner_id=user_id, is_private=1)
    members.add_member(project_id, user_id, members.MANAGER)
    return project_id


@reads
def get_my_projects_list(call: Call) -> dict[str, Any] | list[Any]:
    """Return the names of the caller's projects, by id."""
    names = {row.id: row.name for row in _projects(call)}
    return shapes.mapping(dict(sorted(names.items(), key=lambda item: str(item[1]))))


@reads
def get_my_overdue_tasks(call: Call) -> list[dict[str, Any]]:
    """Return the caller's tasks that are past their due date, in projects that they may see."""
    overdue = list_overdue(owner_id=call.caller.user_id, project_ids=_project_ids(call))
    return [task._asdict() for task in overdue]


@reads
def get_my_projects(call: Call) -> list[dict[str, Any]]:
    """Return the caller's projects."""
    return [shapes.project(row, call.base_url) for row in _projects(call)]


def _project_ids(call: Call) -> list[int]:
    return members.list_project_ids(call.caller.user_id)


def _projects(call: Call) -> list[Any]:
    seen = set(_project_ids(call))
    return [row for row in projects.list_projects() if row.id in seen]


def _subtasks(task_id: int, user_id: int) -> list[dict[str, Any]]:
    mine = (row for row in subtasks.list_subtasks(task_id) if row.user_id == user_id)
    return [shapes.subtask(row) for row in mine if row.status != subtasks.DONE]

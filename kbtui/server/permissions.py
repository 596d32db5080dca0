"""Permissions: one table that says who may call which procedure. What is not in it nobody may call.

A user needs the application role, and in every project that the arguments name the project role, as in Kanboard.
The application token needs neither, except that it is nobody of whom ``getMe`` and its like could tell.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from kbtui.core.db.lookup import project_of
from kbtui.core.db.models import (
    BaseModel,
    Category,
    Column,
    Comment,
    File,
    Project,
    Subtask,
    Swimlane,
    Tag,
    Task,
    TaskLink,
)
from kbtui.core.projects import projects
from kbtui.core.projects.members import MANAGER, MEMBER, VIEWER, project_role
from kbtui.core.projects.users import ROLES
from kbtui.server.callers import Caller, ForbiddenError

ADMIN, APP_MANAGER, USER = ROLES

_RANKS = {ADMIN: 3, APP_MANAGER: 2, USER: 1, MANAGER: 3, MEMBER: 2, VIEWER: 1}

Scope = tuple[str, str]
"""What an argument names, a key of :data:`_MODELS` or :data:`_LOOKUPS`, and the argument."""


class Rule(NamedTuple):
    """Who may call a procedure."""

    role: str = USER
    """The least application role of a user."""
    project_role: str = ""
    """The least role in each project of ``scopes``."""
    scopes: tuple[Scope, ...] = ()
    users_only: bool = False
    """Whether the application token is refused."""


def _see(*scopes: Scope) -> Rule:
    return Rule(USER, VIEWER, scopes)


def _work(*scopes: Scope) -> Rule:
    return Rule(USER, MEMBER, scopes)


def _manage(*scopes: Scope) -> Rule:
    return Rule(USER, MANAGER, scopes)


_ANY_USER = Rule()
_ME = Rule(users_only=True)
_ADMIN = Rule(ADMIN)

_PROJECT = ("project", "project_id")
_TASK = ("task", "task_id")
_COLUMN = ("column", "column_id")
_SWIMLANE = ("swimlane", "swimlane_id")

RULES: dict[str, Rule] = {
    "getTimezone": _ANY_USER,
    "getVersion": _ANY_USER,
    "getDefaultTaskColor": _ANY_USER,
    "getDefaultTaskColors": _ANY_USER,
    "getColorList": _ANY_USER,
    "getApplicationRoles": _ANY_USER,
    "getProjectRoles": _ANY_USER,
    "getBoard": _see(_PROJECT),
    "getCategory": _see(("category", "category_id")),
    "getAllCategories": _see(_PROJECT),
    "removeCategory": _manage(("category", "category_id")),
    "createCategory": _manage(_PROJECT),
    "updateCategory": _manage(("category", "id_")),
    "getColumns": _see(_PROJECT),
    "getColumn": _see(_COLUMN),
    "updateColumn": _manage(_COLUMN),
    "addColumn": _manage(_PROJECT),
    "removeColumn": _manage(_COLUMN),
    "changeColumnPosition": _manage(_PROJECT, _COLUMN),
    "getComment": _see(("comment", "comment_id")),
    "getAllComments": _see(_TASK),
    "removeComment": _work(("comment", "comment_id")),
    "createComment": _work(_TASK),
    "updateComment": _work(("comment", "id_")),
    "getLinkById": _ADMIN,
    "getLinkByLabel": _ADMIN,
    "getOppositeLinkId": _ADMIN,
    "getAllLinks": _ADMIN,
    "createLink": _ADMIN,
    "updateLink": _ADMIN,
    "removeLink": _ADMIN,
    "getMe": _ME,
    "getMyDashboard": _ME,
    "getMyActivityStream": _ME,
    "createMyPrivateProject": _ME,
    "getMyProjectsList": _ME,
    "getMyOverdueTasks": _ME,
    "getMyProjects": _ME,
    "getProjectById": _see(_PROJECT),
    "getProjectByName": _see(("project named", "name")),
    "getProjectByIdentifier": _see(("project identified", "identifier")),
    "getProjectByEmail": _see(("project addressed", "email")),
    "getAllProjects": _ADMIN,
    "removeProject": _manage(_PROJECT),
    "enableProject": _manage(_PROJECT),
    "disableProject": _manage(_PROJECT),
    "enableProjectPublicAccess": _manage(_PROJECT),
    "disableProjectPublicAccess": _manage(_PROJECT),
    "getProjectActivities": _see(("project", "project_ids")),
    "getProjectActivity": _see(_PROJECT),
    "createProject": Rule(APP_MANAGER),
    "updateProject": _manage(_PROJECT),
    "getProjectUsers": _see(_PROJECT),
    "getAssignableUsers": _see(_PROJECT),
    "addProjectUser": _manage(_PROJECT),
    "removeProjectUser": _manage(_PROJECT),
    "changeProjectUserRole": _manage(_PROJECT),
    "getProjectUserRole": _see(_PROJECT),
    "getSubtask": _see(("subtask", "subtask_id")),
    "getAllSubtasks": _see(_TASK),
    "removeSubtask": _work(("subtask", "subtask_id")),
    "createSubtask": _work(_TASK),
    "updateSubtask": _work(_TASK, ("subtask", "id_")),
    "getActiveSwimlanes": _see(_PROJECT),
    "getAllSwimlanes": _see(_PROJECT),
    "getSwimlaneById": _see(_SWIMLANE),
    "getSwimlaneByName": _see(_PROJECT),
    "getSwimlane": _see(_SWIMLANE),
    "addSwimlane": _manage(_PROJECT),
    "updateSwimlane": _manage(_PROJECT, _SWIMLANE),
    "removeSwimlane": _manage(_PROJECT, _SWIMLANE),
    "disableSwimlane": _manage(_PROJECT, _SWIMLANE),
    "enableSwimlane": _manage(_PROJECT, _SWIMLANE),
    "changeSwimlanePosition": _manage(_PROJECT, _SWIMLANE),
    "getAllTags": _ANY_USER,
    "getTagsByProject": _see(_PROJECT),
    "createTag": _work(_PROJECT),
    "updateTag": _work(("tag", "tag_id")),
    "removeTag": _work(("tag", "tag_id")),
    "searchTasks": _see(_PROJECT),
    "getTask": _see(_TASK),
    "getTaskByReference": _see(_PROJECT),
    "getAllTasks": _see(_PROJECT),
    "getOverdueTasks": _ADMIN,
    "getOverdueTasksByProject": _see(_PROJECT),
    "openTask": _work(_TASK),
    "closeTask": _work(_TASK),
    "removeTask": _work(_TASK),
    "moveTaskPosition": _work(_PROJECT, _TASK),
    "moveTaskToProject": _work(_PROJECT, _TASK),
    "duplicateTaskToProject": _work(_PROJECT, _TASK),
    "createTask": _work(_PROJECT),
    "updateTask": _work(("task", "id_")),
    "getTaskFile": _see(("file", "file_id")),
    "getAllTaskFiles": _see(_TASK),
    "downloadTaskFile": _see(("file", "file_id")),
    "createTaskFile": _work(_PROJECT, _TASK),
    "removeTaskFile": _work(("file", "file_id")),
    "removeAllTaskFiles": _work(_TASK),
    "getTaskLinkById": _see(("task link", "task_link_id")),
    "getAllTaskLinks": _see(_TASK),
    "createTaskLink": _work(_TASK, ("task", "opposite_task_id")),
    "updateTaskLink": _work(("task link", "task_link_id"), _TASK, ("task", "opposite_task_id")),
    "removeTaskLink": _work(("task link", "task_link_id")),
    "setTaskTags": _work(_PROJECT, _TASK),
    "getTaskTags": _see(_TASK),
    "getUser": _ADMIN,
    "getUserByName": _ADMIN,
    "getAllUsers": _ADMIN,
    "removeUser": _ADMIN,
    "disableUser": _ADMIN,
    "enableUser": _ADMIN,
    "isActiveUser": _ADMIN,
    "createUser": _ADMIN,
    "createLdapUser": _ADMIN,
    "updateUser": _ADMIN,
}
"""Procedure → who may call it."""

_MODELS: dict[str, type[BaseModel]] = {
    "project": Project,
    "task": Task,
    "column": Column,
    "swimlane": Swimlane,
    "category": Category,
    "tag": Tag,
    "comment": Comment,
    "subtask": Subtask,
    "file": File,
    "task link": TaskLink,
}
"""What an argument names → the table it is in."""

_LOOKUPS: dict[str, Callable[[str], Project | None]] = {
    "project named": projects.project_named,
    "project identified": projects.project_identified,
    "project addressed": projects.project_addressed,
}
"""What is looked up: that there is none tells a user nothing about the projects of others."""


def check_application_role(name: str, caller: Caller) -> None:
    """Raise ForbiddenError unless the caller's application role lets it call a procedure."""
    rule = RULES.get(name)
    if rule is None or (rule.users_only and caller.is_application):
        raise ForbiddenError
    if not caller.is_application and _RANKS.get(caller.role, 0) < _RANKS[rule.role]:
        raise ForbiddenError


def check_project_roles(name: str, arguments: dict[str, Any], caller: Caller) -> None:
    """Raise ForbiddenError unless the caller's roles in all projects that the arguments name let it call a procedure.

    An administrator manages every project. To anybody else, what is not there looks like what is not theirs.
    """
    if caller.is_admin:
        return
    rule = RULES[name]
    roles: dict[int, str | None] = {}
    for noun, keyword in rule.scopes:
        named = arguments[keyword]
        for value in named if isinstance(named, list) else [named]:
            project_id = _project_id(noun, value)
            if project_id is None and noun in _LOOKUPS:
                continue
            if project_id is not None and project_id not in roles:
                roles[project_id] = project_role(project_id, caller.user_id)
            role = None if project_id is None else roles[project_id]
            if role is None or _RANKS[role] < _RANKS[rule.project_role]:
                raise ForbiddenError


def _project_id(noun: str, value: Any) -> int | None:
    """Return the project of what an argument names, None when it is not there; what is one itself is not looked up."""
    if noun == "project":
        return int(value)
    if noun in _LOOKUPS:
        project = _LOOKUPS[noun](value)
        return int(project.id) if project else None
    return project_of(_MODELS[noun], value)

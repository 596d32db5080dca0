"""Who may call what: one table, and nothing that is not in it."""

import json
from pathlib import Path
from typing import Any

import pytest

from kbtui.core.events import log
from kbtui.core.projects import categories, columns, members, projects, swimlanes, tags, users
from kbtui.core.tasks import comments, files, links, subtasks, tasks
from kbtui.server import permissions
from kbtui.server.callers import APPLICATION, Caller, ForbiddenError
from kbtui.server.permissions import RULES
from kbtui.server.registry import PROCEDURES, Procedure
from tests.server.conftest import add_caller, answer, call, is_forbidden, request
from tests.server.kanboard_roles import ROLES, USERS_ONLY

APPLICATION_ROLES = ("app-user", "app-manager", "app-admin")
PROJECT_ROLES = (None, "project-viewer", "project-member", "project-manager")

LOOKUPS = ("getProjectByName", "getProjectByIdentifier", "getProjectByEmail")
"""What looks a project up by what it is called, and says nothing where there is none."""

IDS = {"updateCategory": "category_id", "updateComment": "comment_id", "updateSubtask": "subtask_id"}
"""What the argument ``id`` names, where it is no task."""

LEFT_TO_CORE = {("moveTaskPosition", "column_id"), ("moveTaskPosition", "swimlane_id")}
"""Arguments that Kanboard does not ask a role for: what they name must be on the project's board anyway."""


def add_things(project: int) -> dict[str, Any]:
    """Put one of each on a project and return what each argument is to name."""
    with log.authored_by(users.ADMIN_ID):
        task, other = (tasks.create_task(project, title) for title in ("One", "Two"))
        return {
            "project_id": project,
            "project_ids": [project],
            "task_id": task,
            "opposite_task_id": other,
            "column_id": columns.list_columns(project)[0].id,
            "swimlane_id": swimlanes.add_swimlane(project, "Urgent"),
            "category_id": categories.add_category(project, "Bug"),
            "tag_id": tags.add_tag(project, "ui"),
            "comment_id": comments.add_comment(task, "Look"),
            "subtask_id": subtasks.add_subtask(task, "Step"),
            "file_id": files.add_file(task, "a.txt", b"x"),
            "task_link_id": links.add_task_link(task, other, 2),
        }


@pytest.fixture
def things(project: int) -> dict[str, Any]:
    """Put one of each on a closed project and return what each argument is to name."""
    members.add_member(project, users.ADMIN_ID, members.MANAGER)
    others = {"name": "Website", "link_id": 1, "tags": ["ui"], "identifier": "", "email": ""}
    return others | add_things(project)


def arguments(procedure: Procedure, things: dict[str, Any]) -> dict[str, Any]:
    """Return arguments that bind, and name what is there."""
    given: dict[str, Any] = {}
    for parameter in procedure.parameters:
        if parameter.is_required:
            name = IDS.get(procedure.name, "task_id") if parameter.name == "id" else parameter.name
            given[parameter.name] = things.get(name, 1)
    return given


def test_kanboards_table_is_about_every_procedure() -> None:
    assert {procedure.name for procedure in PROCEDURES.values()} == set(ROLES)
    assert len(ROLES) == 116


def test_what_is_not_in_the_table_is_forbidden(project: int, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = Caller(users.ADMIN_ID, "admin", "app-admin")
    monkeypatch.delitem(RULES, "getVersion")

    assert is_forbidden("getVersion", APPLICATION)
    assert is_forbidden("getVersion", admin)


@pytest.mark.parametrize("role", APPLICATION_ROLES)
@pytest.mark.parametrize("project_role", PROJECT_ROLES)
def test_each_role_may_what_the_table_says_and_no_more(
    things: dict[str, Any], role: str, project_role: str | None
) -> None:
    caller = add_caller("mika", role)
    if project_role is not None:
        members.add_member(things["project_id"], caller.user_id, project_role)

    for procedure in PROCEDURES.values():
        least, least_in_project = ROLES[procedure.name]
        allowed = APPLICATION_ROLES.index(role) >= APPLICATION_ROLES.index(least)
        if procedure.name in ("getProjectByIdentifier", "getProjectByEmail"):
            allowed = True  # there is none of these
        elif allowed and role != "app-admin":
            allowed = PROJECT_ROLES.index(project_role) >= PROJECT_ROLES.index(least_in_project)
        assert Checked(procedure, arguments(procedure, things), caller).is_allowed == allowed, procedure.name


class Checked:
    """Whether a caller passes the table, without anything being done."""

    def __init__(self, procedure: Procedure, named: dict[str, Any], caller: Caller) -> None:
        try:
            permissions.check_application_role(procedure.name, caller)
            permissions.check_project_roles(procedure.name, procedure.bind(named), caller)
        except ForbiddenError:
            self.is_allowed = False
        else:
            self.is_allowed = True


def test_a_stranger_can_do_nothing_to_a_project(things: dict[str, Any]) -> None:
    stranger = add_caller("mika")
    before = call("getBoard", things["project_id"])

    for procedure in PROCEDURES.values():
        if ROLES[procedure.name][1] is not None:
            named = arguments(procedure, things)
            reply = answer({"jsonrpc": "2.0", "method": procedure.name, "params": named, "id": 1}, stranger)
            if procedure.name in ("getProjectByIdentifier", "getProjectByEmail"):
                assert json.loads(reply.body)["result"] is None
            else:
                assert reply.status == 403, procedure.name

    assert call("getBoard", things["project_id"]) == before


def test_each_argument_that_names_something_of_another_project_is_refused(things: dict[str, Any]) -> None:
    own = add_things(projects.create_project("Own"))
    mika = add_caller("mika", project_manager=own["project_id"])
    checked: set[tuple[str, str]] = set()

    for procedure in PROCEDURES.values():
        if ROLES[procedure.name][1] is None or procedure.name in LOOKUPS:
            continue
        named = arguments(procedure, own | {"link_id": 1, "tags": ["ui"], "name": "x"})
        assert Checked(procedure, named, mika).is_allowed, procedure.name
        for argument, value in named.items():
            noun = IDS.get(procedure.name, "task_id") if argument == "id" else argument
            if noun in own and (procedure.name, argument) not in LEFT_TO_CORE:
                foreign = [*value, *things[noun]] if noun == "project_ids" else things[noun]
                assert not Checked(procedure, named | {argument: foreign}, mika).is_allowed, (procedure.name, argument)
                checked.add((procedure.name, argument))

    assert len(checked) == 93


def test_what_an_id_names_must_belong_to_what_is_named_beside_it(things: dict[str, Any]) -> None:
    own = add_things(projects.create_project("Own"))
    tasks.update_task(things["task_id"], reference="R-1")
    lane, own_lane = things["swimlane_id"], own["swimlane_id"]

    assert call("getTaskByReference", project_id=own["project_id"], reference="R-1") is None
    assert call("setTaskTags", project_id=own["project_id"], task_id=things["task_id"], tags=["new"]) is False
    assert call("changeSwimlanePosition", project_id=own["project_id"], swimlane_id=lane, position=1) is False
    assert call("updateSubtask", id=things["subtask_id"], task_id=own["task_id"], title="New") is False
    link = {"task_id": own["task_id"], "opposite_task_id": own["opposite_task_id"], "link_id": 1}
    assert call("updateTaskLink", task_link_id=things["task_link_id"], **link) is False
    assert {event["project_id"] for event in call("getProjectActivities", project_ids=[own["project_id"]])} == {
        own["project_id"]
    }

    assert tasks.get_task(things["task_id"]).tags == []
    assert swimlanes.get_swimlane(lane).position == 2
    assert subtasks.get_subtask(things["subtask_id"]).title == "Step"
    assert links.get_task_link(things["task_link_id"]).link_id == 2
    assert call("changeSwimlanePosition", project_id=own["project_id"], swimlane_id=own_lane, position=1) is True


def test_what_is_not_there_looks_like_what_is_not_ones_own(things: dict[str, Any]) -> None:
    stranger = add_caller("mika")

    assert is_forbidden("getTask", stranger, task_id=99)
    assert is_forbidden("getTask", stranger, task_id=things["task_id"])
    assert is_forbidden("getProjectById", stranger, project_id=99)


def test_the_application_token_may_all_but_be_somebody(things: dict[str, Any]) -> None:
    for procedure in PROCEDURES.values():
        permitted = Checked(procedure, arguments(procedure, things), APPLICATION).is_allowed

        assert permitted == (procedure.name not in USERS_ONLY), procedure.name


def test_an_administrator_manages_every_project(things: dict[str, Any]) -> None:
    admin = add_caller("boss", "app-admin")

    assert call("updateProject", caller=admin, project_id=things["project_id"], name="Renamed") is True
    assert call("getTask", caller=admin, task_id=99) is None


def test_a_role_that_there_is_not_is_less_than_any(board: object) -> None:
    guest = Caller(2, "mika", "guest")

    assert is_forbidden("getVersion", guest)


def test_a_manager_makes_projects_and_manages_those(board: object) -> None:
    manager, user = add_caller("boss", "app-manager"), add_caller("mika")

    project_id = call("createProject", caller=manager, name="Team")

    assert call("getProjectUserRole", caller=manager, project_id=project_id, user_id=manager.user_id) == (
        "project-manager"
    )
    assert call("updateProject", caller=manager, project_id=project_id, name="Our team") is True
    assert is_forbidden("getProjectById", user, project_id=project_id)
    assert is_forbidden("createProject", user, name="Mine")
    assert is_forbidden("getAllProjects", manager)


def test_a_member_works_and_a_viewer_looks(things: dict[str, Any]) -> None:
    project_id = things["project_id"]
    member, viewer = add_caller("mika", project_member=project_id), add_caller("noor", project_viewer=project_id)

    task_id = call("createTask", caller=member, title="Mine", project_id=project_id)

    assert call("getTask", caller=viewer, task_id=task_id)["title"] == "Mine"
    assert is_forbidden("closeTask", viewer, task_id=task_id)
    assert is_forbidden("addColumn", member, project_id=project_id, title="New")
    assert call("closeTask", caller=member, task_id=task_id) is True


def test_a_task_cannot_be_taken_out_of_a_project_one_is_no_member_of(things: dict[str, Any]) -> None:
    own = projects.create_project("Own")
    mika = add_caller("mika", project_manager=own)

    assert is_forbidden("moveTaskToProject", mika, task_id=things["task_id"], project_id=own)
    assert is_forbidden(
        "moveTaskPosition", mika, project_id=own, task_id=things["task_id"], column_id=1, position=1, swimlane_id=0
    )
    task_id = call("createTask", caller=mika, title="x", project_id=own)
    assert is_forbidden("createTaskLink", mika, task_id=task_id, opposite_task_id=things["task_id"], link_id=1)
    assert is_forbidden("moveTaskToProject", mika, task_id=task_id, project_id=things["project_id"])


def test_a_comment_is_seen_from_its_role_upwards(things: dict[str, Any]) -> None:
    project_id, task_id = things["project_id"], things["task_id"]
    user = add_caller("mika", project_member=project_id)
    manager = add_caller("boss", "app-manager", project_member=project_id)
    for visibility in ("app-manager", "app-admin"):
        call("createComment", task_id=task_id, user_id=1, content=visibility, visibility=visibility)

    def seen(caller: Caller) -> list[str]:
        return [comment["comment"] for comment in call("getAllComments", caller=caller, task_id=task_id)]

    assert seen(user) == ["Look"]
    assert seen(manager) == ["Look", "app-manager"]
    assert seen(APPLICATION) == ["Look", "app-manager", "app-admin"]
    assert is_forbidden("getComment", user, comment_id=2)
    assert is_forbidden("removeComment", manager, comment_id=3)
    assert is_forbidden("updateComment", user, id=2, content="x")


def test_a_user_comments_in_no_other_name_and_nothing_hidden_from_the_user(things: dict[str, Any]) -> None:
    user = add_caller("mika", project_member=things["project_id"])
    chief = add_caller("chief", "app-admin")
    task_id = things["task_id"]

    assert call("createComment", caller=user, task_id=task_id, user_id=1, content="x") is False
    assert call("createComment", caller=chief, task_id=task_id, user_id=1, content="x") is False
    hidden = {"content": "x", "visibility": "app-manager"}
    assert call("createComment", caller=user, task_id=task_id, user_id=user.user_id, **hidden) is False
    assert call("createComment", caller=user, task_id=task_id, user_id=user.user_id, content="x") > 0


def test_only_its_author_and_the_application_change_a_comment(things: dict[str, Any]) -> None:
    user = add_caller("mika", project_member=things["project_id"])
    other, chief = add_caller("noor", project_member=things["project_id"]), add_caller("chief", "app-admin")
    comment = call("createComment", caller=user, task_id=things["task_id"], user_id=user.user_id, content="Mine")

    for caller in (other, chief):
        assert is_forbidden("updateComment", caller, id=comment, content="Theirs")
        assert is_forbidden("removeComment", caller, comment_id=comment)

    assert call("updateComment", caller=user, id=comment, content="Mine still") is True
    assert call("updateComment", id=comment, content="Corrected") is True
    assert call("removeComment", caller=user, comment_id=comment) is True


def test_a_shared_tag_is_nobody_but_the_administrators(things: dict[str, Any]) -> None:
    shared = tags.add_tag(tags.EVERY_PROJECT, "everywhere")
    manager = add_caller("boss", "app-manager", project_manager=things["project_id"])

    assert is_forbidden("updateTag", manager, tag_id=shared, tag="x")
    assert call("updateTag", caller=add_caller("root", "app-admin"), tag_id=shared, tag="x") is True


def test_the_tags_of_all_projects_are_those_that_one_may_see(things: dict[str, Any]) -> None:
    tags.add_tag(tags.EVERY_PROJECT, "everywhere")
    tags.add_tag(projects.create_project("Own"), "Mine")
    stranger, viewer = add_caller("mika"), add_caller("noor", project_viewer=things["project_id"])

    def seen(caller: Caller) -> list[str]:
        return [tag["name"] for tag in call("getAllTags", caller=caller)]

    assert seen(stranger) == ["everywhere", "Mine"]
    assert seen(viewer) == seen(APPLICATION) == seen(add_caller("boss", "app-admin")) == ["everywhere", "Mine", "ui"]


def test_a_project_made_by_the_api_is_its_members_only(board: object) -> None:
    stranger = add_caller("mika")

    project_id = call("createProject", name="Team")

    assert is_forbidden("getProjectById", stranger, project_id=project_id)
    assert call("getMyProjectsList", caller=stranger) == []
    assert call("addProjectUser", project_id=project_id, user_id=stranger.user_id) is True
    assert call("getProjectById", caller=stranger, project_id=project_id)["name"] == "Team"


def test_an_inactive_member_may_nothing(things: dict[str, Any]) -> None:
    member = add_caller("mika", project_manager=things["project_id"])
    users.update_user(member.user_id, is_active=0)

    assert is_forbidden("getBoard", member, project_id=things["project_id"])


def test_an_open_project_is_everybodys(project: int) -> None:
    mika = add_caller("mika")

    assert call("createTask", caller=mika, title="x", project_id=project) > 0
    assert is_forbidden("addColumn", mika, project_id=project, title="New")
    assert call("getMyProjectsList", caller=mika) == {str(project): "Website"}


def test_a_private_project_stays_its_owners_when_nobody_is_a_member(board: Path) -> None:
    owner, stranger = add_caller("owner"), add_caller("stranger")
    project = call("createMyPrivateProject", "Diary", caller=owner)
    task = tasks.create_task(project, "Secret")
    members.remove_member(project, owner.user_id)

    assert call("getTask", task, caller=owner)["title"] == "Secret"
    assert is_forbidden("getTask", stranger, task_id=task)
    assert project not in members.list_project_ids(stranger.user_id)
    assert project in members.list_project_ids(owner.user_id)


def test_the_first_member_does_not_shut_the_owner_out(board: Path) -> None:
    owner, member = add_caller("owner"), add_caller("member")
    project = projects.create_project("Website", owner_id=owner.user_id)

    members.add_member(project, member.user_id)

    assert members.project_role(project, owner.user_id) == members.MANAGER
    assert members.project_role(project, member.user_id) == members.MEMBER


def test_a_comment_that_is_hidden_is_told_in_no_stream(project: int) -> None:
    member = add_caller("member", project_member=project)
    task = tasks.create_task(project, "Task")
    comments.add_comment(task, "For administrators", visibility="app-admin")

    for stream in (call("getProjectActivity", project, caller=member), call("getMyActivityStream", caller=member)):
        assert {each["event_name"] for each in stream} == {"task.create"}
    assert "For administrators" in str(call("getProjectActivity", project))


def test_a_batch_of_which_a_part_is_forbidden_does_nothing(project: int) -> None:
    member = add_caller("member", project_member=project)
    closed = projects.create_project("Closed")
    members.add_member(closed, users.ADMIN_ID)

    reply = answer([request("createTask", "One", project), request("createTask", "Two", closed)], member)

    assert reply.status == 403
    assert tasks.list_tasks() == []


def test_nobody_is_assigned_by_a_move_who_could_not_be_there(project: int) -> None:
    viewer = add_caller("viewer", project_viewer=project)
    task = tasks.create_task(projects.create_project("Other"), "Task")

    chosen: dict[str, Any] = {"task_id": task, "project_id": project, "owner_id": viewer.user_id}
    assert call("moveTaskToProject", **chosen) is False
    assert call("duplicateTaskToProject", **chosen) is False
    assert tasks.get_task(task).project_id != project

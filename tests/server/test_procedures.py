"""Every procedure once, and the shape of what it returns: names in order, and JSON types."""

import base64
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kbtui.core.events import log
from kbtui.core.projects import projects, settings, users
from kbtui.core.tasks import removals, tasks
from kbtui.core.views.task_details import TaskRow
from kbtui.server.callers import Caller
from kbtui.server.registry import PROCEDURES
from tests import sql
from tests.recordings import load_events
from tests.server.conftest import BASE_URL, add_caller
from tests.server.conftest import call as ask

ADMIN = Caller(users.ADMIN_ID, "admin", "app-admin")

PROJECT_KEYS = [
    "id", "name", "is_active", "token", "last_modified", "is_public", "is_private", "description", "identifier",
    "start_date", "end_date", "owner_id", "priority_default", "priority_start", "priority_end", "email",
    "predefined_email_subjects", "per_swimlane_task_limits", "task_limit", "enable_global_tags", "url",
]  # fmt: skip
COLUMN_KEYS = ["id", "title", "position", "project_id", "task_limit", "description", "hide_in_dashboard"]
SWIMLANE_KEYS = ["id", "name", "position", "is_active", "project_id", "description", "task_limit"]
OVERDUE_KEYS = [
    "id", "title", "date_due", "project_id", "creator_id", "owner_id", "project_name", "assignee_username",
    "assignee_name",
]  # fmt: skip
SECRETS = {"password", "twofactor_secret", "api_access_token"}


@pytest.fixture
def task(project: int) -> int:
    return tasks.create_task(project, "Task")


def recorded_keys(recording: str, part: str) -> list[str]:
    """Return the names that Kanboard's event has for a noun, which are those of its API."""
    return list(load_events(recording)[0].data[part])


def test_the_application(project: int) -> None:
    assert ask("getVersion") == "1.2.53"
    settings.set_time_zone("Asia/Tokyo")
    assert ask("getTimezone") == "Asia/Tokyo"
    assert ask("getDefaultTaskColor") == "yellow"
    assert next(iter(ask("getDefaultTaskColors"))) == "yellow"
    assert ask("getDefaultTaskColors")["red"] == {"name": "Red", "background": "#FFBBBB", "border": "#FF9797"}
    assert ask("getColorList")["deep_orange"] == "Deep Orange"
    assert len(ask("getColorList")) == 16
    assert ask("getApplicationRoles") == {
        "app-admin": "Administrator",
        "app-manager": "Manager",
        "app-user": "User",
    }
    assert ask("getProjectRoles") == {
        "project-manager": "Project Manager",
        "project-member": "Project Member",
        "project-viewer": "Project Viewer",
    }


def test_the_board(project: int, task: int) -> None:
    (lane,) = ask("getBoard", project)

    assert list(lane) == [*SWIMLANE_KEYS, "columns", "nb_swimlanes", "nb_columns", "nb_tasks", "score"]
    assert (lane["nb_swimlanes"], lane["nb_columns"], lane["nb_tasks"]) == (1, 4, 1)
    column = lane["columns"][0]
    sums = ["column_nb_tasks", "column_nb_score", "column_nb_open_tasks"]
    assert list(column) == [*COLUMN_KEYS, "tasks", "nb_tasks", "score", *sums]
    (shown,) = column["tasks"]
    assert (shown["id"], shown["position"], shown["tags"], shown["is_draggable"]) == (task, 1, [], True)
    assert ask("getBoard", 99) == []


def test_categories(project: int, task: int) -> None:
    category = ask("createCategory", project_id=project, name="Bug", color_id="red")

    assert ask("getCategory", category) == {
        "id": category,
        "name": "Bug",
        "project_id": project,
        "description": None,
        "color_id": "red",
    }
    assert ask("updateCategory", id=category, name="Defect") is True
    assert [each["name"] for each in ask("getAllCategories", project)] == ["Defect"]
    assert ask("createCategory", project_id=project, name="Defect") is False
    ask("updateTask", id=task, category_id=category)
    assert ask("removeCategory", category) is True
    assert ask("removeCategory", category) is False
    assert ask("getCategory", category) is None
    assert ask("getTask", task)["category_id"] == 0
    assert ask("getAllCategories", project) == []


def test_columns(project: int, task: int) -> None:
    column = ask("addColumn", project_id=project, title="Shipped", task_limit=3, description="done")

    assert ask("getColumn", column) == dict(
        zip(COLUMN_KEYS, (column, "Shipped", 5, project, 3, "done", 0), strict=True)
    )
    assert ask("updateColumn", column_id=column, title="Sent") is True
    assert ask("getColumn", column)["task_limit"] == 0
    assert ask("changeColumnPosition", project_id=project, column_id=column, position=1) is True
    assert ask("changeColumnPosition", project_id=project, column_id=column, position=9) is False
    assert ask("changeColumnPosition", project_id=99, column_id=column, position=1) is False
    titles = [each["title"] for each in ask("getColumns", project)]
    assert titles == ["Sent", "Backlog", "Ready", "Work in progress", "Done"]
    assert ask("addColumn", project_id=project, title="Sent") is False
    assert ask("removeColumn", ask("getTask", task)["column_id"]) is False
    assert ask("removeColumn", column) is True
    assert ask("getColumn", column) is None
    assert ask("getColumns", 99) == []


def test_comments(task: int) -> None:
    comment = ask("createComment", task_id=task, user_id=1, content="test", reference="mail-1")

    assert list(ask("getComment", comment)) == recorded_keys("modern/comment.create", "comment")
    assert ask("getComment", comment)["reference"] == "mail-1"
    assert ask("updateComment", id=comment, content="edited") is True
    assert ask("updateComment", id=comment, content="edited") is True
    assert [each["comment"] for each in ask("getAllComments", task)] == ["edited"]
    assert ask("createComment", task_id=task, user_id=1, content=" ") is False
    assert ask("createComment", task_id=task, user_id=99, content="x") is False
    assert ask("createComment", task_id=task, user_id=1, content="x", visibility="boss") is False
    assert ask("removeComment", comment) is True
    assert ask("removeComment", comment) is False
    assert ask("getComment", comment) is None


def test_link_types(project: int) -> None:
    labels = {each["id"]: each["label"] for each in ask("getAllLinks")}
    assert (len(labels), labels[1], labels[11]) == (11, "relates to", "is fixed by")
    assert ask("getLinkById", 2) == {"id": 2, "label": "blocks", "opposite_id": 3}
    assert ask("getLinkByLabel", "is blocked by") == {"id": 3, "label": "is blocked by", "opposite_id": 2}
    assert ask("getLinkByLabel", "nothing") is None
    assert ask("getOppositeLinkId", 2) == 3
    assert ask("getOppositeLinkId", 1) == 1
    link = ask("createLink", label="depends on", opposite_label="is needed by")
    assert ask("getOppositeLinkId", link) == link + 1
    assert ask("createLink", "depends on") is False
    assert ask("updateLink", link_id=link, opposite_link_id=link + 1, label="needs") is True
    assert ask("getLinkById", link)["label"] == "needs"
    assert ask("removeLink", link) is True
    assert ask("removeLink", link) is False


def test_me(project: int, task: int) -> None:
    mika = add_caller("mika")
    ask("updateTask", id=task, owner_id=mika.user_id, date_due=1)
    ask("createSubtask", task_id=task, title="Step", user_id=mika.user_id)

    me = ask("getMe", caller=mika)
    assert (me["id"], me["username"], me["role"], me["is_ldap_user"]) == (mika.user_id, "mika", "app-user", False)
    assert not set(me) & SECRETS
    (mine,) = ask("getMyDashboard", caller=mika)
    assert (mine["id"], [step["title"] for step in mine["subtasks"]]) == (task, ["Step"])
    assert mine["url"] == f"{BASE_URL}/?controller=TaskViewController&action=show&task_id={task}"
    own = ask("createMyPrivateProject", caller=mika, name="Own")
    assert ask("getMyProjectsList", caller=mika) == {str(own): "Own", str(project): "Website"}
    (first, private) = ask("getMyProjects", caller=mika)
    assert list(first) == PROJECT_KEYS
    assert (private["is_private"], private["owner_id"]) == (1, mika.user_id)
    assert [list(each) for each in ask("getMyOverdueTasks", caller=mika)] == [OVERDUE_KEYS]
    (newest, *_) = ask("getMyActivityStream", caller=mika)
    assert newest["event_name"] == "subtask.create"


def test_projects(project: int) -> None:
    made = ask(
        "createProject", name="Shop", description="Sells", owner_id=1, identifier="shop", start_date="2027-01-31",
        end_date="2027-02-28", priority_default=1, priority_start=0, priority_end=5, email="shop@example.com",
    )  # fmt: skip

    shown = ask("getProjectById", made)
    assert list(shown) == PROJECT_KEYS
    assert (shown["name"], shown["identifier"], shown["owner_id"]) == ("Shop", "SHOP", 1)
    assert (shown["start_date"], shown["end_date"], shown["email"]) == ("2027-01-31", "2027-02-28", "shop@example.com")
    assert (shown["priority_default"], shown["priority_end"], shown["is_active"]) == (1, 5, 1)
    assert shown["url"] == {
        "board": f"{BASE_URL}/?controller=BoardViewController&action=show&project_id={made}",
        "list": f"{BASE_URL}/?controller=TaskListController&action=show&project_id={made}",
    }
    assert ask("getProjectByName", "Shop") == shown
    assert ask("getProjectByIdentifier", "shop") == shown
    assert ask("getProjectByEmail", "shop@example.com") == shown
    assert ask("getProjectByIdentifier", "") is None
    assert ask("getProjectById", 99) is None
    assert ask("updateProject", project_id=made, name="Store") is True
    assert ask("disableProject", made) is True
    assert ask("getProjectById", made)["is_active"] == 0
    assert ask("enableProject", made) is True
    assert ask("enableProjectPublicAccess", made) is True
    assert (ask("getProjectById", made)["is_public"], ask("getProjectById", made)["token"]) == (1, "")
    assert ask("disableProjectPublicAccess", made) is True
    assert [each["name"] for each in ask("getAllProjects")] == ["Website", "Store"]
    assert ask("createProject", name="") is False
    assert ask("createProject", name="Other", identifier="shop") is False
    assert ask("createTask", title="x", project_id=made) > 0
    assert ask("removeProject", made) is True
    assert ask("removeProject", made) is False


def test_activity(project: int, task: int) -> None:
    with log.authored_by(users.ADMIN_ID):
        tasks.update_task(task, title="<b>Other</b>")

    (edited, created) = ask("getProjectActivity", project)
    assert (edited["event_name"], edited["author"], edited["author_username"]) == ("task.update", "admin", "admin")
    assert (created["event_name"], created["creator_id"], created["author"]) == ("task.create", 0, None)
    assert edited["task"]["title"] == "<b>Other</b>"
    assert edited["changes"] == {"title": "<b>Other</b>"}
    assert "<b>" not in edited["event_content"]
    assert created["changes"] == []
    assert ask("getProjectActivities", project_ids=[project, 99]) == [edited, created]


def test_members(project: int) -> None:
    mika = add_caller("mika").user_id

    assert ask("getProjectUsers", project) == []
    assert ask("getAssignableUsers", project_id=project) == {"1": "admin", str(mika): "mika"}
    assert ask("addProjectUser", project_id=project, user_id=mika) is True
    assert ask("addProjectUser", project_id=project, user_id=mika) is False
    assert ask("getProjectUserRole", project_id=project, user_id=mika) == "project-member"
    assert ask("getProjectUserRole", project_id=project, user_id=1) is None
    assert ask("changeProjectUserRole", project_id=project, user_id=mika, role="project-manager") is True
    assert ask("changeProjectUserRole", project_id=project, user_id=mika, role="boss") is False
    assert ask("getProjectUsers", project) == {str(mika): "mika"}
    assert ask("getAssignableUsers", project_id=project, prepend_unassigned=True) == {
        "0": "Unassigned",
        str(mika): "mika",
    }
    assert ask("removeProjectUser", project_id=project, user_id=mika) is True
    assert ask("removeProjectUser", project_id=project, user_id=mika) is False


def test_subtasks(task: int) -> None:
    subtask = ask("createSubtask", task_id=task, title="Test", user_id=1, time_estimated=1.5)

    assert ask("getSubtask", subtask) == {
        "id": subtask, "title": "Test", "status": 0, "time_estimated": 1.5, "time_spent": 0, "task_id": task,
        "user_id": 1, "position": 1,
    }  # fmt: skip
    (listed,) = ask("getAllSubtasks", task)
    assert sorted(listed) == sorted(recorded_keys("modern/subtask.create", "subtask"))
    assert ask("updateSubtask", id=subtask, task_id=task, status=1) is True
    assert ask("updateSubtask", id=subtask, task_id=task, status=7) is False
    assert ask("updateSubtask", id=subtask, task_id=99, status=2) is False
    assert ask("getAllSubtasks", task)[0]["status_name"] == "In progress"
    assert ask("createSubtask", task_id=task, title="") is False
    assert ask("removeSubtask", subtask) is True
    assert ask("removeSubtask", subtask) is False
    assert ask("getSubtask", subtask) is None
    assert ask("getAllSubtasks", task) == []


def test_swimlanes(project: int) -> None:
    (default,) = ask("getActiveSwimlanes", project)
    assert (list(default), default["name"]) == (SWIMLANE_KEYS, "Default swimlane")
    lane = ask("addSwimlane", project_id=project, name="Urgent", description="now")
    assert ask("getSwimlane", lane) == ask("getSwimlaneById", lane)
    assert ask("getSwimlaneByName", project_id=project, name="Urgent")["id"] == lane
    assert ask("getSwimlaneByName", project_id=project, name="nothing") is None
    assert ask("updateSwimlane", project_id=project, swimlane_id=lane, name="Fast") is True
    assert ask("getSwimlane", lane)["description"] == "now"
    assert ask("changeSwimlanePosition", project_id=project, swimlane_id=lane, position=1) is True
    assert ask("changeSwimlanePosition", project_id=project, swimlane_id=lane, position=3) is False
    assert ask("disableSwimlane", project_id=project, swimlane_id=lane) is True
    assert [each["name"] for each in ask("getActiveSwimlanes", project)] == ["Default swimlane"]
    assert [each["name"] for each in ask("getAllSwimlanes", project)] == ["Fast", "Default swimlane"]
    assert ask("enableSwimlane", project_id=project, swimlane_id=lane) is True
    assert ask("removeSwimlane", project_id=99, swimlane_id=lane) is False
    assert ask("removeSwimlane", project_id=project, swimlane_id=lane) is True
    assert ask("getSwimlaneById", lane) is None


def test_tags(project: int, task: int) -> None:
    tag = ask("createTag", project_id=project, tag="ui", color_id="red")

    assert ask("createTag", project_id=project, tag="UI") == tag
    assert ask("getTagsByProject", project) == [{"id": tag, "name": "ui", "project_id": project, "color_id": "red"}]
    assert ask("updateTag", tag_id=tag, tag="screen") is True
    assert ask("setTaskTags", project_id=project, task_id=task, tags=["screen", "", "new"]) is True
    assert ask("setTaskTags", project_id=99, task_id=task, tags=[]) is False
    assert sorted(ask("getTaskTags", task).values()) == ["new", "screen"]
    assert [each["name"] for each in ask("getAllTags")] == ["new", "screen"]
    assert ask("removeTag", tag) is True
    assert list(ask("getTaskTags", task).values()) == ["new"]
    assert ask("removeTag", tag) is False
    assert ask("setTaskTags", project_id=project, task_id=task, tags=[]) is True
    assert ask("getTaskTags", task) == []


def test_tasks(project: int) -> None:
    category = ask("createCategory", project_id=project, name="Bug")
    lane = ask("getActiveSwimlanes", project)[0]["id"]
    task = ask(
        "createTask", title="Full", project_id=project, color_id="green", column_id=2, owner_id=1, creator_id=1,
        date_due="2030-01-31 10:30", description="**md**", category_id=category, score=5, swimlane_id=lane, priority=2,
        reference="REF-1", tags=["t1", "t2"], date_started="2029-01-01 09:00", time_spent=1.5, time_estimated=3,
    )  # fmt: skip

    shown = ask("getTask", task)
    assert list(shown) == [*TaskRow._fields, "url", "color"]
    (recorded,) = load_events("modern/task.create-full")
    same = set(TaskRow._fields) - {"id", "date_creation", "date_modification", "date_moved", "description"}
    assert {name: shown[name] for name in same} == {name: recorded.data["task"][name] for name in same}
    assert shown["color"]["name"] == "Green"
    assert ask("getTaskByReference", project_id=project, reference="REF-1") == shown
    assert ask("getTaskByReference", project_id=project, reference="") is None
    assert ask("getAllTasks", project) == [shown]
    assert ask("getAllTasks", project_id=project, status_id=0) == []


def test_edits_and_moves_of_tasks(project: int, task: int) -> None:
    lane = ask("addSwimlane", project_id=project, name="Urgent")
    other = projects.create_project("Shop")

    assert ask("updateTask", id=task, title="Other", tags=["ui"], date_due="2030-01-31") is True
    assert ask("updateTask", id=task, title="Other") is True
    assert ask("updateTask", id=task, date_due="soon") is False
    assert ask("updateTask", id=task, owner_id=99) is False
    assert ask("updateTask", id=99, title="x") is False
    assert ask("getTask", task)["date_due"] == 1896048000
    for moment in (1896048000, 1896048000.0, "1896048000", "01/31/2030", "2030-01-31T00:00:00+00:00"):
        assert ask("updateTask", id=task, date_due=moment) is True
        assert ask("getTask", task)["date_due"] == 1896048000
    assert ask("updateTask", id=task, date_due="") is True
    assert ask("getTask", task)["date_due"] == 0
    where: dict[str, Any] = {"project_id": project, "task_id": task, "position": 1}
    assert ask("moveTaskPosition", **where, column_id=2, swimlane_id=lane) is True
    assert ask("moveTaskPosition", **where, column_id=3, swimlane_id=0) is True
    assert (ask("getTask", task)["column_id"], ask("getTask", task)["swimlane_id"]) == (3, lane)
    assert ask("moveTaskPosition", **where, column_id=3, swimlane_id=lane) is True
    assert ask("moveTaskPosition", **where, column_id=99, swimlane_id=lane) is False
    assert ask("moveTaskPosition", **(where | {"position": 0}), column_id=3, swimlane_id=lane) is False
    assert ask("moveTaskPosition", **(where | {"project_id": other}), column_id=5, swimlane_id=0) is False
    assert ask("closeTask", task) is True
    assert ask("closeTask", task) is True
    assert ask("moveTaskPosition", **where, column_id=1, swimlane_id=0) is False
    assert ask("openTask", task) is True
    copy = ask("duplicateTaskToProject", task_id=task, project_id=other, column_id=6)
    assert (ask("getTask", copy)["project_id"], ask("getTask", copy)["column_id"]) == (other, 6)
    assert ask("moveTaskToProject", task_id=task, project_id=other, column_id=7) is True
    assert ask("getTask", task)["column_id"] == 7
    assert ask("duplicateTaskToProject", task_id=task, project_id=99) is False
    assert ask("removeTask", task) is True
    assert ask("removeTask", task) is False


def test_searching(project: int, task: int) -> None:
    ask("updateTask", id=task, tags=["ui"], owner_id=1)
    ask("createTask", title="Other", project_id=project)

    (found,) = ask("searchTasks", project_id=project, query="status:open tag:ui assignee:admin")
    assert (found["id"], found["column_name"], found["nb_comments"]) == (task, "Backlog", 0)
    assert found["tags"][0]["name"] == "ui"
    assert len(ask("searchTasks", project_id=project, query="")) == 2
    assert ask("searchTasks", project_id=99, query="") == []
    assert ask("searchTasks", caller=ADMIN, project_id=project, query="assignee:me")[0]["id"] == task


def test_overdue_tasks(project: int, task: int) -> None:
    ask("updateTask", id=task, date_due=int(time.time()) - 60)

    (overdue,) = ask("getOverdueTasks")
    assert (list(overdue), overdue["id"], overdue["project_name"]) == (OVERDUE_KEYS, task, "Website")
    assert ask("getOverdueTasksByProject", project) == [overdue]
    assert ask("getOverdueTasksByProject", 99) == []


def test_what_kanboard_does_not_know_takes_no_room_in_the_stream(project: int, task: int) -> None:
    for number in range(60):
        removals.remove_task(tasks.create_task(project, f"Task {number}"))

    stream = ask("getProjectActivity", project)

    assert {each["event_name"] for each in stream} == {"task.create"}
    assert len(stream) == 50


def test_files(project: int, task: int) -> None:
    blob = base64.b64encode(b"\x00\xffbytes").decode()
    file = ask("createTaskFile", project_id=project, task_id=task, filename="test.png", blob=blob)

    shown = ask("getTaskFile", file)
    assert list(shown) == [*recorded_keys("modern/file.create", "file"), "username", "user_name"]
    assert (shown["name"], shown["is_image"], shown["size"]) == ("test.png", 1, 7)
    assert ask("getAllTaskFiles", task) == [shown]
    assert ask("downloadTaskFile", file) == blob
    assert ask("createTaskFile", project_id=project, task_id=task, filename="x", blob="no base64!") is False
    assert ask("createTaskFile", project_id=99, task_id=task, filename="x", blob=blob) is False
    assert ask("removeTaskFile", file) is True
    assert ask("removeTaskFile", file) is False
    assert (ask("getTaskFile", file), ask("downloadTaskFile", file)) == (None, "")
    ask("createTaskFile", project_id=project, task_id=task, filename="x", blob="")
    assert ask("removeAllTaskFiles", task) is True
    assert ask("getAllTaskFiles", task) == []
    assert ask("removeAllTaskFiles", 99) is False


def test_links(project: int, task: int) -> None:
    others = [tasks.create_task(project, title) for title in ("Two", "Three")]
    link = ask("createTaskLink", task_id=task, opposite_task_id=others[0], link_id=2)

    assert list(ask("getTaskLinkById", link)) == recorded_keys("modern/task_internal_link.create_update", "task_link")
    (shown,) = ask("getAllTaskLinks", task)
    assert (shown["task_id"], shown["label"], shown["title"]) == (others[0], "blocks", "Two")
    assert (shown["column_title"], shown["project_name"]) == ("Backlog", "Website")
    changed: dict[str, Any] = {"task_link_id": link, "task_id": task, "opposite_task_id": others[1], "link_id": 1}
    assert ask("updateTaskLink", **changed) is True
    assert ask("updateTaskLink", **(changed | {"task_id": others[0]})) is False
    assert ask("createTaskLink", task_id=task, opposite_task_id=task, link_id=2) is False
    assert ask("removeTaskLink", link) is True
    assert ask("removeTaskLink", link) is False
    assert ask("getTaskLinkById", link) is None
    assert ask("getAllTaskLinks", task) == []


def test_users(project: int, task: int) -> None:
    user = ask("createUser", username="mika", password="secret1", name="Mika Sample", email="mika@example.com")

    shown = ask("getUser", user)
    assert (shown["username"], shown["name"], shown["role"], shown["is_active"]) == (
        "mika",
        "Mika Sample",
        "app-user",
        1,
    )
    assert not set(shown) & SECRETS
    assert "scrypt" not in str(ask("getAllUsers"))
    assert ask("getUserByName", "mika") == shown
    assert ask("getUserByName", "nobody") is None
    assert [each["username"] for each in ask("getAllUsers")] == ["admin", "mika"]
    assert ask("updateUser", id=user, role="app-manager") is True
    assert ask("updateUser", id=user, role="boss") is False
    assert ask("disableUser", user) is True
    assert ask("isActiveUser", user) is False
    assert ask("enableUser", user) is True
    assert ask("isActiveUser", user) is True
    assert ask("disableUser", 1) is False
    assert ask("createUser", username="noor", password="short") is False
    assert ask("getUserByName", "noor") is None
    assert ask("createUser", username="JSONRPC", password="secret1") is False
    assert ask("updateUser", id=user, username="jsonrpc") is False
    assert ask("createLdapUser", "noor") is False
    ask("updateTask", id=task, owner_id=user)
    assert ask("removeUser", user) is True
    assert ask("getTask", task)["owner_id"] == 0
    assert ask("removeUser", 1) is False
    assert ask("getUser", user) is None


def test_a_call_that_fails_changes_nothing_at_all(project: int) -> None:
    before = sql.fetch_all("SELECT count(*), max(id) FROM events")

    assert ask("createProject", name="Shop", end_date="never") is False
    assert ask("createUser", username="mika", password="short") is False

    assert [row.name for row in projects.list_projects()] == ["Website"]
    assert sql.fetch_all("SELECT count(*), max(id) FROM events") == before


def test_no_procedure_is_left_out_here() -> None:
    called = set(re.findall(r'ask\(\s*"(\w+)"', Path(__file__).read_text()))

    assert called == {procedure.name for procedure in PROCEDURES.values()}


def test_a_date_without_a_time_zone_is_in_the_boards(project: int) -> None:
    settings.set_time_zone("Asia/Tokyo")

    task_id = ask("createTask", title="x", project_id=project, date_due="2026-11-24 09:00")

    assert ask("getTask", task_id)["date_due"] == int(datetime(2026, 11, 24, 0, tzinfo=UTC).timestamp())
    assert ask("updateTask", id=task_id, date_due="2026-11-24T09:00:00+01:00") is True
    assert ask("getTask", task_id)["date_due"] == int(datetime(2026, 11, 24, 8, tzinfo=UTC).timestamp())

import pytest

from kbtui.core.db import models
from kbtui.core.projects import members, projects, users
from kbtui.errors import InUseError, InvalidError
from tests import sql
from tests.core.conftest import insert_task

pytestmark = pytest.mark.usefixtures("board")


def test_a_new_board_has_the_user_admin() -> None:
    assert [(user.id, user.username, user.role) for user in users.list_users()] == [(1, "admin", "app-admin")]


def test_the_first_user_can_be_neither_removed_nor_made_inactive() -> None:
    with pytest.raises(InvalidError, match='"admin" cannot be removed'):
        users.remove_user(users.ADMIN_ID)
    with pytest.raises(InvalidError, match='"admin" always stays active'):
        users.update_user(users.ADMIN_ID, is_active=0)


def test_a_user_keeps_what_is_given() -> None:
    user_id = users.add_user("mira", name=" Mira ", email="mira@example.org", role="app-manager")

    assert users.update_user(user_id, email="")

    user = users.get_user(user_id)
    assert (user.username, user.name, user.email, user.role) == ("mira", "Mira", "", "app-manager")


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(InvalidError, match='There is no role "boss"; choose one of app-admin, app-manager, app-user'):
        users.add_user("mira", role="boss")


def test_a_user_with_tasks_or_subtasks_is_not_removed(project: int) -> None:
    owner, helper = users.add_user("mira"), users.add_user("tom")
    task_id = insert_task(project, owner_id=owner)
    sql.create(models.Subtask, task_id=task_id, title="Ask", user_id=helper, position=1)

    for user_id in (owner, helper):
        with pytest.raises(InUseError, match="is assigned to 1 task; assign others first"):
            users.remove_user(user_id)


def test_the_owner_of_a_project_can_leave(project: int) -> None:
    user_id = users.add_user("mira")
    projects.update_project(project, owner_id=user_id)

    users.remove_user(user_id)

    assert projects.get_project(project).owner_id == 0


def test_a_project_without_members_is_open_to_all_active_users(project: int) -> None:
    active, away = users.add_user("mira"), users.add_user("tom")
    users.update_user(away, is_active=0)

    assert [user.username for user in members.list_assignable(project)] == ["admin", "mira"]
    assert members.is_assignable(project, active)
    assert not members.is_assignable(project, away)
    assert not members.is_assignable(project, 99)


def test_a_project_with_members_is_open_to_them_alone(project: int) -> None:
    member, other = users.add_user("mira"), users.add_user("tom")
    members.add_member(project, member)

    assert members.is_assignable(project, member)
    assert not members.is_assignable(project, other)
    assert members.is_assignable(project, 0), "nobody is always possible"

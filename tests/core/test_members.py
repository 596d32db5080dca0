"""Who works on a project, and in which role."""

import pytest

from kbtui.core.projects import members, projects, users
from kbtui.core.tasks import tasks
from kbtui.errors import InvalidError, NotFoundError
from tests.core.conftest import last_event_id, recorded


@pytest.fixture
def mika(board: object) -> int:
    return users.add_user("mika", name="Mika Sample")


def test_a_project_without_members_is_open_and_managed_by_its_owner(project: int, mika: int) -> None:
    projects.update_project(project, owner_id=mika)

    assert members.list_members(project) == []
    assert members.project_role(project, mika) == "project-manager"
    assert members.project_role(project, users.ADMIN_ID) == "project-member"
    assert members.list_project_ids(mika) == [project]


def test_the_first_member_closes_the_project_to_others(project: int, mika: int) -> None:
    members.add_member(project, users.ADMIN_ID)

    assert members.project_role(project, users.ADMIN_ID) == "project-member"
    assert members.project_role(project, mika) is None
    assert members.list_project_ids(mika) == []


def test_members_are_told_by_name(project: int, mika: int) -> None:
    members.add_member(project, mika, members.MANAGER)
    members.add_member(project, users.ADMIN_ID, users.VIEWER)

    assert members.list_members(project) == [(mika, "Mika Sample", "project-manager"), (1, "admin", "project-viewer")]


def test_a_viewer_gets_no_tasks(project: int, mika: int) -> None:
    members.add_member(project, users.ADMIN_ID)
    members.add_member(project, mika, users.VIEWER)

    assert [user.username for user in users.members(project)] == ["admin"]
    with pytest.raises(InvalidError, match="no member"):
        tasks.create_task(project, "Task", owner_id=mika)


def test_a_role_can_be_changed_and_a_member_leave(project: int, mika: int) -> None:
    members.add_member(project, mika)
    before = last_event_id()

    assert members.set_member_role(project, mika, members.MANAGER)
    assert not members.set_member_role(project, mika, members.MANAGER)
    assert members.remove_member(project, mika)
    assert not members.remove_member(project, mika)
    assert recorded(after=before) == [("project.change", "update", "Website")] * 2


def test_what_cannot_be_is_refused(project: int, mika: int) -> None:
    members.add_member(project, mika)

    with pytest.raises(InvalidError, match="already"):
        members.add_member(project, mika)
    with pytest.raises(InvalidError, match="no role"):
        members.add_member(project, users.ADMIN_ID, "boss")
    with pytest.raises(NotFoundError):
        members.set_member_role(project, users.ADMIN_ID, members.MANAGER)
    with pytest.raises(NotFoundError):
        members.add_member(99, mika)
    assert members.project_role(99, mika) is None


def test_an_inactive_user_has_no_role(project: int, mika: int) -> None:
    users.update_user(mika, is_active=0)

    assert members.project_role(project, mika) is None

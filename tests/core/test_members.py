"""Who works on a project, in which role, and who may see it."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbtui.core.projects import members, projects, users
from kbtui.core.tasks import tasks
from kbtui.errors import InvalidError, NotFoundError
from tests.core.conftest import last_event_id, recorded

RANKS = {None: 0, members.VIEWER: 1, members.MEMBER: 2, members.MANAGER: 3}

NUMBERS = itertools.count()
"""Tell the users of one example from those of another."""


@pytest.fixture
def mika(board: object) -> int:
    return users.add_user("mika", name="Mika Sample")


def test_a_project_made_here_is_open_to_all_and_managed_by_its_owner(project: int, mika: int) -> None:
    projects.update_project(project, owner_id=mika)

    assert members.list_members(project) == []
    assert members.project_role(project, mika) == "project-manager"
    assert members.project_role(project, users.ADMIN_ID) == "project-member"
    assert members.list_project_ids(mika) == [project]


def test_a_project_for_members_only_is_its_owners_while_there_are_none(mika: int) -> None:
    project = projects.create_project("Team", owner_id=mika, is_open=0)

    assert members.project_role(project, mika) == "project-manager"
    assert members.project_role(project, users.ADMIN_ID) is None
    assert members.list_project_ids(users.ADMIN_ID) == []
    assert [user.id for user in members.list_assignable(project)] == [mika]


def test_the_first_member_closes_the_project_to_others(project: int, mika: int) -> None:
    members.add_member(project, users.ADMIN_ID)

    assert members.project_role(project, users.ADMIN_ID) == "project-member"
    assert members.project_role(project, mika) is None
    assert members.list_project_ids(mika) == []


def test_when_the_last_member_goes_the_project_stays_closed(project: int, mika: int) -> None:
    members.add_member(project, mika)

    members.remove_member(project, mika)

    assert members.project_role(project, mika) is None
    assert members.list_project_ids(users.ADMIN_ID) == []


def test_when_the_last_member_is_removed_as_a_user_the_project_stays_closed(project: int, mika: int) -> None:
    members.add_member(project, mika)

    users.remove_user(mika)

    assert members.project_role(project, users.ADMIN_ID) is None


def test_a_project_is_opened_and_closed_by_saying_so(project: int, mika: int) -> None:
    members.add_member(project, mika, members.VIEWER)

    assert projects.update_project(project, is_open=1)
    assert members.project_role(project, users.ADMIN_ID) == "project-member"
    assert members.project_role(project, mika) == "project-member", "who looks may do what everybody may"
    members.add_member(project, users.ADMIN_ID)
    assert projects.get_project(project).is_open == 1, "only the first member makes it members only"

    assert projects.update_project(project, is_open=0)
    assert not projects.update_project(project, is_open=0)
    assert members.project_role(project, mika) == "project-viewer"


def test_ones_own_project_cannot_be_opened_to_all(mika: int) -> None:
    project = projects.create_project("Diary", owner_id=mika, is_private=1, is_open=1)

    with pytest.raises(InvalidError, match='"Diary" is one person\'s own and cannot be open to all'):
        projects.update_project(project, is_open=1)

    assert members.project_role(project, mika) == "project-manager"
    assert members.project_role(project, users.ADMIN_ID) is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_removal_ever_gives_anybody_a_right(board: object, data: st.DataObject) -> None:
    people = [users.ADMIN_ID, *(users.add_user(f"user {next(NUMBERS)}") for _ in range(3))]
    owner, is_private = data.draw(st.integers(-1, 3)), data.draw(st.integers(0, 1))
    project = projects.create_project("Team", owner_id=people[owner] if owner >= 0 else 0, is_private=is_private)
    for number, role in data.draw(st.dictionaries(st.integers(0, 3), st.sampled_from(members.ROLES))).items():
        user_id = people[number]
        if user_id in {member.user_id for member in members.list_members(project)}:
            members.set_member_role(project, user_id, role)
        else:
            members.add_member(project, user_id, role)
    if not is_private:
        projects.update_project(project, is_open=data.draw(st.integers(0, 1)))

    for number in data.draw(st.permutations(range(4))):
        user_id = people[number]
        before = {each: RANKS[members.project_role(project, each)] for each in people}
        if data.draw(st.booleans()) and user_id != users.ADMIN_ID:
            users.remove_user(user_id)
        else:
            members.remove_member(project, user_id)
        after = {each: RANKS[members.project_role(project, each)] for each in people}

        assert all(after[each] <= before[each] for each in people)
        for each in people:
            assert (project in members.list_project_ids(each)) == (after[each] > 0)
            assert (each in [user.id for user in members.list_assignable(project)]) == (after[each] > 1)
            assert members.is_assignable(project, each) == (after[each] > 1)


def test_members_are_told_by_name(project: int, mika: int) -> None:
    members.add_member(project, mika, members.MANAGER)
    members.add_member(project, users.ADMIN_ID, members.VIEWER)

    assert members.list_members(project) == [(mika, "Mika Sample", "project-manager"), (1, "admin", "project-viewer")]


def test_a_viewer_gets_no_tasks(project: int, mika: int) -> None:
    members.add_member(project, users.ADMIN_ID)
    members.add_member(project, mika, members.VIEWER)

    assert [user.username for user in members.list_assignable(project)] == ["admin"]
    with pytest.raises(InvalidError, match=r"no member of the project \"Website\"; choose from: admin\."):
        tasks.create_task(project, "Task", owner_id=mika)


def test_where_nobody_can_be_assigned_it_is_said_what_to_do(project: int, mika: int) -> None:
    projects.update_project(project, is_open=0)

    with pytest.raises(InvalidError, match=r"it has none yet, add some or open it to all\."):
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
    assert members.list_project_ids(mika) == []

"""Who can be assigned: only a project's active members, and whoever is assigned already."""

from dataclasses import dataclass

import pytest

from kbtui.core.events import log
from kbtui.core.projects import members, projects, users
from kbtui.core.tasks import recurrence, removals, subtasks, tasks, transfers
from kbtui.errors import InvalidError, NotFoundError
from tests import sql


@dataclass
class Team:
    """A project with one member, mika, and noor, who is none."""

    project: int
    mika: int
    noor: int


@pytest.fixture
def team(board: object) -> Team:
    made = Team(projects.create_project("Website"), users.add_user("mika"), users.add_user("noor"))
    members.add_member(made.project, made.mika)
    return made


def count_events() -> int:
    return len(sql.fetch_all("SELECT id FROM events"))


def test_a_new_task_is_refused_for_somebody_who_is_no_member(team: Team) -> None:
    before = count_events()

    with pytest.raises(
        InvalidError, match='The user "noor" is no member of the project "Website"; choose from: mika\\.'
    ):
        tasks.create_task(team.project, "Task", owner_id=team.noor)
    with pytest.raises(NotFoundError, match=r"There is no user 99\."):
        tasks.create_task(team.project, "Task", owner_id=99)

    assert tasks.list_tasks(team.project) == []
    assert count_events() == before


def test_a_task_is_given_to_members_alone(team: Team) -> None:
    task_id = tasks.create_task(team.project, "Task", owner_id=team.mika)

    with pytest.raises(InvalidError, match="no member"):
        tasks.update_task(task_id, owner_id=team.noor, title="Other")

    assert (tasks.get_task(task_id).owner_id, tasks.get_task(task_id).title) == (team.mika, "Task")
    assert tasks.update_task(task_id, owner_id=0)


def test_a_task_of_somebody_who_has_left_can_be_edited(team: Team) -> None:
    task_id = tasks.create_task(team.project, "Task", owner_id=team.mika)
    users.update_user(team.mika, is_active=0)

    assert tasks.update_task(task_id, owner_id=team.mika, title="Other")
    assert tasks.update_task(task_id, owner_id=0)
    with pytest.raises(InvalidError, match='The user "mika" is not active and cannot be assigned'):
        tasks.update_task(task_id, owner_id=team.mika)


def test_a_subtask_is_given_to_members_alone(team: Team) -> None:
    task_id = tasks.create_task(team.project, "Task")
    subtask_id = subtasks.add_subtask(task_id, "Step", user_id=team.mika)

    with pytest.raises(InvalidError, match="no member"):
        subtasks.add_subtask(task_id, "Step", user_id=team.noor)
    with pytest.raises(InvalidError, match="no member"):
        subtasks.update_subtask(subtask_id, user_id=team.noor)

    users.update_user(team.mika, is_active=0)
    assert subtasks.update_subtask(subtask_id, user_id=team.mika, title="Other")
    assert subtasks.update_subtask(subtask_id, title="Third")


def test_a_toggle_by_somebody_who_is_no_member_assigns_nobody(team: Team) -> None:
    subtask_id = subtasks.add_subtask(tasks.create_task(team.project, "Task"), "Step")

    with log.authored_by(team.noor):
        subtasks.toggle_subtask(subtask_id)

    assert subtasks.get_subtask(subtask_id).status == subtasks.IN_PROGRESS
    assert subtasks.get_subtask(subtask_id).user_id == 0


def test_a_copy_in_another_project_is_assigned_to_its_members_alone(team: Team) -> None:
    shop = projects.create_project("Shop")
    members.add_member(shop, team.noor)
    task_id = tasks.create_task(team.project, "Task", owner_id=team.mika)
    subtasks.add_subtask(task_id, "Step", user_id=team.mika)

    there = transfers.duplicate_task(task_id, shop)
    here = transfers.duplicate_task(task_id)

    assert (tasks.get_task(there).owner_id, subtasks.list_subtasks(there)[0].user_id) == (0, 0)
    assert (tasks.get_task(here).owner_id, subtasks.list_subtasks(here)[0].user_id) == (team.mika, team.mika)


def test_what_is_made_of_a_task_is_not_assigned_to_whoever_has_left(team: Team) -> None:
    task_id = tasks.create_task(
        team.project, "Task", owner_id=team.mika, recurrence_status=1, recurrence_trigger=recurrence.ON_CLOSE
    )
    members.remove_member(team.project, team.mika)

    copy_id = transfers.duplicate_task(task_id)
    tasks.close_task(task_id)

    child_id = tasks.get_task(task_id).recurrence_child
    assert child_id is not None
    assert [tasks.get_task(each).owner_id for each in (task_id, copy_id, child_id)] == [team.mika, 0, 0]


def test_a_removed_task_comes_back_to_nobody_when_its_assignee_has_left_meanwhile(team: Team) -> None:
    task_id = tasks.create_task(team.project, "Task", owner_id=team.mika)
    removed = removals.remove_task(task_id)
    members.remove_member(team.project, team.mika)

    removals.restore_task(removed)

    assert tasks.get_task(task_id).owner_id == 0

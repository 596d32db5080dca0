import itertools

import pytest

from kbtui.core.projects import categories, columns, projects, settings, swimlanes, tags, users
from kbtui.core.tasks import tasks
from kbtui.errors import InUseError, InvalidError, NotFoundError
from kbtui.webhooks import endpoints
from tests import sql
from tests.core.conftest import insert_task

pytestmark = pytest.mark.usefixtures("board")


def test_a_new_project_has_the_default_columns_and_one_swimlane() -> None:
    project_id = projects.create_project("Website")

    titles = [column.title for column in columns.list_columns(project_id)]
    assert titles == ["Backlog", "Ready", "Work in progress", "Done"]
    assert [swimlane.name for swimlane in swimlanes.list_swimlanes(project_id)] == ["Default swimlane"]
    assert swimlanes.default_swimlane(project_id).is_default == 1


def test_the_default_columns_can_be_set_and_each_is_there_once() -> None:
    settings.put(settings.DEFAULT_COLUMNS, "To do, Doing ,, to DO, Done")

    project_id = projects.create_project("Website")

    assert [(row.title, row.position) for row in columns.list_columns(project_id)] == [
        ("To do", 1),
        ("Doing", 2),
        ("Done", 3),
    ]


def test_a_project_that_holds_tasks_is_not_removed(project: int) -> None:
    insert_task(project, is_active=0)

    with pytest.raises(InUseError, match=r'The project "Website" still holds 1 task \(1 closed\)'):
        projects.remove_project(project)


def test_an_empty_project_goes_with_all_that_belongs_to_it(project: int) -> None:
    categories.add_category(project, "Bug")
    tags.add_tag(project, "backend")

    projects.remove_project(project)

    for table in ("projects", "columns", "swimlanes", "categories", "tags"):
        assert sql.fetch_all(f'SELECT id FROM "{table}"') == []


def test_an_inactive_project_is_listed_only_if_asked_for(project: int) -> None:
    assert projects.update_project(project, is_active=0)

    assert projects.list_projects() == []
    assert [row.id for row in projects.list_projects(with_inactive=True)] == [project]
    assert projects.find_project("website").id == project


def test_an_identifier_is_upper_case_letters_and_digits_and_unique(project: int) -> None:
    projects.update_project(project, identifier="web1")

    assert projects.get_project(project).identifier == "WEB1"
    with pytest.raises(InvalidError, match=r'The project "Website" \(#1\) has the identifier WEB1 already'):
        projects.create_project("Other", identifier="Web1")
    with pytest.raises(InvalidError, match="must be at most 50 letters and digits"):
        projects.create_project("Other", identifier="a b")


def test_the_owner_of_a_project_is_a_user(project: int) -> None:
    mira = users.add_user("mira")

    assert projects.update_project(project, owner_id=mira, description="All of it")
    with pytest.raises(NotFoundError, match="There is no user #99"):
        projects.update_project(project, owner_id=99)


def test_the_default_priority_lies_between_the_first_and_the_last(project: int) -> None:
    assert projects.update_project(project, priority_default=2, priority_end=5)

    with pytest.raises(InvalidError, match="The priorities go from 0 to 1, and the default of 2 must be among them"):
        projects.update_project(project, priority_end=1)


def test_a_project_whose_events_alone_a_webhook_gets_is_kept(project: int) -> None:
    endpoint_id = endpoints.add_endpoint("http://127.0.0.1:9/", name="ci", project_id=project)

    with pytest.raises(InUseError, match=r'The project "Website" is the only one of the webhook "ci"; remove that'):
        projects.remove_project(project)

    endpoints.update_endpoint(endpoint_id, project_id=None)
    projects.remove_project(project)
    assert projects.list_projects() == []


def test_a_project_can_go_with_its_tasks(project: int) -> None:
    tasks.create_task(project, "Task")

    projects.remove_project(project, with_tasks=True)

    assert tasks.list_tasks(project) == []
    assert projects.list_projects(with_inactive=True) == []


def test_a_public_project_has_a_token_until_it_is_public_no_more(project: int) -> None:
    assert projects.update_project(project, is_public=1)
    token = projects.get_project(project).token

    assert len(token) == 60
    assert not projects.update_project(project, is_public=1)
    assert projects.update_project(project, is_public=0)
    assert projects.get_project(project).token == ""


def test_a_project_has_days_and_an_address(project: int) -> None:
    projects.update_project(project, start_date="2027-01-31", end_date="2027-02-28", email="board@example.com")

    there = projects.get_project(project)
    assert (there.start_date, there.end_date, there.email) == ("2027-01-31", "2027-02-28", "board@example.com")
    with pytest.raises(InvalidError, match="2027-02-30"):
        projects.update_project(project, end_date="2027-02-30")


def test_a_first_project_that_another_program_makes_meanwhile_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    made = projects.create_project("Made meanwhile")
    listed, looks = projects.list_projects, itertools.count()
    monkeypatch.setattr(projects, "list_projects", lambda: listed() if next(looks) else [])

    assert projects.first_project_id() == made
    assert [project.id for project in listed()] == [made]

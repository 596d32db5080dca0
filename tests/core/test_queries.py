"""What Kanboard's words for tasks mean."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kbtui.core.projects import categories, columns, swimlanes, users
from kbtui.core.tasks import moves, tasks
from kbtui.core.views import queries, task_details

NOW = datetime(2027, 1, 31, 12, tzinfo=UTC).timestamp()


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


@pytest.fixture
def board_of_tasks(project: int) -> int:
    """Make five tasks, each with something of its own."""
    mika = users.add_user("mika", name="Mika Sample")
    bug = categories.add_category(project, "Bug")
    lane = swimlanes.add_swimlane(project, "Urgent")
    ready = columns.list_columns(project)[1].id
    tasks.create_task(project, "Login page", owner_id=mika, tags=["ui", "api"], date_due=at("2027-01-30"))
    tasks.create_task(project, "Logout", color_id="deep_orange", category_id=bug, date_due=at("2027-01-31T23:00"))
    tasks.create_task(project, "Größe", swimlane_id=lane, reference="REF-7", date_due=at("2027-02-01"))
    moves.move_task(tasks.create_task(project, "Move 2 boxes", owner_id=1, tags=["api"], priority=3), column_id=ready)
    tasks.close_task(tasks.create_task(project, "Done with it", description="see the **notes**"))
    return project


def found(project: int, query: str, **asker: Any) -> list[str]:
    rows = task_details.list_details("t.project_id = ?", (project,))
    return [row["title"].split()[0] for row in queries.matching(rows, query, now=NOW, **asker)]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Login", "Logout", "Größe", "Move", "Done"]),
        ("log", ["Login", "Logout"]),
        ("LOGIN PAGE", ["Login"]),
        ('"login page"', ["Login"]),
        ("GRÖSSE", ["Größe"]),
        ("größe", ["Größe"]),
        ("#2", ["Logout"]),
        ("2", ["Logout", "Move"]),
        ("title:log", ["Login", "Logout"]),
        ("status:open", ["Login", "Logout", "Größe", "Move"]),
        ("status:closed", ["Done"]),
        ("status:all", ["Login", "Logout", "Größe", "Move", "Done"]),
        ("assignee:mika", ["Login"]),
        ('assignee:"Mika Sample"', ["Login"]),
        ("assignee:nobody", ["Logout", "Größe", "Done"]),
        ("assignee:anybody", ["Login", "Move"]),
        ("column:ready", ["Move"]),
        ('column:"Backlog"', ["Login", "Logout", "Größe", "Done"]),
        ("swimlane:urgent", ["Größe"]),
        ("category:bug", ["Logout"]),
        ("category:none", ["Login", "Größe", "Move", "Done"]),
        ("tag:ui", ["Login"]),
        ("tag:ui tag:api", ["Login", "Move"]),
        ("tag:none", ["Logout", "Größe", "Done"]),
        ("color:deep_orange", ["Logout"]),
        ('color:"Deep Orange"', ["Logout"]),
        ("ref:REF-7", ["Größe"]),
        ("reference:ref-7", ["Größe"]),
        ("ref:none", ["Login", "Logout", "Move", "Done"]),
        ("description:notes", ["Done"]),
        ("priority:3", ["Move"]),
        ("due:today", ["Logout"]),
        ("due:yesterday", ["Login"]),
        ("due:tomorrow", ["Größe"]),
        ("due:2027-01-31", ["Logout"]),
        ("due:<2027-01-31", ["Login"]),
        ("due:<=2027-01-31", ["Login", "Logout"]),
        ("due:>2027-01-31", ["Größe"]),
        ("due:>=today", ["Logout", "Größe"]),
        ("due:none", ["Move", "Done"]),
        ("due:never", []),
        ("status:open tag:api assignee:anybody", ["Login", "Move"]),
        ("TAG:api log", ["Login"]),
        ("http://example.com", []),
        ("unknown:thing", []),
    ],
)
def test_a_query_means_these(board_of_tasks: int, query: str, titles: list[str]) -> None:
    assert found(board_of_tasks, query) == titles


def test_me_is_who_asks(board_of_tasks: int) -> None:
    assert found(board_of_tasks, "assignee:me", user_id=1) == ["Move"]
    assert found(board_of_tasks, "assignee:me") == []


def test_details_tell_what_is_on_a_task(board_of_tasks: int) -> None:
    login = task_details.list_details("t.title = 'Login page'", ())[0]

    assert [tag["name"] for tag in login["tags"]] == ["api", "ui"]
    assert (login["nb_comments"], login["nb_files"], login["nb_subtasks"], login["position"]) == (0, 0, 0, 1)
    assert (login["assignee_username"], login["column_name"], login["swimlane_name"]) == (
        "mika",
        "Backlog",
        "Default swimlane",
    )


def test_only_open_tasks_of_active_projects_are_overdue(board_of_tasks: int) -> None:
    tasks.update_task(1, date_due=1)
    tasks.update_task(5, date_due=1)

    overdue = [task["id"] for task in task_details.list_overdue()]
    assert 1 in overdue
    assert 5 not in overdue
    assert [task["id"] for task in task_details.list_overdue(owner_id=users.ADMIN_ID)] == []
    assert task_details.list_overdue(project_id=99) == []

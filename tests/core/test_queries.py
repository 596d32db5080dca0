"""What Kanboard's words for tasks mean."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from kbtui.core.db.engine import database
from kbtui.core.db.models import Task
from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks import comments, links, moves, subtasks, tasks
from kbtui.core.views import queries, task_details
from kbtui.errors import InvalidError

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


def found(project: int, query: str, user_id: int = 0) -> list[str]:
    wanted = queries.conditions(query, queries.Asker(user_id, NOW, UTC))
    return [row.title.split()[0] for row in task_details.list_details(Task.project == project, *wanted)]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Login", "Logout", "Größe", "Move", "Done"]),
        ("log", ["Login", "Logout"]),
        ("LOGIN PAGE", ["Login"]),
        ('"login page"', ["Login"]),
        ("GRÖSSE", ["Größe"]),
        ("grosse", ["Größe"]),
        ("page login", ["Login"]),
        ('"page login"', []),
        ("lo", ["Login", "Logout"]),
        ("#3 größe", ["Größe"]),
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
        ("due:2027-01-30..2027-01-31", ["Login", "Logout"]),
        ("due:..2027-01-30", ["Login"]),
        ("due:tomorrow..", ["Größe"]),
        ('due:"1 day ago"', ["Login"]),
        ("due:-1d", ["Login"]),
        ('due:"+1 days"', ["Größe"]),
        ('due:<="1 week"', ["Login", "Logout", "Größe"]),
        ("due:2027/01/31", ["Logout"]),
        ("completed:none", ["Login", "Logout", "Größe", "Move"]),
        ("completed:>=2020-01-01", ["Done"]),
        ("started:none", ["Login", "Logout", "Größe", "Move", "Done"]),
        ("created:<2020-01-01", []),
        ("modified:>2020-01-01", ["Login", "Logout", "Größe", "Move", "Done"]),
        ("moved:>2020-01-01 updated:>2020-01-01", ["Login", "Logout", "Größe", "Move", "Done"]),
        ("created:none", []),
        ("id:2", ["Logout"]),
        ("id:>=4", ["Move", "Done"]),
        ("id:2..3", ["Logout", "Größe"]),
        ("id:99999999999999999999", []),
        ("priority:>=1", ["Move"]),
        ("priority:<1", ["Login", "Logout", "Größe", "Done"]),
        ("priority:1..", ["Move"]),
        ("priority:..", []),
        ("priority:high", []),
        ("score:0", ["Login", "Logout", "Größe", "Move", "Done"]),
        ("complexity:>0", []),
        ("project:website", ["Login", "Logout", "Größe", "Move", "Done"]),
        ("project:other", []),
        ("creator:admin", ["Login", "Logout", "Größe", "Move", "Done"]),
        ("creator:nobody", []),
        ("description:NOTES", ["Done"]),
        ("comment:nothing", []),
        ('link:"is blocked by"', []),
        ("subtask:assignee:mika", []),
        ("status:half", []),
        ("status:open status:closed", ["Login", "Logout", "Größe", "Move", "Done"]),
        ("category:none category:bug", ["Login", "Logout", "Größe", "Move", "Done"]),
        ('"assignee:mika"', []),
        ("100%", []),
        ("_", []),
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
    comments.add_comment(1, "Look")
    subtasks.add_subtask(1, "First", status=subtasks.DONE)
    subtasks.add_subtask(1, "Second")
    links.add_task_link(1, 2, task_details.MILESTONE_LINK)

    login, logout = task_details.list_details(Task.id.in_((1, 2)))

    assert [tag.name for tag in task_details.list_tags([login])[1]] == ["api", "ui"]
    assert (login.nb_comments, login.nb_files, login.nb_subtasks, login.nb_completed_subtasks) == (1, 0, 2, 1)
    assert (login.nb_links, login.is_milestone, login.position) == (1, 1, 1)
    assert (login.assignee_username, login.column_name, login.swimlane_name) == ("mika", "Backlog", "Default swimlane")
    assert (logout.nb_comments, logout.nb_links, logout.is_milestone, logout.category_name) == (0, 1, None, "Bug")


def test_only_open_tasks_of_active_projects_are_overdue(board_of_tasks: int) -> None:
    tasks.update_task(1, date_due=1)
    tasks.update_task(5, date_due=1)

    overdue = [task.id for task in task_details.list_overdue()]
    assert 1 in overdue
    assert 5 not in overdue
    assert [task.id for task in task_details.list_overdue(owner_id=users.ADMIN_ID)] == []
    assert task_details.list_overdue(project_ids=[99]) == []


def test_a_query_finds_what_is_on_a_task(board_of_tasks: int) -> None:
    comments.add_comment(1, "Schöne Grüße")
    subtasks.add_subtask(2, "Step", user_id=users.find_user("mika").id)
    links.add_task_link(3, 4, 2)

    assert found(board_of_tasks, "comment:GRÜSSE") == found(board_of_tasks, 'comment:"schone gru"') == ["Login"]
    assert found(board_of_tasks, "subtask:assignee:mika") == ["Logout"]
    assert found(board_of_tasks, "subtask:assignee:nobody") == []
    assert found(board_of_tasks, "link:blocks") == ["Größe"]
    assert found(board_of_tasks, 'link:"is blocked by"') == ["Move"]


def test_comments_that_may_not_be_read_are_not_searched(board_of_tasks: int) -> None:
    comments.add_comment(1, "Secret", visibility="app-admin")
    query = "comment:secret"

    def count(visibilities: list[str] | None) -> int:
        wanted = queries.conditions(query, queries.Asker(1, NOW, UTC, visibilities))
        return len(task_details.list_details(*wanted))

    assert (count(None), count(["app-admin"]), count(["app-user"])) == (1, 1, 0)


def test_a_day_is_that_of_who_asks(board_of_tasks: int) -> None:
    def count(zone: ZoneInfo) -> int:
        wanted = queries.conditions("due:today", queries.Asker(1, NOW, zone))
        return len(task_details.list_details(*wanted))

    assert count(ZoneInfo("UTC")) == count(ZoneInfo("Europe/Berlin")) + 1 == 1, "23:00 there is 0:00 of the next day"


@pytest.mark.parametrize("word", ["asignee:me", "stauts:open", "tags:ui", "tga:ui", "dues:today", "subtask:asignee:me"])
def test_a_field_with_a_typo_is_an_error_for_a_person(word: str) -> None:
    with pytest.raises(InvalidError, match="did you mean"):
        queries.check_query(f"log {word}")


@pytest.mark.parametrize("word", ["http://example.org", "note:this", '"asignee:me"', "12:30", "assignee:me", "a:b"])
def test_other_words_with_a_colon_are_text(word: str) -> None:
    queries.check_query(word)


MANY_FIELDS = " ".join(f"{field}:{n}" for field in queries._FIELDS for n in range(50 // len(queries._FIELDS)))


@pytest.mark.parametrize(
    "query",
    [
        "a\0bc",
        "\ud800bc",
        'title:"\0',
        "<",
        '"',
        ":",
        "due:",
        "id:..",
        "color:\0",
        "x" * 9000,
        " ".join(f"tag:{n}" for n in range(50)),
        " ".join(f"a{n}" for n in range(50)),
        MANY_FIELDS,
    ],
)
def test_any_text_can_be_asked_for(board_of_tasks: int, query: str) -> None:
    assert isinstance(found(board_of_tasks, query), list)


def test_a_query_has_at_most_so_many_words(board_of_tasks: int) -> None:
    with pytest.raises(InvalidError, match="at most 50 words"):
        found(board_of_tasks, "a " * 51)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("share", "plan"), [(0, "INDEX tasks_project (project_id=?)"), (1, "SCAN t1")])
def test_a_project_of_most_tasks_is_read_in_their_own_order(project: int, share: int, plan: str) -> None:
    large = projects.create_project("Large")
    for number in range(12):
        tasks.create_task(large if number else project, f"Task {number}")
    asked = (project, large)[share]
    wanted = queries.conditions("score:0", queries.Asker(0, NOW, UTC), asked)
    query = Task.select(Task.id, Task.title).where(*wanted)

    steps = database.execute_sql("EXPLAIN QUERY PLAN " + query.sql()[0], query.sql()[1]).fetchall()

    assert plan in steps[0][3]
    assert len(query) == (1, 11)[share]

"""Tasks as CSV: out and in again, and lines that cannot be taken."""

import csv
import io
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbtui.core.db import database
from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.exchange import spreadsheets
from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks import tasks
from kbtui.errors import InvalidError
from tests import sql
from tests.core.conftest import last_event_id, names_after
from tests.core.new_boards import NewBoards

NOW = 1_800_000_000.0

COMPARED = (
    *("title", "description", "reference", "score", "priority", "time_estimated", "time_spent", "color_id"),
    *("assignee_username", "creator_username", "column_title", "swimlane_name", "category_name", "tags", "is_active"),
)


def read(project: int, *lines: str) -> list[TaskSnapshot]:
    return [tasks.get_task(task_id) for task_id in spreadsheets.read_tasks(project, "\n".join(lines), NOW)]


def minute(timestamp: int | None) -> int:
    return (timestamp or 0) // 60


@pytest.fixture(scope="module")
def world(boards: NewBoards) -> Any:
    """Connect to a board with a project of columns, swimlanes and people whose names look like numbers and CSV."""
    boards.connect()
    project = projects.create_project("Website")
    columns.add_column(project, "2")
    columns.add_column(project, 'He said "no", twice')
    swimlanes.add_swimlane(project, "1")
    categories.add_category(project, "a;b")
    users.add_user("1")
    users.add_user("mika", name="Mika")
    yield project
    database.close()


LETTERS = st.characters(exclude_categories=["C", "Z"])


@given(
    title=st.text(LETTERS, min_size=1, max_size=20),
    fields=st.fixed_dictionaries(
        {},
        optional={
            "description": st.text(max_size=30),
            "reference": st.text(LETTERS, max_size=9),
            "score": st.integers(-9, 9),
            "priority": st.integers(-9, 9),
            "time_estimated": st.floats(0, 100),
            "time_spent": st.floats(0, 100),
            "date_due": st.integers(10**8, 2**33),
            "date_started": st.integers(10**8, 2**33),
            "owner_id": st.sampled_from([0, 1, 2, 3]),
            "column_id": st.sampled_from(range(1, 7)),
            "swimlane_id": st.sampled_from([1, 2]),
            "category_id": st.sampled_from([0, 1]),
            "color_id": st.sampled_from(["red", "deep_orange"]),
            "tags": st.lists(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=","), min_size=1)),
        },
    ),
    closed=st.booleans(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_task_comes_in_as_it_went_out(world: int, title: str, fields: Any, closed: bool) -> None:
    sql.execute("DELETE FROM tasks")
    task_id = tasks.create_task(world, title, **fields)
    if closed:
        tasks.close_task(task_id)
    before = tasks.get_task(task_id)

    text = spreadsheets.write_tasks(world)
    [copy_id] = spreadsheets.read_tasks(world, text, NOW)

    after = tasks.get_task(copy_id)
    assert [getattr(after, name) for name in COMPARED] == [getattr(before, name) for name in COMPARED]
    assert minute(after.date_due) == minute(before.date_due)
    assert minute(after.date_started) == minute(before.date_started)


def test_the_heading_is_kanboards(project: int) -> None:
    tasks.create_task(project, "Task", date_due=int(time.mktime((2027, 1, 31, 14, 30, 0, 0, 0, -1))))

    heading, line = csv.reader(io.StringIO(spreadsheets.write_tasks(project), newline=""))

    assert tuple(heading) == spreadsheets.HEADINGS
    assert dict(zip(heading, line, strict=True))["Due Date"] == "2027-01-31 14:30"


def test_a_title_is_enough_and_headings_come_in_any_order_and_case(project: int) -> None:
    first, second = read(project, "\ufeffpriority, TITLE ,unknown", "3,One,x", "", ",Two")

    assert (first.title, first.priority) == ("One", 3)
    assert (second.title, second.priority, second.column_title) == ("Two", 0, "Backlog")


def test_the_default_priority_is_that_of_the_project(project: int) -> None:
    projects.update_project(project, priority_default=2)

    assert [task.priority for task in read(project, "Title,Priority", "One,", "Two,0")] == [2, 0]


def test_categories_and_swimlanes_that_are_missing_are_added_once(project: int) -> None:
    read(project, "Title,Category Name,Swimlane Name", "One,Bug,Urgent", "Two,bug,URGENT")

    assert [category.name for category in categories.list_categories(project)] == ["Bug"]
    assert [lane.name for lane in swimlanes.list_swimlanes(project)] == ["Default swimlane", "Urgent"]


def test_a_closed_task_is_created_and_closed(project: int) -> None:
    last = last_event_id()

    [task] = read(project, "Title,Status", "One,Closed")

    assert (task.is_active, names_after(last)) == (0, ["task.create", "task.close"])


def test_a_very_long_description_comes_in(project: int) -> None:
    tasks.create_task(project, "Task", description="x" * 200_000)

    [copy_id] = spreadsheets.read_tasks(project, spreadsheets.write_tasks(project), NOW)

    assert len(tasks.get_task(copy_id).description) == 200_000


def test_dates_are_those_that_a_person_types(project: int) -> None:
    [task] = read(project, "Title,Due Date,Start Date", "One,tomorrow,none")

    clock = time.localtime(task.date_due)
    assert (clock.tm_hour, clock.tm_min) == (0, 0)
    assert 0 < task.date_due - NOW < 48 * 3600
    assert task.date_started is None


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([], 'The first line has no column "Title"; known columns are Reference, Title,'),
        (["Name", "One"], 'The first line has no column "Title"'),
        (["Title", "One", " "], "Line 3: The title is empty"),
        (["Title", "One", "x" * 65_536], "Line 3: The title is 65,536 characters long"),
        (["Title,Priority", "One,high"], 'Line 2: "high" is not a number, under Priority.'),
        (["Title,Complexity", "One,1.5"], 'Line 2: "1.5" is not a number, under Complexity.'),
        (["Title,Time Spent", "One,nan"], "Line 2: nan is too large for the time spent."),
        (["Title,Time Spent", "One,-1"], "Line 2: The time spent cannot be negative."),
        (["Title,Due Date", "One,soon"], 'Line 2: "soon" is no date; try'),
        (["Title,Due Date", "One,9999-12-31"], "The date due is too far away; the calendar ends with the year 9998."),
        (["Title,Color Name", "One,beige"], "Line 2: There is no colour 'beige'"),
        (["Title,Column Name", "One,Nowhere"], 'Line 2: There is no column "Nowhere". There is: Backlog'),
        (["Title,Assignee Username", "One,nobody"], 'Line 2: There is no user "nobody".'),
        (["Title,Creator Username", "One,nobody"], 'Line 2: There is no user "nobody".'),
        (["Title,Tags", f"One,{'x' * 256}"], "Line 2: The tag is 256 characters long"),
        (["Title,Swimlane Name", f"One,{'x' * 256}"], "Line 2: The swimlane name is 256 characters long"),
        (["Title", "One", '"Two'], "Line 3 is not CSV: unexpected end of data."),
        (["Title", 'O"n"e', '"Two"x'], "Line 3 is not CSV"),
        (['"Title'], "Line 1 is not CSV"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_made(project: int, lines: list[str], complaint: str) -> None:
    last = last_event_id()

    with pytest.raises(InvalidError) as refusal:
        read(project, *lines)

    assert complaint in str(refusal.value)
    assert sql.fetch_all("SELECT id FROM tasks UNION SELECT id FROM tags UNION SELECT id FROM categories") == []
    assert last_event_id() == last


def test_a_column_without_a_heading_is_nobodys(project: int) -> None:
    (task,) = read(project, "Title,", "Foo,bar")

    assert (task.title, task.description, task.tags, task.reference) == ("Foo", "", [], "")

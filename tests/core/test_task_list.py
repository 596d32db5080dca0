import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbtui.core.db import engine
from kbtui.core.db.models import Task
from kbtui.core.events import log
from kbtui.core.projects import categories, columns, projects, swimlanes, tags, users
from kbtui.core.tasks import moves, tasks
from kbtui.core.tasks.task_list import FEW, Place, positions, tags_of
from tests import sql

pytestmark = pytest.mark.usefixtures("board")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_list_says_of_each_task_what_the_task_itself_says(data: st.DataObject) -> None:
    project_id = projects.create_project("Mine")
    places = [column.id for column in columns.list_columns(project_id)]
    lanes = [swimlanes.default_swimlane(project_id).id, swimlanes.add_swimlane(project_id, "Urgent")]

    for number in range(data.draw(st.integers(1, 8))):
        task_id = tasks.create_task(project_id, f"Task {number}", time_spent=1.5, tags=["b", "a"][: number % 3])
        column_id, swimlane_id = data.draw(st.sampled_from(places)), data.draw(st.sampled_from(lanes))
        moves.move_task(task_id, column_id=column_id, swimlane_id=swimlane_id, position=data.draw(st.integers(1, 3)))
        if data.draw(st.booleans()):
            tasks.close_task(task_id)

    listed = tasks.list_tasks(project_id, is_active=None)

    assert listed == [tasks.get_task(task.id) for task in listed]
    assert [list(task) for task in listed] == [list(tasks.get_task(task.id)) for task in listed]
    cells = [(task.swimlane_id, task.column_id, task.position) for task in listed if task.is_active]
    order = [(lanes.index(lane), places.index(column), position) for lane, column, position in cells]
    assert order == sorted(order)


def test_a_list_is_of_those_that_are_asked_for(project: int) -> None:
    other, mira = projects.create_project("Shop"), users.add_user("mira")
    first, second = tasks.create_task(project, "One"), tasks.create_task(project, "Two", owner_id=mira)
    third, closed = tasks.create_task(other, "Three"), tasks.create_task(project, "Four")
    tasks.close_task(closed)

    def ids(*args: int, **wanted: int | None) -> list[int]:
        return [task.id for task in tasks.list_tasks(*args, **wanted)]  # type: ignore[arg-type]

    assert ids() == [first, second, third]
    assert ids(project) == [first, second]
    assert ids(project, is_active=None) == [first, second, closed]
    assert ids(is_active=False) == [closed]
    assert ids(owner_id=mira) == [second]
    assert ids(column_id=columns.list_columns(other)[0].id) == [third]
    assert ids(swimlane_id=swimlanes.default_swimlane(other).id) == [third]


def test_projects_are_listed_in_their_order(project: int) -> None:
    other = projects.create_project("Shop")
    first, second = tasks.create_task(project, "One"), tasks.create_task(other, "Two")

    projects.move_project(other, 1)

    assert [task.id for task in tasks.list_tasks()] == [second, first]


@pytest.mark.sqlite_only
def test_a_long_cell_is_listed_in_one_pass(project: int) -> None:
    for number in range(200):
        tasks.create_task(project, f"Task {number}")
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = engine.database.connection()  # type: ignore[no-untyped-call]
    connection.set_progress_handler(count, 1000)
    listed = tasks.list_tasks(project)
    connection.set_progress_handler(None, 0)

    assert [task.position for task in listed] == list(range(1, 201))
    assert steps < 100, "thousands of steps of SQLite's machine, where counting anew for each task takes 200"


def test_every_name_of_a_task_is_in_its_row(project: int) -> None:
    bug = categories.add_category(project, "Bug", description="What is broken")
    mira, noor = users.add_user("mira", name="Mira"), users.add_user("noor", name="Noor")
    lane = swimlanes.add_swimlane(project, "Urgent")
    with log.authored_by(noor):
        named = tasks.create_task(
            project, "Named", category_id=bug, owner_id=mira, swimlane_id=lane, time_spent=2.0, time_estimated=1.5
        )
    with log.authored_by(0):
        plain = tasks.create_task(project, "Plain")

    listed = {task.id: task for task in tasks.list_tasks(project)}

    assert listed[named] == tasks.get_task(named)
    assert listed[plain] == tasks.get_task(plain)
    row = listed[named]
    assert (row.category_name, row.category_description, row.swimlane_name) == (
        "Bug",
        "What is broken",
        "Urgent",
    )
    assert (row.assignee_username, row.assignee_name) == ("mira", "Mira")
    assert (row.creator_username, row.creator_name) == ("noor", "Noor")
    assert (row.project_name, row.column_title, row.column_position) == ("Website", "Backlog", 1)
    assert [type(hours) for hours in (row.time_spent, row.time_estimated)] == [int, float]


@pytest.mark.parametrize("count", [FEW, FEW + 1])
def test_positions_are_among_the_open_tasks_of_the_cell_however_many_are_asked_for(project: int, count: int) -> None:
    first, second = (column.id for column in columns.list_columns(project)[:2])
    lane, urgent = swimlanes.default_swimlane(project).id, swimlanes.add_swimlane(project, "Urgent")
    tasks.create_task(project, "Elsewhere", column_id=second)
    tasks.create_task(project, "Elsewhere", swimlane_id=urgent)
    made = [tasks.create_task(project, f"Task {number}") for number in range(count + 2)]
    # The second one is closed, the last one stands at the top; of the others, all of one rank, the number counts.
    sql.execute('UPDATE tasks SET "rank" = CASE WHEN id = ? THEN 1 ELSE 5 END', (made[-1],))
    sql.execute("UPDATE tasks SET is_active = 0 WHERE id = ?", (made[1],))

    found = positions(Place(task_id, first, lane, 1 if task_id == made[-1] else 5) for task_id in made[2:])

    assert found == {made[-1]: 1} | {task_id: number for number, task_id in enumerate(made[2:-1], 3)}


def test_who_has_no_name_is_told_by_none(project: int) -> None:
    with log.authored_by(users.add_user("noor")):
        tasks.create_task(project, "Task", owner_id=users.add_user("mika"))

    (task,) = tasks.list_tasks(project)

    assert (task.assignee_username, task.assignee_name) == ("mika", None)
    assert (task.creator_username, task.creator_name) == ("noor", None)


def test_more_conditions_must_all_be_true(project: int) -> None:
    first, second, third = (tasks.create_task(project, title) for title in ("One", "Two", "Three"))

    assert [task.id for task in tasks.list_tasks(where=[Task.id > first, Task.id < third])] == [second]


def test_tasks_are_listed_in_the_order_of_the_board(project: int) -> None:
    lane = swimlanes.add_swimlane(project, "Urgent")
    first, second = (column.id for column in columns.list_columns(project)[:2])
    wanted: list[int] = []
    for column, swimlane, title in ((second, lane, "D"), (first, lane, "C"), (second, None, "B"), (first, None, "A")):
        wanted.insert(0, tasks.create_task(project, title, column_id=column, swimlane_id=swimlane))
    wanted.insert(1, tasks.create_task(project, "A2"))
    sql.execute('UPDATE tasks SET "rank" = 5')

    assert [task.id for task in tasks.list_tasks(project)] == [*sorted(wanted[:2]), *wanted[2:]]


def test_tags_are_listed_by_task_in_their_order_with_their_colours(project: int) -> None:
    first, second = tasks.create_task(project, "One", tags=["b", "a"]), tasks.create_task(project, "Two", tags=["b"])
    third = tasks.create_task(project, "Three", tags=["c"])
    blue = tags.find_tag(project, "a").id
    tags.update_tag(blue, color_id="blue")

    found = tags_of([first, second])

    assert [(tag.name, tag.color_id, tag.task_id) for tag in found[first]] == [("a", "blue", first), ("b", None, first)]
    assert [tag.name for tag in found[second]] == ["b"]
    assert third not in found
    assert tags_of([]) == {}


def test_projects_of_one_position_are_listed_one_after_the_other(project: int) -> None:
    other = projects.create_project("Shop")
    lanes = {each: swimlanes.add_swimlane(each, "Urgent") for each in (project, other)}
    wanted = []
    for each in (project, other):
        wanted += [tasks.create_task(each, "One"), tasks.create_task(each, "Two", swimlane_id=lanes[each])]

    sql.execute("UPDATE projects SET position = 1")

    assert [task.id for task in tasks.list_tasks()] == wanted

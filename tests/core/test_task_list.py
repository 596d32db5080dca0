import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbtui.core.db import engine
from kbtui.core.projects import columns, projects, swimlanes, users
from kbtui.core.tasks import moves, tasks

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

    assert listed == [tasks.get_task(task["id"]) for task in listed]
    assert [list(task) for task in listed] == [list(tasks.get_task(task["id"])) for task in listed]
    cells = [(task["swimlane_id"], task["column_id"], task["position"]) for task in listed if task["is_active"]]
    order = [(lanes.index(lane), places.index(column), position) for lane, column, position in cells]
    assert order == sorted(order)


def test_a_list_is_of_those_that_are_asked_for(project: int) -> None:
    other, mira = projects.create_project("Shop"), users.add_user("mira")
    first, second = tasks.create_task(project, "One"), tasks.create_task(project, "Two", owner_id=mira)
    third, closed = tasks.create_task(other, "Three"), tasks.create_task(project, "Four")
    tasks.close_task(closed)

    def ids(*args: int, **wanted: int | None) -> list[int]:
        return [task["id"] for task in tasks.list_tasks(*args, **wanted)]  # type: ignore[arg-type]

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

    assert [task["id"] for task in tasks.list_tasks()] == [second, first]


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

    assert [task["position"] for task in listed] == list(range(1, 201))
    assert steps < 100, "thousands of steps of SQLite's machine, where counting anew for each task takes 200"

import pytest

from kbtui.core.projects import projects
from kbtui.core.tasks import tasks
from kbtui.core.views.task_search import search_tasks

pytestmark = pytest.mark.usefixtures("board")


def found(text: str, project_id: int | None = None, limit: int = 50) -> list[int]:
    return [task.id for task in search_tasks(text, project_id, limit)]


def test_all_words_must_be_in_the_title_in_any_case_and_order(project: int) -> None:
    task_id = tasks.create_task(project, "Größe des Ärmels")
    tasks.create_task(project, "Größe der Hose")

    assert found("ärmels GRÖSSE") == found("des gröSSe") == [task_id]


def test_a_number_finds_its_task_first_and_titles_that_have_it(project: int) -> None:
    first = tasks.create_task(project, "First")
    other = tasks.create_task(project, f"Like {first}")

    assert found(f"#{first}") == [first]
    assert found(str(first)) == [first, other]


def test_open_tasks_come_before_closed_ones_and_the_last_change_first(project: int) -> None:
    one, two, three = (tasks.create_task(project, f"Task {name}") for name in "abc")
    tasks.close_task(three)

    assert found("task") == [two, one, three]
    assert found("") == [two, one, three]


def test_percent_underscore_and_quotes_are_text(project: int) -> None:
    task_id = tasks.create_task(project, "100% o'clock _x_")

    assert found("100%") == found("o'clock") == found("_x_") == [task_id]
    assert found("%") == [task_id]
    assert found("100_") == []


def test_only_so_many_are_returned_and_only_of_the_project(project: int) -> None:
    other = projects.create_project("Other")
    there = tasks.create_task(other, "Ä task")
    for _ in range(5):
        tasks.create_task(project, "Ä task")

    assert len(found("task", limit=3)) == len(found("ä", limit=3)) == 3
    assert found("task", other) == [there]

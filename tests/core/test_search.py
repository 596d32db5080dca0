import pytest

from kbtui.core.tasks import tasks
from kbtui.core.views.search import find_task
from kbtui.errors import InvalidError, NotFoundError

pytestmark = pytest.mark.usefixtures("board")


def test_a_task_is_found_by_its_number_and_by_its_title(project: int) -> None:
    task_id = tasks.create_task(project, "Über uns")

    assert find_task(str(task_id)) == find_task(f"#{task_id}") == find_task(" ÜBER UNS ") == task_id


def test_an_open_task_goes_before_closed_ones_of_the_same_title(project: int) -> None:
    closed, still_open = tasks.create_task(project, "Deploy"), tasks.create_task(project, "deploy")
    tasks.close_task(closed)

    assert find_task("deploy") == still_open


def test_a_closed_task_is_found_by_its_title(project: int) -> None:
    closed = tasks.create_task(project, "Deploy")
    tasks.close_task(closed)

    assert find_task("deploy") == closed


def test_a_title_that_is_a_number_is_found_unless_it_is_an_id(project: int) -> None:
    first = tasks.create_task(project, "2")
    assert find_task("2") == first

    second = tasks.create_task(project, "1")
    assert find_task("2") == second


def test_the_same_title_twice_is_ambiguous(project: int) -> None:
    tasks.create_task(project, "Deploy")
    tasks.create_task(project, "DEPLOY")

    with pytest.raises(InvalidError, match=r'"deploy" is the title of several tasks; choose by number: #1, #2\.'):
        find_task("deploy")


@pytest.mark.parametrize(
    ("ref", "complaint"),
    [
        ("#12", "There is no task #12"),
        ("9" * 40, 'There is no task "999'),
        ("Deploy", 'There is no task "Deploy"; give its number or whole title'),
        ("", 'There is no task ""'),
        ("³", 'There is no task "³"'),
    ],
)
def test_what_is_not_there_is_said(project: int, ref: str, complaint: str) -> None:
    with pytest.raises(NotFoundError, match=complaint):
        find_task(ref)

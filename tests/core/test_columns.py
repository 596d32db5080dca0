import pytest

from kbtui.core.projects import columns
from kbtui.errors import InUseError, InvalidError
from tests.core.conftest import insert_task, last_event_id, recorded

pytestmark = pytest.mark.usefixtures("board")


def test_a_column_keeps_its_limit_and_description(project: int) -> None:
    column_id = columns.add_column(project, "Review", task_limit=3, description="Two\r\nlines")

    column = columns.get_column(column_id)
    assert (column.position, column.task_limit, column.description) == (5, 3, "Two\nlines")


@pytest.mark.parametrize("limit", [-1, 2**31])
def test_an_impossible_task_limit_is_refused(project: int, limit: int) -> None:
    with pytest.raises(InvalidError, match=r"A task limit is 0 \(none\) or more"):
        columns.add_column(project, "Review", task_limit=limit)


def test_a_column_that_holds_tasks_is_not_removed_and_says_how_many(project: int) -> None:
    insert_task(project)
    insert_task(project, is_active=0)
    backlog = columns.list_columns(project)[0]

    with pytest.raises(InUseError, match=r'"Backlog" still holds 2 tasks \(1 closed\); move or remove them first'):
        columns.remove_column(backlog.id)

    assert len(columns.list_columns(project)) == 4


def test_the_only_column_of_a_project_stays(project: int) -> None:
    *others, last = columns.list_columns(project)
    for column in others:
        columns.remove_column(column.id)

    with pytest.raises(InvalidError, match=r'"Done" is the only column'):
        columns.remove_column(last.id)


def test_a_move_to_where_it_is_is_not_recorded(project: int) -> None:
    done = columns.list_columns(project)[-1]
    start = last_event_id()

    assert not columns.move_column(done.id, 4)
    assert not columns.move_column(done.id, 99)
    assert last_event_id() == start

    assert columns.move_column(done.id, 1)
    assert recorded(after=start) == [("column.change", "move", "Done")]

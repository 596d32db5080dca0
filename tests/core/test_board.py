"""What a screen reads of a board."""

import pytest

from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks import comments, files, links, subtasks, tasks
from kbtui.core.tasks.ranks import Cell, Location, count_cell, find_location
from kbtui.core.views.board import (
    Board,
    BoardColumn,
    BoardSwimlane,
    count_before,
    find_key,
    read_board,
    read_cards,
    read_cards_before,
)
from kbtui.errors import NotFoundError


@pytest.fixture
def cell(project: int) -> Cell:
    """Return the project's first cell."""
    return Cell(columns.list_columns(project)[0].id, swimlanes.default_swimlane(project).id)


def test_a_board_has_columns_and_active_swimlanes_in_order_and_counts(project: int, cell: Cell) -> None:
    hidden, urgent = swimlanes.add_swimlane(project, "Hidden"), swimlanes.add_swimlane(project, "Urgent")
    swimlanes.update_swimlane(hidden, is_active=0)
    swimlanes.move_swimlane(urgent, 1)
    done = columns.list_columns(project)[3].id
    columns.update_column(done, task_limit=3, description="No more")
    columns.move_column(done, 1)
    for number in range(3):
        tasks.create_task(project, f"Task {number}", column_id=cell.column_id)
    tasks.close_task(1)
    tasks.create_task(project, "Elsewhere", column_id=done, swimlane_id=urgent)

    shape = read_board(project)

    assert shape == Board(
        project,
        "Website",
        (
            BoardColumn(done, "Done", 3, "No more"),
            *(BoardColumn(column.id, column.title, 0, "") for column in columns.list_columns(project)[1:]),
        ),
        (BoardSwimlane(urgent, "Urgent", ""), BoardSwimlane(cell.swimlane_id, "Default swimlane", "")),
        {cell: 2, Cell(done, urgent): 1},
    )


def test_a_project_that_is_not_there_has_no_board(board: object) -> None:
    with pytest.raises(NotFoundError, match="There is no project 99"):
        read_board(99)


def test_a_card_tells_all_that_is_drawn(project: int, cell: Cell) -> None:
    bo, ann = users.add_user("bo", name="Bo Sample"), users.add_user("ann")
    bug = categories.add_category(project, "Bug")
    task_id = tasks.create_task(
        project,
        "Task",
        owner_id=bo,
        category_id=bug,
        tags=["ui", "Backend"],
        score=5,
        priority=2,
        date_due=1896085800,
        color_id="red",
        description="Text",
        reference="R-1",
        recurrence_status=1,
    )
    other = tasks.create_task(project, "Other", owner_id=ann)
    subtasks.add_subtask(task_id, "Done", status=2)
    subtasks.add_subtask(task_id, "Open")
    comments.add_comment(task_id, "Text")
    files.add_file(task_id, "a.txt", b"x")
    links.add_task_link(task_id, other, 2)

    first, second = read_cards(cell, None, 10)

    assert first[:-1] == (
        (task_id, "Task", "red", "Bo Sample", "Bug", "Backend, ui", 2, 5, 1896085800, 1, 2, 1, 1, 1, 1, 1, "R-1")
    )
    assert second[:-1] == (other, "Other", "yellow", "ann", "", "", 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, "")


def test_cards_come_in_order_from_where_they_are_wanted(project: int, cell: Cell) -> None:
    task_ids = [tasks.create_task(project, f"Task {number}", position=1) for number in range(5)][::-1]
    tasks.close_task(task_ids.pop(2))

    cards = read_cards(cell, None, 100)
    keys = [card.key for card in cards]

    assert [card.id for card in cards] == task_ids
    assert keys == sorted(keys)
    assert read_cards(cell, keys[1], 2) == cards[1:3]
    assert read_cards(cell, keys[-1]._replace(task_id=99), 5) == []
    assert read_cards_before(cell, None, 2) == cards[-2:]
    assert read_cards_before(cell, keys[3], 2) == cards[1:3]
    assert read_cards_before(cell, keys[0], 2) == []
    assert [count_before(cell, key) for key in keys] == [0, 1, 2, 3]
    assert [find_key(cell, index) for index in range(5)] == [*keys, None]
    assert count_cell(cell) == 4
    assert [find_location(task_id) for task_id in task_ids] == [
        Location(project, cell, number) for number in (1, 2, 3, 4)
    ]


def test_a_closed_task_and_one_that_is_gone_have_no_place(project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    tasks.close_task(task_id)

    assert find_location(task_id) is None
    assert find_location(99) is None


def test_an_empty_board_is_empty(project: int, cell: Cell) -> None:
    assert read_board(project).counts == {}
    assert count_cell(cell) == 0
    assert read_cards(cell, None, 10) == []


def test_boards_do_not_mix(project: int, cell: Cell) -> None:
    other = projects.create_project("Other")
    tasks.create_task(other, "Elsewhere")

    assert read_board(project).counts == {}
    assert sum(read_board(other).counts.values()) == 1

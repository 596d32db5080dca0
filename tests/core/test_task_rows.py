"""Where a task begins, which tags it gets, and what is refused of another project."""

import pytest

from kbtui.core.db import database, models
from kbtui.core.db.models import Category, Column, Swimlane, Task
from kbtui.core.projects import categories, columns, projects, swimlanes, tags
from kbtui.core.tasks import task_rows, tasks
from kbtui.core.tasks.ranks import Cell
from kbtui.errors import InvalidError, NotFoundError
from tests import sql


def test_a_task_begins_in_the_first_column_and_the_default_swimlane_wherever_that_is(project: int) -> None:
    last = columns.list_columns(project)[-1].id
    columns.move_column(last, 1)
    lane = swimlanes.add_swimlane(project, "Urgent")
    swimlanes.move_swimlane(lane, 1)
    default = swimlanes.default_swimlane(project).id
    projects.create_project("Other")

    assert task_rows.open_cell(project, None, None) == Cell(last, default)

    sql.execute("UPDATE swimlanes SET is_default = 0")
    assert task_rows.open_cell(project, None, None) == Cell(last, lane)


def test_a_task_begins_where_it_is_put(project: int) -> None:
    column, lane = columns.list_columns(project)[2].id, swimlanes.add_swimlane(project, "Urgent")
    first, default = columns.list_columns(project)[0].id, swimlanes.default_swimlane(project).id

    assert task_rows.open_cell(project, column, lane) == Cell(column, lane)
    assert task_rows.open_cell(project, column, None) == Cell(column, default)
    assert task_rows.open_cell(project, None, lane) == Cell(first, lane)


def test_a_project_without_columns_or_swimlanes_takes_no_task(project: int) -> None:
    projects.create_project("Shop")
    sql.execute("DELETE FROM swimlanes WHERE project_id = ?", (project,))

    with pytest.raises(InvalidError, match=r"The project has no swimlanes yet; add one first\."):
        task_rows.open_cell(project, None, None)
    sql.execute('DELETE FROM "columns" WHERE project_id = ?', (project,))
    with pytest.raises(InvalidError, match=r"The project has no columns yet; add one first\."):
        task_rows.open_cell(project, None, None)
    with pytest.raises(NotFoundError, match=r"There is no project 99\."):
        task_rows.open_cell(99, None, None)


def test_what_belongs_to_another_project_is_named(project: int) -> None:
    other = projects.create_project("Other")
    task_id, bug = tasks.create_task(project, "Task"), categories.add_category(project, "Bug")
    own: list[tuple[type[Column | Swimlane | Category | Task], int]] = [
        (Column, columns.list_columns(project)[0].id),
        (Swimlane, swimlanes.default_swimlane(project).id),
        (Category, bug),
        (Task, task_id),
    ]

    for model, row_id in own:
        noun = model.__name__.lower()
        task_rows.check_belongs(model, row_id, project)
        with pytest.raises(InvalidError, match=f"The {noun} {row_id} belongs to another project"):
            task_rows.check_belongs(model, row_id, other)
        with pytest.raises(NotFoundError, match=rf"There is no {noun} 99\."):
            task_rows.check_belongs(model, 99, project)


def test_names_of_tags_are_cleaned_and_told_once_in_the_order_given() -> None:
    assert task_rows.clean_tags([" b\n", "", "A", " ", "a", "B", "x" * 255]) == ["b", "A", "x" * 255]
    with pytest.raises(InvalidError, match="The tag is 256 characters long"):
        task_rows.clean_tags(["x" * 256])


def test_a_task_gets_exactly_its_tags_those_of_the_project_before_shared_ones(project: int) -> None:
    other = projects.create_project("Other")
    tags.add_tag(other, "Foreign")
    shared = [tags.add_tag(tags.EVERY_PROJECT, name) for name in ("Both", "Shared")]
    both = tags.add_tag(project, "Free")
    sql.execute("UPDATE tags SET name = 'both' WHERE id = ?", (both,))
    task_id, beside = (
        tasks.create_task(project, "Task", tags=["old"]),
        tasks.create_task(project, "Beside", tags=["old"]),
    )

    with database.transaction():
        task_rows.set_tags(task_id, project, ["SHARED", "BOTH", "foreign", "new", "NEW"])

    assert task_rows.task_tags(task_id) == ["Shared", "both", "foreign", "new"]
    assert task_rows.task_tags(beside) == ["old"]
    on_task = {row.tag_id for row in models.TaskTag.select().where(models.TaskTag.task == task_id)}
    assert {shared[1], both} <= on_task
    own = sql.fetch_all("SELECT name, position FROM tags WHERE project_id = ? ORDER BY id", (project,))
    assert own == [("both", 1), ("old", 2), ("foreign", 3), ("new", 4)]


def test_two_names_of_one_tag_are_one_tag(project: int) -> None:
    task_id = tasks.create_task(project, "Task", tags=["Straße", "STRASSE"])

    assert len(tasks.get_task(task_id).tags) == 1

"""The index over titles: it follows every new title and every task that goes, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbtui.core.db.engine import database
from kbtui.core.db.engine.sqlite_search import INDEX
from kbtui.core.db.models import Task
from kbtui.core.projects import columns, projects
from kbtui.core.tasks import moves, tasks, transfers
from kbtui.core.values.text import fold
from tests import sql

pytestmark = pytest.mark.usefixtures("board")


def indexed(part: str) -> set[int]:
    """Return the tasks of which the index says that they have a folded text."""
    (has_part,) = database.having([part], Task.id, lambda _: Task.id.in_(()))
    return {task.id for task in Task.select(Task.id).where(has_part)}


def test_titles_are_found_in_parts_after_each_change_of_them(project: int) -> None:
    task_id = tasks.create_task(project, "Größe des Ärmels")
    assert indexed("grosse") == indexed("rmel") == indexed(f"#{task_id} g") == {task_id}

    tasks.update_task(task_id, title="Länge der Hose")
    copy_id = transfers.duplicate_task(task_id)

    assert indexed("grosse") == set()
    assert indexed("lange") == {task_id, copy_id}
    assert indexed("duplicate") == {copy_id}


@pytest.mark.sqlite_only
def test_a_project_that_goes_takes_its_titles_along(project: int) -> None:
    tasks.create_task(project, "Gone with it")

    projects.remove_project(project, with_tasks=True)

    assert sql.fetch_all(f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH 'gone'") == []


@pytest.mark.sqlite_only
def test_a_move_and_an_edit_of_something_else_leave_the_index_alone(project: int) -> None:
    task_id = tasks.create_task(project, "Login page")
    before = sql.fetch_all(f"SELECT id, block FROM {INDEX}_data ORDER BY id")

    moves.move_task(task_id, column_id=columns.list_columns(project)[1].id)
    tasks.update_task(task_id, description="What it is about", score=3)

    assert sql.fetch_all(f"SELECT id, block FROM {INDEX}_data ORDER BY id") == before


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(min_size=1, max_size=12), data=st.data())
def test_every_part_of_a_title_is_found(project: int, title: str, data: st.DataObject) -> None:
    folded = fold(f"Say {title}".strip())
    task_id = sql.create(
        Task, title=folded, folded=folded, project=project, column=1, swimlane=1, rank=1,
        date_creation=0, date_modification=0, date_moved=0,
    ).id  # fmt: skip
    start = data.draw(st.integers(0, len(folded) - 3))
    part = folded[start : start + data.draw(st.integers(3, len(folded)))]

    assert task_id in indexed(part)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_the_database_folds_a_text_as_the_program_does(text: str) -> None:
    assert sql.fetch_one("SELECT kbtui_fold(?)", (text,)) == (fold(text),)


@pytest.mark.sqlite_only
def test_a_file_is_indexed_when_it_is_migrated(board: Path) -> None:
    sql.execute(f"DROP TABLE {INDEX}")
    sql.execute(f"DROP INDEX {INDEX}_titles")
    for name in ("insert", "delete", "update"):
        sql.execute(f"DROP TRIGGER {INDEX}_{name}")
    task_id = tasks.create_task(projects.create_project("Website"), "Login page")
    assert indexed("login") == set()

    with database.writing(), database.transaction():
        database.create_search()

    assert indexed("login") == {task_id}

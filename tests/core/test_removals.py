"""Removing tasks, and putting them back."""

import pytest
import time_machine
from peewee import chunked

from kbtui.core.db import database, models
from kbtui.core.projects import categories, columns, projects, swimlanes, tags, users
from kbtui.core.tasks import comments, files, link_types, links, ranks, subtasks, tasks
from kbtui.core.tasks.removals import RemovedTask, drop_removed, remove_task, restore_task
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import facts_after, last_event_id, names_after

NOW = 2_000_000_000
TABLES = ("tasks", "task_tags", "subtasks", "comments", "files", "file_contents", "task_links")


def stored() -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of tasks and what is on them."""
    return {table: sorted(sql.fetch_all(f"SELECT * FROM {table}")) for table in TABLES}


@pytest.fixture
def loaded(project: int) -> int:
    """Create a task with one of everything on it, between two others."""
    tasks.create_task(project, "Before")
    task_id = tasks.create_task(project, "Loaded", tags=["ui"])
    opposite = tasks.create_task(project, "After")
    subtasks.add_subtask(task_id, "Step")
    comments.add_comment(task_id, "Text")
    files.add_file(task_id, "a.bin", bytes(range(256)))
    links.add_task_link(task_id, opposite, 2)
    return task_id


def test_a_removed_task_goes_with_all_that_is_on_it(loaded: int, project: int) -> None:
    last = last_event_id()

    remove_task(loaded)

    assert {table: len(rows) for table, rows in stored().items()} == dict.fromkeys(TABLES, 0) | {"tasks": 2}
    assert [task.position for task in tasks.list_tasks(project)] == [1, 2]
    ((name, facts),) = facts_after(last)
    assert (name, facts["task"]["title"], facts["task"]["position"]) == ("task.remove", "Loaded", 2)
    assert sql.fetch_one("SELECT formats FROM events WHERE id > ?", (last,)) == ("",)


def test_a_restored_task_is_as_it_was_under_its_own_id_and_place(loaded: int) -> None:
    before = stored()
    removed = remove_task(loaded)
    last = last_event_id()

    restore_task(removed)

    assert stored() == before
    assert tasks.get_task(loaded).position == 2
    assert files.read_content(files.list_files(loaded)[0].id) == bytes(range(256))
    assert names_after(last) == ["task.restore"]


def test_the_id_of_a_removed_task_is_not_given_away(loaded: int, project: int) -> None:
    removed = remove_task(loaded)

    assert tasks.create_task(project, "New") > loaded
    restore_task(removed)

    assert tasks.get_task(loaded).title == "Loaded"


def test_a_closed_task_comes_back_closed(project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    tasks.close_task(task_id)

    restore_task(remove_task(task_id))

    assert tasks.get_task(task_id).is_active == 0
    assert ranks.find_location(task_id) is None


def test_a_link_to_a_task_that_is_gone_by_now_stays_away(loaded: int, project: int) -> None:
    opposite = links.list_task_links(loaded)[0].opposite_task_id
    removed = remove_task(loaded)
    remove_task(opposite)

    restore_task(removed)

    assert links.list_task_links(loaded) == []
    assert sql.fetch_one("SELECT count(*) FROM task_links") == (0,)


def test_what_a_restored_task_referred_to_and_is_gone_is_none(project: int) -> None:
    bug, bo = categories.add_category(project, "Bug"), users.add_user("bo")
    categories.add_category(project, "Feature")
    task_id = tasks.create_task(project, "Task", category_id=bug, owner_id=bo, tags=["ui", "old"])
    removed = remove_task(task_id)
    categories.remove_category(bug)
    users.remove_user(bo)
    tags.remove_tag(tags.find_tag(project, "old").id)

    restore_task(removed)

    task = tasks.get_task(task_id)
    assert (task.category_id, task.owner_id, task.tags) == (0, 0, ["ui"])
    assert tasks.update_task(task_id, title="Other", category_id=0, owner_id=0)


@pytest.mark.parametrize("gone", ["column", "swimlane"])
def test_a_task_whose_place_is_gone_does_not_come_back(project: int, gone: str) -> None:
    column, lane = columns.add_column(project, "Later"), swimlanes.add_swimlane(project, "Urgent")
    removed = remove_task(tasks.create_task(project, "Task", column_id=column, swimlane_id=lane))
    if gone == "column":
        columns.remove_column(column)
    else:
        swimlanes.remove_swimlane(lane)
    last = last_event_id()

    with pytest.raises(NotFoundError, match=f"There is no {gone}"):
        restore_task(removed)

    assert (last_event_id(), models.Task.select().count()) == (last, 0)


def test_a_task_whose_project_is_gone_does_not_come_back(project: int) -> None:
    removed = remove_task(tasks.create_task(project, "Task"))
    projects.remove_project(project)

    with pytest.raises(NotFoundError, match=f"There is no project {project}"):
        restore_task(removed)


def test_a_task_comes_back_once(loaded: int) -> None:
    removed = remove_task(loaded)
    restore_task(removed)
    before, last = stored(), last_event_id()

    with pytest.raises(InvalidError, match=f"Task #{loaded} is there already"):
        restore_task(removed)

    assert (stored(), last_event_id()) == (before, last)


def test_a_task_that_is_not_there_cannot_be_removed(project: int) -> None:
    with pytest.raises(NotFoundError, match="There is no task #99"):
        remove_task(99)


def test_nothing_of_another_task_goes_or_comes_twice(loaded: int, project: int) -> None:
    other = tasks.create_task(project, "Other", tags=["ui", "x"])
    subtasks.add_subtask(other, "Step")
    comments.add_comment(other, "Text")
    files.add_file(other, "b.bin", b"b")
    links.add_task_link(other, 1, 3)
    before = stored()

    restore_task(remove_task(loaded))

    assert stored() == before


def test_a_removal_tells_what_was_removed_and_where_it_waits(loaded: int, project: int) -> None:
    last = last_event_id()

    removed = remove_task(loaded)

    (item,) = models.RemovedItem.select()
    assert removed == RemovedTask(loaded, "Loaded", item.id)
    assert (item.kind, item.row_id) == ("task", loaded)
    assert [(row.item_id, bytes(row.content)) for row in models.RemovedContent.select()] == [
        (item.id, bytes(range(256)))
    ]
    restore_task(removed)
    events = sql.fetch_all("SELECT name, project_id, task_id FROM events WHERE id > ? ORDER BY id", (last,))
    assert events == [("task.remove", project, loaded), ("task.restore", project, loaded)]
    assert facts_after(last)[1][1]["task"]["title"] == "Loaded"


def test_what_is_not_kept_leaves_nothing_behind(loaded: int) -> None:
    removed = remove_task(loaded, keep=False)

    assert removed.item_id == 0
    assert models.RemovedItem.select().count() == models.RemovedContent.select().count() == 0
    with pytest.raises(NotFoundError, match=f"Task #{loaded} was removed more than a day ago"):
        restore_task(removed)


def test_what_is_back_waits_no_longer_and_what_waits_beside_it_does(loaded: int, project: int) -> None:
    other = tasks.create_task(project, "Other")
    files.add_file(other, "b.bin", b"b")
    waiting = remove_task(other)

    restore_task(remove_task(loaded))

    assert [item.id for item in models.RemovedItem.select()] == [waiting.item_id]
    assert [bytes(row.content) for row in models.RemovedContent.select()] == [b"b"]


def test_a_task_comes_back_with_more_on_it_than_is_inserted_at_once(project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    rows = [{"task": task_id, "title": f"Step {number}", "position": number} for number in range(1, 1102)]
    with database.transaction():
        for some in chunked(rows, 500):
            models.Subtask.insert_many(some).execute()
    before = stored()

    restore_task(remove_task(task_id))

    assert stored() == before


def test_an_assignee_and_a_category_that_are_there_still_come_back(project: int) -> None:
    bug, bo = categories.add_category(project, "Bug"), users.add_user("bo")
    categories.add_category(project, "Feature")
    task_id = tasks.create_task(project, "Task", category_id=bug, owner_id=bo)

    restore_task(remove_task(task_id))

    task = tasks.get_task(task_id)
    assert (task.category_id, task.owner_id) == (bug, bo)


def test_both_directions_of_a_link_come_back_with_their_types(project: int) -> None:
    first, second, third = (tasks.create_task(project, title) for title in ("One", "Two", "Three"))
    links.add_task_link(first, second, 2)
    links.add_task_link(third, first, 10)
    links.add_task_link(second, third, 1)
    kinds = [tuple(row) for row in sql.fetch_all("SELECT * FROM links ORDER BY id")]
    before = stored()
    removed = remove_task(first)
    for link_type in (2, 11):
        link_types.remove_link_type(link_type)

    restore_task(removed)

    assert stored() == before
    assert sql.fetch_all("SELECT * FROM links ORDER BY id") == kinds


def test_a_type_that_no_link_has_that_comes_back_stays_gone(project: int) -> None:
    first, second, third = (tasks.create_task(project, title) for title in ("One", "Two", "Three"))
    links.add_task_link(first, second, 2)
    links.add_task_link(first, third, 10)
    removed = remove_task(first)
    remove_task(second)
    for link_type in (2, 3, 10):
        link_types.remove_link_type(link_type)

    restore_task(removed)

    labels = {link.id for link in link_types.list_link_types()}
    assert {2, 3, 10, 11} & labels == {10, 11}
    assert [link.opposite_task_id for link in links.list_task_links(first)] == [third]


def test_what_waits_is_kept_for_a_day_and_dropped_by_the_next_removal(project: int) -> None:
    first, second, third = (tasks.create_task(project, title) for title in ("One", "Two", "Three"))

    with time_machine.travel(NOW + 0.5, tick=False):
        remove_task(first)
    assert [(item.date_creation, type(item.date_creation)) for item in models.RemovedItem.select()] == [(NOW, int)]
    with time_machine.travel(NOW + 86_400, tick=False):
        remove_task(second)
    assert [item.row_id for item in models.RemovedItem.select()] == [first, second]
    with time_machine.travel(NOW + 86_401, tick=False):
        remove_task(third)

    assert [item.row_id for item in models.RemovedItem.select()] == [second, third]
    assert drop_removed(NOW + 2 * 86_400 + 0.5) == 0
    assert drop_removed(NOW + 2 * 86_400 + 1.5) == 1
    assert drop_removed(NOW + 2 * 86_400 + 1.5) == 0


def test_a_type_that_is_its_own_opposite_comes_back_with_its_link(project: int) -> None:
    first, second = (tasks.create_task(project, title) for title in ("One", "Two"))
    links.add_task_link(first, second, 1)
    before = stored()
    removed = remove_task(first)
    link_types.remove_link_type(1)

    restore_task(removed)

    assert stored() == before
    assert link_types.find_link_type("relates to").id == 1


def test_a_link_comes_back_as_the_type_that_has_its_label_by_now(project: int) -> None:
    first, second = (tasks.create_task(project, title) for title in ("One", "Two"))
    links.add_task_link(first, second, 2)
    removed = remove_task(first)
    link_types.remove_link_type(2)
    blocks = link_types.add_link_type("blocks")

    restore_task(removed)

    assert [link.link_id for link in links.list_task_links(first)] == [blocks]
    assert [link.link_id for link in links.list_task_links(second)] == [3]

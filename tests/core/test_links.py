"""Internal links: two rows, two events, one link."""

import pytest

from kbtui.core.db import models
from kbtui.core.projects import columns, projects, users
from kbtui.core.tasks import link_types, links, removals, subtasks, tasks
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import facts_after, last_event_id

BLOCKS, IS_BLOCKED_BY, RELATES_TO = 2, 3, 1
LINKED = "task_internal_link.create_update"


@pytest.fixture
def two(project: int) -> tuple[int, int]:
    """Create two tasks."""
    return tasks.create_task(project, "First"), tasks.create_task(project, "Second")


def told(event_id: int) -> list[tuple[str, int, int, str]]:
    """Return name, task, opposite task and label of each event after one, each about that direction's task."""
    recorded = facts_after(event_id)
    for _, facts in recorded:
        assert facts["task"]["id"] == facts["task_link"]["task_id"]
    rows = [(name, facts["task_link"]) for name, facts in recorded]
    return [(name, link["task_id"], link["opposite_task_id"], link["label"]) for name, link in rows]


def test_a_link_is_told_in_both_directions(two: tuple[int, int]) -> None:
    first, second = two
    last = last_event_id()

    links.add_task_link(first, second, BLOCKS)

    assert told(last) == [(LINKED, first, second, "blocks"), (LINKED, second, first, "is blocked by")]
    assert [link.label for link in links.list_task_links(first)] == ["blocks"]
    assert [link.label for link in links.list_task_links(second)] == ["is blocked by"]


def test_a_link_that_is_its_own_opposite_stands_on_both_sides(two: tuple[int, int]) -> None:
    first, second = two

    links.add_task_link(first, second, RELATES_TO)

    assert links.list_task_links(first)[0].opposite_link_id == RELATES_TO
    assert [link.label for task_id in two for link in links.list_task_links(task_id)] == ["relates to"] * 2


def test_a_changed_link_is_told_in_both_directions(two: tuple[int, int], project: int) -> None:
    first, second = two
    third, link_id = tasks.create_task(project, "Third"), links.add_task_link(first, second, BLOCKS)
    last = last_event_id()

    assert links.update_task_link(link_id, opposite_task_id=third, link_id=RELATES_TO)

    assert told(last) == [(LINKED, first, third, "relates to"), (LINKED, third, first, "relates to")]
    assert links.list_task_links(second) == []


def test_a_removed_link_is_told_once_and_gone_on_both_sides(two: tuple[int, int]) -> None:
    first, second = two
    link_id, last = links.add_task_link(first, second, BLOCKS), last_event_id()

    links.remove_task_link(link_id)

    assert told(last) == [("task_internal_link.delete", first, second, "blocks")]
    assert sql.fetch_all("SELECT * FROM task_links") == []


def test_a_removed_link_can_be_restored_from_either_side(two: tuple[int, int]) -> None:
    first, second = two
    links.add_task_link(first, second, BLOCKS)
    rows = sql.fetch_all("SELECT * FROM task_links ORDER BY id")
    last = last_event_id()

    links.restore_task_link(links.remove_task_link(links.list_task_links(second)[0].id))

    assert sql.fetch_all("SELECT * FROM task_links ORDER BY id") == rows
    assert sorted(name for name, *_ in told(last)) == [LINKED, LINKED, "task_internal_link.delete"]


def test_a_change_to_what_it_is_already_is_not_told(two: tuple[int, int]) -> None:
    first, second = two
    link_id, last = links.add_task_link(first, second, BLOCKS), last_event_id()

    assert not links.update_task_link(link_id)
    assert not links.update_task_link(link_id, opposite_task_id=second, link_id=BLOCKS)

    assert last_event_id() == last


def test_impossible_links_change_nothing(two: tuple[int, int]) -> None:
    first, second = two
    link_id = links.add_task_link(first, second, BLOCKS)
    rows, last = sql.fetch_all("SELECT * FROM task_links"), last_event_id()

    for error, message, arguments in (
        (InvalidError, "linked to itself", (first, first, BLOCKS)),
        (InvalidError, "in this way already", (first, second, BLOCKS)),
        (InvalidError, "in this way already", (second, first, IS_BLOCKED_BY)),
        (NotFoundError, "There is no task #99", (first, 99, BLOCKS)),
        (NotFoundError, "There is no task #99", (99, first, BLOCKS)),
        (NotFoundError, "There is no link type 99", (first, second, 99)),
    ):
        with pytest.raises(error, match=message):
            links.add_task_link(*arguments)
    with pytest.raises(InvalidError, match="linked to itself"):
        links.update_task_link(link_id, opposite_task_id=first)
    with pytest.raises(NotFoundError, match="There is no internal link 99"):
        links.remove_task_link(99)

    assert sql.fetch_all("SELECT * FROM task_links") == rows
    assert last_event_id() == last


def test_links_go_with_either_task(two: tuple[int, int]) -> None:
    first, second = two
    links.add_task_link(first, second, BLOCKS)

    removals.remove_task(second)

    assert links.list_task_links(first) == []


def test_a_removed_link_leaves_no_half_after_its_type_was_given_another_opposite(two: tuple[int, int]) -> None:
    first, second = two
    link_id = links.add_task_link(first, second, BLOCKS)
    link_types.update_link_type(BLOCKS, label="blocks", opposite_id=RELATES_TO)

    removed = links.remove_task_link(link_id)
    assert sql.fetch_all("SELECT * FROM task_links") == []
    links.restore_task_link(removed)
    assert links.update_task_link(link_id, link_id=RELATES_TO)

    assert [link.label for task_id in two for link in links.list_task_links(task_id)] == ["relates to"] * 2


def test_a_link_whose_other_direction_is_there_already_is_refused(two: tuple[int, int]) -> None:
    first, second = two
    link_types.update_link_type(BLOCKS, label="blocks", opposite_id=RELATES_TO)
    links.add_task_link(second, first, RELATES_TO)

    with pytest.raises(InvalidError, match=f"Task #{second} is linked to #{first} in this way already"):
        links.add_task_link(first, second, BLOCKS)


def test_the_second_direction_is_sent_after_the_first(two: tuple[int, int]) -> None:
    sql.create(models.Endpoint, name="Chat", url="http://127.0.0.1:9/")

    links.add_task_link(*two, BLOCKS)

    deliveries = sql.fetch_all("SELECT id, task_id, state, waits_for FROM deliveries ORDER BY id")
    assert deliveries == [(1, two[0], "ready", None), (2, two[1], "blocked", 1)]


def test_a_listed_link_tells_what_the_other_task_is(two: tuple[int, int], project: int) -> None:
    first, second = two
    shop, mika = projects.create_project("Shop"), users.add_user("mika")
    later = columns.list_columns(shop)[1]
    other = tasks.create_task(shop, "Other", column_id=later.id, owner_id=mika, color_id="red")
    tasks.close_task(other)
    link_ids = [
        links.add_task_link(first, other, BLOCKS),
        links.add_task_link(first, second, BLOCKS),
        links.add_task_link(first, second, RELATES_TO),
    ]

    listed = links.list_task_links(first)

    assert [link.id for link in listed] == [link_ids[2], link_ids[0], link_ids[1]]
    assert listed[1] == links.ListedLink(
        link_ids[0], other, first, BLOCKS, "blocks", IS_BLOCKED_BY, "Other", 0, later.title, "Shop", "red", "mika"
    )
    assert (listed[2].title, listed[2].is_active, listed[2].assignee) == ("Second", 1, None)
    assert links.get_task_link(link_ids[0]) == links.TaskLink(*listed[1][:6])


def test_every_event_of_a_link_is_one_of_its_direction_and_the_second_waits_for_the_first(
    two: tuple[int, int], project: int
) -> None:
    first, second = two
    sql.create(models.Endpoint, name="Chat", url="http://127.0.0.1:9/")
    last = last_event_id()

    link_id = links.add_task_link(first, second, BLOCKS)
    links.update_task_link(link_id, link_id=RELATES_TO)
    links.restore_task_link(links.remove_task_link(link_id))

    events = sql.fetch_all("SELECT project_id, task_id FROM events WHERE id > ? ORDER BY id", (last,))
    assert events == [(project, each) for each in (first, second, first, second, first, first, second)]
    deliveries = sql.fetch_all("SELECT task_id, waits_for FROM deliveries ORDER BY id")
    # What waits, waits for the newest of the other task.
    assert deliveries == [
        (first, None),
        (second, 1),
        (first, None),
        (second, 3),
        (first, None),
        (first, None),
        (second, 6),
    ]


def test_a_link_that_only_one_format_announces_is_announced_by_that_one(two: tuple[int, int]) -> None:
    sql.create(models.Endpoint, name="Old", url="http://127.0.0.1:9/", format="kanboard-1.0")
    new = sql.create(models.Endpoint, name="New", url="http://127.0.0.1:9/", format="kanboard-1.2")

    links.add_task_link(*two, BLOCKS, formats="kanboard-1.2")
    assert sql.fetch_all("SELECT endpoint_id FROM deliveries") == [(new.id,), (new.id,)]
    links.remove_task_link(1)

    assert len(sql.fetch_all("SELECT id FROM deliveries")) == 4


def test_a_change_changes_one_link_and_returns_it_before_and_after(two: tuple[int, int], project: int) -> None:
    first, second = two
    third = tasks.create_task(project, "Third")
    link_id, other = links.add_task_link(first, second, BLOCKS), links.add_task_link(second, third, BLOCKS)
    before = links.get_task_link(link_id)

    changed = links.update_task_link(link_id, link_id=RELATES_TO)

    assert changed == (before, before._replace(link_id=RELATES_TO, label="relates to", opposite_link_id=RELATES_TO))
    assert changed == (before, links.get_task_link(link_id))
    assert links.get_task_link(link_id + 1).link_id == RELATES_TO
    assert [links.get_task_link(each).link_id for each in (other, other + 1)] == [BLOCKS, IS_BLOCKED_BY]
    only_task = links.update_task_link(link_id, opposite_task_id=third)
    assert only_task is not None
    assert (only_task[1].opposite_task_id, only_task[1].link_id) == (third, RELATES_TO)


def test_a_change_to_what_another_link_says_already_is_refused(two: tuple[int, int], project: int) -> None:
    first, second = two
    third = tasks.create_task(project, "Third")
    link_id = links.add_task_link(first, second, BLOCKS)
    links.add_task_link(first, third, BLOCKS)
    links.add_task_link(first, second, RELATES_TO)
    rows, last = sql.fetch_all("SELECT * FROM task_links ORDER BY id"), last_event_id()

    for changes in ({"opposite_task_id": third}, {"link_id": RELATES_TO}):
        with pytest.raises(InvalidError, match="in this way already"):
            links.update_task_link(link_id, **changes)
    with pytest.raises(NotFoundError, match="There is no task #99"):
        links.update_task_link(link_id, opposite_task_id=99)
    with pytest.raises(NotFoundError, match="There is no link type 99"):
        links.update_task_link(link_id, link_id=99)

    assert (sql.fetch_all("SELECT * FROM task_links ORDER BY id"), last_event_id()) == (rows, last)


def test_a_link_is_turned_round_without_being_in_its_own_way(two: tuple[int, int]) -> None:
    first, second = two
    links.add_task_link(first, second, RELATES_TO)
    link_id = links.add_task_link(first, second, BLOCKS)

    assert links.update_task_link(link_id, link_id=IS_BLOCKED_BY)

    assert [link.label for link in links.list_task_links(second)] == ["relates to", "blocks"]


def test_a_removal_removes_one_link_and_keeps_its_types(two: tuple[int, int], project: int) -> None:
    first, second = two
    third = tasks.create_task(project, "Third")
    link_id, other = links.add_task_link(first, second, BLOCKS), links.add_task_link(first, third, BLOCKS)
    directions = (links.get_task_link(link_id), links.get_task_link(link_id + 1))

    removed = links.remove_task_link(link_id)

    assert removed == links.RemovedLink(directions, link_types.read_types([BLOCKS]))
    assert [row[0] for row in sql.fetch_all("SELECT id FROM task_links ORDER BY id")] == [other, other + 1]


def test_a_link_does_not_come_back_when_a_task_is_gone_or_it_is_there_again(two: tuple[int, int]) -> None:
    first, second = two
    removed = links.remove_task_link(links.add_task_link(first, second, BLOCKS))
    again = links.add_task_link(first, second, BLOCKS)
    with pytest.raises(InvalidError, match="in this way already"):
        links.restore_task_link(removed)
    links.remove_task_link(again)
    removals.remove_task(second)

    with pytest.raises(NotFoundError, match=f"There is no task #{second}"):
        links.restore_task_link(removed)

    assert sql.fetch_all("SELECT id FROM task_links") == []


def test_a_direction_that_stands_alone_is_changed_removed_and_restored_alone(two: tuple[int, int]) -> None:
    first, second = two
    link_id = links.add_task_link(first, second, BLOCKS)
    sql.execute("DELETE FROM task_links WHERE id = ?", (link_id + 1,))
    sql.execute("UPDATE task_links SET opposite_id = NULL")
    last = last_event_id()

    links.update_task_link(link_id, link_id=RELATES_TO)
    row = sql.fetch_all("SELECT * FROM task_links")
    links.restore_task_link(links.remove_task_link(link_id))

    assert sql.fetch_all("SELECT * FROM task_links") == row
    assert [name for name, *_ in told(last)] == [LINKED, "task_internal_link.delete", LINKED]


def test_a_link_that_is_there_already_is_refused_also_when_its_type_was_given_another_opposite(
    two: tuple[int, int],
) -> None:
    first, second = two
    links.add_task_link(first, second, BLOCKS)
    relates = links.add_task_link(first, second, RELATES_TO)
    link_types.update_link_type(BLOCKS, label="blocks", opposite_id=10)

    with pytest.raises(InvalidError, match=f"Task #{first} is linked to #{second} in this way already"):
        links.add_task_link(first, second, BLOCKS)
    with pytest.raises(InvalidError, match=f"Task #{first} is linked to #{second} in this way already"):
        links.update_task_link(relates, link_id=BLOCKS)


def test_a_change_whose_other_direction_another_link_has_is_refused(two: tuple[int, int]) -> None:
    first, second = two
    link_types.update_link_type(BLOCKS, label="blocks", opposite_id=RELATES_TO)
    links.add_task_link(second, first, RELATES_TO)
    link_id = links.add_task_link(first, second, 10)

    with pytest.raises(InvalidError, match=f"Task #{second} is linked to #{first} in this way already"):
        links.update_task_link(link_id, link_id=BLOCKS)


def test_a_change_after_which_the_other_direction_says_the_same_is_made(two: tuple[int, int]) -> None:
    first, second = two
    link_id = links.add_task_link(first, second, BLOCKS)
    hinders = link_types.add_link_type("hinders")
    link_types.update_link_type(hinders, label="hinders", opposite_id=IS_BLOCKED_BY)

    assert links.update_task_link(link_id, link_id=hinders)

    assert [link.label for task_id in two for link in links.list_task_links(task_id)] == ["hinders", "is blocked by"]


def test_a_linked_task_is_told_in_full_in_kanboards_order(two: tuple[int, int], project: int) -> None:
    first, second = two
    shop = projects.create_project("Shop")
    mika, noor = users.add_user("mika", name="Mika"), users.add_user("noor")
    backlog, ready = (column.id for column in columns.list_columns(shop)[:2])
    low = tasks.create_task(shop, "Low", column_id=backlog)
    near = tasks.create_task(shop, "Near", column_id=backlog)
    closed = tasks.create_task(shop, "Closed", column_id=ready, owner_id=noor)
    full = tasks.create_task(
        shop, "Full", column_id=ready, owner_id=mika, color_id="red", date_started=7, date_due=8, time_estimated=3
    )
    subtasks.add_subtask(full, "Step", time_spent=2, time_estimated=3)
    tasks.close_task(closed)
    sql.execute("UPDATE tasks SET date_completed = 9 WHERE id = ?", (closed,))
    for opposite in (near, low, closed, full):
        links.add_task_link(first, opposite, BLOCKS)
    links.add_task_link(first, second, RELATES_TO)
    links.add_task_link(second, full, BLOCKS)

    told_of = links.list_linked_tasks(first)

    assert [each.task_id for each in told_of] == [second, full, closed, low, near]
    ids = {link.opposite_task_id: link.id for link in links.list_task_links(first)}
    assert told_of[1] == links.LinkedTask(
        *(ids[full], full, "blocks", "Full", 1, shop, ready, "red", None, 7, 8, 2, 3),
        *(mika, "mika", "Mika", "Ready", "Shop"),
    )
    assert {type(each) for each in told_of[1][11:13]} == {int}
    assert told_of[2][8:11] == (9, None, 0)
    assert told_of[2][13:] == (noor, "noor", None, "Ready", "Shop")
    assert told_of[3][13:] == (0, None, None, "Backlog", "Shop")

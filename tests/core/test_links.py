"""Internal links: two rows, two events, one link."""

import pytest

from kbtui.core.db import models
from kbtui.core.tasks import link_types, links, removals, tasks
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

"""Links of every type, seen from either end."""

import pytest

from kbtui.core.tasks import link_types, links, tasks
from kbtui.errors import InvalidError
from tests import sql
from tests.core.conftest import facts_after, last_event_id

BLOCKS, BLOCKED, FIXES = 2, 3, 10


@pytest.fixture(autouse=True)
def three_tasks(project: int) -> None:
    for title in ("One", "Two", "Three"):
        tasks.create_task(project, title)


def rows() -> set[tuple[int, int, int]]:
    return set(sql.fetch_all("SELECT task_id, link_id, opposite_task_id FROM task_links"))


def announced(after: int) -> list[tuple[str, int, str, int]]:
    """Return what the link events after one say: name, task, label, other task."""
    found = [(name, facts["task_link"], facts["task"]["id"]) for name, facts in facts_after(after)]
    assert all(link["task_id"] == task_id for _, link, task_id in found)
    return [(name, task_id, link["label"], link["opposite_task_id"]) for name, link, task_id in found]


@pytest.mark.parametrize("link_type", range(1, 12))
def test_a_link_stands_in_both_directions_and_is_announced_in_both(link_type: int) -> None:
    last = last_event_id()

    links.add_task_link(1, 2, link_type)

    opposite = link_types.opposite_of(link_type)
    assert rows() == {(1, link_type, 2), (2, opposite, 1)}
    labels = {each.id: each.label for each in link_types.list_link_types()}
    name = "task_internal_link.create_update"
    assert announced(last) == [(name, 1, labels[link_type], 2), (name, 2, labels[opposite], 1)]
    assert link_types.opposite_of(opposite) == link_type


def test_a_link_can_be_turned_round_and_changed_from_its_other_end() -> None:
    link_id = links.add_task_link(1, 2, BLOCKS)

    assert links.update_task_link(link_id, link_id=BLOCKED)
    assert rows() == {(1, BLOCKED, 2), (2, BLOCKS, 1)}

    assert links.update_task_link(link_id + 1, opposite_task_id=3)
    assert rows() == {(2, BLOCKS, 3), (3, BLOCKED, 2)}


@pytest.mark.parametrize("which", [0, 1])
def test_a_removal_from_either_end_removes_both_directions_with_one_event(which: int) -> None:
    link_id = links.add_task_link(1, 2, BLOCKS) + which
    last = last_event_id()

    links.remove_task_link(link_id)

    assert rows() == set()
    ends = [(1, "blocks", 2), (2, "is blocked by", 1)]
    assert announced(last) == [("task_internal_link.delete", *ends[which])]


def test_a_removed_link_comes_back_under_its_ids() -> None:
    link_id = links.add_task_link(1, 2, BLOCKS)
    before = [links.get_task_link(link_id), links.get_task_link(link_id + 1)]
    last = last_event_id()

    removed = links.remove_task_link(link_id)
    links.restore_task_link(removed)

    assert [links.get_task_link(link_id), links.get_task_link(link_id + 1)] == before
    assert len(announced(last)) == 3
    with pytest.raises(InvalidError, match="in this way already"):
        links.restore_task_link(removed)


def test_two_links_between_the_same_tasks_do_not_mix() -> None:
    first = links.add_task_link(1, 2, BLOCKS)
    links.add_task_link(1, 2, BLOCKED)

    links.remove_task_link(first)

    assert rows() == {(1, BLOCKED, 2), (2, BLOCKS, 1)}


def test_the_links_of_a_task_are_listed_with_the_other_tasks() -> None:
    links.add_task_link(1, 3, FIXES)
    links.add_task_link(2, 1, BLOCKS)

    listed = links.list_task_links(1)

    assert [(link.label, link.title, link.project_name) for link in listed] == [
        ("is blocked by", "Two", "Website"),
        ("fixes", "Three", "Website"),
    ]

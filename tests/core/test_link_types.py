"""The types of links, beside the eleven that every board has."""

import pytest

from kbtui.core.tasks import link_types, links, tasks
from kbtui.errors import InUseError, InvalidError, NotFoundError
from tests.core.conftest import facts_after, last_event_id

pytestmark = pytest.mark.usefixtures("board")


def types() -> dict[int, tuple[str, int]]:
    return {link.id: (link.label, link.opposite_id) for link in link_types.list_link_types()}


def test_a_type_and_its_opposite_name_each_other() -> None:
    first = link_types.add_link_type("depends on", "is needed by")

    assert types()[first] == ("depends on", first + 1)
    assert types()[first + 1] == ("is needed by", first)
    assert link_types.opposite_of(first) == first + 1


def test_a_type_without_an_opposite_is_its_own() -> None:
    alone = link_types.add_link_type("is near")

    assert link_types.opposite_of(alone) == alone


def test_a_type_gets_another_label_and_opposite() -> None:
    alone = link_types.add_link_type("is near")

    assert link_types.update_link_type(alone, label="is far from", opposite_id=2)
    assert not link_types.update_link_type(alone, label="is far from", opposite_id=2)
    assert types()[alone] == ("is far from", 2)


def test_a_removed_type_leaves_its_opposite_alone() -> None:
    first = link_types.add_link_type("depends on", "is needed by")

    link_types.remove_link_type(first)

    assert first not in types()
    assert types()[first + 1] == ("is needed by", 0)


def test_what_cannot_be_is_refused(project: int) -> None:
    one, two = (tasks.create_task(project, title) for title in ("One", "Two"))
    links.add_task_link(one, two, 2)

    with pytest.raises(InUseError, match="2 tasks"):
        link_types.remove_link_type(3)
    with pytest.raises(InvalidError, match="already"):
        link_types.add_link_type("Blocks")
    with pytest.raises(NotFoundError):
        link_types.update_link_type(99, label="x", opposite_id=0)
    with pytest.raises(NotFoundError):
        link_types.update_link_type(1, label="x", opposite_id=99)


def told(event_id: int) -> list[tuple[str, str, int, str]]:
    """Return the name of each event after one, and what it says of which type."""
    return [(name, facts["action"], facts["id"], facts["name"]) for name, facts in facts_after(event_id)]


def test_types_are_listed_by_their_numbers_and_found_by_number_or_label() -> None:
    first = link_types.add_link_type("A first one", " ")

    assert [link.id for link in link_types.list_link_types()] == list(range(1, first + 1))
    assert [link_types.find_link_type(ref).id for ref in ("2", "BLOCKS", f"#{first}")] == [2, 2, first]
    with pytest.raises(NotFoundError, match='There is no link type "nothing"'):
        link_types.find_link_type("nothing")


def test_every_change_of_a_type_is_told_once() -> None:
    last = last_event_id()

    first = link_types.add_link_type(" depends\non", " is needed by ")
    second = first + 1
    link_types.update_link_type(first, label="needs", opposite_id=second)
    link_types.remove_link_type(second)

    assert told(last) == [
        ("link.change", "create", second, "is needed by"),
        ("link.change", "create", first, "depends on"),
        ("link.change", "update", first, "needs"),
        ("link.change", "remove", second, "is needed by"),
    ]


def test_a_change_changes_one_type() -> None:
    first = link_types.add_link_type("depends on", "is needed by")
    before = types()

    assert link_types.update_link_type(first, label="Depends On", opposite_id=first + 1)
    assert types() == before | {first: ("Depends On", first + 1)}
    assert link_types.update_link_type(first, label="Depends On", opposite_id=first)
    assert types() == before | {first: ("Depends On", 0)}
    assert link_types.update_link_type(first, label="Depends On", opposite_id=0) is False


def test_a_label_that_is_there_already_or_is_none_is_refused_and_nothing_is_added() -> None:
    before, last = types(), last_event_id()

    with pytest.raises(InvalidError, match='There is already a link type "blocks"'):
        link_types.add_link_type("depends on", "BLOCKS")
    with pytest.raises(InvalidError, match='There is already a link type "relates to"'):
        link_types.add_link_type("Relates to")
    with pytest.raises(InvalidError, match="label is empty"):
        link_types.add_link_type(" ")
    with pytest.raises(InvalidError, match='There is already a link type "blocks"'):
        link_types.update_link_type(3, label="Blocks", opposite_id=2)
    with pytest.raises(NotFoundError, match="There is no link type #99"):
        link_types.update_link_type(99, label="x", opposite_id=0)
    with pytest.raises(NotFoundError, match="There is no link type #99"):
        link_types.update_link_type(1, label="x", opposite_id=99)
    with pytest.raises(NotFoundError, match=r"There is no link type 99\."):
        link_types.opposite_of(99)
    with pytest.raises(NotFoundError, match="There is no link type #99"):
        link_types.remove_link_type(99)

    assert (types(), last_event_id()) == (before, last)


def test_a_type_is_in_use_while_tasks_are_linked_by_it_or_by_its_opposite(project: int) -> None:
    one, two, three = (tasks.create_task(project, title) for title in ("One", "Two", "Three"))
    near = link_types.add_link_type("is near")
    for opposite in (two, three):
        links.add_task_link(one, opposite, near)

    with pytest.raises(InUseError, match='The link type "is near" is on 3 tasks; remove those links first'):
        link_types.remove_link_type(near)
    before = types()
    link_types.remove_link_type(2)

    del before[2]
    assert types() == before | {3: ("is blocked by", 0)}


# -- Types that come back


def test_types_are_read_with_their_opposites_in_their_order() -> None:
    alone = link_types.add_link_type("is near")

    assert link_types.read_types([3, alone, 3]) == ((2, "blocks", 3), (3, "is blocked by", 2), (alone, "is near", 0))
    assert link_types.read_types(iter([2])) == ((2, "blocks", 3), (3, "is blocked by", 2))
    assert link_types.read_types([]) == ()


def removed_types(*link_ids: int) -> tuple[link_types.LinkType, ...]:
    """Remove types and return what they were."""
    read = link_types.read_types(link_ids)
    for each in link_ids:
        link_types.remove_link_type(each)
    return read


def test_both_types_of_a_pair_come_back_as_they_were() -> None:
    before = types()
    removed = removed_types(2, 3)
    last = last_event_id()

    assert link_types.restore_link_types(removed) == {2: 2, 3: 3}

    assert types() == before
    assert told(last) == [("link.change", "create", 2, "blocks"), ("link.change", "create", 3, "is blocked by")]


@pytest.mark.parametrize("gone", [2, 3])
def test_one_that_comes_back_is_the_opposite_again_of_the_one_that_was_left_alone(gone: int) -> None:
    before = types()
    left = 5 - gone
    removed = removed_types(gone)
    assert types()[left][1] == 0
    last = last_event_id()

    assert link_types.restore_link_types(removed) == {2: 2, 3: 3}

    assert types() == before
    assert told(last) == [
        ("link.change", "update", left, before[left][0]),
        ("link.change", "create", gone, before[gone][0]),
    ]


def test_one_that_was_given_another_opposite_meanwhile_keeps_it() -> None:
    removed = removed_types(2)
    link_types.update_link_type(3, label="is blocked by", opposite_id=1)

    link_types.restore_link_types(removed)

    assert (types()[2], types()[3]) == (("blocks", 3), ("is blocked by", 1))


def test_types_that_are_there_stay_as_they_are() -> None:
    read = link_types.read_types([2])
    link_types.update_link_type(2, label="hinders", opposite_id=0)
    link_types.update_link_type(3, label="is hindered by", opposite_id=0)
    link_types.add_link_type("blocks", "is blocked by")
    before, last = types(), last_event_id()

    assert link_types.restore_link_types(read) == {2: 2, 3: 3}

    assert (types(), last_event_id()) == (before, last)


def test_another_type_that_has_the_label_by_now_takes_the_place() -> None:
    removed = removed_types(2)
    other = link_types.add_link_type("BLOCKS")
    before, last = types(), last_event_id()

    assert link_types.restore_link_types(removed) == {2: other, 3: 3}

    assert (types(), last_event_id()) == (before, last)


def test_a_type_that_is_its_own_opposite_comes_back_as_that() -> None:
    alone = link_types.add_link_type("is near")
    before = types()
    removed = removed_types(alone)

    assert link_types.restore_link_types(removed) == {alone: alone}

    assert types() == before


def test_a_type_comes_back_with_whichever_type_was_its_opposite() -> None:
    near = link_types.add_link_type("is near")
    link_types.update_link_type(near, label="is near", opposite_id=1)
    before = types()

    link_types.restore_link_types(removed_types(near))

    assert types() == before

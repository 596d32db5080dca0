"""The types of links, beside the eleven that every board has."""

import pytest

from kbtui.core.tasks import link_types, links, tasks
from kbtui.errors import InUseError, InvalidError, NotFoundError

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

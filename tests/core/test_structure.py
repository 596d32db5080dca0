"""What columns, swimlanes, categories, tags, users and projects do alike."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from kbtui.core.projects import categories, columns, projects, swimlanes, tags, users
from kbtui.errors import InvalidError, NotFoundError
from tests.core.conftest import last_event_id, recorded

pytestmark = pytest.mark.usefixtures("board")


class Noun(NamedTuple):
    """The functions of one noun; ``label`` is the field that names it."""

    name: str
    label: str
    add: Callable[[int, str], int]
    get: Callable[[int], Any]
    update: Callable[..., bool]
    remove: Callable[[int], None]


NOUNS = [
    Noun("column", "title", columns.add_column, columns.get_column, columns.update_column, columns.remove_column),
    Noun(
        "swimlane",
        "name",
        swimlanes.add_swimlane,
        swimlanes.get_swimlane,
        swimlanes.update_swimlane,
        swimlanes.remove_swimlane,
    ),
    Noun(
        "category",
        "name",
        categories.add_category,
        categories.get_category,
        categories.update_category,
        categories.remove_category,
    ),
    Noun("tag", "name", tags.add_tag, tags.get_tag, tags.update_tag, tags.remove_tag),
    Noun(
        "user",
        "username",
        lambda project_id, name: users.add_user(name),
        users.get_user,
        users.update_user,
        users.remove_user,
    ),
    Noun(
        "project",
        "name",
        lambda project_id, name: projects.create_project(name),
        projects.get_project,
        projects.update_project,
        projects.remove_project,
    ),
]
ALL = [pytest.param(noun, id=noun.name) for noun in NOUNS]
UNIQUE = [pytest.param(noun, id=noun.name) for noun in NOUNS if noun.name != "project"]


@pytest.mark.parametrize("noun", ALL)
def test_adding_renaming_and_removing_are_each_recorded_once(noun: Noun, project: int) -> None:
    start = last_event_id()

    row_id = noun.add(project, "New")
    assert noun.update(row_id, **{noun.label: "Newer"})
    noun.remove(row_id)

    change = f"{noun.name}.change"
    assert recorded(after=start) == [
        (change, "create", "New"),
        (change, "update", "Newer"),
        (change, "remove", "Newer"),
    ]
    with pytest.raises(NotFoundError):
        noun.get(row_id)


@pytest.mark.parametrize("noun", ALL)
def test_an_update_that_changes_nothing_is_not_recorded(noun: Noun, project: int) -> None:
    row_id = noun.add(project, "New")
    start = last_event_id()

    assert not noun.update(row_id, **{noun.label: " New "})
    assert not noun.update(row_id)

    assert last_event_id() == start


@pytest.mark.parametrize("name", ["", " \n ", "x" * 256])
@pytest.mark.parametrize("noun", ALL)
def test_an_empty_or_over_long_name_is_refused_and_changes_nothing(noun: Noun, project: int, name: str) -> None:
    row_id = noun.add(project, "New")
    start = last_event_id()

    with pytest.raises(InvalidError, match=r"is empty|can have at most 255"):
        noun.add(project, name)
    with pytest.raises(InvalidError, match=r"is empty|can have at most 255"):
        noun.update(row_id, **{noun.label: name})

    assert getattr(noun.get(row_id), noun.label) == "New"
    assert last_event_id() == start


@pytest.mark.parametrize("noun", UNIQUE)
def test_a_name_that_another_has_is_refused_whatever_its_case(noun: Noun, project: int) -> None:
    noun.add(project, "Été")
    other = noun.add(project, "Winter")

    with pytest.raises(InvalidError, match=f'There is already a {noun.name} "Été"'):
        noun.add(project, "éTÉ")
    with pytest.raises(InvalidError, match=f'There is already a {noun.name} "Été"'):
        noun.update(other, **{noun.label: "éTÉ"})
    assert noun.update(other, **{noun.label: "WINTER"}), "the case of one's own name can change"


@pytest.mark.parametrize("noun", ALL)
def test_control_characters_in_a_name_are_replaced(noun: Noun, project: int) -> None:
    row_id = noun.add(project, "a\x00b\x1b[31mc\nd")

    assert getattr(noun.get(row_id), noun.label) == "a\ufffdb\ufffd[31mc d"


@pytest.mark.parametrize("noun", [noun for noun in UNIQUE if noun.id not in ("user", "tag")])
def test_nothing_is_added_to_an_unknown_project(noun: Noun) -> None:
    with pytest.raises(NotFoundError, match="There is no project #99"):
        noun.add(99, "New")


def test_two_projects_can_have_the_same_names(project: int) -> None:
    other = projects.create_project("Website")

    for noun in NOUNS:
        if noun.name not in ("user", "project"):
            noun.add(project, "Same")
            noun.add(other, "Same")

    assert [found.name for found in projects.list_projects()] == ["Website", "Website"]

import pytest

from kbtui.core.projects import categories
from kbtui.errors import InUseError, InvalidError
from tests.core.conftest import insert_task

pytestmark = pytest.mark.usefixtures("board")


def test_a_category_without_description_and_colour_has_nulls(project: int) -> None:
    category = categories.get_category(categories.add_category(project, "Bug"))

    assert (category.description, category.color_id) == (None, None)


def test_what_is_none_can_be_set_and_taken_away(project: int) -> None:
    category_id = categories.add_category(project, "Bug", description="Broken", color_id="red")

    assert categories.update_category(category_id, description="", color_id="")

    category = categories.get_category(category_id)
    assert (category.description, category.color_id) == (None, None)


def test_an_unknown_colour_is_refused_with_those_there_are(project: int) -> None:
    with pytest.raises(InvalidError, match="There is no colour 'beige'; choose one of yellow, blue, "):
        categories.add_category(project, "Bug", color_id="beige")


def test_a_category_of_tasks_is_not_removed(project: int) -> None:
    category_id = categories.add_category(project, "Bug")
    insert_task(project, category_id=category_id)

    with pytest.raises(InUseError, match=r'The category "Bug" still holds 1 task'):
        categories.remove_category(category_id)

import pytest

from kbtui.core.db import models
from kbtui.core.projects import tags
from kbtui.errors import InUseError, InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import insert_task

pytestmark = pytest.mark.usefixtures("board")


def test_a_project_has_its_own_tags_and_then_the_shared_ones(project: int) -> None:
    tags.add_tag(tags.EVERY_PROJECT, "urgent", color_id="red")
    tags.add_tag(project, "backend")

    assert [tag.name for tag in tags.list_tags(project)] == ["backend", "urgent"]
    assert tags.find_tag(project, "URGENT").color_id == "red"


def test_a_shared_tag_and_a_project_s_never_have_the_same_name(project: int) -> None:
    tags.add_tag(project, "backend")
    tags.add_tag(tags.EVERY_PROJECT, "urgent")

    with pytest.raises(InvalidError, match='already a tag "backend"'):
        tags.add_tag(tags.EVERY_PROJECT, "Backend")
    with pytest.raises(InvalidError, match='already a tag "urgent"'):
        tags.add_tag(project, "Urgent")


def test_a_tag_that_is_on_tasks_is_not_removed(project: int) -> None:
    tag_id = tags.add_tag(project, "backend")
    sql.create(models.TaskTag, task_id=insert_task(project), tag_id=tag_id)

    with pytest.raises(InUseError, match=r'The tag "backend" is on 1 task'):
        tags.remove_tag(tag_id)


def test_a_tag_s_colour_can_change(project: int) -> None:
    tag_id = tags.add_tag(project, "backend")

    assert tags.update_tag(tag_id, color_id="blue")
    assert tags.get_tag(tag_id).color_id == "blue"


def test_a_tag_of_an_unknown_project_is_refused() -> None:
    with pytest.raises(NotFoundError, match="There is no project #9"):
        tags.add_tag(9, "backend")

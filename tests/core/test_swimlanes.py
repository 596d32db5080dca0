import pytest

from kbtui.core.projects import swimlanes
from kbtui.errors import InUseError, InvalidError, NotFoundError
from tests.core.conftest import insert_task

pytestmark = pytest.mark.usefixtures("board")


def test_an_inactive_swimlane_is_listed_only_if_asked_for(project: int) -> None:
    swimlane_id = swimlanes.add_swimlane(project, "Urgent", description="First")

    assert swimlanes.update_swimlane(swimlane_id, is_active=0)

    assert [row.name for row in swimlanes.list_swimlanes(project)] == ["Default swimlane"]
    assert [row.name for row in swimlanes.list_swimlanes(project, with_inactive=True)] == ["Default swimlane", "Urgent"]
    assert swimlanes.find_swimlane(project, "urgent").id == swimlane_id


def test_the_default_swimlane_can_be_neither_removed_nor_hidden(project: int) -> None:
    default = swimlanes.default_swimlane(project)

    with pytest.raises(InvalidError, match=r'"Default swimlane" is the default swimlane .* cannot be removed'):
        swimlanes.remove_swimlane(default.id)
    with pytest.raises(InvalidError, match="always active"):
        swimlanes.update_swimlane(default.id, is_active=0)


def test_the_default_swimlane_can_be_renamed_moved_and_limited(project: int) -> None:
    default = swimlanes.default_swimlane(project)
    swimlanes.add_swimlane(project, "Urgent")

    assert swimlanes.update_swimlane(default.id, name="Usual", description="Most", task_limit=9)
    assert swimlanes.move_swimlane(default.id, 2)

    assert swimlanes.default_swimlane(project).name == "Usual"
    assert [row.name for row in swimlanes.list_swimlanes(project)] == ["Urgent", "Usual"]


def test_a_swimlane_that_holds_a_task_is_not_removed(project: int) -> None:
    swimlane_id = swimlanes.add_swimlane(project, "Urgent")
    insert_task(project, swimlane_id=swimlane_id)

    with pytest.raises(InUseError, match=r'"Urgent" still holds 1 task; move or remove it first\.'):
        swimlanes.remove_swimlane(swimlane_id)


def test_an_unknown_project_has_no_default_swimlane() -> None:
    with pytest.raises(NotFoundError, match="There is no project #7"):
        swimlanes.default_swimlane(7)

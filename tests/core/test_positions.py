import string
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbtui.core.projects import categories, columns, projects, swimlanes, tags
from kbtui.errors import InvalidError
from tests import sql

pytestmark = pytest.mark.usefixtures("board")


class Noun(NamedTuple):
    """The functions of one noun that has positions."""

    table: str
    add: Callable[[int, str], int]
    move: Callable[[int, int], bool]
    remove: Callable[[int], None]


NOUNS = [
    Noun(
        "projects",
        lambda project_id, name: projects.create_project(name),
        projects.move_project,
        projects.remove_project,
    ),
    Noun("columns", columns.add_column, columns.move_column, columns.remove_column),
    Noun("swimlanes", swimlanes.add_swimlane, swimlanes.move_swimlane, swimlanes.remove_swimlane),
    Noun("categories", categories.add_category, categories.move_category, categories.remove_category),
    Noun("tags", tags.add_tag, tags.move_tag, tags.remove_tag),
]
BY_TABLE = [pytest.param(noun, id=noun.table) for noun in NOUNS]


def order(noun: Noun, project_id: int) -> list[int]:
    """Return the ids of a noun's rows in order, having made sure that they stand at 1 to n."""
    where = "true" if noun.table == "projects" else f"project_id = {project_id}"
    rows = sql.fetch_all(f'SELECT id, position FROM "{noun.table}" WHERE {where} ORDER BY position')
    assert [position for _, position in rows] == list(range(1, len(rows) + 1))
    return [row_id for row_id, _ in rows]


@pytest.mark.parametrize("noun", BY_TABLE)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_positions_are_dense_after_any_operations(noun: Noun, data: st.DataObject) -> None:
    for left_over in projects.list_projects():  # of the example before
        projects.remove_project(left_over.id)
    mine, other = projects.create_project("Mine"), projects.create_project("Other")
    untouched = order(noun, other)

    for name in data.draw(st.lists(st.sampled_from(string.ascii_lowercase), unique=True, max_size=10)):
        rows = order(noun, mine)
        action = data.draw(st.sampled_from(["add", "move", "remove"]))
        chosen = data.draw(st.sampled_from(rows)) if rows else 0
        if action == "add" or not rows or (noun.table == "projects" and chosen in (mine, other)):
            expected = [*rows, noun.add(mine, name)]
        elif action == "move":
            position = data.draw(st.integers(1, len(rows) + 3))
            expected = [row for row in rows if row != chosen]
            expected.insert(position - 1, chosen)
            assert noun.move(chosen, position) == (expected != rows)
        else:
            expected = remove(noun, rows, chosen)
        assert order(noun, mine) == expected

    if noun.table != "projects":
        assert order(noun, other) == untouched


def remove(noun: Noun, rows: list[int], chosen: int) -> list[int]:
    """Remove a row where that is possible and return the order to expect."""
    try:
        noun.remove(chosen)
    except InvalidError:
        return rows
    return [row for row in rows if row != chosen]


@pytest.mark.parametrize("noun", BY_TABLE)
def test_a_position_below_one_is_refused(noun: Noun, project: int) -> None:
    row_id = noun.add(project, "New")
    before = order(noun, project)

    with pytest.raises(InvalidError, match="A position is 1 or more, not 0"):
        noun.move(row_id, 0)

    assert order(noun, project) == before

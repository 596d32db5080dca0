import pytest

from kbtui.core.db import models
from kbtui.core.db.lookup import find_row, get_row
from kbtui.core.projects import columns
from kbtui.errors import InvalidError, NotFoundError
from tests import sql

pytestmark = pytest.mark.usefixtures("board")


def test_a_name_is_found_whatever_its_case(project: int) -> None:
    assert columns.find_column(project, "work IN progress").title == "Work in progress"


@pytest.mark.parametrize("ref", ["{}", "#{}", " {} "])
def test_an_id_is_found_with_and_without_its_sign(project: int, ref: str) -> None:
    ready = columns.list_columns(project)[1]

    assert columns.find_column(project, ref.format(ready.id)).id == ready.id


def test_an_id_goes_before_a_name_that_looks_like_one(project: int) -> None:
    backlog = columns.list_columns(project)[0]
    columns.add_column(project, str(backlog.id))
    numbered = columns.add_column(project, "2026")

    assert columns.find_column(project, str(backlog.id)).id == backlog.id
    assert columns.find_column(project, "2026").id == numbered


def test_the_same_case_goes_before_another() -> None:
    upper, lower = (
        sql.create(models.Project, name="Web", position=1),
        sql.create(models.Project, name="web", position=2),
    )

    assert find_row([upper, lower], "web", "project").id == lower.id
    with pytest.raises(InvalidError, match=r'"WEB" is the name of several; choose by number: Web \(#1\), web \(#2\)\.'):
        find_row([upper, lower], "WEB", "project")


def test_a_name_that_is_not_there_is_answered_by_those_that_are(project: int) -> None:
    with pytest.raises(NotFoundError, match=r'There is no column "Doing"\. There is: Backlog \(#1\), Ready \(#2\), '):
        columns.find_column(project, "Doing")


def test_a_long_list_of_names_is_cut(project: int) -> None:
    for number in range(30):
        columns.add_column(project, f"Step {number}")

    with pytest.raises(NotFoundError, match=r"Step 15 \(#\d+\) and 14 more\.$"):
        columns.find_column(project, "Doing")


def test_a_name_where_there_is_none_yet_says_so() -> None:
    with pytest.raises(NotFoundError, match=r'There is no project "Web"\. There is none yet\.'):
        find_row([], "Web", "project")


@pytest.mark.parametrize("number", [0, -1, 99, 10**30])
def test_an_unknown_id_is_not_found(number: int) -> None:
    with pytest.raises(NotFoundError, match=f"There is no column #{number}"):
        get_row(models.Column, number, "column")


@pytest.mark.parametrize("ref", ["", "#", "²", "٣", "9" * 40, "9" * 5000, "\x1b[2J"])
def test_odd_references_are_only_not_found(project: int, ref: str) -> None:
    with pytest.raises(NotFoundError):
        columns.find_column(project, ref)

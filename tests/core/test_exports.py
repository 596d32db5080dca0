"""A project as a document: it comes in as it went out, into any board, or it is refused and leaves nothing."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbtui.core.db import database, models
from kbtui.core.events import log
from kbtui.core.exchange import exports, imports
from kbtui.core.exchange.documents import Document
from kbtui.core.projects import categories, columns, projects, swimlanes, tags, users
from kbtui.core.tasks import comments, files, link_types, links, moves, subtasks, tasks
from kbtui.errors import InvalidError, KbtuiError, NotFoundError
from tests import sql
from tests.core.conftest import last_event_id, names_after
from tests.core.new_boards import NewBoards

LETTERS = st.characters(exclude_categories=["C", "Z"], exclude_characters="/\\")
LINE = st.text(LETTERS, min_size=1, max_size=12)
TEXT = st.text(max_size=20)
NAMES = st.lists(st.sampled_from(["ui", "Bug", "é", "1", "a,b", "💥"]), max_size=3, unique=True)
TASKS = st.lists(
    st.fixed_dictionaries(
        {
            "title": LINE,
            "column": st.integers(0, 9),
            "swimlane": st.integers(0, 9),
            "closed": st.booleans(),
            "subtasks": st.lists(st.tuples(LINE, st.integers(0, 2), st.floats(0, 100)), max_size=2),
            "comments": st.lists(LINE, max_size=2),
            "files": st.lists(st.tuples(LINE, st.binary(max_size=9)), max_size=1),
            "fields": st.fixed_dictionaries(
                {},
                optional={
                    "description": TEXT,
                    "owner_id": st.sampled_from([0, 1, 2]),
                    "score": st.integers(-5, 100),
                    "priority": st.integers(0, 3),
                    "date_due": st.integers(0, 2**33),
                    "date_started": st.none() | st.integers(0, 2**33),
                    "time_estimated": st.floats(0, 1000),
                    "reference": LINE,
                    "color_id": st.sampled_from(["red", "blue"]),
                    "recurrence_status": st.sampled_from([0, 1]),
                    "recurrence_trigger": st.sampled_from([0, 1, 2]),
                    "recurrence_factor": st.integers(-10, 10),
                    "tags": NAMES,
                },
            ),
        }
    ),
    max_size=5,
)
PROJECTS = st.fixed_dictionaries(
    {
        "name": LINE,
        "description": TEXT,
        "columns": st.integers(1, 4),
        "swimlanes": st.integers(0, 2),
        "categories": st.integers(0, 2),
        "tags": NAMES,
        "members": st.booleans(),
        "tasks": TASKS,
        "links": st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 11)), max_size=4),
        "moves": st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), max_size=3),
    }
)


def make_project(plan: dict[str, Any]) -> int:
    """Make a project of what hypothesis drew."""
    with log.authored_by(1), database.transaction():
        mika = users.add_user("mika", name="Mika")
        projects.create_project("Other")
        project_id = projects.create_project(
            plan["name"], description=plan["description"], identifier="WEB", owner_id=1
        )
        if plan["members"]:
            for user_id in (1, mika):
                sql.create(models.ProjectUser, project_id=project_id, user_id=user_id, role="project-manager")
        tags.add_tag(0, "shared", color_id="red")
        for name in plan["tags"]:
            tags.add_tag(project_id, name)
        for number in range(plan["swimlanes"]):
            swimlanes.update_swimlane(swimlanes.add_swimlane(project_id, f"Lane {number}"), task_limit=number)
        for number in range(plan["categories"]):
            categories.add_category(project_id, f"Category {number}", color_id="blue")
        column_ids = [column.id for column in columns.list_columns(project_id)][: plan["columns"]]
        lane_ids = [lane.id for lane in swimlanes.list_swimlanes(project_id)]
        made = [make_task(project_id, task, column_ids, lane_ids) for task in plan["tasks"]]
        for task, other, link_type in plan["links"]:
            if made and made[task % len(made)] != made[other % len(made)]:
                link(made[task % len(made)], made[other % len(made)], link_type)
        for task, position in plan["moves"]:
            if made and tasks.get_task(made[task % len(made)]).is_active:
                moves.move_task(made[task % len(made)], position=position)
    return project_id


def make_task(project_id: int, plan: dict[str, Any], column_ids: list[int], lane_ids: list[int]) -> int:
    found = categories.list_categories(project_id)
    fields = {**plan["fields"], "category_id": found[-1].id if found else 0}
    fields["tags"] = [*fields.get("tags", ()), "shared"]
    place = {"column_id": column_ids[plan["column"] % len(column_ids)]}
    place["swimlane_id"] = lane_ids[plan["swimlane"] % len(lane_ids)]
    task_id = tasks.create_task(project_id, plan["title"], **place, **fields)
    for title, status, spent in plan["subtasks"]:
        subtasks.add_subtask(task_id, title, status=status, time_spent=spent, user_id=fields.get("owner_id", 0))
    for comment in plan["comments"]:
        comments.add_comment(task_id, comment)
    for name, content in plan["files"]:
        if name.strip() not in (".", ".."):
            files.add_file(task_id, name, content)
    if plan["closed"]:
        tasks.close_task(task_id)
    return task_id


def link(task_id: int, other: int, link_type: int) -> None:
    if not any(each.link_id == link_type and each.opposite_task_id == other for each in links.list_task_links(task_id)):
        links.add_task_link(task_id, other, link_type)


@given(plan=PROJECTS)
@settings(max_examples=15, deadline=None)
def test_a_project_comes_into_another_board_as_it_left_the_first(boards: NewBoards, plan: dict[str, Any]) -> None:
    carry_over(boards, plan)


@pytest.mark.slow
@given(plan=PROJECTS)
@settings(max_examples=150, deadline=None)
def test_very_many_projects_come_into_another_board_as_they_left_the_first(
    boards: NewBoards, plan: dict[str, Any]
) -> None:
    carry_over(boards, plan)


def carry_over(boards: NewBoards, plan: dict[str, Any]) -> None:
    """Export a project, import it twice into another board, and compare."""
    boards.connect()
    document = exports.export_project(make_project(plan))
    text = json.dumps(document)

    boards.connect()
    imported = exports.export_project(imports.import_project(json.loads(text)))

    assert imported == document
    again = exports.export_project(imports.import_project(json.loads(text)))
    assert again == {**document, "project": {**document["project"], "identifier": ""}}
    database.close()


@pytest.fixture
def document(project: int) -> Document:
    """Export a project with something of everything."""
    users.add_user("mika", name="Mika")
    sql.create(models.ProjectUser, project_id=project, user_id=1, role="project-manager")
    sql.create(models.ProjectUser, project_id=project, user_id=2)
    categories.add_category(project, "Bug")
    first = tasks.create_task(project, "First", category_id=1, tags=["ui"], owner_id=2)
    second = tasks.create_task(project, "Second", recurrence_status=1, recurrence_trigger=2)
    tasks.close_task(second)
    subtasks.add_subtask(first, "Step", user_id=2)
    comments.add_comment(first, "Look")
    files.add_file(first, "notes.txt", b"One")
    links.add_task_link(first, second, 2)
    return exports.export_project(project)


def test_what_stands_in_a_document(document: Document) -> None:
    assert [task["title"] for task in document["tasks"]] == ["First", "Second", "Second"]
    first, second, third = document["tasks"]
    assert (first["owner"], first["category"], first["column"], first["tags"]) == ("mika", 0, 0, ["ui"])
    assert (second["recurrence_child"], third["recurrence_parent"]) == (2, 1)
    assert first["files"][0] | {"date": 0} == {
        "name": "notes.txt",
        "is_image": 0,
        "date": 0,
        "user": "admin",
        "content": "T25l",
    }
    assert [(each["task"], each["label"], each["opposite_task"]) for each in document["links"]] == [
        (0, "blocks", 1),
        (1, "is blocked by", 0),
    ]
    assert document["people"] == [{"username": "admin", "name": ""}, {"username": "mika", "name": "Mika"}]


def test_people_who_are_not_known_are_added_and_the_others_are_found(document: Document) -> None:
    document["people"] += [{"username": "noor", "name": "Noor"}]
    document["tasks"][0] |= {"owner": "MIKA", "creator": "noor"}

    imports.import_project(document, name="Copy")

    assert [(user.username, user.name) for user in users.list_users()] == [
        ("admin", ""),
        ("mika", "Mika"),
        ("noor", "Noor"),
    ]
    copy_id = projects.find_project("Copy").id
    assert tasks.list_tasks(copy_id)[0].assignee_username == "mika"


def test_each_task_that_comes_in_is_announced_and_the_screens_are_told(document: Document) -> None:
    last = last_event_id()

    imports.import_project(document)

    assert names_after(last) == ["project.change", "task.create", "task.create", "task.create"]


def test_progress_is_told_task_by_task(project: int, document: Document) -> None:
    told: list[tuple[int, int]] = []

    exports.export_project(project, on_progress=lambda done, total: told.append((done, total)))
    imports.import_project(document, on_progress=lambda done, total: told.append((done, total)))

    assert told == [(1, 3), (2, 3), (3, 3)] * 2


def test_an_unknown_project_is_refused(board: object) -> None:
    with pytest.raises(NotFoundError, match=r"There is no project 9\."):
        exports.export_project(9)


WRONG: tuple[Any, ...] = (None, "", "x", -1, 2**60, 1.5, True, [], {}, [1], float("nan"), "\ud800")

TABLES = (
    "projects",
    "project_users",
    "columns",
    "swimlanes",
    "categories",
    "tags",
    "tasks",
    "users",
    "events",
    "files",
)


def everything() -> list[Any]:
    return [*(sql.fetch_all(f'SELECT * FROM "{table}" ORDER BY 1, 2') for table in TABLES), sql.counters()]


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return where every value of a document stands."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from paths(each, (*path, key))


def parent_of(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        document = document[key]
    return document


def test_a_project_is_open_or_members_only_as_it_was(document: Document) -> None:
    for is_open in (0, 1):
        document["project"]["is_open"] = is_open

        project = imports.import_project(document)

        assert projects.get_project(project).is_open == is_open
        assert exports.export_project(project)["project"]["is_open"] == is_open


def test_a_document_that_does_not_say_who_may_see_it_is_open_only_without_members(document: Document) -> None:
    del document["project"]["is_open"]
    closed = imports.import_project(document)
    document["members"] = []
    opened = imports.import_project(document)
    document["project"]["is_private"] = 1
    own = imports.import_project(document)

    assert [projects.get_project(project).is_open for project in (closed, opened, own)] == [0, 1, 0]


def test_a_document_that_lacks_anything_is_refused_and_leaves_nothing(document: Document) -> None:
    before = everything()

    for path in [
        path for path in paths(document) if isinstance(path[-1], str) and path[-1] not in ("is_open", "link_types")
    ]:
        damaged = copy.deepcopy(document)
        del parent_of(damaged, path)[path[-1]]

        with pytest.raises(InvalidError, match=r"The document is damaged|no kbtui project|has version None"):
            imports.import_project(damaged)

    assert everything() == before


def test_a_value_of_the_wrong_kind_is_refused_or_harmless_wherever_it_stands(document: Document) -> None:
    before = everything()

    for path in list(paths(document)):
        for wrong in WRONG:
            damaged = copy.deepcopy(document)
            parent_of(damaged, path)[path[-1]] = wrong
            try:
                with database.transaction():
                    project_id = imports.import_project(damaged)
                    json.dumps(exports.export_project(project_id), allow_nan=False)
                    tasks.list_tasks(project_id, is_active=None)
                    raise TakenBackError
            except (TakenBackError, InvalidError):
                pass
            assert everything() == before, (path, wrong)


class TakenBackError(Exception):
    """What was imported is not to stay."""


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("document",), "letter", "This is no kbtui project; make one with: kbtui export PROJECT."),
        (("version",), 2, "The document has version 2; this kbtui reads version 1. Upgrade kbtui."),
        (("tasks", 1, "title"), 5, "The document is damaged: tasks[1].title is no text."),
        (
            ("tasks", 1, "title"),
            "x" * 65_536,
            "The tasks[1].title is 65,536 characters long",
        ),
        (("tasks", 0, "is_active"), 2, "tasks[0].is_active is no whole number from 0 to 1."),
        (("tasks", 0, "column"), 4, "tasks[0].column is none of the columns."),
        (("tasks", 0, "column"), -1, "tasks[0].column is no whole number from 0"),
        (("tasks", 0, "recurrence_child"), 3, "tasks[0].recurrence_child is none of the tasks."),
        (("tasks", 0, "time_spent"), float("inf"), "tasks[0].time_spent is no number of hours."),
        (("tasks", 0, "subtasks", 0, "status"), 3, "tasks[0].subtasks[0].status is no whole number from 0 to 2."),
        (("tasks", 0, "files", 0, "content"), "!", "tasks[0].files[0].content is no base64."),
        (("tasks", 0, "files", 0, "name"), "..", '".." is a folder, not the name of a file.'),
        (("columns", 1, "title"), "backlog", "columns[1].title is there twice."),
        (("swimlanes", 0, "is_default"), 0, "swimlanes must have one default."),
        (("links", 0, "label"), "loves", "links[0].label is no type of link."),
        (("links", 0, "opposite_task"), 0, "links[0] links a task to itself."),
        (("links", 1), {"task": 0, "opposite_task": 1, "label": "blocks"}, "something is there twice"),
        (("members", 1, "username"), "Admin", "something is there twice"),
        (("members", 0, "role"), "god", "members[0].role is none of project-manager, project-member, project-viewer."),
        (("project", "priority_start"), 9, "The priorities go from 9 to"),
        (("project", "identifier"), "ab-c d", "identifier"),
        (("project", "start_date"), "someday", "someday"),
    ],
)
def test_what_is_damaged_is_said_with_where(document: Document, path: Any, value: Any, complaint: str) -> None:
    parent_of(document, path)[path[-1]] = value
    before = everything()

    with pytest.raises(KbtuiError) as refusal:
        imports.import_project(document)

    assert complaint in str(refusal.value)
    assert everything() == before


@pytest.mark.parametrize("document", [None, [], "x", 5, {}])
def test_what_is_no_document_is_refused(board: object, document: object) -> None:
    with pytest.raises(InvalidError, match="This is no kbtui project"):
        imports.import_project(document)


def test_types_of_links_come_with_a_document_also_where_the_board_has_none_of_them(project: int) -> None:
    kind = link_types.add_link_type("follows", "precedes")
    one, two = tasks.create_task(project, "One"), tasks.create_task(project, "Two")
    removed = links.add_task_link(one, two, kind)
    document = exports.export_project(project)
    links.remove_task_link(removed)
    link_types.remove_link_type(kind)
    link_types.remove_link_type(kind + 1)

    imported = imports.import_project(document, name="Copy")

    assert exports.export_project(imported)["link_types"] == document["link_types"]
    first, second = tasks.list_tasks(imported)
    (link,) = links.list_task_links(first.id)
    assert (link.label, link.opposite_task_id) == ("follows", second.id)
    links.remove_task_link(link.id)
    assert links.list_task_links(second.id) == []


def test_a_document_without_types_of_links_is_still_read(project: int) -> None:
    links.add_task_link(tasks.create_task(project, "One"), tasks.create_task(project, "Two"), 2)
    document = exports.export_project(project)
    del document["link_types"]

    imported = imports.import_project(document, name="Copy")

    assert len(exports.export_project(imported)["links"]) == 2

"""Queries against what they mean, written as plainly as it can be said, on boards made at random."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbtui.core.db.models import Task
from kbtui.core.projects import categories, columns, projects, users
from kbtui.core.tasks import comments, task_list, tasks
from kbtui.core.values.text import fold
from kbtui.core.views import queries
from kbtui.core.views.task_details import TaskDetails, list_details, list_tags
from tests import sql

pytestmark = pytest.mark.usefixtures("board")

NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)
DAY = 86400
WORDS = ("Größe", "login", "LOGIN", "Ärmel", "%", "_x", "1", "#2", 'quo"te', "a", "ab")
COLORS = ("blue", "deep_orange")
TAGS = ("UI", "Größe", "api")

made_tasks = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
            "description": st.sampled_from(("", "see the NOTES", "Über uns")),
            "color_id": st.sampled_from(COLORS),
            "owner_id": st.sampled_from((0, 1, 2)),
            "category_id": st.sampled_from((0, 1)),
            "priority": st.integers(0, 3),
            "score": st.integers(0, 8),
            "date_due": st.integers(-2, 2).map(lambda days: int(NOW.timestamp()) + days * DAY) | st.just(0),
            "reference": st.sampled_from(("", "REF-1", "ref-2")),
            "tags": st.lists(st.sampled_from(TAGS), unique=True, max_size=2),
        }
    ),
    min_size=1,
    max_size=6,
)

Meaning = Callable[[TaskDetails, list[str], list[str]], bool]
"""Whether a word means a task, of which the tags and the comments are told."""


def has(part: str) -> Meaning:
    return lambda task, tags, said: fold(part) in f"#{task.id} {fold(task.title)}"


def numbers(field: str, name: str) -> st.SearchStrategy[tuple[str, str, Meaning]]:
    def term(sign: str, first: int, last: int) -> tuple[str, str, Meaning]:
        def means(task: TaskDetails, tags: list[str], said: list[str]) -> bool:
            value = getattr(task, name)
            compared = {
                "": value == first, "=": value == first, "<": value < first, "<=": value <= first,
                ">": value > first, ">=": value >= first, "..": first <= value <= last,
            }  # fmt: skip
            return bool(compared[sign])

        word = f"{first}..{last}" if sign == ".." else f"{sign}{first}"
        return field, f"{field}:{word}", means

    return st.builds(term, st.sampled_from(("", "=", "<", "<=", ">", ">=", "..")), st.integers(0, 8), st.integers(0, 8))


def days(sign: str, first: int, last: int) -> tuple[str, str, Meaning]:
    def means(task: TaskDetails, tags: list[str], said: list[str]) -> bool:
        if not task.date_due:
            return False
        away = (datetime.fromtimestamp(task.date_due, UTC).date() - NOW.date()).days
        compared = {
            "": away == first, "<": away < first, "<=": away <= first, ">": away > first, ">=": away >= first,
            "..": first <= away <= last,
        }  # fmt: skip
        return compared[sign]

    def word(away: int) -> str:
        return {0: "today", 1: "tomorrow", -1: "yesterday"}.get(away, str((NOW + timedelta(days=away)).date()))

    return "due", f"due:{word(first)}..{word(last)}" if sign == ".." else f"due:{sign}{word(first)}", means


FIXED: tuple[tuple[str, str, Meaning], ...] = (
    ("status", "status:open", lambda task, tags, said: task.is_active == 1),
    ("status", "status:closed", lambda task, tags, said: task.is_active == 0),
    ("assignee", "assignee:me", lambda task, tags, said: task.owner_id == 1),
    ("assignee", "assignee:nobody", lambda task, tags, said: task.owner_id == 0),
    ("assignee", "assignee:anybody", lambda task, tags, said: task.owner_id != 0),
    ("assignee", 'assignee:"mika sam"', lambda task, tags, said: task.owner_id == 2),
    ("category", "category:none", lambda task, tags, said: task.category_id == 0),
    ("category", "category:BUG", lambda task, tags, said: task.category_id == 1),
    ("color", 'color:"Deep orange"', lambda task, tags, said: task.color_id == "deep_orange"),
    ("tag", "tag:none", lambda task, tags, said: not tags),
    ("tag", "tag:grosse", lambda task, tags, said: "Größe" in tags),
    ("tag", "tag:api", lambda task, tags, said: "api" in tags),
    ("ref", "ref:none", lambda task, tags, said: not task.reference),
    ("ref", "ref:ref-1", lambda task, tags, said: task.reference == "REF-1"),
    ("description", "description:uber", lambda task, tags, said: task.description.startswith("Ü")),
    ("comment", "comment:gruß", lambda task, tags, said: "Grüße" in said),
    ("title", "title:ogi", lambda task, tags, said: "ogi" in fold(task.title)),
    ("due", "due:none", lambda task, tags, said: not task.date_due),
)

terms = st.one_of(
    st.sampled_from(FIXED),
    numbers("priority", "priority"),
    numbers("score", "score"),
    numbers("id", "id"),
    st.builds(days, st.sampled_from(("", "<", "<=", ">", ">=", "..")), st.integers(-3, 3), st.integers(-3, 3)),
    st.sampled_from([word for word in WORDS if '"' not in word]).map(lambda word: (f"text {word}", word, has(word))),
    st.just(("text 2", '"login a"', has("login a"))),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=made_tasks, asked=st.lists(terms, max_size=4), data=st.data())
def test_a_query_means_what_its_words_mean(
    made: list[dict[str, object]], asked: list[tuple[str, str, Meaning]], data: st.DataObject
) -> None:
    project = make(made, data)

    wanted = queries.conditions(" ".join(word for _, word, _ in asked), queries.Asker(1, NOW.timestamp(), UTC), project)

    everything = list_details(Task.project == project)
    tags = {task_id: [tag.name for tag in named] for task_id, named in list_tags(everything).items()}
    fields = {field: [means for name, _, means in asked if name == field] for field, _, _ in asked}
    assert [task.id for task in list_details(*wanted)] == [
        task.id
        for task in everything
        if all(any(means(task, tags.get(task.id, []), said(task.id)) for means in each) for each in fields.values())
    ]


def said(task_id: int) -> list[str]:
    """Return the comments on a task."""
    return [comment for (comment,) in sql.fetch_all("SELECT comment FROM comments WHERE task_id = ?", (task_id,))]


def make(made: list[dict[str, object]], data: st.DataObject) -> int:
    """Make a board anew, with numbers from one on, and return the project's id."""
    for table in ("task_tags", "comments", "tasks", "categories", "tags"):
        sql.execute(f"DELETE FROM {table}")
    sql.restart_ids("tasks", "categories")
    listed = projects.list_projects()
    project = int(listed[0].id) if listed else projects.create_project("Website")
    if not listed:
        users.add_user("mika", name="Mika Sample")
    categories.add_category(project, "Bug")
    for fields in made:
        task_id = tasks.create_task(project, **fields)  # type: ignore[arg-type]
        if data.draw(st.booleans()):
            comments.add_comment(task_id, "Grüße")
        if data.draw(st.booleans()):
            tasks.close_task(task_id)
    assert columns.list_columns(project)
    assert len(task_list.list_tasks(project, is_active=None)) == len(made)
    return project

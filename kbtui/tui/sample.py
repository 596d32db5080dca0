"""A sample project, for people who want to see a board before they have one."""

import time
from typing import Any

from kbtui.core.db.database import transactional
from kbtui.core.events import log
from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks import comments, files, links, subtasks, tasks

DAY = 86400

PEOPLE = (("maria", "Maria"), ("li", "Li"), ("sam", "Sam"))
CATEGORIES = ("Bug", "Feature", "Chore")
LANES = ("Expedite", "Support")

Sample = tuple[str, str, str, dict[str, Any]]
"""Column, swimlane ("" the default one), title, and whatever else is on the task."""

TASKS: tuple[Sample, ...] = (
    ("Backlog", "", "Let people choose their own start page", {"category": "Feature", "score": 5, "color_id": "blue"}),
    ("Backlog", "", "Write down how we name events", {"owner": "li", "tags": ["docs"], "color_id": "grey"}),
    (
        "Backlog",
        "",
        "Search finds nothing when the query has an accent: café, naïve, Zürich",
        {"category": "Bug", "priority": 2, "tags": ["search"], "color_id": "red", "comments": 3},
    ),
    ("Backlog", "", "Dark pictures for the dark theme", {"color_id": "purple", "tags": ["ui"], "due": 9}),
    ("Backlog", "", "Import from the old tracker", {"category": "Chore", "score": 13, "color_id": "grey"}),
    (
        "Ready",
        "",
        "Show the size of an attachment before it is downloaded",
        {"owner": "sam", "category": "Feature", "score": 2, "color_id": "green", "due": 4},
    ),
    (
        "Ready",
        "",
        "Keyboard shortcuts on the calendar",
        {"owner": "maria", "score": 3, "color_id": "blue", "subtasks": ("ooo"), "description": True},
    ),
    ("Ready", "", "Replace the mail library", {"category": "Chore", "color_id": "grey", "due": 12}),
    (
        "Work in progress",
        "",
        "Move tasks between swimlanes with the keyboard",
        {
            "owner": "maria",
            "category": "Feature",
            "priority": 2,
            "score": 8,
            "due": 0,
            "color_id": "yellow",
            "subtasks": "xx>oo",
            "comments": 2,
            "files": 1,
            "description": True,
        },
    ),
    (
        "Work in progress",
        "",
        "Sign webhooks so that receivers can check who sent them",
        {"owner": "li", "score": 5, "color_id": "green", "subtasks": "x>o", "due": 2, "tags": ["webhooks"]},
    ),
    (
        "Work in progress",
        "",
        "日本語のタイトルを正しく表示",
        {"owner": "sam", "category": "Bug", "color_id": "amber"},
    ),
    ("Done", "", "Undo a move", {"owner": "maria", "category": "Feature", "score": 5, "color_id": "green"}),
    (
        "Done",
        "",
        "Import 5,000 tasks without a pause",
        {"owner": "li", "score": 8, "color_id": "blue", "subtasks": "xxx"},
    ),
    ("Done", "", "Rename the staging servers", {"category": "Chore", "color_id": "grey", "owner": "sam"}),
    (
        "Work in progress",
        "Expedite",
        "Checkout answers 500 when the basket is empty",
        {
            "owner": "sam",
            "category": "Bug",
            "priority": 3,
            "due": -1,
            "color_id": "red",
            "comments": 4,
            "files": 2,
            "tags": ["shop", "urgent"],
        },
    ),
    ("Ready", "Expedite", "Renew the certificate of the shop", {"owner": "li", "due": 1, "color_id": "orange"}),
    ("Done", "Expedite", "Restore last night's orders", {"owner": "maria", "color_id": "red", "comments": 1}),
    ("Backlog", "Support", "Invoice shows the wrong currency", {"category": "Bug", "color_id": "red", "due": 6}),
    ("Backlog", "Support", "How do I export my data?", {"color_id": "teal", "comments": 1}),
    ("Ready", "Support", "Password mail goes to spam", {"owner": "sam", "category": "Bug", "color_id": "orange"}),
    (
        "Work in progress",
        "Support",
        "Customer cannot log in with a 70-character address",
        {"owner": "li", "category": "Bug", "priority": 1, "color_id": "red", "comments": 2},
    ),
    ("Done", "Support", "Explain the new price list", {"owner": "maria", "color_id": "teal"}),
)

LINKED = ((9, 7, 2), (15, 3, 1))
"""Tasks that are linked, by their number above from 1, and the type of the link."""


@transactional
def make_sample_project(now: float | None = None) -> int:
    """Make the sample project and return its id; due dates are counted from ``now`` (Unix seconds)."""
    moment = time.localtime(time.time() if now is None else now)
    midnight = int(time.mktime((moment.tm_year, moment.tm_mon, moment.tm_mday, 0, 0, 0, 0, 0, -1)))
    project_id = projects.create_project("Website relaunch")
    for column in columns.list_columns(project_id):
        if column.title == "Work in progress":
            columns.update_column(column.id, task_limit=4)
    lanes = {name: swimlanes.add_swimlane(project_id, name) for name in LANES}
    lanes[""] = swimlanes.default_swimlane(project_id).id
    places = {column.title: column.id for column in columns.list_columns(project_id)}
    people = {username: users.add_user(username, name=name) for username, name in PEOPLE}
    kinds = {name: categories.add_category(project_id, name) for name in CATEGORIES}
    made = [
        _make_task(project_id, places[column], lanes[lane], title, extra, people, kinds, midnight)
        for column, lane, title, extra in TASKS
    ]
    for first, second, link_id in LINKED:
        links.add_task_link(made[first - 1], made[second - 1], link_id)
    return project_id


def _make_task(
    project_id: int,
    column_id: int,
    swimlane_id: int,
    title: str,
    extra: dict[str, Any],
    people: dict[str, int],
    kinds: dict[str, int],
    midnight: int,
) -> int:
    task_id = tasks.create_task(
        project_id,
        title,
        column_id=column_id,
        swimlane_id=swimlane_id,
        owner_id=people.get(extra.get("owner", ""), 0),
        category_id=kinds.get(extra.get("category", ""), 0),
        color_id=extra.get("color_id", "yellow"),
        priority=extra.get("priority", 0),
        score=extra.get("score", 0),
        date_due=midnight + extra["due"] * DAY if "due" in extra else 0,
        tags=extra.get("tags", ()),
        description="What it is about, in *Markdown*." if extra.get("description") else "",
    )
    for number, mark in enumerate(extra.get("subtasks", ""), 1):
        subtasks.add_subtask(task_id, f"Step {number}", status="o>x".index(mark))
    for number in range(extra.get("comments", 0)):
        with log.authored_by(list(people.values())[number % len(people)]):
            comments.add_comment(task_id, f"Comment {number + 1}")
    for number in range(extra.get("files", 0)):
        files.add_file(task_id, f"notes-{number + 1}.txt", b"Some notes.\n")
    return task_id

"""A whole project as one JSON document, which any other board can take in.

The document of an imported project is the document it came from: :mod:`kbtui.core.exchange.documents` says what it
holds.
The history of the project, its webhook endpoints and links to tasks of other projects are not part of it. Each table
is read once, and only this project's rows of it.
"""

import base64
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from peewee import fn

from kbtui.core.db.database import transactional
from kbtui.core.db.models import (
    Category,
    Column,
    Comment,
    File,
    FileContent,
    Link,
    Project,
    ProjectUser,
    Subtask,
    Swimlane,
    Tag,
    Task,
    TaskLink,
    TaskTag,
    User,
)
from kbtui.core.events.snapshot import plain_number
from kbtui.core.exchange.documents import (
    CATEGORY,
    COLUMN,
    COMMENT,
    DOCUMENT,
    FILE,
    PROJECT,
    SUBTASK,
    SWIMLANE,
    TAG,
    TASK,
    VERSION,
    Document,
)
from kbtui.errors import NotFoundError

Progress = Callable[[int, int], object]
"""Is told how many tasks are done, of how many."""

JsonRow = dict[str, Any]
"""A row on its way into the document, by the names of its columns."""


@transactional
def export_project(project_id: int, *, on_progress: Progress = lambda done, total: None) -> Document:
    """Return a project as a document of plain JSON values. Raises NotFoundError."""
    projects = _read(Project.select().where(Project.id == project_id))
    if not projects:
        raise NotFoundError(f"There is no project {project_id}.")
    exported = _Export(project_id)
    written = []
    for number, row in enumerate(exported.tasks, 1):
        written.append(exported.task(row))
        on_progress(number, len(exported.tasks))
    links = exported.links()
    document = {
        "document": DOCUMENT,
        "version": VERSION,
        "project": _fields(projects[0], (*PROJECT, "is_open")) | {"owner": exported.names.get(projects[0]["owner_id"])},
        "members": _members(project_id),
        "columns": [_fields(row, COLUMN) for row in exported.columns],
        "swimlanes": [_fields(row, SWIMLANE) for row in exported.swimlanes],
        "categories": [_fields(row, CATEGORY) for row in exported.categories],
        "tags": [_fields(row, TAG) for row in _tags(project_id)],
        "tasks": written,
        "link_types": _link_types({link["label"] for link in links}),
        "links": links,
    }
    document["people"] = _people(document)
    return document


class _Export:
    """A project on its way out, with what is on its tasks by their ids."""

    def __init__(self, project_id: int) -> None:
        self.names: dict[int, str] = {user.id: user.username for user in User.select(User.id, User.username)}
        self.columns, self.swimlanes, self.categories = (
            _read(model.select().where(model.project_id == project_id).order_by(model.position))
            for model in (Column, Swimlane, Category)
        )
        self.tasks = _read(
            Task.select()
            .join(Column, on=(Column.id == Task.column_id))
            .join_from(Task, Swimlane, on=(Swimlane.id == Task.swimlane_id))
            .where(Task.project_id == project_id)
            .order_by(Swimlane.position, Column.position, Task.rank, Task.id)
        )
        self._own = Task.select(Task.id).where(Task.project_id == project_id)
        self._places = {
            "columns": _places(self.columns),
            "swimlanes": _places(self.swimlanes),
            "categories": _places(self.categories),
            "tasks": _places(self.tasks),
        }
        named = TaskTag.select(TaskTag.task, Tag.name).join(Tag).order_by(Tag.name)
        self._tags = self._by_task(named, TaskTag)
        self._subtasks = self._by_task(Subtask.select().order_by(Subtask.position), Subtask)
        self._comments = self._by_task(Comment.select().order_by(Comment.date_creation, Comment.id), Comment)
        files = File.select(File, fn.coalesce(FileContent.content, b"").alias("content"))
        contents = files.join(FileContent, "LEFT OUTER JOIN", on=(FileContent.file_id == File.id)).order_by(File.id)
        self._files = self._by_task(contents, File)

    def _by_task(self, query: Any, model: Any) -> dict[int, list[JsonRow]]:
        """Return the rows of the project's tasks by their task."""
        found: dict[int, list[JsonRow]] = defaultdict(list)
        for row in query.where(model.task.in_(self._own)).dicts():
            found[row["task"]].append(row)
        return found

    def task(self, row: JsonRow) -> JsonRow:
        """Return a task with all that is on it."""
        task_id, places, names = row["id"], self._places, self.names
        return {
            **_fields(row, TASK),
            "column": places["columns"][row["column"]],
            "swimlane": places["swimlanes"][row["swimlane"]],
            "category": places["categories"].get(row["category_id"]),
            "owner": names.get(row["owner_id"]),
            "creator": names.get(row["creator_id"]),
            "recurrence_parent": places["tasks"].get(row["recurrence_parent"]),
            "recurrence_child": places["tasks"].get(row["recurrence_child"]),
            "tags": [each["name"] for each in self._tags[task_id]],
            "subtasks": [self._with_user(each, SUBTASK) for each in self._subtasks[task_id]],
            "comments": [self._with_user(each, COMMENT) for each in self._comments[task_id]],
            "files": [self._file(each) for each in self._files[task_id]],
        }

    def links(self) -> list[JsonRow]:
        """Return the links between the project's own tasks, either direction as an entry of its own."""
        query = TaskLink.select(TaskLink.task, TaskLink.opposite_task, Link.label).join(Link).order_by(TaskLink.id)
        tasks = self._places["tasks"]
        return [
            {"task": tasks[row["task"]], "opposite_task": tasks[row["opposite_task"]], "label": row["label"]}
            for row in _read(query.where(TaskLink.task.in_(self._own), TaskLink.opposite_task.in_(self._own)))
        ]

    def _with_user(self, row: JsonRow, names: Iterable[str]) -> JsonRow:
        return _fields(row, names) | {"user": self.names.get(row["user_id"])}

    def _file(self, row: JsonRow) -> JsonRow:
        return self._with_user(row, FILE) | {"content": base64.b64encode(row["content"]).decode("ascii")}


def _link_types(labels: set[str]) -> list[JsonRow]:
    """Return those types of links that are used, each with what the other task says."""
    types = {link.id: link for link in Link.select().order_by(Link.id)}
    return [
        {"label": link.label, "opposite": types[link.opposite_id or link.id].label}
        for link in types.values()
        if link.label in labels
    ]


def _tags(project_id: int) -> list[JsonRow]:
    """Return the project's own tags, then those shared ones that are on its tasks."""
    own, on_tasks = Tag.alias(), TaskTag.select(TaskTag.tag).join(Task).where(Task.project_id == project_id)
    has_own = fn.EXISTS(
        own.select(own.id).where(own.project_id == project_id, fn.lower(own.name) == fn.lower(Tag.name))
    )
    shared = (Tag.project_id == 0) & Tag.id.in_(on_tasks) & ~has_own
    query = Tag.select().where((Tag.project_id == project_id) | shared)
    return _read(query.order_by(Tag.project_id.desc(), Tag.position, Tag.id))


def _people(document: Document) -> list[JsonRow]:
    """Return who the document names, with what the screen calls them."""
    named = {document["project"]["owner"], *(member["username"] for member in document["members"])}
    for task in document["tasks"]:
        named |= {task["owner"], task["creator"]}
        named |= {each["user"] for part in ("subtasks", "comments", "files") for each in task[part]}
    people = _read(User.select(User.username, User.name).order_by(User.username))
    return [person for person in people if person["username"] in named]


def _members(project_id: int) -> list[JsonRow]:
    query = ProjectUser.select(User.username, ProjectUser.role).join(User).order_by(User.username)
    return _read(query.where(ProjectUser.project_id == project_id))


def _read(query: Any) -> list[JsonRow]:
    return list(query.dicts())


def _places(rows: list[JsonRow]) -> dict[int, int]:
    """Return where each row stands in its list, by its id."""
    return {row["id"]: number for number, row in enumerate(rows)}


def _fields(row: JsonRow, names: Iterable[str]) -> JsonRow:
    return {name: plain_number(row[name]) if isinstance(row[name], float) else row[name] for name in names}

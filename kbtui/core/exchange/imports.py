"""Take a project in from a document that :mod:`kbtui.core.exchange.exports` made."""

import base64
import time
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from inspect import Parameter, Signature
from typing import Any

import peewee
from peewee import BaseQuery

from kbtui.core.db.database import transactional
from kbtui.core.db.models import (
    BaseModel,
    Category,
    Column,
    Comment,
    File,
    FileContent,
    Project,
    ProjectUser,
    Subtask,
    Swimlane,
    Tag,
    Task,
    TaskLink,
    TaskTag,
)
from kbtui.core.db.prepared import Prepared, prepared
from kbtui.core.events import log
from kbtui.core.exchange.documents import (
    CATEGORY,
    COLUMN,
    COMMENT,
    FILE,
    PROJECT,
    SUBTASK,
    SWIMLANE,
    TAG,
    TASK,
    Document,
    Reader,
    damaged,
    read_document,
)
from kbtui.core.exchange.exports import JsonRow, Progress
from kbtui.core.projects import projects, users
from kbtui.core.tasks.files import check_size, etag_of
from kbtui.core.tasks.link_types import add_link_type, list_link_types, update_link_type
from kbtui.core.tasks.ranks import GAP
from kbtui.core.tasks.task_rows import clean_tags
from kbtui.core.tasks.tasks import list_tasks
from kbtui.core.values import text
from kbtui.errors import InvalidError


@transactional
def import_project(document: object, *, name: str = "", on_progress: Progress = lambda done, total: None) -> int:
    """Make a new project from a document and return its id; all of it is made, or nothing.

    People who are not known here yet are added, and an identifier that another project has is left out. Each task is
    announced as created. Raises InvalidError, which says where, for a document that cannot be understood.
    """
    read = read_document(document)
    try:
        return _Import(read, name, on_progress).run()
    except peewee.IntegrityError as error:
        raise InvalidError(f"The document is damaged: something is there twice ({error}).") from error


class _Import:
    """One document on its way in: what it names is looked up once."""

    def __init__(self, document: Document, name: str, on_progress: Progress) -> None:
        self.document = document
        self.on_progress = on_progress
        self.users = {user.username.casefold(): int(user.id) for user in users.list_users(with_inactive=True)}
        self.names = {person["username"]: person["name"] for person in document["people"]}
        self.project_id = self._project(name)
        self.columns = self._rows(Column, "columns", COLUMN)
        self.swimlanes = self._rows(Swimlane, "swimlanes", SWIMLANE)
        self.categories = self._rows(Category, "categories", CATEGORY)
        self._rows(Tag, "tags", TAG)

    def run(self) -> int:
        documents = self.document["tasks"]
        _insert_all(Task, (self._task(number, task) for number, task in enumerate(documents)))
        # The ids by rank, which is the place in the document: no database says in which order it gives out several.
        order = Task.select(Task.id).where(Task.project_id == self.project_id).order_by(Task.rank)
        tasks = [int(task.id) for task in order]
        self._recurrences(tasks)
        self._tags(tasks)
        self._parts(tasks)
        self._links(tasks)
        self._announce()
        return self.project_id

    def _recurrences(self, tasks: list[int]) -> None:
        for task_id, task in zip(tasks, self.document["tasks"], strict=True):
            relatives = {
                name: tasks[task[name]] for name in ("recurrence_parent", "recurrence_child") if task[name] is not None
            }
            if relatives:
                Task.update(relatives).where(Task.id == task_id).execute()

    def _announce(self) -> None:
        default_id = Swimlane.select(Swimlane.id).where(Swimlane.project == self.project_id, Swimlane.is_default == 1)
        default_swimlane_id = default_id.scalar()
        for task in sorted(list_tasks(self.project_id, is_active=None), key=lambda task: task.id):
            told = task._asdict()
            facts = {"tags": told.pop("tags"), "task": told, "default_swimlane_id": default_swimlane_id}
            log.record("task.create", facts, project_id=self.project_id, task_id=task.id)

    def _tags(self, tasks: list[int]) -> None:
        """Put the tags on the tasks; one that the board shares goes before the project's own of the same name."""
        known: dict[str, int] = {}
        query = Tag.select(Tag.id, Tag.name).where(Tag.project_id.in_((0, self.project_id)))
        for tag in query.order_by(Tag.project_id.desc()):
            known[tag.name.casefold()] = int(tag.id)
        rows = []
        for task_id, task in zip(tasks, self.document["tasks"], strict=True):
            for name in clean_tags(task["tags"]):
                if name.casefold() not in known:
                    position = len(known) + 1
                    tag_id = Tag.insert(project_id=self.project_id, name=name, position=position).execute()
                    known[name.casefold()] = int(tag_id)
                rows.append({"task": task_id, "tag": known[name.casefold()]})
        _insert_all(TaskTag, rows)

    def _parts(self, tasks: list[int]) -> None:
        """Put the subtasks, comments and files on the tasks."""
        subtasks, comments = [], []
        for number, (task_id, task) in enumerate(zip(tasks, self.document["tasks"], strict=True)):
            for position, subtask in enumerate(task["subtasks"], 1):
                subtasks.append(self._part(task_id, subtask, SUBTASK) | {"position": position})
            comments += [self._part(task_id, comment, COMMENT) for comment in task["comments"]]
            for each, file in enumerate(task["files"]):
                self._file(task_id, file, f"tasks[{number}].files[{each}]")
            self.on_progress(number + 1, len(tasks))
        _insert_all(Subtask, subtasks)
        _insert_all(Comment, comments)

    def _part(self, task_id: int, part: JsonRow, fields: Iterable[str]) -> JsonRow:
        return {field: part[field] for field in fields} | {"task": task_id, "user_id": self._user(part["user"])}

    def _links(self, tasks: list[int]) -> None:
        """Link the tasks; the two directions of a link, each an entry of its own, find each other by their types."""
        self._link_types()
        types = {link.label.casefold(): int(link.id) for link in list_link_types()}
        opposites = {int(link.id): int(link.opposite_id or link.id) for link in list_link_types()}
        waiting: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for number, link in enumerate(self.document["links"]):
            if link["label"].casefold() not in types:
                raise damaged(f"links[{number}].label", "is no type of link")
            kind, task_id, opposite = types[link["label"].casefold()], tasks[link["task"]], tasks[link["opposite_task"]]
            row_id = int(TaskLink.insert(link=kind, task=task_id, opposite_task=opposite).execute())
            candidates = waiting[opposite, task_id]
            other = next((each for each in candidates if opposites[each[1]] == kind), None)
            if other is None:
                waiting[task_id, opposite].append((row_id, kind))
            else:
                candidates.remove(other)
                _pair(row_id, other[0])
        for (task_id, opposite), left in waiting.items():
            while left and waiting.get((opposite, task_id)):
                _pair(left.pop(0)[0], waiting[opposite, task_id].pop(0)[0])

    def _link_types(self) -> None:
        """Add the types of links that this board does not have."""
        known = {link.label.casefold(): int(link.id) for link in list_link_types()}
        for each in self.document["link_types"]:
            label, opposite = each["label"], each["opposite"]
            if label.casefold() in known:
                continue
            is_new = opposite.casefold() not in known and opposite.casefold() != label.casefold()
            link_id = add_link_type(label, opposite if is_new else "")
            if not is_new and opposite.casefold() in known:
                update_link_type(link_id, label=label, opposite_id=known[opposite.casefold()])
            known = {link.label.casefold(): int(link.id) for link in list_link_types()}

    def _project(self, name: str) -> int:
        project = self.document["project"]
        values = {field: project[field] for field in PROJECT}
        values["name"] = text.clean_line(name or values["name"], "project name")
        if Project.select().where(Project.identifier == values["identifier"]).exists():
            values["identifier"] = ""
        values["owner_id"] = self._user(project["owner"])
        is_open = not self.document["members"] if project["is_open"] is None else project["is_open"]
        values["is_open"] = int(bool(is_open) and not project["is_private"])
        values["last_modified"] = int(time.time())
        values["position"] = Project.select().count() + 1
        project_id = int(Project.insert(values).execute())
        checked = ("identifier", "start_date", "end_date", "priority_start", "priority_default", "priority_end")
        projects.update_project(project_id, **{field: values[field] for field in checked})
        for member in self.document["members"]:
            user_id = self._user(member["username"])
            ProjectUser.insert(project=project_id, user=user_id, role=member["role"]).execute()
        facts = {"action": "create", "id": project_id, "name": values["name"]}
        log.record("project.change", facts, project_id=project_id)
        return project_id

    def _rows(self, model: Any, table: str, fields: dict[str, Reader]) -> list[int]:
        return [
            int(model.insert(project_id=self.project_id, position=number, **{f: row[f] for f in fields}).execute())
            for number, row in enumerate(self.document[table], 1)
        ]

    def _task(self, number: int, task: JsonRow) -> JsonRow:
        row = {field: task[field] for field in TASK}
        row |= {"project": self.project_id, "rank": number * GAP, "folded": text.fold(task["title"])}
        row |= {"column": self.columns[task["column"]], "swimlane": self.swimlanes[task["swimlane"]]}
        row["category_id"] = 0 if task["category"] is None else self.categories[task["category"]]
        return row | {"owner_id": self._user(task["owner"]), "creator_id": self._user(task["creator"])}

    def _file(self, task_id: int, file: JsonRow, where: str) -> None:
        try:
            content = base64.b64decode(file["content"], validate=True)
        except ValueError as error:  # binascii.Error is one
            raise damaged(f"{where}.content", "is no base64") from error
        check_size(file["name"], len(content))
        values = self._part(task_id, file, FILE) | {"size": len(content), "etag": etag_of(content)}
        FileContent.insert(file=File.insert(values).execute(), content=content).execute()

    def _user(self, username: str | None) -> int:
        """Return the id of a person, adding who is not known yet; 0 for nobody."""
        if username is None:
            return 0
        known = username.casefold()
        if known not in self.users:
            self.users[known] = users.add_user(username, name=self.names.get(username, ""))
        return self.users[known]


def _insert_all(model: type[BaseModel], rows: Iterable[JsonRow]) -> None:
    """Insert many rows with the same fields; the statement is compiled once, which is most of what one costs."""
    for row in rows:
        _insertion(model, tuple(row)).all(*row.values())


@cache
def _insertion(model: type[BaseModel], names: tuple[str, ...]) -> Prepared[..., tuple[Any, ...]]:
    def insert(*values: Any) -> BaseQuery:
        return model.insert(dict(zip(names, values, strict=True)))

    # Whoever compiles it counts its parameters.
    parameters = [Parameter(name, Parameter.POSITIONAL_ONLY) for name in names]
    insert.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return prepared()(insert)


def _pair(row_id: int, other_id: int) -> None:
    """Tell the two directions of a link of each other."""
    for one, other in ((row_id, other_id), (other_id, row_id)):
        TaskLink.update(opposite_id=other).where(TaskLink.id == one).execute()

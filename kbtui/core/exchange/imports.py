"""Take a project in from a document that :mod:`kbtui.core.exchange.exports` made."""

import base64
import hashlib
import time
from typing import Any

import peewee

from kbtui.core.db.database import fetch_all, fetch_one, insert_row, transactional
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_facts
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
from kbtui.core.exchange.exports import Progress
from kbtui.core.projects import projects, users
from kbtui.core.tasks.files import check_size
from kbtui.core.tasks.ranks import GAP
from kbtui.core.tasks.task_rows import set_tags, write_task
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
    """One document on its way in."""

    def __init__(self, document: Document, name: str, on_progress: Progress) -> None:
        self.document = document
        self.on_progress = on_progress
        self.users = {user.username.casefold(): int(user.id) for user in users.list_users(with_inactive=True)}
        self.names = {person["username"]: person["name"] for person in document["people"]}
        self.labels = dict(fetch_all("SELECT label, id FROM links"))
        self.project_id = self._project(name)
        self.columns = self._rows("columns", COLUMN)
        self.swimlanes = self._rows("swimlanes", SWIMLANE)
        self.categories = self._rows("categories", CATEGORY)
        self._rows("tags", TAG)

    def run(self) -> int:
        documents = self.document["tasks"]
        tasks = [self._task(number, task) for number, task in enumerate(documents)]
        for task_id, task in zip(tasks, documents, strict=True):
            relatives = {
                name: tasks[task[name]] for name in ("recurrence_parent", "recurrence_child") if task[name] is not None
            }
            if relatives:
                write_task(task_id, relatives)
        self._links(tasks)
        for task_id in tasks:
            log.record("task.create", task_facts(task_id), project_id=self.project_id, task_id=task_id)
        return self.project_id

    def _links(self, tasks: list[int]) -> None:
        for number, link in enumerate(self.document["links"]):
            if link["label"] not in self.labels:
                raise damaged(f"links[{number}].label", "is no type of link")
            values = {"link_id": self.labels[link["label"]]}
            values |= {"task_id": tasks[link["task"]], "opposite_task_id": tasks[link["opposite_task"]]}
            insert_row("task_links", values)

    def _project(self, name: str) -> int:
        project = self.document["project"]
        values = {field: project[field] for field in PROJECT}
        values["name"] = text.clean_line(name or values["name"], "project name")
        if fetch_one("SELECT 1 FROM projects WHERE identifier = ?", (values["identifier"],)):
            values["identifier"] = ""
        values["owner_id"] = self._user(project["owner"])
        is_open = not self.document["members"] if project["is_open"] is None else project["is_open"]
        values["is_open"] = int(bool(is_open) and not project["is_private"])
        values["last_modified"] = int(time.time())
        row = fetch_one("SELECT count(*) + 1 FROM projects")
        values["position"] = row[0] if row else 1
        project_id = insert_row("projects", values)
        checked = ("identifier", "start_date", "end_date", "priority_start", "priority_default", "priority_end")
        projects.update_project(project_id, **{field: values[field] for field in checked})
        for member in self.document["members"]:
            user_id = self._user(member["username"])
            insert_row("project_users", {"project_id": project_id, "user_id": user_id, "role": member["role"]})
        facts = {"action": "create", "id": project_id, "name": values["name"]}
        log.record("project.change", facts, project_id=project_id)
        return project_id

    def _rows(self, table: str, fields: dict[str, Reader]) -> list[int]:
        return [
            insert_row(
                table, {"project_id": self.project_id, "position": number} | {field: row[field] for field in fields}
            )
            for number, row in enumerate(self.document[table], 1)
        ]

    def _task(self, number: int, task: dict[str, Any]) -> int:
        row = {field: task[field] for field in TASK}
        row |= {"project_id": self.project_id, "rank": number * GAP}
        row |= {"column_id": self.columns[task["column"]], "swimlane_id": self.swimlanes[task["swimlane"]]}
        row["category_id"] = 0 if task["category"] is None else self.categories[task["category"]]
        row |= {"owner_id": self._user(task["owner"]), "creator_id": self._user(task["creator"])}
        task_id = insert_row("tasks", row)
        set_tags(task_id, self.project_id, task["tags"])
        for position, subtask in enumerate(task["subtasks"], 1):
            values = {field: subtask[field] for field in SUBTASK}
            insert_row(
                "subtasks",
                values | {"task_id": task_id, "position": position, "user_id": self._user(subtask["user"])},
            )
        for comment in task["comments"]:
            values = {field: comment[field] for field in COMMENT}
            insert_row("comments", values | {"task_id": task_id, "user_id": self._user(comment["user"])})
        for each, file in enumerate(task["files"]):
            self._file(task_id, file, f"tasks[{number}].files[{each}]")
        self.on_progress(number + 1, len(self.document["tasks"]))
        return task_id

    def _file(self, task_id: int, file: dict[str, Any], where: str) -> None:
        try:
            content = base64.b64decode(file["content"], validate=True)
        except ValueError as error:  # binascii.Error is one
            raise damaged(f"{where}.content", "is no base64") from error
        check_size(file["name"], len(content))
        values = {field: file[field] for field in FILE}
        values |= {"task_id": task_id, "user_id": self._user(file["user"]), "size": len(content)}
        values["etag"] = hashlib.sha256(content).hexdigest()[:32]
        insert_row("file_contents", {"file_id": insert_row("files", values), "content": content})

    def _user(self, username: str | None) -> int:
        """Return the id of a person, adding who is not known yet; 0 for nobody."""
        if username is None:
            return 0
        known = username.casefold()
        if known not in self.users:
            self.users[known] = users.add_user(username, name=self.names.get(username, ""))
        return self.users[known]

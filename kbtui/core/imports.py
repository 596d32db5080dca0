"""Take a project in from a document that :mod:`kbtui.core.exports` made."""

import base64
import binascii
import hashlib
import time
from typing import Any

from kbtui.core import events, text
from kbtui.core.database import fetch_all, fetch_one, insert_row, transactional
from kbtui.core.exports import (
    CATEGORY_FIELDS,
    COLUMN_FIELDS,
    COMMENT_FIELDS,
    DOCUMENT,
    FILE_FIELDS,
    PROJECT_FIELDS,
    SUBTASK_FIELDS,
    SWIMLANE_FIELDS,
    TAG_FIELDS,
    TASK_FIELDS,
    VERSION,
    Document,
)
from kbtui.core.facts import task_facts
from kbtui.core.files import check_size
from kbtui.core.ranks import GAP
from kbtui.core.task_rows import set_tags, write_task
from kbtui.errors import InvalidError


@transactional
def import_project(document: Document, *, name: str = "") -> int:
    """Make a new project from a document and return its id; all of it is made, or nothing.

    People who are not known here yet are added. Each task is announced as created. Raises InvalidError, which says
    where, for a document that cannot be understood.
    """
    _check(document)
    try:
        return _Import(document, name).run()
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise InvalidError(f"The document is damaged: {type(error).__name__} {error}.") from error


def _check(document: object) -> None:
    if not isinstance(document, dict) or document.get("document") != DOCUMENT:
        raise InvalidError("This is no kbtui project; make one with: kbtui export PROJECT.")
    if document.get("version") != VERSION:
        raise InvalidError(
            f"The document has version {document.get('version')}; this kbtui reads version {VERSION}. Upgrade kbtui."
        )


class _Import:
    """One document on its way in."""

    def __init__(self, document: Document, name: str) -> None:
        self.document = document
        self.users: dict[str, int] = {}
        self.labels = dict(fetch_all("SELECT label, id FROM links"))
        self.project_id = self._project(name)
        self.columns = self._rows("columns", COLUMN_FIELDS)
        self.swimlanes = self._rows("swimlanes", SWIMLANE_FIELDS)
        self.categories = self._rows("categories", CATEGORY_FIELDS)
        self._rows("tags", TAG_FIELDS)

    def run(self) -> int:
        tasks = [self._task(number, task) for number, task in enumerate(self.document["tasks"])]
        for task_id, task in zip(tasks, self.document["tasks"], strict=True):
            relatives = {
                name: tasks[task[name]] for name in ("recurrence_parent", "recurrence_child") if task[name] is not None
            }
            if relatives:
                write_task(task_id, relatives)
        for link in self.document["links"]:
            values = {"link_id": self.labels[link["label"]]}
            values |= {"task_id": tasks[link["task"]], "opposite_task_id": tasks[link["opposite_task"]]}
            insert_row("task_links", values)
        for task_id in tasks:
            events.record("task.create", task_facts(task_id), project_id=self.project_id, task_id=task_id)
        return self.project_id

    def _project(self, name: str) -> int:
        project = self.document["project"]
        values = {field: project[field] for field in PROJECT_FIELDS}
        values["name"] = text.clean_line(name or values["name"], "project name")
        values["owner_id"] = self._user(project["owner"])
        values["last_modified"] = int(time.time())
        row = fetch_one("SELECT count(*) + 1 FROM projects")
        values["position"] = row[0] if row else 1
        project_id = insert_row("projects", values)
        for member in self.document["members"]:
            user_id = self._user(member["username"])
            insert_row("project_users", {"project_id": project_id, "user_id": user_id, "role": member["role"]})
        facts = {"action": "create", "id": project_id, "name": values["name"]}
        events.record("project.change", facts, project_id=project_id)
        return project_id

    def _rows(self, table: str, fields: tuple[str, ...]) -> list[int]:
        return [
            insert_row(
                table, {"project_id": self.project_id, "position": number} | {field: row[field] for field in fields}
            )
            for number, row in enumerate(self.document[table], 1)
        ]

    def _task(self, number: int, task: dict[str, Any]) -> int:
        row = {field: task[field] for field in TASK_FIELDS}
        row |= {"project_id": self.project_id, "rank": number * GAP}
        row |= {"column_id": self.columns[task["column"]], "swimlane_id": self.swimlanes[task["swimlane"]]}
        row["category_id"] = 0 if task["category"] is None else self.categories[task["category"]]
        row |= {"owner_id": self._user(task["owner"]), "creator_id": self._user(task["creator"])}
        task_id = insert_row("tasks", row)
        set_tags(task_id, self.project_id, task["tags"])
        for position, subtask in enumerate(task["subtasks"], 1):
            values = {field: subtask[field] for field in SUBTASK_FIELDS}
            insert_row(
                "subtasks",
                values | {"task_id": task_id, "position": position, "user_id": self._user(subtask["user"])},
            )
        for comment in task["comments"]:
            values = {field: comment[field] for field in COMMENT_FIELDS}
            insert_row("comments", values | {"task_id": task_id, "user_id": self._user(comment["user"])})
        for file in task["files"]:
            self._file(task_id, file)
        return task_id

    def _file(self, task_id: int, file: dict[str, Any]) -> None:
        content = base64.b64decode(file["content"], validate=True)
        check_size(file["name"], len(content))
        values = {field: file[field] for field in FILE_FIELDS}
        values |= {"task_id": task_id, "user_id": self._user(file["user"]), "size": len(content)}
        values["etag"] = hashlib.sha256(content).hexdigest()[:32]
        insert_row("file_contents", {"file_id": insert_row("files", values), "content": content})

    def _user(self, username: str | None) -> int:
        """Return the id of a person, adding who is not known yet; 0 for nobody."""
        if username is None:
            return 0
        if username not in self.users:
            row = fetch_one("SELECT id FROM users WHERE username = ?", (username,))
            clean = text.clean_line(username, "user name")
            self.users[username] = row[0] if row else insert_row("users", {"username": clean})
        return self.users[username]

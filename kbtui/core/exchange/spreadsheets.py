"""Tasks as CSV, with the columns of Kanboard's own import, so that both programs read each other's."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import find_row
from kbtui.core.db.models import BaseModel
from kbtui.core.exchange.exports import Progress
from kbtui.core.projects import categories, columns, swimlanes, users
from kbtui.core.tasks.tasks import API_TITLE_LIMIT, close_task, create_task, list_tasks
from kbtui.core.values.colors import check_color
from kbtui.core.values.dates import parse_due, write_due
from kbtui.errors import InvalidError, KbtuiError

HEADINGS = (
    "Reference",
    "Title",
    "Description",
    "Assignee Username",
    "Creator Username",
    "Color Name",
    "Column Name",
    "Category Name",
    "Swimlane Name",
    "Complexity",
    "Time Estimated",
    "Time Spent",
    "Start Date",
    "Due Date",
    "Priority",
    "Status",
    "Tags",
)
"""Kanboard's headings, in its order; only the title is required."""

CLOSED = frozenset({"closed", "0", "false", "no"})


FIELD_LIMIT = 2**31 - 1
"""The longest field, in characters: longer than Python's own, since a description may be."""


def write_tasks(project_id: int) -> str:
    """Return all tasks of a project, open and closed, as CSV with a heading; dates are local, to the minute."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADINGS, lineterminator="\r\n")
    writer.writeheader()
    for task in list_tasks(project_id, is_active=None):
        writer.writerow(
            {
                "Reference": task.reference,
                "Title": task.title,
                "Description": task.description,
                "Assignee Username": task.assignee_username,
                "Creator Username": task.creator_username,
                "Color Name": task.color_id,
                "Column Name": task.column_title,
                "Category Name": task.category_name,
                "Swimlane Name": task.swimlane_name,
                "Complexity": task.score,
                "Time Estimated": task.time_estimated,
                "Time Spent": task.time_spent,
                "Start Date": write_due(task.date_started or 0),
                "Due Date": write_due(task.date_due),
                "Priority": task.priority,
                "Status": "Open" if task.is_active else "Closed",
                "Tags": ",".join(task.tags),
            }
        )
    return out.getvalue()


@transactional
def read_tasks(
    project_id: int, document: str, now: float, *, on_progress: Progress = lambda done, total: None
) -> list[int]:
    """Make a task of each line of a CSV document, and return their ids; all of them are made, or none.

    Categories and swimlanes that are not there yet are added; unknown columns and people are refused. ``now`` is
    what dates such as ``tomorrow`` are counted from. Raises InvalidError, which names the line.
    """
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.DictReader(io.StringIO(document.removeprefix("\ufeff"), newline=""), strict=True)
    made: list[int] = []
    try:
        headings = {heading.strip().casefold(): heading for heading in reader.fieldnames or ()}
        if "title" not in headings:
            raise InvalidError(f'The first line has no column "Title"; known columns are {", ".join(HEADINGS)}.')
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InvalidError(f"Line {reader.line_num + 1} is not CSV: {error}.") from error
    names = _Names(project_id)
    there = {known: headings[known.casefold()] for known in HEADINGS if known.casefold() in headings}
    for line, row in rows:
        cells = dict.fromkeys(HEADINGS, "") | {known: row[heading] or "" for known, heading in there.items()}
        try:
            made.append(_make(names, cells, now))
        except KbtuiError as error:
            raise InvalidError(f"Line {line}: {error}") from error
        on_progress(len(made), len(rows))
    return made


def _make(names: "_Names", cells: dict[str, str], now: float) -> int:
    description = cells["Description"]
    cells = {heading: cell.strip() for heading, cell in cells.items()}
    fields: dict[str, Any] = {
        "reference": cells["Reference"],
        "description": description,
        "score": _number(cells, "Complexity", int),
        "time_estimated": _number(cells, "Time Estimated", float),
        "time_spent": _number(cells, "Time Spent", float),
        "date_due": parse_due(cells["Due Date"], now),
        "date_started": parse_due(cells["Start Date"], now) or None,
        "tags": cells["Tags"].split(","),
    }
    if cells["Priority"]:
        fields["priority"] = _number(cells, "Priority", int)
    if cells["Color Name"]:
        fields["color_id"] = check_color(cells["Color Name"])
    if cells["Assignee Username"]:
        fields["owner_id"] = names.user(cells["Assignee Username"])
    if cells["Creator Username"]:
        fields["creator_id"] = names.user(cells["Creator Username"])
    if cells["Column Name"]:
        fields["column_id"] = _find(names.columns, cells["Column Name"], "column", "title")
    if cells["Swimlane Name"]:
        fields["swimlane_id"] = names.swimlane(cells["Swimlane Name"])
    if cells["Category Name"]:
        fields["category_id"] = names.category(cells["Category Name"])
    task_id = create_task(names.project_id, cells["Title"], title_limit=API_TITLE_LIMIT, **fields)
    if cells["Status"].casefold() in CLOSED:
        close_task(task_id)
    return task_id


class _Names:
    """What the lines name, read once for all of them."""

    def __init__(self, project_id: int) -> None:
        self.project_id = project_id
        self.users = users.list_users(with_inactive=True)
        self.columns = columns.list_columns(project_id)
        self._categories = {each.name.casefold(): int(each.id) for each in categories.list_categories(project_id)}
        lanes = swimlanes.list_swimlanes(project_id, with_inactive=True)
        self._swimlanes = {each.name.casefold(): int(each.id) for each in lanes}

    def user(self, name: str) -> int:
        """Return the id of a user; raise NotFoundError for an unknown one."""
        return _find(self.users, name, "user", "username")

    def category(self, name: str) -> int:
        """Return the id of a category, which is added when it is not there yet."""
        if name.casefold() not in self._categories:
            self._categories[name.casefold()] = categories.add_category(self.project_id, name)
        return self._categories[name.casefold()]

    def swimlane(self, name: str) -> int:
        """Return the id of a swimlane, which is added when it is not there yet."""
        if name.casefold() not in self._swimlanes:
            self._swimlanes[name.casefold()] = swimlanes.add_swimlane(self.project_id, name)
        return self._swimlanes[name.casefold()]


def _find(rows: Sequence[BaseModel], name: str, what: str, label: str) -> int:
    """Return the id of a row by its name, which goes before an id here: a column may be called 2."""
    for row in rows:
        if getattr(row, label).casefold() == name.casefold():
            return int(row.id)
    return int(find_row(rows, name, what, label=label).id)


def _number(cells: dict[str, str], heading: str, kind: type[int] | type[float]) -> Any:
    text = cells[heading]
    try:
        return kind(text) if text else 0
    except (ValueError, OverflowError) as error:
        raise InvalidError(f'"{text}" is not a number, under {heading}.') from error

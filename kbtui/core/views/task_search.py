"""Search for tasks: those that a query means, as a list shows them."""

import time
from typing import NamedTuple

from peewee import Case

from kbtui.core.db.lookup import read_number
from kbtui.core.db.models import Column, Project, Task
from kbtui.core.db.prepared import rows
from kbtui.core.events import log
from kbtui.core.views.queries import Asker, check_query, conditions


class FoundTask(NamedTuple):
    """A task that was found, as a list shows it."""

    id: int
    title: str
    project: str
    column: str
    is_active: int
    color_id: str


def search_tasks(
    text: str, project_id: int | None = None, limit: int = 50, *, asker: Asker | None = None
) -> list[FoundTask]:
    """Return the tasks that a query means, see :mod:`kbtui.core.views.queries`; an empty one means all.

    A task whose number it is comes first, then open ones before closed ones, those changed last before others.
    ``asker`` None is the author of what is done here, now, in the computer's time zone. Raises InvalidError for a
    field that is one typo away from a known one.
    """
    check_query(text)
    wanted = conditions(text, asker or Asker(log.author_id(), time.time()), project_id)
    number = read_number(text) or 0
    order = (Case(None, [(Task.id == number, 0)], 1), Task.is_active.desc(), Task.date_modification.desc(),
             Task.id.desc())  # fmt: skip
    query = Task.select(Task.id, Task.title, Task.project, Task.column, Task.is_active, Task.color_id)
    found = rows((query.where(*wanted) if wanted else query).order_by(*order).limit(limit), tuple)
    # Only those that are listed are named: to join them first would do so for all that match.
    projects = dict(rows(Project.select(Project.id, Project.name), tuple))
    columns = dict(rows(Column.select(Column.id, Column.title), tuple))
    return [
        FoundTask(task_id, title, projects[project], columns[column], is_active, color_id)
        for task_id, title, project, column, is_active, color_id in found
    ]

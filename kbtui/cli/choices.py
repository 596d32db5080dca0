"""What a person's words on the command line choose: a project, a user, a place, a category."""

from argparse import Namespace
from typing import Any

from kbtui.core.db.lookup import read_number
from kbtui.core.db.models import Project
from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks.tasks import get_task
from kbtui.core.views.search import find_task
from kbtui.errors import NotFoundError

NOTHING = ("", "none")
"""What is written for no user, no category, no date."""


def choose_project(ref: str | None) -> Project:
    """Return the project of an id or a name, the first one if none is given; raise NotFoundError."""
    if ref is not None:
        return projects.find_project(ref)
    active = projects.list_projects()
    if not active:
        raise NotFoundError('There is no project yet; make one with: kbtui project add "My project"')
    return active[0]


def find_user_id(ref: str) -> int:
    """Return the id of the user that is meant, 0 for nobody."""
    return 0 if ref.strip().lower() in NOTHING else int(users.find_user(ref).id)


def find_category_id(project_id: int, ref: str) -> int:
    """Return the id of the category that is meant, 0 for none."""
    return 0 if ref.strip().lower() in NOTHING else int(categories.find_category(project_id, ref).id)


def choose_task(ref: str) -> TaskSnapshot:
    """Return the task that a number or a whole title means. Raises NotFoundError or InvalidError."""
    number = read_number(ref)
    if number is not None:
        try:
            return get_task(number)
        except NotFoundError:
            pass  # it may be a title
    return get_task(find_task(ref))


def choose_cell(arguments: Namespace, project_id: int) -> dict[str, Any]:
    """Return where in a project a task shall be, as far as the options say, for the functions of core."""
    place: dict[str, Any] = {}
    if arguments.column is not None:
        place["column_id"] = int(columns.find_column(project_id, arguments.column).id)
    if arguments.swimlane is not None:
        place["swimlane_id"] = int(swimlanes.find_swimlane(project_id, arguments.swimlane).id)
    if getattr(arguments, "position", None) is not None:
        place["position"] = arguments.position
    return place

"""What a person's words on the command line choose: a project, a user, a place, a category."""

from kbtui.core.db.models import Project
from kbtui.core.projects import categories, projects, users
from kbtui.errors import NotFoundError

NOTHING = ("", "none")
"""What is written for no user, no category, no date."""


def choose_project(ref: str | None) -> Project:
    """Return the project of an id or a name, the first one if none is given; raise NotFoundError."""
    if ref is not None:
        return projects.find_project(ref)
    there = projects.list_projects()
    if not there:
        raise NotFoundError('There is no project yet; make one with: kbtui project add "My project"')
    return there[0]


def find_user_id(ref: str) -> int:
    """Return the id of the user that is meant, 0 for nobody."""
    return 0 if ref.strip().lower() in NOTHING else int(users.find_user(ref).id)


def find_category_id(project_id: int, ref: str) -> int:
    """Return the id of the category that is meant, 0 for none."""
    return 0 if ref.strip().lower() in NOTHING else int(categories.find_category(project_id, ref).id)

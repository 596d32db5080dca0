"""The application: its version, colours and roles."""

from typing import Any

from kbtui.core.projects import settings
from kbtui.core.projects.members import MANAGER, MEMBER, VIEWER
from kbtui.core.projects.users import ROLES
from kbtui.core.values import colors
from kbtui.server import shapes
from kbtui.server.registry import reads

KANBOARD_VERSION = "1.2.53"
"""The version of Kanboard whose API this is: clients look at it to know what they may call."""


@reads
def get_version() -> str:
    """Return the version of Kanboard that is spoken here."""
    return KANBOARD_VERSION


@reads
def get_timezone() -> str:
    """Return the time zone in which dates are read."""
    return settings.time_zone_name()


@reads
def get_default_task_color() -> str:
    """Return the id of the colour of tasks without one."""
    return colors.DEFAULT_COLOR


@reads
def get_default_task_colors() -> dict[str, Any]:
    """Return how each colour looks, by id."""
    return {color_id: shapes.color(color_id) for color_id in colors.COLORS}


@reads
def get_color_list() -> dict[str, str]:
    """Return the name of each colour, by id."""
    return {color_id: color.name for color_id, color in colors.COLORS.items()}


@reads
def get_application_roles() -> dict[str, str]:
    """Return the names of the roles that users have."""
    return dict(zip(ROLES, ("Administrator", "Manager", "User"), strict=True))


@reads
def get_project_roles() -> dict[str, str]:
    """Return the names of the roles that members of a project have."""
    return {MANAGER: "Project Manager", MEMBER: "Project Member", VIEWER: "Project Viewer"}

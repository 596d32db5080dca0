"""``kbtui project``: list, add, edit and remove projects."""

from argparse import Namespace
from typing import Any

from kbtui.cli.choices import find_user_id
from kbtui.cli.parser import CommandParser
from kbtui.cli.rows import Noun, commands_for
from kbtui.core.projects import projects


def add_arguments(parser: CommandParser) -> None:
    """Add the commands of ``kbtui project``."""
    parser.add_commands(commands_for(PROJECT))


def _add_fields(parser: CommandParser) -> None:
    parser.add_argument("--description", metavar="TEXT")
    parser.add_argument("--identifier", metavar="LETTERS", help="a short name in capital letters")
    access = parser.add_mutually_exclusive_group()
    access.add_argument("--open", dest="is_open", action="store_const", const=1, help="everybody may see it")
    access.add_argument("--members-only", dest="is_open", action="store_const", const=0, help="only its members may")
    parser.add_argument("--owner", metavar="USER", help="number or name of a user")


def _read_owner(arguments: Namespace) -> dict[str, Any]:
    return {} if arguments.owner is None else {"owner_id": find_user_id(arguments.owner)}


PROJECT = Noun(
    name="project",
    plural="projects",
    rows=lambda _, with_inactive: projects.list_projects(with_inactive=with_inactive),
    get=projects.get_project,
    find=lambda _, ref: projects.find_project(ref),
    add=lambda _, name, **fields: projects.create_project(name, **fields),
    update=projects.update_project,
    remove=projects.remove_project,
    move=projects.move_project,
    fields=("description", "identifier", "is_active", "is_open"),
    heads=("id", "name", "identifier", "is_active", "description"),
    add_fields=_add_fields,
    in_project=False,
    can_be_hidden=True,
    read_fields=_read_owner,
)

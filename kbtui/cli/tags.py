"""``kbtui tag``: list, add, edit and remove tags of a project, or those that all projects share."""

from kbtui.cli.choices import choose_project
from kbtui.cli.parser import CommandParser
from kbtui.cli.rows import Noun, commands_for
from kbtui.core.projects import tags

EVERY_PROJECT = "all"
"""What is written for the tags that all projects share."""


def add_arguments(parser: CommandParser) -> None:
    """Add the commands of ``kbtui tag``."""
    parser.add_commands(commands_for(TAG))


def _add_fields(parser: CommandParser) -> None:
    parser.add_argument("--color", dest="color_id", metavar="COLOR", help="the colour of its badge")


def _read_project(ref: str | None) -> int:
    if (ref or "").strip().lower() == EVERY_PROJECT:
        return tags.EVERY_PROJECT
    return int(choose_project(ref).id)


TAG = Noun(
    name="tag",
    plural="tags",
    rows=lambda project_id, _: tags.list_tags(project_id),
    get=tags.get_tag,
    find=tags.find_tag,
    add=tags.add_tag,
    update=tags.update_tag,
    remove=tags.remove_tag,
    move=tags.move_tag,
    fields=("color_id",),
    heads=("id", "position", "name", "color_id"),
    add_fields=_add_fields,
    unused="that is on no task",
    read_project=_read_project,
    project_help="number or name; the first project if not given; all: what all projects share",
)

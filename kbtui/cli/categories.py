"""``kbtui category``: list, add, edit and remove categories of a project."""

from kbtui.cli.parser import CommandParser
from kbtui.cli.rows import Noun, commands_for
from kbtui.core.projects import categories


def add_arguments(parser: CommandParser) -> None:
    """Add the commands of ``kbtui category``."""
    parser.add_commands(commands_for(CATEGORY))


def _add_fields(parser: CommandParser) -> None:
    parser.add_argument("--description", metavar="TEXT")
    parser.add_argument("--color", dest="color_id", metavar="COLOR", help="the colour of its badge")


CATEGORY = Noun(
    name="category",
    plural="categories",
    rows=lambda project_id, _: categories.list_categories(project_id),
    get=categories.get_category,
    find=categories.find_category,
    add=categories.add_category,
    update=categories.update_category,
    remove=categories.remove_category,
    move=categories.move_category,
    fields=("description", "color_id"),
    heads=("id", "position", "name", "color_id", "description"),
    add_fields=_add_fields,
)

"""``kbtui column``: list, add, edit and remove columns of a project."""

from kbtui.cli.argument_types import number
from kbtui.cli.parser import CommandParser
from kbtui.cli.rows import Noun, commands_for
from kbtui.core.projects import columns


def add_arguments(parser: CommandParser) -> None:
    """Add the commands of ``kbtui column``."""
    parser.add_commands(commands_for(COLUMN))


def _add_fields(parser: CommandParser) -> None:
    parser.add_argument("--description", metavar="TEXT")
    parser.add_argument(
        "--limit", dest="task_limit", type=number, metavar="N", help="how many tasks it should hold at most, 0: any"
    )


COLUMN = Noun(
    name="column",
    plural="columns",
    rows=lambda project_id, _: columns.list_columns(project_id),
    get=columns.get_column,
    find=columns.find_column,
    add=columns.add_column,
    update=columns.update_column,
    remove=columns.remove_column,
    move=columns.move_column,
    fields=("description", "task_limit"),
    heads=("id", "position", "title", "task_limit", "description"),
    add_fields=_add_fields,
    label="title",
)

"""``kbtui swimlane``: list, add, edit and remove swimlanes of a project."""

from kbtui.cli.argument_types import number
from kbtui.cli.parser import CommandParser
from kbtui.cli.rows import Noun, commands_for
from kbtui.core.projects import swimlanes


def add_arguments(parser: CommandParser) -> None:
    """Add the commands of ``kbtui swimlane``."""
    parser.add_commands(commands_for(SWIMLANE))


def _add_fields(parser: CommandParser) -> None:
    parser.add_argument("--description", metavar="TEXT")
    parser.add_argument(
        "--limit", dest="task_limit", type=number, metavar="N", help="how many tasks it should hold at most, 0: any"
    )


SWIMLANE = Noun(
    name="swimlane",
    plural="swimlanes",
    rows=lambda project_id, with_inactive: swimlanes.list_swimlanes(project_id, with_inactive=with_inactive),
    get=swimlanes.get_swimlane,
    find=swimlanes.find_swimlane,
    add=swimlanes.add_swimlane,
    update=swimlanes.update_swimlane,
    remove=swimlanes.remove_swimlane,
    move=swimlanes.move_swimlane,
    fields=("description", "task_limit", "is_active"),
    heads=("id", "position", "name", "task_limit", "is_active", "description"),
    add_fields=_add_fields,
    can_be_hidden=True,
)

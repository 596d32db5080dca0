"""The grammar of ``kbtui project``, ``column``, ``swimlane``, ``category``, ``tag`` and ``user``."""

from kbtui.cli import server_arguments
from kbtui.cli.parser import Actions, CommandParser, add_command, add_group, number, yes_or_no

PLURALS = {
    "project": "projects",
    "column": "columns",
    "swimlane": "swimlanes",
    "category": "categories",
    "tag": "tags",
    "user": "users",
}

LABELS = {"column": "title", "user": "username"}
"""What the name of a noun is called where it isn't ``name``."""


def add_groups(commands: "Actions[CommandParser]") -> None:
    """Add the six groups, each with list, add, edit and remove."""
    for noun, plural in PLURALS.items():
        more = "; set their passwords, tokens and roles" if noun == "user" else ""
        group = add_group(commands, noun, f"list, add, edit and remove {plural}{more}")
        label = LABELS.get(noun, "name")
        listing = add_command(group, "list", "board:list_rows", f"list {plural}", noun=noun)
        adding = add_command(group, "add", "board:add_row", f"add a {noun}", noun=noun)
        adding.add_argument("label", metavar=label.upper(), help=f"the {label} of the {noun}")
        editing = add_command(group, "edit", "board:edit_row", f"change a {noun}", noun=noun)
        editing.add_argument("ref", metavar=noun.upper(), help=f"number or {label}")
        editing.add_argument(
            f"--{label}",
            *(["--name"] if label == "title" else []),
            dest="label",
            metavar=label.upper(),
            help=f"new {label}",
        )
        unused = "that is on no task" if noun == "tag" else "that holds no tasks"
        removing = add_command(group, "remove", "board:remove_row", f"remove a {noun} {unused}", noun=noun)
        removing.add_argument("ref", metavar=noun.upper(), help=f"number or {label}")
        if noun in ("project", "swimlane", "user"):
            listing.add_argument("--all", action="store_true", help="also those that are not active")
            editing.add_argument(
                "--active", dest="is_active", type=yes_or_no, metavar="yes|no", help="use it or hide it"
            )
        if noun == "user":
            server_arguments.add_user_commands(group)
        else:
            editing.add_argument("--position", type=number, metavar="N", help="place in the list, from 1")
        if noun not in ("project", "user"):
            which = "number or name; the first project if not given"
            if noun == "tag":
                which += "; all: what all projects share"
            for parser in (listing, adding, editing, removing):
                parser.add_argument("--project", metavar="P", help=which)
        for parser in (adding, editing):
            _add_fields(parser, noun)


def _add_fields(parser: CommandParser, noun: str) -> None:
    """Add the options that ``add`` and ``edit`` share; an empty value takes away what was there."""
    if noun == "user":
        parser.add_argument("--name", metavar="NAME", help="what the screen shows")
        parser.add_argument("--email", metavar="ADDRESS")
        parser.add_argument("--role", metavar="ROLE", help="app-admin, app-manager or app-user")
        return
    if noun != "tag":
        parser.add_argument("--description", metavar="TEXT")
    if noun == "project":
        parser.add_argument("--identifier", metavar="LETTERS", help="a short name in capital letters")
        parser.add_argument("--owner", metavar="USER", help="number or name of a user")
    if noun in ("column", "swimlane"):
        parser.add_argument(
            "--limit", dest="task_limit", type=number, metavar="N", help="how many tasks it should hold at most, 0: any"
        )
    if noun in ("category", "tag"):
        parser.add_argument("--color", dest="color_id", metavar="COLOR", help="the colour of its badge")

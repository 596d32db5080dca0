"""The grammar of ``kbtui task``."""

import argparse
import re

from kbtui.cli.parser import Actions, CommandParser, add_command, add_group, hours, number
from kbtui.core.values.dates import EXAMPLES

REPEATS = ("none", "leaves-first", "reaches-last", "close")
"""When a task is made anew: never, or one of Kanboard's triggers in its order."""

BASES = ("due", "trigger")
"""What the next due date is counted from, in Kanboard's order."""

UNITS = {"day": (1, 0), "week": (7, 0), "month": (1, 1), "year": (1, 2)}
"""What an interval is counted in → days, months or years, and Kanboard's number of these."""


def add_tasks(commands: "Actions[CommandParser]") -> None:
    """Add the group with its nine commands."""
    group = add_group(commands, "task", "list, show, add, edit, move, close, open, duplicate and remove tasks")

    adding = add_command(group, "add", "tasks:add_task", "add a task; without a place, last in the first column")
    adding.add_argument("title", metavar="TITLE", help="at most 200 characters; after -- it may begin with a dash")
    _add_place(adding)
    _add_fields(adding)
    _add_recurrence(adding)

    listing = add_command(group, "list", "tasks:list_tasks", "list tasks in the order of the board")
    _add_place(listing, position=False)
    listing.add_argument("--assignee", metavar="USER", help="only tasks of this user; none: of nobody")
    listing.add_argument("--status", choices=("open", "closed", "all"), default="open", help="open if not given")

    _add_one(add_command(group, "show", "tasks:show_task", "show all that is known of a task"))

    editing = add_command(group, "edit", "tasks:edit_task", "change a task; an empty value takes away what was there")
    _add_one(editing)
    editing.add_argument("--title", metavar="TITLE")
    _add_fields(editing)
    _add_recurrence(editing)

    moving = add_command(group, "move", "tasks:move_task", "move a task; without a position, last in its new cell")
    _add_one(moving)
    _add_place(moving)

    closing = add_command(group, "close", "tasks:close_tasks", "close tasks")
    opening = add_command(group, "open", "tasks:open_tasks", "open closed tasks again")
    duplicating = add_command(group, "duplicate", "tasks:duplicate_task", "copy a task")
    _add_one(duplicating)
    duplicating.add_argument("--project", metavar="P", help="into this project instead of its own")
    for parser in (moving, duplicating):
        parser.add_argument(
            "--dry-run", action="store_true", help="only tell what the task would become in another --project"
        )
    removing = add_command(group, "remove", "tasks:remove_tasks", "remove tasks for good")
    for parser in (closing, opening, removing):
        parser.add_argument("refs", metavar="ID", nargs="+", help="number or title of a task")


def _add_one(parser: CommandParser) -> None:
    parser.add_argument("ref", metavar="ID", help="number or title of the task")


def _add_place(parser: CommandParser, *, position: bool = True) -> None:
    parser.add_argument("--project", metavar="P", help="number or name of a project")
    parser.add_argument("--column", metavar="C", help="number or title of a column")
    parser.add_argument("--swimlane", metavar="S", help="number or name of a swimlane")
    if position:
        parser.add_argument(
            "--position", type=number, metavar="N", help="place in the cell, from 1; past the end: last"
        )


def _add_fields(parser: CommandParser) -> None:
    parser.add_argument("--description", metavar="TEXT", help="Markdown")
    parser.add_argument("--assignee", metavar="USER", help="number or name of a user; none: nobody")
    parser.add_argument("--category", metavar="C", help="number or name of a category; none: no category")
    parser.add_argument("--color", metavar="COLOR", help="yellow, blue, green, …")
    parser.add_argument("--score", type=number, metavar="N", help="complexity")
    parser.add_argument("--priority", type=number, metavar="N")
    parser.add_argument("--due", metavar="DATE", help=f"{EXAMPLES}; none: no date")
    parser.add_argument("--started", metavar="DATE", help="when work on it began; none: not yet")
    parser.add_argument(
        "--estimate", dest="time_estimated", type=hours, metavar="HOURS", help="how long it should take"
    )
    parser.add_argument("--spent", dest="time_spent", type=hours, metavar="HOURS", help="how long it has taken")
    parser.add_argument("--reference", metavar="TEXT", help="its number or address elsewhere")
    parser.add_argument(
        "--tag", dest="tags", action="append", metavar="T", help="once for each tag; an edit replaces all tags by these"
    )


def _add_recurrence(parser: CommandParser) -> None:
    recurrence = parser.add_argument_group(
        "recurrence",
        "A recurring task is made anew once, in the first column, when what --repeat says happens. Its due date, if it"
        " has one, moves on by --every. Example: --due friday --repeat close --every '2 weeks'",
    )
    recurrence.add_argument(
        "--repeat",
        type=repeat,
        metavar="WHEN",
        help="close: when it is closed; leaves-first: when it leaves the first column; reaches-last: when it reaches"
        " the last column; none: never",
    )
    recurrence.add_argument(
        "--every", type=interval, metavar="N UNIT", help="such as '3 days', '2 weeks', 'month', '1 year'; 0: same date"
    )
    recurrence.add_argument(
        "--repeat-from",
        choices=BASES,
        help="count from its due date (due, if not given) or from the day that happens (trigger)",
    )


def repeat(text: str) -> int:
    """Read when a task is made anew, for ``type=``: its place in :data:`REPEATS`."""
    words = "-".join(text.lower().replace(" column", "").split())
    if words not in REPEATS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(REPEATS)}")
    return REPEATS.index(words)


def interval(text: str) -> tuple[int, int]:
    """Read an interval such as ``2 weeks``, for ``type=``: Kanboard's factor and timeframe."""
    match = re.fullmatch(r"(?:([0-9]{1,4})\s*)?(day|week|month|year)s?", text.strip().lower())
    if match is None:
        if text.strip() == "0":
            return 0, 0
        raise argparse.ArgumentTypeError(f"{text!r} is no interval; try '3 days', '2 weeks', '1 month', '1 year'")
    count, (size, timeframe) = int(match[1] or 1), UNITS[match[2]]
    return count * size, timeframe

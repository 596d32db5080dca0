"""The options of ``kbtui task`` that make a task recur."""

import re
from argparse import ArgumentTypeError, Namespace
from typing import Any

from kbtui.cli.parser import CommandParser, UsageError
from kbtui.core.tasks.recurrence import NONE, PENDING

REPEATS = ("none", "leaves-first", "reaches-last", "close")
"""When a task is made anew: never, or one of Kanboard's triggers in its order."""

BASES = ("due", "trigger")
"""What the next due date is counted from, in Kanboard's order."""

INTERVALS = {"day": (1, 0), "week": (7, 0), "month": (1, 1), "year": (1, 2)}
"""What an interval is counted in → days, months or years, and Kanboard's number of these."""


def add_recurrence(parser: CommandParser) -> None:
    """Add the options that make a task recur."""
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
    """Read when a task is made anew, for ``type=``: its index in :data:`REPEATS`."""
    words = "-".join(text.lower().replace(" column", "").split())
    if words not in REPEATS:
        raise ArgumentTypeError(f"{text!r} is none of {', '.join(REPEATS)}")
    return REPEATS.index(words)


def interval(text: str) -> tuple[int, int]:
    """Read an interval such as ``2 weeks``, for ``type=``: Kanboard's factor and timeframe."""
    match = re.fullmatch(r"(?:([0-9]{1,4})\s*)?(day|week|month|year)s?", text.strip().lower())
    if match is None:
        if text.strip() == "0":
            return 0, 0
        raise ArgumentTypeError(f"{text!r} is no interval; try '3 days', '2 weeks', '1 month', '1 year'")
    count, (size, timeframe) = int(match[1] or 1), INTERVALS[match[2]]
    return count * size, timeframe


def recurrence_fields(arguments: Namespace, status: int) -> dict[str, Any]:
    """Return the fields of a task that the options give; ``status`` is its recurrence_status so far.

    Raises UsageError when they say how a task recurs that does not.
    """
    fields: dict[str, Any] = {}
    if arguments.repeat is not None:
        status = PENDING if arguments.repeat else NONE
        fields["recurrence_status"] = status
        if arguments.repeat:
            fields["recurrence_trigger"] = arguments.repeat - 1
    if arguments.every is not None:
        fields["recurrence_factor"], fields["recurrence_timeframe"] = arguments.every
    if arguments.repeat_from is not None:
        fields["recurrence_basedate"] = BASES.index(arguments.repeat_from)
    if fields and status != PENDING and fields.keys() != {"recurrence_status"}:
        raise UsageError("--every and --repeat-from need a --repeat that says when")
    return fields

"""The grammar of ``kbtui comment``, ``subtask``, ``link`` and ``file``: what is on a task."""

import argparse

from kbtui.cli.parser import Actions, CommandParser, add_command, add_group, hours, number

STATUSES = ("todo", "in-progress", "done")
"""How the three states of a subtask are written, in Kanboard's order."""


def add_groups(commands: "Actions[CommandParser]") -> None:
    """Add the four groups."""
    _add_comment(add_group(commands, "comment", "list, add, edit and remove comments on a task"))
    _add_subtask(add_group(commands, "subtask", "list, add, edit, toggle, move and remove subtasks of a task"))
    _add_link(add_group(commands, "link", "list, add, edit and remove internal links between tasks; list their types"))
    _add_file(add_group(commands, "file", "list, add, save and remove files on a task"))


def _add_comment(group: "Actions[CommandParser]") -> None:
    _add_task(add_command(group, "list", "comments:list_comments", "list the comments on a task, oldest first"))
    adding = add_command(group, "add", "comments:add_comment", "comment on a task")
    _add_task(adding)
    editing = add_command(group, "edit", "comments:edit_comment", "change what a comment says")
    editing.add_argument("ref", metavar="ID", help="number of the comment")
    for parser in (adding, editing):
        parser.add_argument("text", metavar="TEXT", help="Markdown; - reads it from standard input")
    removing = add_command(group, "remove", "comments:remove_comments", "remove comments for good")
    removing.add_argument("refs", metavar="ID", nargs="+", help="number of a comment")


def _add_subtask(group: "Actions[CommandParser]") -> None:
    _add_task(add_command(group, "list", "subtasks:list_subtasks", "list the subtasks of a task in their order"))
    adding = add_command(group, "add", "subtasks:add_subtask", "add a subtask; without a position, last")
    _add_task(adding)
    adding.add_argument("title", metavar="TITLE", help="after -- it may begin with a dash")
    editing = add_command(group, "edit", "subtasks:edit_subtask", "change a subtask")
    editing.add_argument("ref", metavar="ID", help="number or title of the subtask")
    editing.add_argument("--title", metavar="TITLE")
    for parser in (adding, editing):
        parser.add_argument("--assignee", metavar="USER", help="number or name of a user; none: nobody")
        parser.add_argument("--estimate", type=hours, metavar="HOURS", help="how long it should take")
        parser.add_argument("--spent", type=hours, metavar="HOURS", help="how long it has taken")
        parser.add_argument("--status", type=status, metavar="STATUS", help=f"{', '.join(STATUSES)}")
        parser.add_argument(
            "--position", type=number, metavar="N", help="place in the list, from 1; past the end: last"
        )
    toggling = add_command(
        group,
        "toggle",
        "subtasks:toggle_subtasks",
        "put subtasks into their next state: todo, in progress, done, todo; nobody's become yours",
    )
    moving = add_command(group, "move", "subtasks:move_subtask", "move a subtask within its list")
    moving.add_argument("ref", metavar="ID", help="number or title of the subtask")
    moving.add_argument("position", type=number, metavar="N", help="place in the list, from 1; past the end: last")
    removing = add_command(group, "remove", "subtasks:remove_subtasks", "remove subtasks for good")
    for parser in (toggling, removing):
        parser.add_argument("refs", metavar="ID", nargs="+", help="number or title of a subtask")


def _add_link(group: "Actions[CommandParser]") -> None:
    _add_task(add_command(group, "list", "links:list_links", "list the internal links of a task"))
    adding = add_command(group, "add", "links:add_link", "link two tasks; the other one shows the opposite")
    _add_task(adding)
    adding.add_argument("type", metavar="TYPE", help='number or label of a type, such as blocks or "is blocked by"')
    adding.add_argument("other", metavar="OTHER", help="number or title of the other task")
    editing = add_command(group, "edit", "links:edit_link", "give a link another type or another task")
    editing.add_argument("--type", metavar="TYPE", help="number or label of a type")
    editing.add_argument("--task", dest="other", metavar="OTHER", help="number or title of another task to link to")
    removing = add_command(group, "remove", "links:remove_links", "remove links, on both tasks")
    editing.add_argument("ref", metavar="ID", help="number of the link")
    removing.add_argument("refs", metavar="ID", nargs="+", help="number of a link")
    add_command(group, "types", "links:list_types", "list the types of internal links")


def _add_file(group: "Actions[CommandParser]") -> None:
    _add_task(add_command(group, "list", "files:list_files", "list the files on a task"))
    adding = add_command(
        group, "add", "files:add_files", "attach files of at most 25 MiB each: all that are named, or none"
    )
    _add_task(adding)
    adding.add_argument("paths", metavar="PATH", nargs="+", help="a file; - reads standard input, with --name")
    adding.add_argument("--name", metavar="NAME", help="call it so instead of what the path ends in")
    saving = add_command(group, "save", "files:save_file", "save a file that is on a task")
    saving.mixes = True
    saving.add_argument("ref", metavar="ID", help="number or name of the file")
    saving.add_argument("path", metavar="PATH", nargs="?", default=".", help="where to, also a folder; - writes it out")
    saving.add_argument("--force", action="store_true", help="replace what is there")
    removing = add_command(group, "remove", "files:remove_files", "remove files for good")
    removing.add_argument("refs", metavar="ID", nargs="+", help="number or name of a file")


def _add_task(parser: CommandParser) -> None:
    parser.add_argument("task", metavar="TASK", help="number or title of the task")


def status(text: str) -> int:
    """Read the state of a subtask, in words or as Kanboard's number, for ``type=``."""
    words = "-".join(text.lower().split())
    if words in ("0", "1", "2"):
        return int(words)
    if words not in STATUSES:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(STATUSES)}")
    return STATUSES.index(words)

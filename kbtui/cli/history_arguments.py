"""The grammar of ``kbtui activity``, ``export`` and ``import``."""

from kbtui.cli.parser import Actions, CommandParser, add_command, number

KINDS = ("tasks", "moves", "subtasks", "comments", "links", "files", "board")
"""What of the activity can be asked for."""


def add_commands(commands: "Actions[CommandParser]") -> None:
    """Add the three commands."""
    telling = add_command(commands, "activity", "activity:show_activity", "tell what has happened, the newest first")
    telling.add_argument("--project", metavar="P", help="only in this project, number or name")
    telling.add_argument("--task", metavar="ID", help="only to this task, number or title")
    telling.add_argument("--user", metavar="USER", help="only by this user, number or name")
    telling.add_argument("--kind", dest="kinds", choices=KINDS, action="append", help="only this; once for each kind")
    telling.add_argument("--limit", type=number, default=50, metavar="N", help="at most so many; 50 if not given")

    exporting = add_command(commands, "export", "exports:export", "write a whole project as JSON, or its tasks as CSV")
    exporting.mixes = True
    exporting.add_argument("project", metavar="PROJECT", help="number or name")
    exporting.add_argument(
        "file", metavar="FILE", nargs="?", default="-", help="where to; standard output if not given"
    )
    exporting.add_argument("--csv", action="store_true", help="the tasks alone, with the columns of Kanboard's import")
    exporting.add_argument("--force", action="store_true", help="replace what is there")

    importing = add_command(
        commands,
        "import",
        "imports:import_file",
        "make a project of what kbtui export wrote, or tasks of a CSV file: all of it, or nothing",
    )
    importing.add_argument("file", metavar="FILE", help="what to read; - for standard input")
    importing.add_argument("--name", metavar="N", help="what to call the new project instead")
    importing.add_argument("--csv", action="store_true", help="tasks, one a line under a heading with the column Title")
    importing.add_argument("--project", metavar="P", help="where the tasks of --csv go; the first project if not given")

"""``kbtui import``: a project from JSON, or tasks from CSV."""

import json
import time
from argparse import Namespace
from typing import Any

from kbtui.cli.choices import choose_project
from kbtui.cli.output import Answer, counted
from kbtui.cli.parser import CommandParser, UsageError
from kbtui.cli.progress import Progress
from kbtui.cli.streams import STANDARD, read_text
from kbtui.config import Settings
from kbtui.core.db.models import Task
from kbtui.core.db.prepared import among
from kbtui.core.exchange.imports import import_project
from kbtui.core.exchange.spreadsheets import read_tasks
from kbtui.core.projects import projects
from kbtui.core.tasks.task_list import list_tasks
from kbtui.errors import InvalidError


def add_arguments(parser: CommandParser) -> None:
    """Add what to read, and what it becomes."""
    parser.set_defaults(perform=import_file, opens_board=True)
    parser.add_argument("file", metavar="FILE", help="what to read; - for standard input")
    parser.add_argument("--name", metavar="N", help="what to call the new project instead")
    parser.add_argument("--csv", action="store_true", help="tasks, one a line under a heading with the column Title")
    parser.add_argument("--project", metavar="P", help="where the tasks of --csv go; the first project if not given")


def import_file(arguments: Namespace, settings: Settings) -> Answer:
    """Make what a file holds: a project, or with ``--csv`` tasks."""
    if arguments.csv and arguments.name is not None:
        raise UsageError("--name is for a new project; tasks of --csv go into a --project")
    if not arguments.csv and arguments.project is not None:
        raise UsageError("--project is for --csv; a new project takes a --name")
    return _import_csv(arguments) if arguments.csv else _import_json(arguments)


def _import_json(arguments: Namespace) -> Answer:
    document = _parse(read_text(arguments.file), arguments.file)
    progress = Progress("Importing")
    project_id = import_project(document, name=arguments.name or "", on_progress=progress)
    progress.finish()
    project = projects.get_project(project_id)
    count = len(document["tasks"])
    text = f'Imported project #{project_id} "{project.name}" with {counted(count, "task")}.'
    return Answer(text, {"project_id": project_id, "name": project.name, "tasks": count}, changed=True)


def _import_csv(arguments: Namespace) -> Answer:
    text = read_text(arguments.file)
    project = choose_project(arguments.project)
    progress = Progress("Importing")
    ids = read_tasks(project.id, text, time.time(), on_progress=progress)
    progress.finish()
    words = f'Imported {counted(len(ids), "task")} into project #{project.id} "{project.name}".'
    made: dict[str, Any] = {"project_id": project.id}
    if arguments.json:  # nobody else is told of each
        listed = list_tasks(project.id, is_active=None, where=[Task.id.in_(among(ids))])
        made["tasks"] = [task._asdict() for task in sorted(listed, key=lambda task: task.id)]
    return Answer(words, made, changed=True)


def _parse(text: str, path: str) -> Any:
    name = "Standard input" if path == STANDARD else path
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno:,}, column {error.colno:,}"
        raise InvalidError(f"{name} is no JSON, from {where} on: {error.msg}.") from error
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"{name} cannot be understood: it is nested too deeply or has too long a number.") from error

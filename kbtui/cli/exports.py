"""``kbtui export``: a project as JSON, or its tasks as CSV."""

import json
from argparse import Namespace

from kbtui.cli.choices import choose_project
from kbtui.cli.output import Answer, counted, print_json, size_words
from kbtui.cli.parser import CommandParser
from kbtui.cli.progress import Progress
from kbtui.cli.streams import STANDARD, check_free, write_bytes, write_standard
from kbtui.config import Settings
from kbtui.core.db.models import Project
from kbtui.core.exchange.exports import export_project
from kbtui.core.exchange.spreadsheets import write_tasks
from kbtui.core.tasks.tasks import list_tasks


def add_arguments(parser: CommandParser) -> None:
    """Add which project, where to, and as what."""
    parser.set_defaults(perform=export, opens_board=True)
    parser.mixes = True
    parser.add_argument("project", metavar="PROJECT", help="number or name")
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="where to; standard output if not given")
    parser.add_argument("--csv", action="store_true", help="the tasks alone, with the columns of Kanboard's import")
    parser.add_argument("--force", action="store_true", help="replace what is there")


def export(arguments: Namespace, settings: Settings) -> Answer:
    """Write a project to a file or to standard output."""
    project = choose_project(arguments.project)
    if arguments.file != STANDARD and not arguments.force:
        check_free(arguments.file)
    return _export_csv(arguments, project) if arguments.csv else _export_json(arguments, project)


def _export_json(arguments: Namespace, project: Project) -> Answer:
    progress = Progress("Exporting")
    document = export_project(project.id, on_progress=progress)
    progress.finish()
    if arguments.file == STANDARD:
        if not arguments.json:
            print_json(document)
        return Answer("", document)
    content = json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
    return _save(arguments, project, content, len(document["tasks"]))


def _export_csv(arguments: Namespace, project: Project) -> Answer:
    text = write_tasks(project.id)
    if arguments.file != STANDARD:
        return _save(arguments, project, text.encode(), len(list_tasks(project.id, is_active=None)))
    if not arguments.json:
        write_standard(text.encode())
    return Answer("", {"csv": text})


def _save(arguments: Namespace, project: Project, content: bytes, tasks: int) -> Answer:
    write_bytes(arguments.file, content, force=arguments.force)
    text = (
        f'Exported project #{project.id} "{project.name}" with {counted(tasks, "task")} to {arguments.file}'
        f" ({size_words(len(content))})."
    )
    return Answer(text, {"project_id": project.id, "file": arguments.file, "tasks": tasks, "bytes": len(content)})

"""``kbtui file``: list, add, save and remove files on a task."""

from argparse import Namespace
from pathlib import Path

from kbtui.cli.output import Answer, size_words, table
from kbtui.cli.parser import Command, CommandParser, UsageError
from kbtui.cli.streams import STANDARD, read_bytes, read_size, write_bytes, write_standard
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.tasks import files
from kbtui.core.values.dates import write_due
from kbtui.core.views.search import find_file, find_task


def add_arguments(parser: CommandParser) -> None:
    """Add the four commands of ``kbtui file``."""
    attach = "attach files of at most 25 MiB each: all that are named, or none"
    parser.add_commands(
        (
            Command("list", "list the files on a task", _add_task, list_files),
            Command("add", attach, _add_paths, add_files),
            Command("save", "save a file that is on a task", _add_file_and_path, save_file),
            Command("remove", "remove files for good", _add_files, remove_files),
        )
    )


def _add_task(parser: CommandParser) -> None:
    parser.add_argument("task", metavar="TASK", help="number or title of the task")


def _add_paths(parser: CommandParser) -> None:
    _add_task(parser)
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file; - reads standard input, with --name")
    parser.add_argument("--name", metavar="NAME", help="call it so instead of what the path ends in")


def _add_file_and_path(parser: CommandParser) -> None:
    parser.mixes = True
    parser.add_argument("ref", metavar="ID", help="number or name of the file")
    parser.add_argument("path", metavar="PATH", nargs="?", default=".", help="where to, also a folder; - writes it out")
    parser.add_argument("--force", action="store_true", help="replace what is there")


def _add_files(parser: CommandParser) -> None:
    parser.add_argument("refs", metavar="ID", nargs="+", help="number or name of a file")


def list_files(arguments: Namespace, settings: Settings) -> Answer:
    """List the files on a task, oldest first."""
    task_id = find_task(arguments.task)
    listed = files.list_files(task_id)
    if not listed:
        return Answer(f"There are no files on task #{task_id}.", [])
    rows = [(f"#{each.id}", size_words(each.size), write_due(each.date), each.name) for each in listed]
    return Answer(table(("ID", "SIZE", "ATTACHED", "NAME"), rows), [each._asdict() for each in listed])


def add_files(arguments: Namespace, settings: Settings) -> Answer:
    """Attach files: all that are named, or none. Their sizes are checked before they are read."""
    if arguments.name is not None and len(arguments.paths) > 1:
        raise UsageError("--name is for one file")
    if arguments.name is None and STANDARD in arguments.paths:
        raise UsageError("what comes from standard input needs a --name")
    task_id = find_task(arguments.task)
    for path in arguments.paths:
        files.check_size(_name(arguments, path), read_size(path))
    read = [(_name(arguments, path), _read(arguments, path)) for path in arguments.paths]
    with transaction():
        ids = [files.add_file(task_id, name, content) for name, content in read]
    listed = [files.get_file(file_id) for file_id in ids]
    text = "\n".join(f"Attached {_named(each)} to task #{task_id}." for each in listed)
    return Answer(text, {"files": [each._asdict() for each in listed]}, changed=True)


def save_file(arguments: Namespace, settings: Settings) -> Answer:
    """Save a file that is on a task, under its own name when the path is a folder."""
    if arguments.path == STANDARD and arguments.json:
        raise UsageError("standard output is either the file or JSON")
    file = files.get_file(find_file(arguments.ref))
    content = files.read_content(file.id)
    if arguments.path == STANDARD:
        write_standard(content)
        return Answer("", None)
    target = Path(arguments.path)
    if target.is_dir():
        target /= files.clean_name(file.name)
    write_bytes(str(target), content, force=arguments.force)
    return Answer(f"Saved {_named(file)} as {target}.", {**file._asdict(), "path": str(target)})


def remove_files(arguments: Namespace, settings: Settings) -> Answer:
    """Remove files: all that are named, or none."""
    with transaction():
        ids = dict.fromkeys(find_file(ref) for ref in arguments.refs)
        removed = [files.remove_file(file_id, keep=False).file for file_id in ids]
    text = "\n".join(f"Removed {_named(each)} from task #{each.task_id}." for each in removed)
    return Answer(text, {"files": [each._asdict() for each in removed]}, changed=True)


def _name(arguments: Namespace, path: str) -> str:
    return str(path if arguments.name is None else arguments.name)


def _read(arguments: Namespace, path: str) -> bytes:
    """Return the bytes of a file; refuse more than can be attached, also where the size is known only by reading."""
    content = read_bytes(path, files.SIZE_LIMIT)
    files.check_size(_name(arguments, path), len(content))
    return content


def _named(file: files.File) -> str:
    return f'file #{file.id} "{file.name}" ({size_words(file.size)})'

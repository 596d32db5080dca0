"""``kbtui file``: list, add, save and remove files on a task."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from kbtui.cli.output import Answer, size_words, table
from kbtui.cli.parser import UsageError
from kbtui.cli.streams import STANDARD, read_bytes, read_size, write_bytes, write_standard
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.tasks import files
from kbtui.core.values.dates import write_due
from kbtui.core.views.search import find_file, find_task


def list_files(arguments: Namespace, settings: Settings) -> Answer:
    """List the files on a task, oldest first."""
    task_id = find_task(arguments.task)
    listed = files.list_files(task_id)
    if not listed:
        return Answer(f"There are no files on task #{task_id}.", [])
    rows = [(f"#{each['id']}", size_words(each["size"]), write_due(each["date"]), each["name"]) for each in listed]
    return Answer(table(("ID", "SIZE", "ATTACHED", "NAME"), rows), listed)


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
    return Answer(text, {"files": listed}, changed=True)


def save_file(arguments: Namespace, settings: Settings) -> Answer:
    """Save a file that is on a task, under its own name when the path is a folder."""
    if arguments.path == STANDARD and arguments.json:
        raise UsageError("standard output is either the file or JSON")
    file = files.get_file(find_file(arguments.ref))
    content = files.read_content(file["id"])
    if arguments.path == STANDARD:
        write_standard(content)
        return Answer("", None)
    target = Path(arguments.path)
    if target.is_dir():
        target /= files.clean_name(file["name"])
    write_bytes(str(target), content, force=arguments.force)
    return Answer(f"Saved {_named(file)} as {target}.", {**file, "path": str(target)})


def remove_files(arguments: Namespace, settings: Settings) -> Answer:
    """Remove files: all that are named, or none."""
    with transaction():
        ids = dict.fromkeys(find_file(ref) for ref in arguments.refs)
        removed = [files.remove_file(file_id)[0] for file_id in ids]
    text = "\n".join(f"Removed {_named(each)} from task #{each['task_id']}." for each in removed)
    return Answer(text, {"files": removed}, changed=True)


def _name(arguments: Namespace, path: str) -> str:
    return str(path if arguments.name is None else arguments.name)


def _read(arguments: Namespace, path: str) -> bytes:
    """Return the bytes of a file; refuse more than can be attached, also where the size is known only by reading."""
    content = read_bytes(path, files.SIZE_LIMIT)
    files.check_size(_name(arguments, path), len(content))
    return content


def _named(file: dict[str, Any]) -> str:
    return f'file #{file["id"]} "{file["name"]}" ({size_words(file["size"])})'

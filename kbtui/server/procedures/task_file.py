"""Files attached to tasks; their bytes travel as base64."""

import base64
import binascii
from typing import Any

from kbtui.core.db.models import Task, User
from kbtui.core.tasks import files, tasks
from kbtui.core.tasks.task_rows import check_belongs
from kbtui.errors import InvalidError, NotFoundError
from kbtui.server import shapes
from kbtui.server.registry import changes, reads


@reads
def get_task_file(file_id: int) -> dict[str, Any]:
    """Return what is known of a file."""
    return _shaped(files.get_file(file_id))


@reads
def get_all_task_files(task_id: int) -> list[dict[str, Any]]:
    """Return what is known of a task's files."""
    return [_shaped(row) for row in files.list_files(task_id)]


@reads
def download_task_file(file_id: int) -> str:
    """Return the bytes of a file as base64, an empty text for none."""
    try:
        return base64.b64encode(files.read_content(file_id)).decode("ascii")
    except NotFoundError:
        return ""


@changes
def create_task_file(project_id: int, task_id: int, filename: str, blob: str) -> int:
    """Attach a file to a task and return its id."""
    check_belongs(Task, task_id, project_id)
    try:
        content = base64.b64decode("".join(blob.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidError("The bytes of the file are no base64.") from error
    return files.add_file(task_id, filename, content)


@changes
def remove_task_file(file_id: int) -> bool:
    """Remove a file."""
    files.remove_file(file_id, keep=False)
    return True


@changes
def remove_all_task_files(task_id: int) -> bool:
    """Remove the files of a task."""
    tasks.get_task(task_id)
    for row in files.list_files(task_id):
        files.remove_file(row.id, keep=False)
    return True


def _shaped(row: files.File) -> dict[str, Any]:
    return shapes.file(row, User.get_or_none(User.id == row.user_id))

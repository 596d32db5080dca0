"""Files attached to tasks. Their bytes are in the database, so that one file is the whole board."""

import hashlib
import math
import re
import time
from datetime import datetime
from pathlib import PurePath
from typing import Any

from kbtui.core.db.database import fetch_dicts, fetch_one, transactional
from kbtui.core.db.engine import database
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_facts
from kbtui.core.values import text
from kbtui.errors import InvalidError, NotFoundError

SIZE_LIMIT = 25 * 1024 * 1024
"""The largest file, in bytes."""

IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"})

_FILE_SQL = 'SELECT id, name, is_image, task_id, "date", user_id, size, etag FROM files'

File = dict[str, Any]
"""A file as events tell it: id, name, is_image (0, 1), task_id, date (Unix seconds), user_id, size (bytes), etag."""

RemovedFile = tuple[File, bytes]
"""A file and its bytes."""


@transactional
def add_file(task_id: int, name: str, content: bytes) -> int:
    """Attach a file and return its id. Of a name that is a path, the last part is kept.

    Raises NotFoundError, or InvalidError above 25 MiB or for a name that is none.
    """
    facts = task_facts(task_id)
    clean = clean_name(name)
    check_size(clean, len(content))
    etag = hashlib.sha256(content).hexdigest()[:32]
    is_image = int(PurePath(clean).suffix.lower() in IMAGES)
    file_id: int = database.execute_sql(
        'INSERT INTO files (task_id, name, size, is_image, "date", user_id, etag) VALUES (?, ?, ?, ?, ?, ?, ?)',
        (task_id, clean, len(content), is_image, int(time.time()), log.author_id(), etag),
    ).lastrowid
    database.execute_sql("INSERT INTO file_contents (file_id, content) VALUES (?, ?)", (file_id, content))
    facts["file"] = get_file(file_id)
    log.record("file.create", facts, project_id=facts["task"]["project_id"], task_id=task_id)
    return file_id


@transactional
def remove_file(file_id: int) -> RemovedFile:
    """Remove a file and return it with its bytes, for :func:`restore_file`. Raises NotFoundError."""
    file, content = get_file(file_id), read_content(file_id)
    facts = {**task_facts(file["task_id"]), "file": file}
    log.record("file.destroy", facts, project_id=facts["task"]["project_id"], task_id=file["task_id"])
    database.execute_sql("DELETE FROM files WHERE id = ?", (file_id,))
    return file, content


@transactional
def restore_file(removed: RemovedFile) -> None:
    """Put a removed file back under its own id. Raises NotFoundError when its task is gone."""
    file, content = removed
    facts = {**task_facts(file["task_id"]), "file": file}
    database.execute_sql(
        'INSERT INTO files (id, name, is_image, task_id, "date", user_id, size, etag)'
        " VALUES (:id, :name, :is_image, :task_id, :date, :user_id, :size, :etag)",
        file,
    )
    database.execute_sql("INSERT INTO file_contents (file_id, content) VALUES (?, ?)", (file["id"], content))
    log.record("file.create", facts, project_id=facts["task"]["project_id"], task_id=file["task_id"])


def get_file(file_id: int) -> File:
    """Return what is known of a file. Raises NotFoundError."""
    rows = fetch_dicts(f"{_FILE_SQL} WHERE id = ?", (file_id,))
    if not rows:
        raise NotFoundError(f"There is no file {file_id}.")
    return rows[0]


def read_content(file_id: int) -> bytes:
    """Return the bytes of a file. Raises NotFoundError."""
    row = fetch_one("SELECT content FROM file_contents WHERE file_id = ?", (file_id,))
    if row is None:
        raise NotFoundError(f"There is no file {file_id}.")
    return bytes(row[0])


def list_files(task_id: int) -> list[File]:
    """Return the files of a task, oldest first."""
    return fetch_dicts(f"{_FILE_SQL} WHERE task_id = ? ORDER BY id", (task_id,))


def clean_name(name: str) -> str:
    """Return the name of a file without the folders before it, whatever slash ends them; raise InvalidError."""
    clean = text.clean_line(re.split(r"[/\\]", name.rstrip("/\\"))[-1], "file name", 255)
    if clean in (".", ".."):
        raise InvalidError(f'"{clean}" is a folder, not the name of a file.')
    return clean


def check_size(name: str, size: int) -> None:
    """Raise InvalidError when a file is too large to attach."""
    if size > SIZE_LIMIT:
        tenths = math.ceil(size * 10 / 2**20)  # a byte too many is 25.1 MiB, not 25.0
        raise InvalidError(f"{name} has {tenths / 10:,} MiB; at most {SIZE_LIMIT // 2**20} MiB can be attached.")


def screenshot_name(moment: float) -> str:
    """Return the name of a screenshot taken at a moment: ``Screenshot taken May 19, 2015 at 10:56 AM``, local time."""
    taken = datetime.fromtimestamp(moment).astimezone()
    hour = taken.hour % 12 or 12
    return f"Screenshot taken {taken:%B} {taken.day}, {taken.year} at {hour}:{taken:%M %p}"

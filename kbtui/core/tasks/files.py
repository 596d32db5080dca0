"""Files attached to tasks. Their bytes are in the database, so that one file is the whole board."""

import hashlib
import math
import re
import time
from datetime import datetime
from pathlib import PurePath
from typing import NamedTuple

from peewee import BaseQuery

from kbtui.core.db import models
from kbtui.core.db.database import transactional
from kbtui.core.db.models import FileContent
from kbtui.core.db.prepared import prepared
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_snapshot
from kbtui.core.tasks.removals import keep_rows, kept_rows, put_contents_back
from kbtui.core.values import text
from kbtui.errors import InvalidError, NotFoundError

SIZE_LIMIT = 25 * 1024 * 1024
"""The largest file, in bytes."""

IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"})


class File(NamedTuple):
    """A file as events tell it; ``is_image`` is 0 or 1, ``date`` Unix seconds, ``size`` bytes."""

    id: int
    name: str
    is_image: int
    task_id: int
    date: int
    user_id: int
    size: int
    etag: str


class RemovedFile(NamedTuple):
    """A file that was removed; ``item_id`` is where its bytes wait, 0 when they were not kept."""

    file: File
    item_id: int


_KEYS = [getattr(models.File, name) for name in File._fields]


@prepared(File._make)
def _file(file_id: int) -> BaseQuery:
    return models.File.select(*_KEYS).where(models.File.id == file_id)


@prepared(File._make)
def _files(task_id: int) -> BaseQuery:
    return models.File.select(*_KEYS).where(models.File.task_id == task_id).order_by(models.File.id)


@transactional
def add_file(task_id: int, name: str, content: bytes) -> int:
    """Attach a file and return its id. Of a name that is a path, the last part is kept.

    Raises NotFoundError, or InvalidError above 25 MiB or for a name that is none.
    """
    facts = task_snapshot(task_id)
    clean = clean_name(name)
    check_size(clean, len(content))
    file_id = models.File.insert(
        task_id=task_id,
        name=clean,
        size=len(content),
        is_image=int(PurePath(clean).suffix.lower() in IMAGES),
        date=int(time.time()),
        user_id=log.author_id(),
        etag=etag_of(content),
    ).execute()
    FileContent.insert(file=file_id, content=content).execute()
    facts["file"] = get_file(file_id)._asdict()
    log.record("file.create", facts, project_id=facts["task"]["project_id"], task_id=task_id)
    return int(file_id)


@transactional
def remove_file(file_id: int, *, keep: bool = True) -> RemovedFile:
    """Remove a file and return it, for :func:`restore_file` unless it is not to be kept. Raises NotFoundError."""
    file = get_file(file_id)
    facts = {**task_snapshot(file.task_id), "file": file._asdict()}
    log.record("file.destroy", facts, project_id=facts["task"]["project_id"], task_id=file.task_id)
    item_id = keep_rows("file", file_id, {"files": [file._asdict()]}, [file_id]) if keep else 0
    models.File.delete().where(models.File.id == file_id).execute()
    return RemovedFile(file, item_id)


@transactional
def restore_file(removed: RemovedFile) -> None:
    """Put a removed file back under its own id. Raises NotFoundError when its task is gone or it is kept no longer."""
    file = removed.file
    facts = {**task_snapshot(file.task_id), "file": file._asdict()}
    (row,) = kept_rows(removed.item_id, f'The file "{file.name}"')["files"]
    models.File.insert(row).execute()
    put_contents_back(removed.item_id)
    log.record("file.create", facts, project_id=facts["task"]["project_id"], task_id=file.task_id)


def get_file(file_id: int) -> File:
    """Return what is known of a file. Raises NotFoundError."""
    file = _file.first(file_id)
    if file is None:
        raise NotFoundError(f"There is no file {file_id}.")
    return file


def read_content(file_id: int) -> bytes:
    """Return the bytes of a file. Raises NotFoundError."""
    row = FileContent.get_or_none(FileContent.file_id == file_id)
    if row is None:
        raise NotFoundError(f"There is no file {file_id}.")
    return bytes(row.content)


def list_files(task_id: int) -> list[File]:
    """Return the files of a task, oldest first."""
    return _files.all(task_id)


def etag_of(content: bytes) -> str:
    """Return what tells one content of a file from another."""
    return hashlib.sha256(content).hexdigest()[:32]


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

"""The database's file: made private, compared with the one that was opened, and who else could read it."""

import os
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

COMPANIONS = ("-wal", "-shm", "-deliver")
"""What lies beside a database while it is in use: SQLite's log and its index, and the lock of who delivers."""

Identity = tuple[tuple[int, int] | None, ...]
"""Which files were opened: device and inode of the database and of its log, None for one that is not there."""


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for its owner only; what was there already is left as it is. Raises OSError."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_folder(folder.parent)
    try:
        folder.mkdir(0o700)
    except FileExistsError:
        if not folder.is_dir():  # else another program has just made it
            raise
    else:
        folder.chmod(0o700)  # a umask may have taken from the owner too


def make_private(path: Path) -> None:
    """Make an empty file that its owner alone can read, whatever the umask, unless there is a file already.

    Raises OSError.
    """
    try:
        file = os.open(path.resolve(), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    with suppress(OSError):  # some file systems know no permissions
        os.fchmod(file, 0o600)
    os.close(file)


def identify(path: str) -> Identity:
    """Return which database is at a path.

    The log counts too: one that another program has begun anew there holds nothing of ours.
    """
    return _identify(path), _identify(f"{path}-wal")


def _identify(path: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def is_readable_by_others(path: Path) -> bool:
    """Return whether somebody else on this computer could read or write a database, or what lies beside it."""
    return any(_mode(file) & 0o066 for file in _files(path))


def private_command(path: Path) -> str:
    """Return the command that makes a database and what lies beside it private."""
    return f"chmod 600 {shlex.quote(str(path))}*"


def find_strays(path: Path) -> list[int]:
    """Return the processes, by id, that opened a database at a path where it is no more, or another one.

    Found where the system tells what a process has open (Linux), and of one's own processes.
    """
    names = {f"{path.resolve()}{ending}" for ending in ("", *COMPANIONS)}
    current = _identify(str(path))
    return sorted(
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if int(process.name) != os.getpid() and _is_stray(process, names, current)
    )


def _is_stray(process: Path, names: set[str], current: tuple[int, int] | None) -> bool:
    opened: set[tuple[int, int] | None] = set()
    is_ours = False
    with suppress(OSError):  # it has ended, or is somebody else's
        for file in (process / "fd").iterdir():
            with suppress(OSError):
                is_ours = is_ours or os.readlink(file).removesuffix(" (deleted)") in names
                opened.add(_identify(str(file)))
    return is_ours and (current is None or current not in opened)


def _files(path: Path) -> Iterator[Path]:
    yield path
    for ending in COMPANIONS:
        yield path.with_name(path.name + ending)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return 0

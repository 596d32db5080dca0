"""Files that a command reads and writes, ``-`` being standard input and output; what goes wrong is one sentence."""

import os
import secrets
import sys
from pathlib import Path
from typing import BinaryIO

from kbtui.cli.output import print_text
from kbtui.errors import InvalidError, KbtuiError

STANDARD = "-"
"""What is written for standard input or output instead of a path."""


def read_bytes(path: str, limit: int | None = None) -> bytes:
    """Return what a file or standard input holds, at most one byte more than ``limit``; raise KbtuiError."""
    try:
        if path == STANDARD:
            return _read_all(_standard_input(), limit)
        with Path(path).open("rb") as file:
            return _read_all(file, limit)
    except (OSError, ValueError) as error:
        raise KbtuiError(f"{path} cannot be read: {_reason(error)}.") from error


def read_size(path: str) -> int:
    """Return how many bytes a file has before it is read, 0 where that is not known; raise KbtuiError."""
    if path == STANDARD:
        return 0
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError) as error:
        raise KbtuiError(f"{path} cannot be read: {_reason(error)}.") from error


def read_text(path: str) -> str:
    """Return the text of a file or of standard input; raise KbtuiError, or InvalidError if it is not UTF-8."""
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        name = "Standard input" if path == STANDARD else path
        raise InvalidError(f"{name} is no text in UTF-8: byte {error.start + 1:,} is wrong.") from error


def check_free(path: str) -> None:
    """Raise InvalidError when there is something under a path, before any work is done."""
    if os.path.lexists(path):
        raise InvalidError(f"{path} is there already; replace it with --force.")


def write_bytes(path: str, content: bytes, *, force: bool = False) -> None:
    """Write a whole file or none; raise InvalidError if there is one and no ``force``, KbtuiError if it cannot be."""
    target = Path(path)
    try:
        if not os.path.lexists(target):
            _write_new(target, content)
        elif not force:
            raise FileExistsError
        elif target.is_file():
            beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}")
            _write_new(beside, content)
            beside.replace(target)
        else:  # a terminal, a pipe: not to be replaced, but written to
            target.write_bytes(content)
    except FileExistsError as error:
        raise InvalidError(f"{path} is there already; replace it with --force.") from error
    except (OSError, ValueError) as error:
        raise KbtuiError(f"{path} cannot be written: {_reason(error)}.") from error


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, and leave nothing of it when that fails."""
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            path.unlink(missing_ok=True)
            raise


def write_standard(content: bytes) -> None:
    """Write bytes to standard output as they are; to a terminal, text that it does not obey."""
    if sys.stdout is None:
        return
    if sys.stdout.isatty():
        print_text(content.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n"))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise KbtuiError("There is no standard input to read from.")
    return sys.stdin.buffer


def _read_all(file: BinaryIO, limit: int | None) -> bytes:
    return file.read(-1 if limit is None else limit + 1)


def _reason(error: Exception) -> str:
    """Return what the system says of a path that it cannot use."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

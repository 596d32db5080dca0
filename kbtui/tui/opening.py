"""Files on their way out of the board: opened as a copy with the system's program, or saved."""

import atexit
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import lru_cache
from pathlib import Path

from kbtui.errors import KbtuiError
from kbtui.tui.clipboard import PNG

NAME_LIMIT = 120
"""Characters of a file's name that a copy keeps."""


def open_copy(name: str, content: bytes) -> str:
    """Open a copy of a file, and return the program that was asked to.

    The copies are gone when this program ends. Raises KbtuiError when there is no such program, or no room.
    """
    program = "open" if sys.platform == "darwin" else "xdg-open"
    found = shutil.which(program)
    if found is None:
        raise KbtuiError(f"There is no {program} here; S saves the file instead.")
    quiet = subprocess.DEVNULL
    try:
        path = Path(tempfile.mkdtemp(dir=_copies())) / file_name(name, content)
        path.write_bytes(content)
        opener = subprocess.Popen([found, str(path)], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603
    except OSError as error:
        raise KbtuiError(f"A copy of the file cannot be opened: {error.strerror}. S saves it elsewhere.") from error
    threading.Thread(target=opener.wait, daemon=True).start()  # so that it leaves no zombie
    return program


def file_name(name: str, content: bytes) -> str:
    """Return a name that every file system takes; one without a suffix gets that of its picture."""
    kept = "".join("_" if character in '/\\:*?"<>|' or not character.isprintable() else character for character in name)
    kept = kept.strip(". ") or "file"
    path = Path(kept)
    suffix = path.suffix if len(path.suffix) <= 12 and " " not in path.suffix else ""
    if not suffix:
        suffix = ".png" if content.startswith(PNG) else ".svg" if content.lstrip().startswith(b"<svg") else ""
        return kept[: NAME_LIMIT - len(suffix)] + suffix
    return path.stem[: NAME_LIMIT - len(suffix)] + suffix


@lru_cache(maxsize=1)
def _copies() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kbtui-copies-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder

"""The shell that has started the program, and can bring it back when it has been stopped."""

import os
import subprocess
from pathlib import Path


def can_resume() -> bool:
    """Return whether there is a shell with job control that would bring this program back to the foreground.

    It is the parent of what it has started as one group, maybe with a program between them, and it has a group of its
    own in the same session (POSIX: a group without such a parent is orphaned, and stops for good).
    """
    group = os.getpgrp()
    try:
        process = os.getpid()
        while os.getpgid(parent := _parent(process)) == group:
            process = parent
        return os.getsid(parent) == os.getsid(0)
    except (OSError, ValueError):
        return False


def _parent(process: int) -> int:
    """Return the id of a process's parent. Raises OSError or ValueError when it has none that can be known."""
    if process == os.getpid():
        return os.getppid()
    stat = Path(f"/proc/{process}/stat")
    if stat.exists():
        return int(stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    listed = subprocess.run(["ps", "-o", "ppid=", "-p", str(process)], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return int(listed.stdout)

"""Disks: one that is mounted for a test, and one without room, of which a file takes all that was left."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kbtui.core.db import database
from tests.patience import PATIENCE


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount something at a folder, where this process may do so."""
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount")
    done = subprocess.run([mount, *options, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not possible here: {done.stderr.strip()}")
    try:
        yield
    finally:
        database.close()
        _unmount(folder)


def _unmount(folder: Path) -> None:
    """Unmount a folder; the files of a process that has just ended may stay in use for a moment longer."""
    end = time.monotonic() + PATIENCE
    while True:
        done = subprocess.run(["umount", str(folder)], capture_output=True, text=True, check=False)
        if not done.returncode:
            return
        assert time.monotonic() < end, f"{done.stderr.strip()}; in use by {_users(folder)}"
        time.sleep(0.05)


def _users(folder: Path) -> list[str]:
    """Return the command lines of the processes that have a file of a folder open."""
    users = set[Path]()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink().is_relative_to(folder):
                users.add(link.parent.parent)
        except OSError:  # it has been closed meanwhile, or is not ours to look at
            continue
    return [f"{user.name} {(user / 'cmdline').read_text().replace(chr(0), ' ')}" for user in users if user.exists()]


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no room on a small disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()

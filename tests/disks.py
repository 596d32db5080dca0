"""Disks that are full: a small one, of which a file takes all that is left."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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

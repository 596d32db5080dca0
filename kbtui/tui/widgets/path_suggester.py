"""Suggestions for a path: the name that is being typed is completed from its folder."""

import asyncio
import os

from textual.suggester import Suggester

from kbtui.config import expand

MOST = 2000
"""Entries of a folder that are looked at."""


class PathSuggester(Suggester):
    """Complete the last part of a path; folders end in a slash."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the path with its last part completed."""
        return await asyncio.to_thread(complete, value)


def complete(value: str) -> str | None:
    """Return a path with its last part completed, None when nothing begins with it."""
    start = value.rpartition("/")[2]
    if not start or "\0" in value:
        return None
    folder = expand(value[: len(value) - len(start)] or ".")
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(MOST), entries, strict=False):
                if entry.name.startswith(start) and entry.name != start and entry.name.isprintable():
                    names.append(entry.name + ("/" if entry.is_dir() else ""))
    except OSError:
        return None
    return value + min(names)[len(start) :] if names else None

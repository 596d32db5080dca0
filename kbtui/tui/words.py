"""Words for ages, sizes, dates and durations, as Kanboard writes them, and for files where there is little room."""

import time
from pathlib import Path

from kbtui.core.db.engine import database
from kbtui.core.values.dates import MONTHS


def until(timestamp: float) -> str:
    """Return how long it is until a time, in words."""
    seconds = int(timestamp - time.time() + 0.5)
    if seconds <= 0:
        return "now"
    if seconds < 120:
        return f"in {seconds} s"
    return f"in {seconds // 60} min" if seconds < 7200 else f"in {seconds // 3600} h"


def age(moment: float, now: float) -> str:
    """Return how long ago a moment was: ``<15m``, ``<30m``, ``<1h``, ``~5h`` under a day, then ``12d``."""
    passed = max(now - moment, 0)
    if passed < 3600:
        return "<15m" if passed < 900 else "<30m" if passed < 1800 else "<1h"
    return f"~{int(passed // 3600)}h" if passed < 86400 else f"{int(passed // 86400)}d"


def stamp(moment: float | None, now: float) -> str:
    """Return a moment as ``24 Nov 07:14`` in local time, with its year unless that is this one; empty for none."""
    if not moment:
        return ""
    clock = time.localtime(moment)
    year = f" {clock.tm_year}" if clock.tm_year != time.localtime(now).tm_year else ""
    return f"{clock.tm_mday} {MONTHS[clock.tm_mon - 1]}{year} {clock.tm_hour:02}:{clock.tm_min:02}"


def size(count: int) -> str:
    """Return a number of bytes: ``340 B``, ``12 KiB``, ``1.2 MiB``."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KiB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MiB"


def hours(spent: float, estimated: float) -> str:
    """Return time spent and estimated: ``1.5/3h``, ``2h spent``, ``3h``; empty when there is neither."""
    if spent and estimated:
        return f"{spent:g}/{estimated:g}h"
    if spent:
        return f"{spent:g}h spent"
    return f"{estimated:g}h" if estimated else ""


def without_folder(text: str) -> str:
    """Return a sentence with the database named by its file alone, so that a narrow bar has room for what is wrong."""
    path = str(database.database)
    return text.replace(path, Path(path).name)


def escaped(line: str) -> str:
    """Return a line of an answer in which whatever is not printable is spelled out, such as ``\\x1b``."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in line)

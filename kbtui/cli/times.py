"""Times on the command line: since when."""

import argparse
import re
import time

from kbtui.core.values.dates import parse_due
from kbtui.errors import InvalidError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

EXAMPLES = "30m, 12h, 1d, 2w, today, 2027-01-31, '2027-01-31 14:30'"
"""What :func:`since` understands, for help and errors."""


def since(text: str) -> float:
    """Read how long ago, or when, as Unix seconds, for ``type=``."""
    words = text.strip().lower()
    if match := re.fullmatch("([0-9]{1,6})([smhdw])", words):
        return time.time() - int(match[1]) * UNITS[match[2]]
    try:
        moment = 0 if words.startswith("+") else parse_due(words, time.time())
    except InvalidError:
        moment = 0
    if not moment:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; try {EXAMPLES}")
    return float(moment)

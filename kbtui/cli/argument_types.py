"""What the arguments of several commands are read with: functions for argparse's ``type=``."""

import math
from argparse import ArgumentTypeError

LARGEST_NUMBER = 2**53
"""Numbers beyond this are not the same in every program that reads JSON."""


def number(text: str) -> int:
    """Read a whole number."""
    value = int(text)
    if abs(value) > LARGEST_NUMBER:
        raise ArgumentTypeError(f"{text} is too large")
    return value


def hours(text: str) -> float:
    """Read a time in hours."""
    value = float(text)
    if not math.isfinite(value):
        raise ArgumentTypeError(f"{text} is no time")
    return value


def yes_or_no(text: str) -> int:
    """Read a yes or a no as 1 or 0."""
    flags = {"yes": 1, "true": 1, "on": 1, "1": 1, "no": 0, "false": 0, "off": 0, "0": 0}
    if text.lower() not in flags:
        raise ArgumentTypeError(f"{text!r} is neither yes nor no")
    return flags[text.lower()]


def read_host(text: str) -> str:
    """Read what to listen on."""
    if not text.strip():
        raise ArgumentTypeError("it is empty; 0.0.0.0 stands for every address of this machine")
    return text


def read_port(text: str) -> int:
    """Read a port; 0 stands for any that is free."""
    return between(number(text), 0, 65535)


def between(value: int, least: int, most: int) -> int:
    """Return a value that is within bounds; raise ArgumentTypeError for another one."""
    if not least <= value <= most:
        raise ArgumentTypeError(f"{value} is not between {least} and {most}")
    return value

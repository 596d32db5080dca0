"""What opening a database has to say that is no error."""

from collections.abc import Callable
from typing import NamedTuple


class Notice(NamedTuple):
    """One line for the person; ``is_passing``: it tells how far something is, and the next one takes its place."""

    text: str
    is_passing: bool = False


Tell = Callable[[Notice], object]
"""Says a notice wherever the person is."""


def keep_silent(notice: Notice) -> None:
    """Say nothing."""

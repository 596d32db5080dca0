"""Kanboard's sixteen task colours."""

from typing import NamedTuple

from kbtui.errors import InvalidError


class TaskColor(NamedTuple):
    """A colour as Kanboard shows it: its name, the card's background and its border, as ``#RRGGBB``."""

    name: str
    background: str
    border: str


DEFAULT_COLOR = "yellow"

COLORS: dict[str, TaskColor] = {
    "yellow": TaskColor("Yellow", "#F5F7C4", "#DFE32D"),
    "blue": TaskColor("Blue", "#DBEBFF", "#A8CFFF"),
    "green": TaskColor("Green", "#BDF4CB", "#4AE371"),
    "purple": TaskColor("Purple", "#DFB0FF", "#CD85FE"),
    "red": TaskColor("Red", "#FFBBBB", "#FF9797"),
    "orange": TaskColor("Orange", "#FFD7B3", "#FFAC62"),
    "grey": TaskColor("Grey", "#EEEEEE", "#CCCCCC"),
    "brown": TaskColor("Brown", "#D7CCC8", "#4E342E"),
    "deep_orange": TaskColor("Deep Orange", "#FFAB91", "#E64A19"),
    "dark_grey": TaskColor("Dark Grey", "#CFD8DC", "#455A64"),
    "pink": TaskColor("Pink", "#F48FB1", "#D81B60"),
    "teal": TaskColor("Teal", "#80CBC4", "#00695C"),
    "cyan": TaskColor("Cyan", "#B2EBF2", "#00BCD4"),
    "lime": TaskColor("Lime", "#E6EE9C", "#AFB42B"),
    "light_green": TaskColor("Light Green", "#DCEDC8", "#689F38"),
    "amber": TaskColor("Amber", "#FFE082", "#FFA000"),
}
"""Colour id → what it looks like. An unknown id is stored as it is and drawn in the default colour."""


def check_color(color_id: str) -> str:
    """Return a known colour's id, whatever its case; raise InvalidError that lists them all."""
    wanted = color_id.strip().lower().replace(" ", "_").replace("-", "_")
    if wanted not in COLORS:
        raise InvalidError(f"There is no colour {color_id!r}; choose one of {', '.join(COLORS)}.")
    return wanted

"""Rows of a list: what they are, and the parts that they are drawn of."""

from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from kbtui.tui.glyphs import clip

GUTTER = 2
"""Cells left of the rows, for the cursor's bar."""

MARKDOWN = ("text", "strong", "emphasis", "strike", "code", "link", "heading", "quote", "dim")
"""The parts whose styles Markdown is drawn in."""

PARTS = (*MARKDOWN, "title", "hint", "row", "cursor", "bar", "label", "person", "good", "warning", "bad")

Key = int | str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its key, and all that is drawn of it."""

    key: Key
    facts: Any


def room(width: int) -> int:
    """Return the cells for a row's text: right of the gutter, with one left free at the end."""
    return max(width - GUTTER - 1, 8)


def title_line(title: str, hint: str, width: int, ground: Style, hint_style: Style) -> Strip:
    """Return a title with something at its right end, exactly so many cells wide."""
    shown_title = clip(f" {title}", width - 1)
    shown = clip(hint, max(width - cell_len(shown_title) - 3, 0))
    gap = " " * (width - cell_len(shown_title) - cell_len(shown) - 1)
    return Strip([Segment(shown_title, ground), Segment(gap, ground), Segment(f"{shown} ", ground + hint_style)])

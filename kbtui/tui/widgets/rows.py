"""Rows of a list: what they are, and the parts that they are drawn of."""

from dataclasses import dataclass
from typing import Any

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

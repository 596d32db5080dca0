"""Where everything on the board is: plain arithmetic, without a screen.

From top to bottom the board has one line of column heads, then a band for each swimlane: its head (left out when
there is only one swimlane) and, unless it is collapsed, a body in which each cell scrolls by itself. When the
bands need more lines than there are, the bands scroll as a whole. When the columns need more width than there is,
some are shown and the rest is a key away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.geometry import Region

LEAST_COLUMN = 22
"""The narrowest column, in cells, in which a card can be read."""

LEAST_BAND = 9
"""The fewest lines of a body: the tallest card, and a line above and below it."""

EMPTY_BAND = 3
"""The lines of a body without tasks."""

HEAD = 1
"""The lines of the column heads."""


@dataclass(frozen=True, slots=True)
class Band:
    """One swimlane: the lines of its head (0 or 1) and body (0 when collapsed), and where it begins.

    ``top`` counts from the first line under the column heads, before scrolling.
    """

    top: int
    head: int
    body: int

    @property
    def body_top(self) -> int:
        """The first line of the body."""
        return self.top + self.head

    @property
    def bottom(self) -> int:
        """The line after the last one."""
        return self.top + self.head + self.body


@dataclass(frozen=True, slots=True)
class Spot:
    """What is at a point: the swimlane's and the column's index, and the line within the body (-1: on the head)."""

    swimlane: int
    column: int
    line: int


@dataclass(frozen=True, slots=True)
class BoardLayout:
    """The places of all columns and bands for one size of the widget."""

    width: int
    height: int
    first_column: int
    column_widths: tuple[int, ...]
    bands: tuple[Band, ...]

    @property
    def visible_columns(self) -> range:
        """The indexes of the columns that are shown."""
        return range(self.first_column, self.first_column + len(self.column_widths))

    @property
    def room(self) -> int:
        """The lines under the column heads."""
        return max(self.height - HEAD, 0)

    @property
    def most_scroll(self) -> int:
        """How many lines the bands can be scrolled."""
        return max((self.bands[-1].bottom if self.bands else 0) - self.room, 0)

    def column_left(self, column: int) -> int:
        """Return the x of a visible column's first cell."""
        return sum(self.column_widths[: column - self.first_column])

    def column_width(self, column: int) -> int:
        """Return the width of a visible column, its gap on the right included."""
        return self.column_widths[column - self.first_column]

    @property
    def card_width(self) -> int:
        """The width of every card: all columns but the last are equally wide, and one cell of each is free."""
        return max(self.column_widths[0] - 1, 1) if self.column_widths else 1

    def column_at(self, x: int) -> int | None:
        """Return the index of the column at ``x``, or None outside all of them."""
        right = 0
        for index, width in enumerate(self.column_widths):
            right += width
            if 0 <= x < right:
                return self.first_column + index
        return None

    def column_head(self, column: int) -> Region:
        """Return where a column's head is; empty when the column is not shown."""
        if column not in self.visible_columns:
            return Region()
        return Region(self.column_left(column), 0, self.column_width(column), HEAD)

    def swimlane_head(self, swimlane: int, scroll: int) -> Region:
        """Return the part of a swimlane's head that is in sight; empty when it has none."""
        if swimlane >= len(self.bands):
            return Region()
        band = self.bands[swimlane]
        return self._clip(Region(0, HEAD + band.top - scroll, self.width, band.head))

    def cell(self, swimlane: int, column: int, scroll: int) -> Region:
        """Return the part of a cell that is in sight."""
        if column not in self.visible_columns or swimlane >= len(self.bands):
            return Region()
        band = self.bands[swimlane]
        top = HEAD + band.body_top - scroll
        return self._clip(Region(self.column_left(column), top, self.column_width(column), band.body))

    def _clip(self, region: Region) -> Region:
        return region.intersection(Region(0, HEAD, self.width, self.room))

    def spot_at(self, x: int, y: int, scroll: int) -> Spot | None:
        """Return what is at a point of the widget, or None on the heads of columns and outside the board."""
        column = self.column_at(x)
        line = y - HEAD + scroll
        if column is None or y < HEAD or y >= self.height:
            return None
        for index, band in enumerate(self.bands):
            if band.top <= line < band.bottom:
                return Spot(index, column, line - band.body_top)
        return None


def lay_out(
    width: int,
    height: int,
    columns: int,
    wanted: Sequence[int | None],
    *,
    first_column: int = 0,
) -> BoardLayout:
    """Divide ``width`` × ``height`` among the columns and swimlanes.

    ``wanted`` has, for each swimlane, how many lines its fullest cell would fill, or None when it is collapsed.
    """
    shown = max(min(columns, width // LEAST_COLUMN), 1) if columns else 0
    first = max(min(first_column, columns - shown), 0)
    widths = (*[width // shown] * (shown - 1), width - width // shown * (shown - 1)) if shown else ()
    head = 0 if len(wanted) == 1 and wanted[0] is not None else 1
    room = height - HEAD - head * len(wanted)
    bodies = _share(room, wanted)
    bands: list[Band] = []
    top = 0
    for body in bodies:
        bands.append(Band(top, head, body))
        top = bands[-1].bottom
    return BoardLayout(width, height, first, widths, tuple(bands))


def _share(room: int, wanted: Sequence[int | None]) -> list[int]:
    """Divide the lines: nobody gets less than it can be read in, the greedy share alike, the last takes the rest."""
    bodies = [0] * len(wanted)
    hungry = {index: max(lines, EMPTY_BAND) for index, lines in enumerate(wanted) if lines is not None}
    left = room
    while hungry:
        fair = left // len(hungry)
        modest = {index: lines for index, lines in hungry.items() if lines <= fair}
        if not modest:
            break
        for index, lines in modest.items():
            bodies[index] = lines
            left -= lines
            del hungry[index]
    for number, index in enumerate(sorted(hungry)):
        share = left // (len(hungry) - number)
        left -= share
        bodies[index] = max(share, min(hungry[index], LEAST_BAND))
    opened = [index for index, lines in enumerate(wanted) if lines is not None]
    if opened and not hungry and left > 0:
        bodies[opened[-1]] += left
    return bodies

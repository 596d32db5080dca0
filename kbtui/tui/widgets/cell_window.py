"""The stretch of a cell that is on the screen: which cards, and on which lines.

The first line of a cell is free or says how many tasks are above; each card is followed by a free line (none in the
compact density); the last line says how many tasks are not wholly shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from textual.strip import Strip

from kbtui.core.tasks.ranks import Cell
from kbtui.core.views.board import Card

ReadCards = Callable[[Cell, int, int], list[Card]]
"""Return at most so many cards (third) of a cell from an offset (second) on."""

DrawCard = Callable[[Card], tuple[Strip, ...]]


@dataclass(slots=True)
class CellWindow:
    """What is loaded and shown of one cell. ``first`` is the 0-based index of the topmost card."""

    cell: Cell
    count: int
    first: int = 0
    cards: list[Card] = field(default_factory=list)
    tops: list[int] = field(default_factory=list)
    heights: list[int] = field(default_factory=list)

    def load(self, read: ReadCards, draw: DrawCard, lines: int, gap: int) -> None:
        """Read the cards that fit into ``lines`` from ``first`` on, and put them on lines."""
        self.first = max(min(self.first, self.count - 1), 0)
        most = lines // (1 + gap) + 1
        self.cards = read(self.cell, self.first, most) if self.count else []
        self.arrange(draw, gap)

    def arrange(self, draw: DrawCard, gap: int) -> None:
        """Put the loaded cards on lines."""
        self.tops, self.heights = [], []
        top = 1
        for card in self.cards:
            height = len(draw(card))
            self.tops.append(top)
            self.heights.append(height)
            top += height + gap

    def reveal(self, index: int, read: ReadCards, draw: DrawCard, lines: int, gap: int) -> bool:
        """Scroll as little as needed for card ``index`` to be wholly shown; tell whether that scrolled."""
        first = self.first
        if index < self.first:
            self.first = index
        elif not self.is_whole(index, lines):
            self.first = self._first_for_last(index, read, draw, lines, gap)
        if self.first == first and self.cards:
            return False
        self.load(read, draw, lines, gap)
        return True

    def _first_for_last(self, index: int, read: ReadCards, draw: DrawCard, lines: int, gap: int) -> int:
        """Return which card must be topmost for card ``index`` to be the last one that is wholly shown."""
        most = lines // (1 + gap) + 1
        offset = max(index - most + 1, 0)
        cards = read(self.cell, offset, index - offset + 1)
        left = lines - 2
        first = index
        for number in range(len(cards) - 1, -1, -1):
            left -= len(draw(cards[number]))
            if left < 0:
                break
            first = offset + number
            left -= gap
        return min(first, index)

    def is_whole(self, index: int, lines: int) -> bool:
        """Tell whether card ``index`` is wholly shown in ``lines``."""
        number = index - self.first
        if not 0 <= number < len(self.cards):
            return False
        last_line = lines if index == self.count - 1 else lines - 1
        return number == 0 or self.tops[number] + self.heights[number] <= last_line

    def hidden_below(self, lines: int) -> int:
        """Return how many cards further down are not wholly shown in ``lines``."""
        rest = self.count - self.first
        if not self.cards or (len(self.cards) == rest and self.tops[-1] + self.heights[-1] <= lines):
            return 0
        return rest - max(self._whole(lines - 1), 1)

    def _whole(self, lines: int) -> int:
        """Return how many of the loaded cards end within ``lines``."""
        return sum(top + height <= lines for top, height in zip(self.tops, self.heights, strict=True))

    def wanted(self, lines: int) -> int:
        """Return how many lines the whole cell would fill, or at least more than ``lines`` when it is not loaded."""
        if self.first or len(self.cards) < self.count:
            return lines + 1
        return self.tops[-1] + self.heights[-1] + 1 if self.cards else 0

    def index_at(self, line: int) -> int | None:
        """Return which card is on a line of the body, or None between cards."""
        for number, (top, height) in enumerate(zip(self.tops, self.heights, strict=True)):
            if top <= line < top + height:
                return self.first + number
        return None

    def landing_at(self, line: int) -> int:
        """Return the index before which something dropped on a line lands."""
        for number, (top, height) in enumerate(zip(self.tops, self.heights, strict=True)):
            if line < top + (height + 1) // 2:
                return self.first + number
        return self.first + len(self.cards)

    def nearest(self, line: int) -> int:
        """Return which card is on a line or nearest to it; 0 in an empty cell."""
        index = self.index_at(line)
        return min(self.landing_at(line) if index is None else index, max(self.count - 1, 0))

    def landing_line(self, index: int) -> int:
        """Return the line just above card ``index``: where a mark shows that something lands there."""
        number = min(max(index - self.first, 0), len(self.cards))
        if number < len(self.tops):
            return max(self.tops[number] - 1, 0)
        return self.tops[-1] + self.heights[-1] if self.tops else 0


def compose(
    window: CellWindow,
    lines: int,
    draw: DrawCard,
    blank: Strip,
    above: Callable[[int], Strip],
    below: Callable[[int], Strip],
) -> Sequence[Strip]:
    """Return the ``lines`` lines of a cell: cards on blank ground, with how many more there are above and below."""
    strips = [blank] * lines
    for card, top in zip(window.cards, window.tops, strict=True):
        for number, strip in enumerate(draw(card), top):
            if number < lines:
                strips[number] = strip
    if lines and window.first:
        strips[0] = above(window.first)
    hidden = window.hidden_below(lines)
    if lines > 1 and hidden > 0:
        strips[lines - 1] = below(hidden)
    return strips

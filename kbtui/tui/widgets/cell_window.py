"""The stretch of a cell that is on the screen: which cards, and on which lines.

The first line of a cell is free or says how many tasks are above; each card is followed by a free line (none in the
compact density); the last line says how many tasks are not wholly shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from textual.strip import Strip

from kbtui.core.tasks.ranks import Cell, Key
from kbtui.core.views.board import Card

DrawCard = Callable[[Card], tuple[Strip, ...]]

PAGES = 4
"""How many times what is shown stays loaded at most."""


class CardReader(Protocol):
    """What reads the cards of cells; :mod:`kbtui.core.views.board` does."""

    def read_cards(self, cell: Cell, start: Key | None, limit: int) -> list[Card]:
        """Return at most so many cards from a key on, None being the top."""

    def read_cards_before(self, cell: Cell, before: Key | None, limit: int) -> list[Card]:
        """Return at most so many cards, the last before a key, None being the end."""

    def count_before(self, cell: Cell, key: Key) -> int:
        """Return how many cards stand before a key."""

    def find_key(self, cell: Cell, index: int) -> Key | None:
        """Return the key of the card with a 0-based index."""


@dataclass(slots=True)
class CellWindow:
    """What is loaded and shown of one cell. ``first`` is the 0-based index of the topmost card that is shown.

    More is loaded than is shown, from ``start`` on: a step or a move at the edge need not wait for a read. What comes
    next to it is read by the keys at its ends, so that it takes as long in the middle of a large cell as at its top.
    """

    cell: Cell
    count: int
    first: int = 0
    start: int = 0
    loaded: list[Card] = field(default_factory=list)
    room: int = 0
    """How many cards are shown at most."""
    cards: list[Card] = field(default_factory=list)
    """Those that are shown, the last of them perhaps in part."""
    tops: list[int] = field(default_factory=list)
    heights: list[int] = field(default_factory=list)

    def load(self, reader: CardReader, draw: DrawCard, lines: int, gap: int) -> None:
        """Read what is missing of the cards that fit into ``lines`` from ``first`` on, and put them on lines.

        Where there is more room below the last card than it takes, what is above moves down into it.
        """
        self.first = max(min(self.first, self.count - 1), 0)
        self.room = lines // (1 + gap) + 1
        self._show(reader, draw, gap)
        if self.first and not self.hidden_below(lines):
            first = self._first_for_last(self.count - 1, reader, draw, lines, gap)
            if first < self.first:
                self.first = first
                self._show(reader, draw, gap)

    def _show(self, reader: CardReader, draw: DrawCard, gap: int) -> None:
        self._fetch(reader, self.first, self.first + self.room)
        self.arrange(draw, gap)

    def read_again(self, reader: CardReader, count: int) -> None:
        """Forget what is loaded, and keep what is shown in place, whatever has come or gone before it."""
        self.count = count
        loaded, self.loaded, self.cards = self.loaded, [], []
        if not self.start or not loaded:
            self.start = 0
            return
        start = reader.count_before(self.cell, loaded[0].key)
        self.first += start - self.start
        self.start = start
        self.loaded = reader.read_cards(self.cell, loaded[0].key, len(loaded))

    def forget(self, count: int) -> None:
        """Forget what is loaded."""
        self.count, self.start, self.loaded, self.cards = count, 0, [], []

    def loaded_card(self, index: int) -> Card | None:
        """Return the card with an index if it is loaded."""
        number = index - self.start
        return self.loaded[number] if 0 <= number < len(self.loaded) else None

    def card(self, reader: CardReader, index: int) -> Card | None:
        """Return the card with an index, also when it is not loaded."""
        if (loaded := self.loaded_card(index)) is not None:
            return loaded
        key = reader.find_key(self.cell, index) if index < self.count else None
        return next(iter(reader.read_cards(self.cell, key, 1)), None) if key else None

    def take(self, index: int) -> None:
        """Let the card with an index go; what is shown stays in place."""
        self.count, self.cards = self.count - 1, []
        number = index - self.start
        if 0 <= number < len(self.loaded):
            del self.loaded[number]
        if number < 0:
            self.start -= 1
        if index < self.first:
            self.first -= 1

    def put(self, index: int, card: Card) -> None:
        """Let a card come in before the one with an index; what is shown stays in place."""
        self.count, self.cards = self.count + 1, []
        number = index - self.start
        if 0 <= number <= len(self.loaded):
            self.loaded.insert(number, card)
        if number < 0:
            self.start += 1
        if index < self.first:
            self.first += 1

    def _fetch(self, reader: CardReader, first: int, last: int) -> None:
        """Load the cards from index ``first`` up to ``last``, and as many on either side, unless they are loaded."""
        first, last = max(first, 0), min(last, self.count)
        end = self.start + len(self.loaded)
        if first >= last or (self.start <= first and last <= end):
            return
        low, high = max(first - self.room, 0), min(last + self.room, self.count)
        if self.loaded and self.start <= first <= end:
            # The last one is read again: what comes after it has no key yet.
            self.loaded[-1:] = reader.read_cards(self.cell, self.loaded[-1].key, high - end + 1)
        elif self.loaded and first < self.start <= last:
            before = reader.read_cards_before(self.cell, self.loaded[0].key, self.start - low)
            self.start = self.start - len(before) if len(before) == self.start - low else 0
            self.loaded[:0] = before
        else:
            self._load_anew(reader, low, high)
        self._drop_far(low, high)

    def _load_anew(self, reader: CardReader, low: int, high: int) -> None:
        if high < self.count or not low:
            key = reader.find_key(self.cell, low) if low else None
            self.loaded = reader.read_cards(self.cell, key, high - low)
            self.start = low
        else:
            self.loaded = reader.read_cards_before(self.cell, None, high - low)
            self.start = max(high - len(self.loaded), 0)

    def _drop_far(self, low: int, high: int) -> None:
        """Keep no more than some pages: a person who leafs through a large cell need not have it all in memory."""
        if len(self.loaded) > PAGES * (high - low):
            self.loaded = self.loaded[max(low - self.start, 0) : high - self.start]
            self.start = max(low, self.start)

    def arrange(self, draw: DrawCard, gap: int) -> None:
        """Put the cards that are shown on lines."""
        number = max(self.first - self.start, 0)
        self.cards = self.loaded[number : number + self.room]
        self.tops, self.heights = [], []
        top = 1
        for card in self.cards:
            height = len(draw(card))
            self.tops.append(top)
            self.heights.append(height)
            top += height + gap

    def reveal(self, index: int, reader: CardReader, draw: DrawCard, lines: int, gap: int) -> bool:
        """Scroll as little as needed for card ``index`` to be wholly shown; tell whether that scrolled."""
        first = self.first
        if index < self.first:
            self.first = index
        elif not self.is_whole(index, lines):
            self.first = self._first_for_last(index, reader, draw, lines, gap)
        if self.first == first and self.cards:
            return False
        self.load(reader, draw, lines, gap)
        return True

    def _first_for_last(self, index: int, reader: CardReader, draw: DrawCard, lines: int, gap: int) -> int:
        """Return which card must be topmost for card ``index`` to be the last one that is wholly shown."""
        self._fetch(reader, index - lines // (1 + gap), index + 1)
        left = lines - 2
        first = index
        for number in range(min(index - self.start, len(self.loaded) - 1), -1, -1):
            left -= len(draw(self.loaded[number]))
            if left < 0:
                break
            first = self.start + number
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

"""How a task looks on the board: lines of text from a row of plain values."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from kbtui.core.values.colors import COLORS, DEFAULT_COLOR
from kbtui.core.values.dates import due_state, format_due
from kbtui.core.views.board import Card
from kbtui.tui.glyphs import clip, drawable, fill, wrap

TITLE_LINES = 3
"""A longer title ends in an ellipsis; the task's own screen shows all of it."""

DETAIL_LINES = 2

DATES_LAST = 300
"""Seconds for which a drawn due date stays true enough."""

CACHE = 4096
"""How many drawn cards are remembered."""

_bars: Mapping[str, Style] = {color_id: Style(color=color.border, bold=False) for color_id, color in COLORS.items()}


@dataclass(frozen=True, slots=True)
class CardStyles:
    """The styles of a card's parts, from the style sheet."""

    card: Style
    cursor: Style
    dim: Style
    label: Style
    assignee: Style
    today: Style
    overdue: Style


class CardPainter:
    """Draw cards, and remember them by what is on them, their width and their state."""

    def __init__(self, styles: CardStyles) -> None:
        self.styles = styles
        self._drawn: dict[tuple[Card, int, bool, bool, int], tuple[Strip, ...]] = {}

    def draw(self, card: Card, width: int, *, cursor: bool, compact: bool) -> tuple[Strip, ...]:
        """Return the lines of a card, each ``width`` cells wide. The state never changes how many there are."""
        now = time.time()
        key = (card, width, cursor, compact, int(now // DATES_LAST) if card.date_due else 0)
        strips = self._drawn.get(key)
        if strips is None:
            if len(self._drawn) >= CACHE:
                self._drawn.clear()
            strips = self._drawn[key] = tuple(self._paint(card, width, cursor=cursor, compact=compact, now=now))
        return strips

    def _paint(self, card: Card, width: int, *, cursor: bool, compact: bool, now: float) -> list[Strip]:
        ground = self.styles.cursor if cursor else self.styles.card
        bar = ground + _bars.get(card.color_id, _bars[DEFAULT_COLOR])
        inner = max(width - 3, 1)
        number = f"#{card.id} "
        title = drawable(card.title)
        lines: list[list[Segment]] = []
        if compact:
            lines.append([Segment(number, ground + self.styles.dim), *_text(clip(title, inner - len(number)), ground)])
        else:
            for index, line in enumerate(wrap(number + title, inner, TITLE_LINES)):
                if index == 0 and line.startswith(number):
                    lines.append([Segment(number, ground + self.styles.dim), *_text(line[len(number) :], ground)])
                else:
                    lines.append(_text(line, ground))
            lines += self._labels(card, inner, ground)
            lines += self._details(card, inner, ground, now)
        mark = "▶" if cursor else "▌"
        strips = []
        for index, segments in enumerate(lines):
            used = sum(segment.cell_length for segment in segments)
            begin = Segment(mark if index == 0 else ("█" if cursor else "▌"), bar)
            pad = Segment(" " * max(width - 2 - used, 0), ground)
            strips.append(Strip([begin, Segment(" ", ground), *segments, pad]).adjust_cell_length(width, ground))
        return strips

    def _labels(self, card: Card, inner: int, ground: Style) -> list[list[Segment]]:
        """Return the line with the category and the tags, if there are any."""
        category = clip(drawable(card.category), inner)
        segments = [Segment(category, ground + self.styles.label)] if category else []
        left = inner - cell_len(category) - (1 if category else 0)
        if card.tags and left > 2:
            if category:
                segments.append(Segment(" ", ground))
            segments.append(Segment(clip(drawable(card.tags), left), ground + self.styles.dim))
        return [segments] if segments else []

    def _details(self, card: Card, inner: int, ground: Style, now: float) -> list[list[Segment]]:
        """Return the lines with everything that is a number, a date or a name."""
        dim = ground + self.styles.dim
        parts = [
            (f"P{card.priority}", dim) if card.priority > 0 else (f"-P{-card.priority}", dim),
            (f"◆{card.score}", dim),
            self._due(card.date_due, ground, now),
            (f"✓{card.subtasks_done}/{card.subtasks}", dim),
            (f"✎{card.comments}", dim),
            (f"▤{card.files}", dim),
            (f"↔{card.links}", dim),
            ("≡", dim),
            ("↻", dim),
            (f"@{clip(drawable(card.assignee), inner - 1)}", ground + self.styles.assignee),
        ]
        present = (
            card.priority,
            card.score,
            card.date_due,
            card.subtasks,
            card.comments,
            card.files,
            card.links,
            card.has_description,
            card.recurs,
            card.assignee,
        )
        lines: list[list[Segment]] = []
        used = inner + 1
        for (text, style), shown in zip(parts, present, strict=True):
            if not shown:
                continue
            text = clip(text, inner)
            length = cell_len(text)
            if used + 1 + length > inner:
                lines.append([])
                used = -1
            else:
                lines[-1].append(Segment(" ", ground))
            lines[-1].append(Segment(text, style))
            used += 1 + length
        return lines[:DETAIL_LINES]

    def _due(self, date_due: int, ground: Style, now: float) -> tuple[str, Style]:
        """Return the due date in words: "due today" and "overdue" say more than a colour."""
        if not date_due:
            return "", ground
        when, state = format_due(date_due, now), due_state(date_due, now)
        if state == "overdue":
            return f"overdue {when}", ground + self.styles.overdue
        return f"due {when}", ground + (self.styles.today if state == "today" else self.styles.dim)


def _text(text: str, style: Style) -> list[Segment]:
    return [Segment(text, style)] if text else []


def banner(text: str, width: int, style: Style) -> Strip:
    """Return one line of drawable text in one style, exactly ``width`` cells wide."""
    return Strip([Segment(fill(text, width), style)], width)

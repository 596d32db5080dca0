"""The table of deliveries: a hundred thousand rows at the cost of what is seen of them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kbtui.tui.base import Guarded
from kbtui.tui.glyphs import clip, drawable, fill
from kbtui.tui.words import until
from kbtui.webhooks.deliveries import DeliveryRow

PAGE = 200
"""Rows that are read at once."""

WHEEL = 3

ReadRows = Callable[[int, int], list[DeliveryRow]]
"""Return at most so many deliveries (second) from an offset (first) on, the newest first."""

_COLUMNS = (
    ("time", 8, 8),
    ("event", 18, 32),
    ("task", 6, 8),
    ("endpoint", 9, 24),
    ("try", 5, 7),
    ("state", 7, 8),
    ("answer", 8, 13),
    ("ms", 6, 8),
    ("next try", 9, 11),
)
"""The heads with the least and the greatest width; of those that do not fit "ms" is left out first, then the last."""


class DeliveryTable(Guarded, Widget, can_focus=True):
    """Show deliveries, the newest first, with a cursor that stays on its delivery as others arrive."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "delivery-table--head",
        "delivery-table--row",
        "delivery-table--cursor",
        "delivery-table--done",
        "delivery-table--waiting",
        "delivery-table--dead",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", show=False, id="delivery.up", tooltip="The newer delivery"),
        Binding("down,j", "step(1)", "Down", show=False, id="delivery.down", tooltip="The older delivery"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="delivery.page_up", tooltip="A page up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="delivery.page_down", tooltip="A page down"),
        Binding("g,home", "go(0)", "Newest", show=False, id="delivery.first", tooltip="The newest delivery"),
        Binding("G,end", "go(1073741824)", "Oldest", show=False, id="delivery.last", tooltip="The oldest delivery"),
        Binding("enter", "choose", "Details", show=False, id="delivery.choose", tooltip="The delivery in full"),
    ]

    @dataclass
    class Marked(Message):
        """The cursor is on another delivery, or on none (None)."""

        delivery: DeliveryRow | None

    @dataclass
    class Chosen(Message):
        """A delivery was chosen with Enter or a double click."""

        delivery: DeliveryRow

    def __init__(self, read: ReadRows, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._read = read
        self._pages: dict[int, list[DeliveryRow]] = {}
        self._count = 0
        self._top = 0
        self._cursor = 0
        self._empty = "Nothing has been sent yet."
        self._told: object = ()

    @property
    def row(self) -> DeliveryRow | None:
        """The delivery under the cursor."""
        return self._row(self._cursor)

    def show(self, count: int, cursor: int | None = None, *, empty: str = "") -> None:
        """Read the rows again; ``cursor`` is where the marked delivery stands by now, None to leave it.

        What is in sight stays in sight: neither the cursor nor what was scrolled to moves as others arrive.
        """
        in_sight = self._top <= self._cursor < self._top + self._room
        self._pages.clear()
        self._count = count
        self._empty = empty or self._empty
        if cursor is not None and self._top:
            self._top += cursor - self._cursor
        self._go(self._cursor if cursor is None else cursor, reveal=in_sight)
        self.refresh()

    @property
    def _room(self) -> int:
        """How many rows can be seen."""
        return max(self.size.height - 1, 1)

    def _row(self, index: int) -> DeliveryRow | None:
        if not 0 <= index < self._count:
            return None
        number, place = divmod(index, PAGE)
        if number not in self._pages:
            if len(self._pages) > 20:
                self._pages.clear()
            self._pages[number] = self._read(number * PAGE, PAGE)
        page = self._pages[number]
        return page[place] if place < len(page) else None

    def render_line(self, y: int) -> Strip:
        """Return the heads, or a row."""
        width = self.size.width
        head = self.get_component_rich_style("delivery-table--head")
        columns = _fit(width)
        if y == 0:
            text = " ".join(fill(name, size) for name, size in columns)
            return Strip([Segment(fill(f"  {text}", width), head)], width)
        ground = self.get_component_rich_style("delivery-table--row")
        index = self._top + y - 1
        row = self._row(index)
        if row is None:
            text = f"  {self._empty}" if not self._count and y == 2 else ""
            return Strip([Segment(fill(text, width), ground)], width)
        return self._paint(row, columns, width, ground, marked=index == self._cursor)

    def _paint(
        self, row: DeliveryRow, columns: Sequence[tuple[str, int]], width: int, ground: Style, *, marked: bool
    ) -> Strip:
        style = self.get_component_rich_style("delivery-table--cursor") if marked else ground
        kind = {"done": "done", "dead": "dead"}.get(row.state, "waiting")
        mood = self.get_component_styles(f"delivery-table--{kind}").color.rich_color
        cells = _cells(row)
        segments = [Segment("▶ " if marked else "  ", style)]
        for name, size in columns:
            told = style + Style(color=mood) if name in ("state", "answer") else style
            segments.append(Segment(fill(cells[name], size) + " ", told))
        return Strip(segments).adjust_cell_length(width, style)

    # Moving

    def action_step(self, by: int) -> None:
        """Move the cursor by a row."""
        self._go(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by what is seen."""
        self._go(self._cursor + by * max(self.size.height - 2, 1))

    def action_go(self, index: int) -> None:
        """Move the cursor to a row."""
        self._go(index)

    def action_choose(self) -> None:
        """Choose the delivery under the cursor."""
        row = self.row
        if row is not None:
            self.post_message(self.Chosen(row))

    def _go(self, index: int, *, reveal: bool = True) -> None:
        room = self._room
        old, top = self._cursor, self._top
        self._cursor = max(min(index, self._count - 1), 0)
        near = min(max(top, self._cursor - room + 1), self._cursor) if reveal else top
        self._top = max(min(near, self._count - room), 0)
        if self._top != top:
            self.refresh()
        else:
            self.refresh(*(Region(0, 1 + line - top, self.size.width, 1) for line in (old, self._cursor)))
        row = self.row
        told = None if row is None else (row.id, row.state, row.attempt)
        if told != self._told:
            self._told = told
            self.post_message(self.Marked(row))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._go(self._cursor)

    def on_click(self, event: events.Click) -> None:
        """Mark a row; choose it on a double click."""
        if event.y > 0 and self._top + event.y - 1 < self._count:
            self._go(self._top + event.y - 1)
            if event.chain == 2:
                self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll towards the older ones."""
        self._scroll(event, WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll towards the newer ones."""
        self._scroll(event, -WHEEL)

    def _scroll(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        self._top = max(min(self._top + by, self._count - self._room), 0)
        self.refresh()


def _fit(width: int) -> list[tuple[str, int]]:
    """Return the columns that fit and their widths; what is left over widens them, the first ones first."""
    columns = list(_COLUMNS)
    while len(columns) > 2 and sum(least + 1 for _, least, _ in columns) > width - 2:
        columns.remove(next((each for each in columns if each[0] == "ms"), columns[-1]))
    left = width - 2 - sum(least + 1 for _, least, _ in columns)
    fitted: list[tuple[str, int]] = []
    for name, least, most in columns:
        more = max(min(most - least, left), 0)
        left -= more
        fitted.append((name, least + more))
    return fitted


def _cells(row: DeliveryRow) -> dict[str, str]:
    has_status = row.last_status and row.last_error in ("", "status")
    answer = f"{row.last_status}" if has_status else row.last_error
    return {
        "time": moment(row.date_creation),
        "event": row.event_name,
        "task": "" if row.task_id is None else f"#{row.task_id}",
        "endpoint": clip(drawable(row.endpoint), 40),
        "try": f"{row.attempt}/{row.max_attempts}" if row.attempt else "",
        "state": row.state,
        "answer": answer,
        "ms": "" if row.last_ms is None else f"{row.last_ms:,.0f}",
        "next try": next_try(row),
    }


def next_try(row: DeliveryRow) -> str:
    """Return when a delivery is tried next, in words; empty when that does not depend on the time."""
    if row.next_try is not None:
        return until(row.next_try)
    return str(row.held) if row.state in ("ready", "blocked") else ""


def moment(timestamp: float) -> str:
    """Return a time of today as 13:05:09, another as 23 Nov."""
    then, now = time.localtime(timestamp), time.localtime()
    same_day = (then.tm_year, then.tm_yday) == (now.tm_year, now.tm_yday)
    return time.strftime("%H:%M:%S" if same_day else "%d %b", then)

"""A titled list of rows with a cursor, drawn by one widget; rows may be of any height.

A list of hundreds costs what is seen of it: rows are laid out a few at a time, the first ones at once.
"""

from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from kbtui.tui.base import Guarded
from kbtui.tui.glyphs import clip
from kbtui.tui.widgets.part_styles import part_style
from kbtui.tui.widgets.row_layout import RowLayout, reveal, scroll_on, scroller_of
from kbtui.tui.widgets.rows import GUTTER, MARKDOWN, PARTS, Key, Row, room, title_line

MORE = 30
"""Rows that are drawn beforehand at a time."""

PAUSE = 0.03
"""Seconds between two such times, in which keys are answered."""


class RowList(Guarded, Widget, can_focus=True):
    """Show rows under a title. Subclasses say how a row is drawn and what keys do to it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"row-list--{name}" for name in PARTS}
    EMPTY = "Nothing yet."
    GAP = 0
    """Lines at the end of each row that keep it apart from the next."""
    FIRST = 24
    """Rows that are laid out at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", show=False, id="row.up", tooltip="The row above"),
        Binding("down,j", "step(1)", "Down", show=False, id="row.down", tooltip="The row below"),
        Binding("home,g", "end(-1)", "First", show=False, id="row.first", tooltip="The first row of the section"),
        Binding("end,G", "end(1)", "Last", show=False, id="row.last", tooltip="The last row of the section"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="row.page_up", tooltip="A page up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="row.page_down", tooltip="A page down"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.rows: list[Row] = []
        self.cursor = 0
        self._laid = 0
        """How many rows are laid out."""
        self._is_drawn = True
        """Whether the others are drawn beforehand."""
        self._layout_now = RowLayout([])
        self._layout_width = 0
        self._painted: dict[tuple[Key, int], tuple[Any, list[Strip]]] = {}
        self._part_styles: dict[str, Style] = {}

    # What subclasses say

    def paint(self, row: Row, width: int) -> list[Strip]:
        """Return the lines of a row, at most ``width`` cells wide each."""
        raise NotImplementedError

    def heading(self) -> tuple[str, str]:
        """Return the title of the list, and what its right end says; a click there does it."""
        raise NotImplementedError

    def lay_rows(self, width: int) -> list[Region]:
        """Return where the rows that are laid out stand, below the title."""
        regions: list[Region] = []
        top = 1
        for row in self.rows[: self._laid]:
            height = self.height_of(row, room(width))
            regions.append(Region(0, top, width, height))
            top += height
        return regions

    def height_of(self, row: Row, width: int) -> int:
        """Return how many lines a row takes."""
        return max(len(self.lines_of(row, width)), 1)

    def moved(self) -> None:
        """Do what is to be done when the cursor is on another row."""

    # Rows

    @property
    def row(self) -> Row | None:
        """Return the row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def find(self, key: Key) -> int | None:
        """Return the index of a row."""
        return next((index for index, row in enumerate(self.rows) if row.key == key), None)

    def show_rows(self, rows: list[Row]) -> None:
        """Show these rows; the cursor stays on its row, or on what took that row's place."""
        if rows == self.rows and self._laid:
            return
        before = self.row
        self.rows = rows
        index = self.find(before.key) if before is not None else None
        self.cursor = min(max(self.cursor if index is None else index, 0), max(len(rows) - 1, 0))
        self._laid = min(max(self._laid, self.FIRST, self.cursor + 1), len(rows))
        known = {row.key for row in rows}
        self._painted = {place: kept for place, kept in self._painted.items() if place[0] in known}
        self.relay()
        self._lay_more_later()

    def relay(self) -> None:
        """Lay all out again."""
        self._layout_width = 0
        self.refresh(layout=True)

    def _lay_more_later(self) -> None:
        if self._laid < len(self.rows):
            self._is_drawn = False
            self.set_timer(PAUSE, lambda: self._lay_more(self._laid))

    def _lay_more(self, begin: int) -> None:
        """Draw a few rows more where nobody sees it; when those of all lists are drawn, lay them out."""
        width = room(self.size.width)
        for row in self.rows[begin : begin + MORE]:
            self.lines_of(row, width)
        if begin + MORE < len(self.rows):
            self.set_timer(PAUSE, lambda: self._lay_more(begin + MORE))
            return
        self._is_drawn = True
        # Each layout draws the whole screen anew, so that the lists of a screen wait for each other.
        others = [each for each in self.screen.query(RowList) if each._laid < len(each.rows)]
        if all(each._is_drawn for each in others):
            for each in others:
                each.lay_all()

    def lay_all(self) -> None:
        """Lay out all rows now."""
        if self._laid < len(self.rows):
            self._laid = len(self.rows)
            self.relay()

    def places(self, width: int | None = None) -> RowLayout:
        """Return where the rows stand."""
        wanted = width or self.size.width or 1
        if self._layout_width != wanted:
            self._layout_width = wanted
            self._layout_now = RowLayout(self.lay_rows(wanted))
        return self._layout_now

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines there are."""
        return max(self.places(width).bottom, 2)

    # Drawing

    def style(self, name: str) -> Style:
        """Return the style of a part, without a ground of its own."""
        if name not in self._part_styles:
            self._part_styles[name] = part_style(self, f"row-list--{name}")
        return self._part_styles[name]

    def markdown_styles(self) -> dict[str, Style]:
        """Return the styles that Markdown is drawn in."""
        return {name: self.style(name) for name in MARKDOWN}

    def notify_style_update(self) -> None:
        """Draw all again in other colours."""
        self._part_styles.clear()
        self._painted.clear()
        super().notify_style_update()

    def lines_of(self, row: Row, width: int) -> list[Strip]:
        """Return the lines of a row, drawn once."""
        kept = self._painted.get((row.key, width))
        if kept is None or kept[0] != row.facts:
            kept = self._painted[row.key, width] = (row.facts, self.paint(row, width))
        return kept[1]

    def render_line(self, y: int) -> Strip:
        """Return a line of the list."""
        width = self.size.width
        places = self.places(width)
        if y == 0:
            hint = self.style("hint")
            return title_line(*self.heading(), width, self.get_component_rich_style("row-list--title"), hint)
        ground = self.get_component_rich_style("row-list--row")
        if not places:
            here = self.style("bar") if self.has_focus else ground
            empty = [Segment("▌ " if self.has_focus and y == 1 else "  ", here)]
            empty.append(Segment(clip(self.EMPTY, width - GUTTER) if y == 1 else "", self.style("dim")))
            return Strip(empty).adjust_cell_length(width, ground).apply_style(ground)
        top, indexes = places.across(y)
        parts = [self._part(index, places.regions[index], y - top) for index in indexes]
        return Strip.join(parts).adjust_cell_length(width, ground)

    def _part(self, index: int, region: Region, y: int) -> Strip:
        """Return one line of one row, with the cursor's bar before it."""
        lines = self.lines_of(self.rows[index], room(region.width))
        here = index == self.cursor and self.has_focus and y < max(len(lines) - self.GAP, 1)
        ground = self.get_component_rich_style("row-list--cursor" if here else "row-list--row")
        line = lines[y] if y < len(lines) else Strip([])
        strip = Strip([Segment("▌ " if here else "  ", self.style("bar")), *line], GUTTER + line.cell_length)
        return strip.adjust_cell_length(region.width, ground).apply_style(ground)

    # The cursor

    def watch_has_focus(self, focused: bool) -> None:
        """Show the cursor, and bring it into sight."""
        super().watch_has_focus(focused)
        self.refresh()
        if focused:
            self.call_after_refresh(self.reveal)

    def region_of(self, index: int) -> Region:
        """Return where a row stands in this widget; the title goes with the first one."""
        regions = self.places().regions
        if not 0 <= index < len(regions):
            return Region(0, 0, self.size.width, 2)
        region = regions[index]
        return Region(region.x, 0, region.width, region.bottom) if region.y == 1 else region

    def reveal(self) -> None:
        """Scroll the cursor's row into sight."""
        reveal(self, self.region_of(self.cursor))

    def go_to(self, index: int) -> None:
        """Put the cursor on a row."""
        if not self.rows:
            return
        before = self.cursor
        self.cursor = min(max(index, 0), len(self.rows) - 1)
        if self.cursor >= self._laid:
            self.lay_all()
        self.moved()
        if self._layout_width == 0:
            self.call_after_refresh(self.reveal)
            return
        for each in (before, self.cursor):
            self.refresh(self.region_of(each))
        self.reveal()

    def next_index(self, by: int) -> int | None:
        """Return the row below or above the cursor's, None past the ends."""
        index = self.cursor + by
        return index if 0 <= index < len(self.rows) else None

    def action_step(self, by: int) -> None:
        """Go to the next row; scroll within a long one first; past the last one go to the next section."""
        if self.rows and scroll_on(self, self.region_of(self.cursor), by):
            return
        index = self.next_index(by)
        if index is not None:
            self.go_to(index)
        elif by > 0:
            self.screen.focus_next(RowList)
        else:
            self.screen.focus_previous(RowList)

    def action_end(self, direction: int) -> None:
        """Go to the first or the last row."""
        self.go_to(0 if direction < 0 else len(self.rows) - 1)

    def action_page(self, direction: int) -> None:
        """Go a page on."""
        scroller = scroller_of(self)
        height = scroller.scrollable_content_region.height if scroller is not None else self.size.height
        self.lay_all()
        places = self.places()
        y = self.region_of(self.cursor).bottom - 1 + direction * max(height - 1, 1)
        index = places.across(y)[1][0] if places else self.cursor
        if index == self.cursor:
            self.action_step(direction)
        else:
            self.go_to(index)

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cursor where the mouse is."""
        index = self.places().index_at(event.x, event.y)
        if index is not None:
            self.go_to(index)

    async def on_click(self, event: events.Click) -> None:
        """Do what Enter does on a double click, and what the title's right end says on a click there."""
        if event.chain == 2 and self.places().index_at(event.x, event.y) is not None:
            await self.run_action("open_row")
        elif event.y == 0 and event.x >= self.size.width - cell_len(self.heading()[1]) - 2:
            await self.run_action("add_row")

    async def action_open_row(self) -> None:
        """Open the row under the cursor."""

    async def action_add_row(self) -> None:
        """Do what the right end of the title says."""

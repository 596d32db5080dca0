"""What the board shows and where its cursor stands, without drawing anything.

Whatever changes the picture notes the damage: the regions to draw again, or all of it.
"""

from dataclasses import dataclass, replace

from textual.geometry import Region

from kbtui.core.tasks.ranks import Cell, Location
from kbtui.core.views.board import Board, Card
from kbtui.tui.widgets.board_layout import HEAD, BoardLayout, lay_out
from kbtui.tui.widgets.cell_window import CardReader, CellWindow, DrawCard

ON_HEAD = -1
"""The cursor's index when it stands on the head of a collapsed swimlane."""

ROUNDS = 5
"""How often the lines are shared out at most: what a cell wants is known only of the cards that it had room for."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor stands: indexes of swimlane, column and card (0-based; :data:`ON_HEAD` on a head)."""

    swimlane: int = 0
    column: int = 0
    index: int = 0


@dataclass(frozen=True, slots=True)
class Landing:
    """Where something dropped would land: before card ``index`` of a cell (its 0-based place among all cards)."""

    swimlane: int
    column: int
    index: int


class BoardModel:
    """One project's board in a widget of a given size.

    ``current_card`` is the card under the cursor, scrolled out of sight or not. As long as the board ``follows``,
    the cursor is kept in sight whatever changes; scrolling ends that, until the cursor is moved.
    """

    def __init__(self, reader: CardReader) -> None:
        self.reader = reader
        self.draw: DrawCard = lambda card: ()
        self.board: Board | None = None
        self.layout = BoardLayout(0, 0, 0, (), ())
        self.windows: dict[Cell, CellWindow] = {}
        self.collapsed: set[int] = set()
        self.compact = False
        self.cursor = Cursor()
        self.current_card: Card | None = None
        self.scroll = 0
        self.follows = True
        self.damage: list[Region] = []
        self.all_damaged = True
        self._width = 0
        self._height = 0

    # What is where

    @property
    def gap(self) -> int:
        """The free lines after a card."""
        return 0 if self.compact else 1

    def cell(self, swimlane: int, column: int) -> Cell:
        """Return the cell where a swimlane's and a column's index cross."""
        assert self.board is not None  # noqa: S101 - asked only of a board
        return Cell(self.board.columns[column].id, self.board.swimlanes[swimlane].id)

    def window(self, swimlane: int, column: int) -> CellWindow:
        """Return the window of a cell, making it when it is first needed."""
        cell = self.cell(swimlane, column)
        if cell not in self.windows:
            assert self.board is not None  # noqa: S101 - asked only of a board
            self.windows[cell] = CellWindow(cell, self.board.counts.get(cell, 0))
        return self.windows[cell]

    def is_collapsed(self, swimlane: int) -> bool:
        """Tell whether a swimlane shows its head only."""
        return self.board is not None and self.board.swimlanes[swimlane].id in self.collapsed

    @property
    def current_cell(self) -> Cell | None:
        """The cell under the cursor."""
        if self.board is None or not self.board.columns or not self.board.swimlanes:
            return None
        return self.cell(self.cursor.swimlane, self.cursor.column)

    @property
    def is_empty(self) -> bool:
        """Whether there is no task on the whole board."""
        return self.board is None or not any(self.board.counts.values())

    def find_cell(self, cell: Cell) -> tuple[int, int] | None:
        """Return the indexes of a cell's swimlane and column, or None when it is not on this board."""
        if self.board is None:
            return None
        for swimlane, lane in enumerate(self.board.swimlanes):
            for column, head in enumerate(self.board.columns):
                if (head.id, lane.id) == cell:
                    return swimlane, column
        return None

    # Loading

    def show(self, board: Board) -> None:
        """Show a board; the cursor, the scroll and what is collapsed stay where the same things still are."""
        card, cell, old = self.current_card, self.current_cell, self.board
        self.board = board
        if old is None or old.project_id != board.project_id:
            self.windows, self.cursor, self.scroll, self.follows = {}, Cursor(), 0, True
            self.layout = replace(self.layout, first_column=0)
            card = cell = None
        for window in self.windows.values():
            window.forget(board.counts.get(window.cell, 0))
        self.arrange()
        where = self.find_cell(cell) if cell else None
        if where and self.cursor.index != ON_HEAD:
            self.put(Cursor(*where, self.cursor.index), show=self.follows)
        else:
            self.put(self.cursor, show=self.follows)
        if card is not None and self.current_card != card:
            self._seek_loaded(card.id)

    def _seek_loaded(self, task_id: int) -> None:
        """Put the cursor on a task among the loaded cards."""
        for window in self.windows.values():
            for index, card in enumerate(window.loaded, window.start):
                where = self.find_cell(window.cell) if card.id == task_id else None
                if where:
                    self.put(Cursor(*where, index), show=self.follows)
                    return

    def resize(self, width: int, height: int) -> None:
        """Fit the board into a size."""
        self._width, self._height = width, height
        self.arrange()
        self.put(self.cursor, show=self.follows)

    def reload(self, counts: dict[Cell, int]) -> None:
        """Read cells again; ``counts`` says how many open tasks each of them holds now."""
        if self.board is None:
            return
        was_empty = self.is_empty
        for cell, count in counts.items():
            where = self.find_cell(cell)
            if where is None:
                continue
            self.board.counts[cell] = count
            self.window(*where).read_again(self.reader, count)
            self._renew(*where)
        self._settle(was_empty)
        self.put(self.cursor, show=self.follows)

    def move(self, card: Card, source: Location, target: Location) -> bool:
        """Show a task that was moved where it is now, without reading what is known; return whether it could be.

        ``card`` has the rank that the task has now.
        """
        board, origin, goal = self.board, self.find_cell(source.cell), self.find_cell(target.cell)
        if board is None or origin is None or goal is None:
            return False
        window, was_empty, index = self.window(*origin), self.is_empty, source.position - 1
        known = window.loaded_card(index)
        if known is None or known.id != card.id:
            return False
        window.take(index)
        self.window(*goal).put(target.position - 1, card)
        for where in dict.fromkeys((origin, goal)):
            board.counts[self.cell(*where)] = self.window(*where).count
            self._renew(*where)
        self._settle(was_empty)
        self.put(Cursor(*goal, target.position - 1))
        return True

    def _renew(self, swimlane: int, column: int) -> None:
        """Load and draw a cell again whose tasks have changed."""
        if not self.is_collapsed(swimlane):
            self._load(self.window(swimlane, column), swimlane)
            self.hurt_cell(swimlane, column)
        self.hurt_heads(swimlane, column)

    def _settle(self, was_empty: bool) -> None:
        """Draw what follows from changed cells: the hints of an empty board, the heights of the swimlanes."""
        if self.is_empty != was_empty:
            self.all_damaged = True
        if self._bands_would_change():
            self.arrange()

    def arrange(self) -> None:
        """Divide the room among columns and swimlanes again and load what is shown."""
        self.all_damaged = True
        board = self.board
        if board is None or not self._width:
            return
        self.layout = self._lay_out(self._wanted())
        for _ in range(ROUNDS):
            for swimlane, band in enumerate(self.layout.bands):
                for column in self.layout.visible_columns if band.body else ():
                    self._load(self.window(swimlane, column), swimlane)
            again = self._lay_out(self._wanted())
            if again.bands == self.layout.bands:
                break
            self.layout = again
        self.scroll = max(min(self.scroll, self.layout.most_scroll), 0)

    def _load(self, window: CellWindow, swimlane: int) -> None:
        window.load(self.reader, self.draw, self.layout.bands[swimlane].body, self.gap)

    def _lay_out(self, wanted: list[int | None]) -> BoardLayout:
        assert self.board is not None  # noqa: S101 - asked only of a board
        return lay_out(
            self._width, self._height, len(self.board.columns), wanted, first_column=self.layout.first_column
        )

    def _wanted(self) -> list[int | None]:
        """Return how many lines each swimlane would fill, as far as that is known from what is loaded."""
        assert self.board is not None  # noqa: S101 - asked only of a board
        wanted: list[int | None] = []
        for swimlane, lane in enumerate(self.board.swimlanes):
            if lane.id in self.collapsed:
                wanted.append(None)
                continue
            windows = [self.window(swimlane, column) for column in range(len(self.board.columns))]
            wanted.append(max((window.wanted(self._height) for window in windows), default=0))
        return wanted

    def _bands_would_change(self) -> bool:
        return self._lay_out(self._wanted()).bands != self.layout.bands

    # The cursor

    def put(self, cursor: Cursor, *, show: bool = True) -> None:
        """Put the cursor somewhere near, where there is something, and scroll it into view if it is to be shown."""
        board = self.board
        if board is None or not board.columns or not board.swimlanes:
            self.cursor, self.current_card = Cursor(), None
            return
        swimlane = min(max(cursor.swimlane, 0), len(board.swimlanes) - 1)
        column = min(max(cursor.column, 0), len(board.columns) - 1)
        old = self.cursor
        if self.is_collapsed(swimlane):
            self.cursor = Cursor(swimlane, column, ON_HEAD)
        else:
            count = self.window(swimlane, column).count
            self.cursor = Cursor(swimlane, column, min(max(cursor.index, 0), max(count - 1, 0)))
        self.follows = show
        if show:
            self._scroll_to_cursor()
        self.current_card = self._read_card(self.cursor)
        if not self.all_damaged:
            self.hurt(self.card_region(old))
            self.hurt(self.card_region(self.cursor))

    def _read_card(self, cursor: Cursor) -> Card | None:
        """Return the card at a cursor, also when it is scrolled away."""
        if cursor.index == ON_HEAD:
            return None
        return self.window(cursor.swimlane, cursor.column).card(self.reader, cursor.index)

    def _scroll_to_cursor(self) -> None:
        cursor, layout = self.cursor, self.layout
        if not layout.bands or not layout.column_widths:
            return
        visible = layout.visible_columns
        if cursor.column not in visible:
            first = cursor.column if cursor.column < visible.start else cursor.column - len(visible) + 1
            self.layout = replace(layout, first_column=first)
            self.arrange()
        band = self.layout.bands[cursor.swimlane]
        if cursor.index == ON_HEAD:
            self._scroll_lines(band.top, band.bottom)
            return
        window = self.window(cursor.swimlane, cursor.column)
        if window.reveal(cursor.index, self.reader, self.draw, band.body, self.gap):
            self.hurt_cell(cursor.swimlane, cursor.column)
        number = cursor.index - window.first
        if number < len(window.tops):
            top = band.body_top + window.tops[number]
            first_line = band.top if number == 0 else top - 1
            self._scroll_lines(first_line, min(top + window.heights[number] + 1, band.bottom))
        else:
            self._scroll_lines(band.top, min(band.body_top + 2, band.bottom))

    def _scroll_lines(self, top: int, bottom: int) -> None:
        """Scroll the bands as little as needed for the lines from ``top`` to ``bottom`` to be shown."""
        scroll = self.scroll
        if bottom - scroll > self.layout.room:
            scroll = bottom - self.layout.room
        self._scroll_to(min(scroll, top))

    def scroll_by(self, lines: int) -> bool:
        """Scroll the bands, as far as there are any, without moving the cursor; tell whether that scrolled."""
        scrolled = self._scroll_to(self.scroll + lines)
        self.follows = self.follows and not scrolled
        return scrolled

    def _scroll_to(self, line: int) -> bool:
        line = max(min(line, self.layout.most_scroll), 0)
        if line == self.scroll:
            return False
        self.scroll = line
        self.all_damaged = True
        return True

    def seek(self, place: Location, *, show: bool = True) -> bool:
        """Put the cursor on the task that stands at a place; tell whether it is on this board."""
        where = self.find_cell(place.cell)
        if where is None:
            return False
        self.put(Cursor(*where, place.position - 1), show=show)
        return True

    def point(self, swimlane: int, column: int, index: int) -> None:
        """Put the cursor on a card by its indexes."""
        self.put(Cursor(swimlane, column, index))

    def toggle_swimlane(self, swimlane: int) -> None:
        """Collapse a swimlane, or open it again."""
        if self.board is None:
            return
        self.collapsed ^= {self.board.swimlanes[swimlane].id}
        self.arrange()
        self.put(replace(self.cursor, index=max(self.cursor.index, 0)))

    def scroll_cell(self, swimlane: int, column: int, by: int) -> bool:
        """Scroll one cell by cards, without moving the cursor; tell whether there was anything to scroll."""
        window = self.window(swimlane, column)
        band = self.layout.bands[swimlane]
        first = max(min(window.first + by, window.count - 1), 0)
        if by > 0 and not window.hidden_below(band.body):
            return False
        if first == window.first:
            return False
        window.first = first
        self.follows = False
        self._load(window, swimlane)
        self.hurt_cell(swimlane, column)
        return True

    def show_column(self, by: int) -> bool:
        """Show the next columns on the left (-1) or right (1); tell whether there were any."""
        assert self.board is not None  # noqa: S101 - asked only of a board
        first = self.layout.first_column + by
        if not 0 <= first <= len(self.board.columns) - len(self.layout.column_widths):
            return False
        self.layout = replace(self.layout, first_column=first)
        self.follows = False
        self.arrange()
        return True

    # Damage

    def hurt(self, region: Region) -> None:
        """Note that a region of the widget must be drawn again."""
        if not self.all_damaged and region:
            self.damage.append(region)

    def hurt_heads(self, swimlane: int, column: int) -> None:
        """Note that the counts in the heads of a column and a swimlane have changed."""
        self.hurt(self.layout.column_head(column))
        self.hurt(self.layout.swimlane_head(swimlane, self.scroll))

    def hurt_cell(self, swimlane: int, column: int) -> None:
        """Note that a whole cell must be drawn again."""
        self.hurt(self.layout.cell(swimlane, column, self.scroll))

    def card_region(self, cursor: Cursor) -> Region:
        """Return the part of the widget that shows the card, or the place, under a cursor."""
        if cursor.index == ON_HEAD:
            return self.layout.swimlane_head(cursor.swimlane, self.scroll)
        cell = self.layout.cell(cursor.swimlane, cursor.column, self.scroll)
        if not cell or self.board is None or cursor.column >= len(self.board.columns):
            return Region()
        window = self.window(cursor.swimlane, cursor.column)
        number = cursor.index - window.first
        if not 0 <= number < len(window.tops):
            return cell
        top = HEAD + self.layout.bands[cursor.swimlane].body_top - self.scroll + window.tops[number]
        return Region(cell.x, top, cell.width, window.heights[number]).intersection(cell)

    def take_damage(self) -> list[Region] | None:
        """Return the regions to draw again since the last call, None for everything."""
        regions, everything = self.damage, self.all_damaged
        self.damage, self.all_damaged = [], False
        return None if everything else regions

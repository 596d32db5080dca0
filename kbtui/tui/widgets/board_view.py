"""The board: one widget that paints columns, swimlanes, cards and the task that is being dragged.

It is drawn line by line from plain rows (Textual's Line API) and draws again only what changed. It knows no SQL
and no rule of the board: it asks for rows, and says in messages what the person wants.
"""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from kbtui.core.tasks.ranks import Cell, Location
from kbtui.core.views.board import Board, Card
from kbtui.tui.base import Guarded
from kbtui.tui.widgets import board_steps
from kbtui.tui.widgets.board_layout import HEAD
from kbtui.tui.widgets.board_model import ON_HEAD, BoardModel
from kbtui.tui.widgets.board_paint import PARTS, BoardPainter, read_styles
from kbtui.tui.widgets.cell_window import CardReader
from kbtui.tui.widgets.drag import Drag, find_landing, landing_region, scroll_at_edge

EDGE_SCROLL = 0.12
"""Seconds between two steps while a task is held at an edge."""

WHEEL = 3
"""Lines a turn of the wheel scrolls the swimlanes."""


class BoardView(Guarded, Widget, can_focus=True):
    """A project's board, with a cursor."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"board-view--{part}" for part in PARTS}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(0, -1)", "Up", show=False, id="cursor.up", tooltip="The task above"),
        Binding("down,j", "step(0, 1)", "Down", show=False, id="cursor.down", tooltip="The task below"),
        Binding("left,h", "step(-1, 0)", "Left", show=False, id="cursor.left", tooltip="The column on the left"),
        Binding("right,l", "step(1, 0)", "Right", show=False, id="cursor.right", tooltip="The column on the right"),
        Binding("g,home", "end(False)", "First", show=False, id="cursor.first", tooltip="The first task of the cell"),
        Binding("G,end", "end(True)", "Last", show=False, id="cursor.last", tooltip="The last task of the cell"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="cursor.page_up", tooltip="A cell's height up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="cursor.page_down", tooltip="A cell's height down"),
        Binding("z", "toggle_swimlane", "Collapse", show=False, id="swimlane.toggle", tooltip="Collapse the swimlane"),
        Binding("v", "toggle_density", "Density", show=False, id="board.density", tooltip="One line a task, or all"),
        Binding("escape", "cancel_drag", "Cancel", show=False, id="drag.cancel", tooltip="Let go of a dragged task"),
    ]

    @dataclass
    class TaskChosen(Message):
        """A task was double-clicked."""

        task_id: int

    @dataclass
    class CellChosen(Message):
        """A free place in a cell was double-clicked, or the ``+`` on a column's head clicked."""

        cell: Cell

    @dataclass
    class TaskDropped(Message):
        """A task was dragged before the card with an index (0-based) of a cell; None is a collapsed swimlane's cell."""

        task_id: int
        cell: Cell
        index: int | None

    def __init__(self, reader: CardReader, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.model = BoardModel(reader)
        self._painter: BoardPainter | None = None
        self._drag: Drag | None = None
        self._pressed_at = Offset(-1, -1)
        self._pressed: BoardView.TaskChosen | BoardView.CellChosen | None = None
        self._chosen: BoardView.TaskChosen | BoardView.CellChosen | None = None
        self._edge_timer: Timer | None = None

    # What the screen asks

    @property
    def card(self) -> Card | None:
        """The card under the cursor."""
        return self.model.current_card

    @property
    def cell(self) -> Cell | None:
        """The cell under the cursor."""
        return self.model.current_cell

    @property
    def follows(self) -> bool:
        """Whether the cursor is kept in sight: until something is scrolled, and again when the cursor moves."""
        return self.model.follows

    @property
    def is_dragging(self) -> bool:
        """Whether a task is held by the mouse."""
        return self._drag is not None and self._drag.started

    def show(self, board: Board) -> None:
        """Show a board; the cursor and the scroll stay where the same things still are."""
        self.model.show(board)
        self._carry_on()

    def reload(self, counts: dict[Cell, int]) -> None:
        """Read cells again; ``counts`` has the number of open tasks of each."""
        self.model.reload(counts)
        self._carry_on()

    def move(self, card: Card, source: Location, target: Location) -> bool:
        """Show a task that was moved where it is now, the cursor on it; return whether that needed no reading.

        ``card`` has the rank that the task has now.
        """
        moved = self.model.move(card, source, target)
        self._carry_on()
        return moved

    def seek(self, place: Location) -> bool:
        """Put the cursor on the task at a place; tell whether that is on this board."""
        found = self.model.seek(place)
        self.draw_damage()
        return found

    def track(self, place: Location) -> None:
        """Put the cursor on the task at a place where somebody has moved it, without scrolling what was scrolled."""
        self.model.seek(place, show=self.model.follows)
        self.draw_damage()

    def set_hints(self, lines: tuple[str, ...]) -> None:
        """Say what an empty board says."""
        self._ready_painter().hints = lines
        self.refresh()

    # Painting

    def render_line(self, y: int) -> Strip:
        """Return one line of the board."""
        strip = self._ready_painter().line(y)
        drag = self._drag
        return strip if drag is None else drag.overlay(y, strip, landing_region(self.model, drag.landing))

    def _ready_painter(self) -> BoardPainter:
        if self._painter is None:
            self._painter = BoardPainter(self.model, *read_styles(self))
            self.model.draw = self._draw_card
        return self._painter

    def _draw_card(self, card: Card) -> tuple[Strip, ...]:
        width = self.model.layout.card_width
        return self._ready_painter().cards.draw(card, width, cursor=False, compact=self.model.compact)

    def notify_style_update(self) -> None:
        """Read the styles again, for a theme may have changed them."""
        super().notify_style_update()
        self._renew_painter()

    def _renew_painter(self) -> None:
        """Forget what is drawn, and draw it anew."""
        if self._painter is not None:
            hints = self._painter.hints
            self._painter = BoardPainter(self.model, *read_styles(self))
            self._painter.hints = hints
            self.refresh()

    def forget_dates(self) -> None:
        """Draw all again, with due dates in the words of today."""
        self._renew_painter()

    def draw_damage(self) -> None:
        """Draw again what has changed."""
        regions = self.model.take_damage()
        if regions is None:
            self.refresh()
        elif regions:
            self.refresh(*regions)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the board into the new size."""
        self._ready_painter()
        self.model.resize(event.size.width, event.size.height)
        self.draw_damage()

    # Keys

    def action_step(self, columns: int, rows: int) -> None:
        """Move the cursor by a column or a row."""
        if rows:
            board_steps.step_row(self.model, rows)
        else:
            board_steps.step_column(self.model, columns)
        self.draw_damage()

    def action_end(self, last: bool) -> None:
        """Move the cursor to the first or last card of its cell."""
        board_steps.go_end(self.model, last)
        self.draw_damage()

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        board_steps.step_page(self.model, by)
        self.draw_damage()

    def action_toggle_swimlane(self) -> None:
        """Collapse the cursor's swimlane, or open it again."""
        self.model.toggle_swimlane(self.model.cursor.swimlane)
        self.draw_damage()

    def action_toggle_density(self) -> None:
        """Show a line for each task, or all there is on it."""
        self.model.compact = not self.model.compact
        self.model.arrange()
        self.model.point(self.model.cursor.swimlane, self.model.cursor.column, self.model.cursor.index)
        self.draw_damage()

    def action_cancel_drag(self) -> None:
        """Let go of a dragged task, and leave it where it was."""
        self._end_drag()

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cursor where the mouse is, and take hold of the task there."""
        if event.button != 1 or self.model.board is None:
            return
        self._end_drag()  # there is one when the terminal did not see the button go up
        x, y = event.x, event.y
        self._pressed_at, self._pressed = Offset(x, y), None
        spot = self.model.layout.spot_at(x, y, self.model.scroll)
        if spot is None:
            return
        if spot.line < 0:
            self.model.toggle_swimlane(spot.swimlane)
        elif not self._scroll_by_mark(spot.swimlane, spot.column, spot.line):
            window = self.model.window(spot.swimlane, spot.column)
            index = window.index_at(spot.line)
            self.model.point(spot.swimlane, spot.column, window.nearest(spot.line) if index is None else index)
            card = self.model.current_card
            if index is not None and card is not None:
                self._pressed = self.TaskChosen(card.id)
                self._grab(card, x, y)
            else:
                self._pressed = self.CellChosen(window.cell)
        self.draw_damage()

    def _grab(self, card: Card, x: int, y: int) -> None:
        """Take hold of a card; a click that scrolled its cell holds it where it is now."""
        region = self.model.card_region(self.model.cursor)
        inside = region.contains(x, y)
        self._drag = Drag(card, x - region.x, y - region.y if inside else 0, x, y)
        self.capture_mouse()

    def _scroll_by_mark(self, swimlane: int, column: int, line: int) -> bool:
        """Scroll a cell when the line clicked says that there is more above or below."""
        window, body = self.model.window(swimlane, column), self.model.layout.bands[swimlane].body
        page = max(len(window.cards) - 2, 1)
        if line == 0 and window.first:
            return self.model.scroll_cell(swimlane, column, -page)
        if line == body - 1 and window.hidden_below(body):
            return self.model.scroll_cell(swimlane, column, page)
        return False

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Carry the task that is held."""
        drag = self._drag
        if drag is None or (event.x, event.y) == (drag.x, drag.y):
            return
        if not drag.started:
            drag.started = True
            width = self.model.layout.card_width
            cards = self._ready_painter().cards
            drag.strips = cards.draw(drag.card, width, cursor=True, compact=self.model.compact)
            self._edge_timer = self.set_interval(EDGE_SCROLL, self._scroll_at_edge)
        self._carry(event.x, event.y)

    def _carry(self, x: int, y: int) -> None:
        drag, painter = self._drag, self._ready_painter()
        assert drag is not None  # noqa: S101 - called only while dragging
        old = [drag.ghost(), landing_region(self.model, drag.landing)]
        drag.x, drag.y = x, y
        drag.landing = painter.landing = find_landing(self.model, x, y)
        here = Region(0, 0, *self.size)
        for region in (*old, drag.ghost(), landing_region(self.model, drag.landing)):
            self.model.hurt(region.intersection(here))
        self.draw_damage()

    def _carry_on(self) -> None:
        """Draw what has changed, under a task that is held as well."""
        if self._drag is not None and self._drag.started:
            self._carry(self._drag.x, self._drag.y)
        else:
            self.draw_damage()

    def _scroll_at_edge(self) -> None:
        drag = self._drag
        if drag is not None and scroll_at_edge(self.model, drag.x, drag.y):
            self.model.all_damaged = True
            self._carry(drag.x, drag.y)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let a dragged task fall where the mouse is; outside the board that changes nothing."""
        drag = self._drag
        if drag is None:
            return
        if drag.started:
            self._carry(event.x, event.y)
            landing = drag.landing
            self._end_drag()
            if landing is not None:
                cell = self.model.cell(landing.swimlane, landing.column)
                index = None if landing.index == ON_HEAD else landing.index
                self.post_message(self.TaskDropped(drag.card.id, cell, index))
        else:
            self._end_drag()

    def on_mouse_release(self, event: events.MouseRelease) -> None:
        """Let go of a dragged task when the mouse is taken away, as another screen does."""
        if self.app.mouse_captured is not self:
            self._end_drag()

    def _end_drag(self) -> None:
        drag, self._drag = self._drag, None
        if drag is None:
            return
        self.release_mouse()
        if self._edge_timer is not None:
            self._edge_timer.stop()
            self._edge_timer = None
        if drag.started:
            self._ready_painter().landing = None
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Choose a task or a free place by a double click, make a task by the ``+`` of a column.

        The first click of the two says what is chosen: it may have scrolled something else under the mouse.
        """
        if event.button != 1:
            return
        if event.chain == 1:
            self._chosen = self._pressed
            cell = self._cell_of_plus(event.x, event.y) if self._pressed_at == (event.x, event.y) else None
            if cell is not None:
                self.post_message(self.CellChosen(cell))
        elif event.chain == 2 and self._chosen is not None:
            self.post_message(self._chosen)

    def _cell_of_plus(self, x: int, y: int) -> Cell | None:
        """Return the cell, in the cursor's swimlane, for which a column's ``+`` at a point asks a new task."""
        board, layout = self.model.board, self.model.layout
        column = layout.column_at(x)
        if y >= HEAD or board is None or column is None or not board.swimlanes:
            return None
        left = layout.column_left(column)
        head = self._ready_painter().line(0).crop(left, left + layout.column_width(column)).text
        return self.model.cell(self.model.cursor.swimlane, column) if head.rfind("+") == x - left else None

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll the cell under the mouse, or the swimlanes when it is at its end."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll the cell under the mouse, or the swimlanes when it is at its beginning."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        if self.model.board is None:
            return
        if event.shift:
            self.model.show_column(by)
        else:
            spot = self.model.layout.spot_at(event.x, event.y, self.model.scroll)
            inside = spot is not None and spot.line >= 0
            if not (inside and spot is not None and self.model.scroll_cell(spot.swimlane, spot.column, by)):
                self.model.scroll_by(by * WHEEL)
        self._carry_on()

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Show the next column."""
        self._sideways(event, 1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Show the previous column."""
        self._sideways(event, -1)

    def _sideways(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        if self.model.board is not None:
            self.model.show_column(by)
            self._carry_on()

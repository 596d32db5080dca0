"""How the board looks around its cards: heads of columns and swimlanes, cells, marks."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from kbtui.core.tasks.ranks import Cell
from kbtui.core.views.board import Board, BoardColumn, Card
from kbtui.tui.glyphs import clip, drawable, fill
from kbtui.tui.widgets.board_layout import HEAD
from kbtui.tui.widgets.board_model import ON_HEAD, BoardModel, Landing
from kbtui.tui.widgets.cards import CardPainter, CardStyles, banner
from kbtui.tui.widgets.cell_window import CellWindow, compose

EMPTY_BOARD = (
    "There are no tasks on this board yet.",
    "Press {new_task} to write the first one.",
    "{help} shows every key; {settings} sets where your events are sent.",
)
NO_COLUMNS = ("This project has no columns.", "Add some from the command line:", "kbtui column add TITLE --project ID")


@dataclass(frozen=True, slots=True)
class BoardStyles:
    """The styles of everything but the cards, from the style sheet."""

    ground: Style
    head: Style
    head_count: Style
    over: Style
    swimlane: Style
    swimlane_cursor: Style
    more: Style
    landing: Style
    scrollbar: Style


PARTS = (
    *("head", "head-count", "over", "swimlane", "swimlane-cursor", "more", "landing", "scrollbar"),
    *("card", "card-cursor", "card-dim", "card-label", "card-assignee", "card-today", "card-overdue"),
)
"""What the style sheet gives a look to, as component classes of the board's widget."""


def read_styles(view: Widget) -> tuple[BoardStyles, CardStyles]:
    """Return the styles that the style sheet gives to the component classes of the board's widget."""

    def part(name: str) -> Style:
        styles = view.get_component_styles(f"board-view--{name}")
        ground = view.get_component_styles("board-view--card").background
        color = ground.blend(styles.color, styles.color.a, alpha=1)
        return styles.text_style + Style(color=color.rich_color)

    def whole(name: str) -> Style:
        return view.get_component_rich_style(f"board-view--{name}")

    board = BoardStyles(
        ground=view.rich_style,
        head=whole("head"),
        head_count=whole("head") + part("head-count"),
        over=whole("head") + part("over"),
        swimlane=whole("swimlane"),
        swimlane_cursor=whole("swimlane-cursor"),
        more=whole("more"),
        landing=whole("landing"),
        scrollbar=whole("scrollbar"),
    )
    cards = CardStyles(
        card=whole("card"),
        cursor=whole("card-cursor"),
        dim=part("card-dim"),
        label=part("card-label"),
        assignee=part("card-assignee"),
        today=part("card-today"),
        overdue=part("card-overdue"),
    )
    return board, cards


class BoardPainter:
    """Draw the lines of a board model, remembering cells until they change."""

    def __init__(self, model: BoardModel, styles: BoardStyles, cards: CardStyles) -> None:
        self.model = model
        self.styles = styles
        self.cards = CardPainter(cards)
        self.landing: Landing | None = None
        self.hints: tuple[str, ...] = EMPTY_BOARD
        self._cells: dict[Cell, tuple[object, list[Strip]]] = {}

    def line(self, y: int) -> Strip:
        """Return line ``y`` of the widget."""
        model, layout = self.model, self.model.layout
        board = model.board
        if board is None or not layout.width:
            return Strip.blank(layout.width, self.styles.ground)
        if not board.columns or not board.swimlanes:
            return self._hint(y, NO_COLUMNS)
        if y < HEAD:
            return self._heads(board)
        line = y - HEAD + model.scroll
        hint = self._hint(y, self.hints) if model.is_empty else None
        for swimlane, band in enumerate(layout.bands):
            if band.top <= line < band.body_top:
                return self._swimlane_head(board, swimlane)
            if band.body_top <= line < band.bottom:
                if hint is not None and not hint.text.isspace():
                    return hint
                return self._with_scrollbar(y, self._body(swimlane, line - band.body_top, band.body))
        return Strip.blank(layout.width, self.styles.ground)

    def _heads(self, board: Board) -> Strip:
        layout = self.model.layout
        visible = layout.visible_columns
        strips = []
        for index in visible:
            left = f"◀{visible.start} " if index == visible.start > 0 else ""
            hidden = len(board.columns) - visible.stop
            right = f" {hidden}▶" if index == visible.stop - 1 and hidden else ""
            strips.append(self._head(board, board.columns[index], layout.column_width(index), left, right))
        return Strip.join(strips)

    def _head(self, board: Board, column: BoardColumn, width: int, left: str, right: str) -> Strip:
        """Return a column's head: its title, how many tasks it has over all swimlanes, its limit."""
        styles = self.styles
        count = sum(number for cell, number in board.counts.items() if cell.column_id == column.id)
        over = 0 < column.task_limit < count
        number = f"{count}/{column.task_limit}" if column.task_limit else f"{count}"
        number += "! " if over else " "
        tail = f"+{right}"
        room = max(width - cell_len(left) - cell_len(number) - cell_len(tail) - 3, 0)
        return Strip(
            [
                Segment(f" {left}", styles.head_count),
                Segment(fill(drawable(column.title), room) + " ", styles.head),
                Segment(number, styles.over if over else styles.head_count),
                Segment(tail + " ", styles.head_count),
            ]
        ).adjust_cell_length(width, styles.head)

    def _swimlane_head(self, board: Board, swimlane: int) -> Strip:
        model, lane, width = self.model, board.swimlanes[swimlane], self.model.layout.width
        collapsed = model.is_collapsed(swimlane)
        here = model.cursor.swimlane == swimlane and model.cursor.index == ON_HEAD
        style = self.styles.swimlane_cursor if here else self.styles.swimlane
        count = sum(number for cell, number in board.counts.items() if cell.swimlane_id == lane.id)
        arrow = "▶" if here else "▸" if collapsed else "▾"
        words = f" {arrow} {clip(drawable(lane.name), max(width - 20, 4))} ({count}) "
        line = Strip([Segment(words + "─" * max(width - cell_len(words), 0), style)]).adjust_cell_length(width, style)
        landing = self.landing
        if landing is None or (landing.swimlane, landing.index) != (swimlane, ON_HEAD):
            return line
        if landing.column not in model.layout.visible_columns:
            return line
        left = model.layout.column_left(landing.column)
        mark = Strip([Segment(fill("▶ lands here", model.layout.column_width(landing.column)), self.styles.landing)])
        right = left + mark.cell_length
        return Strip.join([line.crop(0, left), mark, line.crop(right, width)])

    def _body(self, swimlane: int, line: int, lines: int) -> Strip:
        return Strip.join([self._cell(swimlane, column, lines)[line] for column in self.model.layout.visible_columns])

    def _cell(self, swimlane: int, column: int, lines: int) -> list[Strip]:
        """Return the lines of a cell, from memory while nothing on it has changed."""
        model = self.model
        window, cursor = model.window(swimlane, column), model.cursor
        width = model.layout.column_width(column)
        here = (cursor.swimlane, cursor.column) == (swimlane, column)
        landing = (
            self.landing
            if self.landing and (self.landing.swimlane, self.landing.column) == (swimlane, column)
            else None
        )
        cursor_index = cursor.index if here else None
        key = (window.first, window.count, tuple(window.cards), lines, width, cursor_index, landing, model.compact)
        known = self._cells.get(window.cell)
        if known is None or known[0] != key:
            strips = self._paint_cell(window, lines, width, cursor_index, landing)
            known = self._cells[window.cell] = (key, strips)
        return known[1]

    def _paint_cell(
        self, window: CellWindow, lines: int, width: int, cursor_index: int | None, landing: Landing | None
    ) -> list[Strip]:
        styles = self.styles
        current = None
        if cursor_index is not None and 0 <= cursor_index - window.first < len(window.cards):
            current = window.cards[cursor_index - window.first].id
        card_width = self.model.layout.card_width
        gap = Strip.blank(width - card_width, styles.ground)

        def draw(card: Card) -> tuple[Strip, ...]:
            strips = self.cards.draw(card, card_width, cursor=card.id == current, compact=self.model.compact)
            return tuple(Strip.join([strip, gap]) for strip in strips)

        def more(mark: str) -> Callable[[int], Strip]:
            return lambda number: banner(f" {mark} {number:,} more", width, styles.more)

        strips = list(compose(window, lines, draw, Strip.blank(width, styles.ground), more("▲"), more("▼")))
        if cursor_index is not None and not window.count and lines > 1:
            strips[1] = Strip.join([banner("▶ no tasks here", card_width, self.cards.styles.cursor), gap])
        if landing is not None and lines:
            line = min(window.landing_line(landing.index), lines - 1)
            mark = "━▶ lands here ".ljust(card_width, "━")
            strips[line] = Strip.join([banner(mark, card_width, styles.landing), gap])
        return strips

    def _with_scrollbar(self, y: int, strip: Strip) -> Strip:
        """Return a line of the bands with its part of the scroll bar, where they don't all fit."""
        model = self.model
        most, room = model.layout.most_scroll, model.layout.room
        if not most:
            return strip
        thumb = max(room * room // (room + most), 1)
        top = model.scroll * (room - thumb) // most
        mark = "┃" if top <= y - HEAD < top + thumb else "│"
        return Strip.join([strip.crop(0, strip.cell_length - 1), Strip([Segment(mark, self.styles.scrollbar)], 1)])

    def _hint(self, y: int, lines: tuple[str, ...]) -> Strip:
        """Return a line of a message in the middle of the board."""
        layout = self.model.layout
        first = max((layout.height - len(lines)) // 2, HEAD)
        number = y - first
        text = lines[number] if 0 <= number < len(lines) else ""
        return banner(clip(text, layout.width).center(layout.width), layout.width, self.styles.more)

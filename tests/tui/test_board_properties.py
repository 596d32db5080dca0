"""Whatever happens to the board, the cursor is somewhere, its card is seen, and every line fits."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from rich.cells import cell_len
from rich.style import Style

from kbtui.core.tasks.ranks import GAP, Cell, Key, Location
from kbtui.core.values.colors import COLORS
from kbtui.core.views.board import Board, BoardColumn, BoardSwimlane, Card
from kbtui.tui.widgets import board_steps
from kbtui.tui.widgets.board_layout import HEAD
from kbtui.tui.widgets.board_model import ON_HEAD, BoardModel
from kbtui.tui.widgets.board_paint import BoardPainter, BoardStyles
from kbtui.tui.widgets.cards import CardPainter, CardStyles
from kbtui.tui.widgets.drag import Drag, find_landing, landing_region, scroll_at_edge
from tests.tui.test_glyphs import any_text

SIZES = st.sampled_from([(80, 22), (160, 43), (250, 68), (120, 30), (40, 12), (20, 5), (5, 3), (1, 1)])

PLAIN = Style()
BOARD_STYLES = BoardStyles(*[PLAIN] * 9)
CARD_STYLES = CardStyles(*[PLAIN] * 7)


class Shelf:
    """The rows of a board, as the database would give them."""

    def __init__(self, columns: int, swimlanes: int) -> None:
        self.columns = [BoardColumn(number + 1, f"Column {number}", number % 3, "") for number in range(columns)]
        self.swimlanes = [BoardSwimlane(number + 1, f"Swimlane {number}", "") for number in range(swimlanes)]
        self.cells: dict[Cell, list[Card]] = {}
        self.last_id = 0

    def read_cards(self, cell: Cell, start: Key | None, limit: int) -> list[Card]:
        """Return a stretch of a cell from a key on."""
        assert limit > 0
        return [card for card in self.cells.get(cell, []) if start is None or card.key >= start][:limit]

    def read_cards_before(self, cell: Cell, before: Key | None, limit: int) -> list[Card]:
        """Return a stretch of a cell up to a key."""
        assert limit > 0
        return [card for card in self.cells.get(cell, []) if before is None or card.key < before][-limit:]

    def count_before(self, cell: Cell, key: Key) -> int:
        """Return how many cards stand before a key."""
        return sum(card.key < key for card in self.cells.get(cell, []))

    def find_key(self, cell: Cell, index: int) -> Key | None:
        """Return the key of a card."""
        cards = self.cells.get(cell, [])
        return cards[index].key if index < len(cards) else None

    def insert(self, cell: Cell, index: int, card: Card) -> Card:
        """Put a card into a cell, with a rank between its neighbours; return it as it is now."""
        cards = self.cells.setdefault(cell, [])
        before = cards[index - 1].rank if 0 < index <= len(cards) else cards[0].rank - 2 * GAP if cards else 0
        before = cards[-1].rank if index > len(cards) > 0 else before
        after = cards[index].rank if index < len(cards) else before + 2 * GAP
        card = card._replace(rank=(before + after) // 2)
        cards.insert(index, card)
        assert cards == sorted(cards, key=lambda each: each.key)
        return card

    def board(self) -> Board:
        """Return the shape and the counts."""
        counts = {cell: len(cards) for cell, cards in self.cells.items() if cards}
        return Board(1, "Project", tuple(self.columns), tuple(self.swimlanes), counts)

    def place(self, task_id: int) -> Location | None:
        """Return where a task stands."""
        for cell, cards in self.cells.items():
            for position, card in enumerate(cards, 1):
                if card.id == task_id:
                    return Location(1, cell, position)
        return None


def is_drawable(text: str) -> bool:
    """Tell whether a text contains nothing that a terminal obeys."""
    return all(unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in text)


def picture(painter: BoardPainter, width: int, height: int) -> list[str]:
    """Return the lines of the board, each of which must be exactly as wide as the board."""
    lines = []
    for y in range(height):
        strip = painter.line(y)
        assert cell_len(strip.text) == strip.cell_length == width, (y, strip.text)
        assert is_drawable(strip.text)
        lines.append(strip.text)
    return lines


class BoardOfTheDay(RuleBasedStateMachine):
    """A person, other people, and the window's edge at work on one board."""

    @initialize(
        columns=st.integers(1, 7),
        swimlanes=st.integers(1, 4),
        counts=st.lists(st.integers(0, 40), max_size=12),
        size=SIZES,
    )
    def open(self, columns: int, swimlanes: int, counts: Sequence[int], size: tuple[int, int]) -> None:
        self.shelf = Shelf(columns, swimlanes)
        self.model = BoardModel(self.shelf)
        self.painter = BoardPainter(self.model, BOARD_STYLES, CARD_STYLES)
        self.model.draw = lambda card: self.painter.cards.draw(
            card, self.model.layout.card_width, cursor=False, compact=self.model.compact
        )
        self.size = size
        for number, count in enumerate(counts):
            cell = Cell(number % columns + 1, number // columns % swimlanes + 1)
            for _ in range(count):
                self.shelf.insert(cell, 1000, self.new_card(number))
        self.seen: list[str] = []
        self.model.show(self.shelf.board())
        self.model.resize(*size)

    def new_card(self, kind: int) -> Card:
        self.shelf.last_id += 1
        card = Card(
            self.shelf.last_id, "word " * (kind % 17 + 1), "yellow", "", "", "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "", 0
        )
        return card._replace(
            category="Feature" if kind % 2 else "",
            assignee="Mika Sample" if kind % 3 else "",
            priority=kind % 4,
            date_due=1_700_000_000 if kind % 5 == 0 else 0,
        )

    def reload(self, *cells: Cell) -> None:
        """Do what the screen does after events about some cells."""
        card = self.model.current_card
        self.model.reload({cell: len(self.shelf.cells.get(cell, [])) for cell in cells})
        if card is not None and (self.model.current_card is None or self.model.current_card.id != card.id):
            place = self.shelf.place(card.id)
            if place is not None:
                self.model.seek(place, show=self.model.follows)
        if card is not None and self.shelf.place(card.id) is not None:
            assert self.model.current_card is None or self.model.current_card.id == card.id

    @rule(size=SIZES)
    def change_the_size(self, size: tuple[int, int]) -> None:
        self.size = size
        self.model.resize(*size)

    @rule(by=st.sampled_from([-1, 1]), times=st.integers(1, 9))
    def step_rows(self, by: int, times: int) -> None:
        for _ in range(times):
            board_steps.step_row(self.model, by)

    @rule(by=st.sampled_from([-1, 1]))
    def step_column(self, by: int) -> None:
        board_steps.step_column(self.model, by)

    @rule(by=st.sampled_from([-1, 1]))
    def step_page(self, by: int) -> None:
        board_steps.step_page(self.model, by)

    @rule(last=st.booleans())
    def go_to_an_end(self, last: bool) -> None:
        board_steps.go_end(self.model, last)

    @rule(data=st.data())
    def collapse(self, data: st.DataObject) -> None:
        self.model.toggle_swimlane(data.draw(st.integers(0, len(self.shelf.swimlanes) - 1)))

    @rule()
    def change_the_density(self) -> None:
        self.model.compact = not self.model.compact
        self.model.arrange()
        self.model.point(self.model.cursor.swimlane, self.model.cursor.column, self.model.cursor.index)

    @rule(column=st.integers(0, 6), swimlane=st.integers(0, 3), by=st.sampled_from([-3, -1, 1, 3]))
    def turn_the_wheel(self, column: int, swimlane: int, by: int) -> None:
        if column < len(self.shelf.columns) and swimlane < len(self.shelf.swimlanes):
            self.model.scroll_cell(swimlane, column, by)
        self.model.scroll_by(by)
        self.model.show_column(1 if by > 0 else -1)

    @precondition(lambda self: self.model.current_card is not None)
    @rule(column=st.integers(0, 6), swimlane=st.integers(0, 3), index=st.integers(0, 50), own=st.booleans())
    def move_the_task(self, column: int, swimlane: int, index: int, own: bool) -> None:
        card, source = self.model.current_card, self.model.current_cell
        assert card is not None
        assert source is not None
        target = (
            self.shelf.columns[column % len(self.shelf.columns)].id,
            self.shelf.swimlanes[swimlane % len(self.shelf.swimlanes)].id,
        )
        before = self.shelf.place(card.id)
        assert before is not None
        self.shelf.cells[source].remove(card)
        moved = self.shelf.insert(Cell(*target), index, card)
        after = self.shelf.place(card.id)
        assert after is not None
        if not own:
            self.reload(source, Cell(*target))
        elif self.model.move(moved, before, after):
            assert self.model.follows
            assert self.model.current_card in (None, moved)
        else:
            self.reload(source, Cell(*target))

    @rule(data=st.data(), kind=st.integers(0, 60))
    def somebody_adds_a_task(self, data: st.DataObject, kind: int) -> None:
        cell = Cell(
            data.draw(st.sampled_from(self.shelf.columns)).id, data.draw(st.sampled_from(self.shelf.swimlanes)).id
        )
        number = len(self.shelf.cells.get(cell, []))
        self.shelf.insert(cell, data.draw(st.integers(0, number)), self.new_card(kind))
        self.reload(cell)

    @precondition(lambda self: any(self.shelf.cells.values()))
    @rule(data=st.data())
    def somebody_closes_a_task(self, data: st.DataObject) -> None:
        cell = data.draw(st.sampled_from([cell for cell, cards in self.shelf.cells.items() if cards]))
        cards = self.shelf.cells[cell]
        cards.pop(data.draw(st.integers(0, len(cards) - 1)))
        self.reload(cell)

    @rule(data=st.data(), shape=st.sampled_from(["column", "swimlane"]), adds=st.booleans())
    def somebody_changes_the_shape(self, data: st.DataObject, shape: str, adds: bool) -> None:
        heads: list[BoardColumn] | list[BoardSwimlane] = (
            self.shelf.columns if shape == "column" else self.shelf.swimlanes
        )
        if adds:
            head = heads[-1]._replace(id=max(head.id for head in heads) + 1)
            heads.insert(data.draw(st.integers(0, len(heads))), head)  # type: ignore[arg-type]
        elif len(heads) > 1:
            gone = heads.pop(data.draw(st.integers(0, len(heads) - 1)))
            at = 0 if shape == "column" else 1
            self.shelf.cells = {cell: cards for cell, cards in self.shelf.cells.items() if cell[at] != gone.id}
        self.model.show(self.shelf.board())

    @precondition(lambda self: self.model.current_card is not None)
    @rule(x=st.integers(-2, 251), y=st.integers(-2, 70), edge=st.booleans())
    def hold_a_task(self, x: int, y: int, edge: bool) -> None:
        card = self.model.current_card
        assert card is not None
        drag = Drag(card, 1, 0, x, y, started=True, strips=self.model.draw(card))
        drag.landing = self.painter.landing = find_landing(self.model, x, y)
        mark = landing_region(self.model, drag.landing)
        for line in range(self.size[1]):
            strip = self.painter.line(line)
            assert drag.overlay(line, strip, mark).cell_length == strip.cell_length
        if edge:
            scroll_at_edge(self.model, x, y)
        picture(self.painter, *self.size)
        self.painter.landing = None

    @invariant()
    def the_cursor_is_somewhere(self) -> None:
        cursor, model = self.model.cursor, self.model
        assert 0 <= cursor.swimlane < len(self.shelf.swimlanes)
        assert 0 <= cursor.column < len(self.shelf.columns)
        cards = self.shelf.cells.get(model.cell(cursor.swimlane, cursor.column), [])
        if model.is_collapsed(cursor.swimlane):
            assert cursor.index == ON_HEAD
            assert model.current_card is None
        elif cards:
            assert model.current_card == cards[cursor.index]
        else:
            assert cursor.index == 0
            assert model.current_card is None

    @invariant()
    def what_is_loaded_is_there(self) -> None:
        for cell, window in self.model.windows.items():
            cards = self.shelf.cells.get(cell, [])
            assert window.count == len(cards)
            assert window.loaded == cards[window.start : window.start + len(window.loaded)]
            if window.cards:
                assert window.cards == cards[window.first : window.first + window.room]

    @invariant()
    def what_is_drawn_fits(self) -> None:
        lines = picture(self.painter, *self.size)
        width, height = self.size
        card = self.model.current_card
        if card is None or not self.model.follows or width < 22 or height < 12:
            return
        region = self.model.card_region(self.model.cursor)
        assert region.height == len(self.model.draw(card))
        assert region.y >= HEAD
        assert region.bottom <= height
        assert f"▶ #{card.id} "[: region.width] in lines[region.y][region.x :]

    @invariant()
    def what_changed_is_drawn_again(self) -> None:
        now = picture(self.painter, *self.size)
        regions = self.model.take_damage()
        if regions is None:
            self.seen = now
            return
        for region in regions:
            assert region.x >= 0
            assert region.y >= 0
            assert region.right <= self.size[0]
            assert region.bottom <= self.size[1]
            for y in range(region.y, region.bottom):
                old, new = self.seen[y], now[y]
                self.seen[y] = old[: region.x] + new[region.x : region.right] + old[region.right :]
        assert self.seen == now


TestBoardOfTheDay = BoardOfTheDay.TestCase
TestBoardOfTheDay.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)


@pytest.mark.slow
def test_the_board_of_the_year() -> None:
    run_state_machine_as_test(BoardOfTheDay, settings=settings(max_examples=250, stateful_step_count=40, deadline=None))


@settings(deadline=None)
@given(
    st.builds(
        Card,
        id=st.integers(1, 10**9),
        title=any_text,
        color_id=st.sampled_from(sorted(COLORS)),
        assignee=any_text,
        category=any_text,
        tags=any_text,
        priority=st.integers(-(2**53), 2**53),
        score=st.integers(-(2**53), 2**53),
        date_due=st.sampled_from([0, 1, 1_700_000_000, 4_000_000_000]),
        subtasks_done=st.integers(0, 99),
        subtasks=st.integers(0, 10**6),
        comments=st.integers(0, 10**6),
        files=st.integers(0, 10**6),
        links=st.integers(0, 10**6),
        has_description=st.integers(0, 1),
        recurs=st.integers(0, 2),
        reference=any_text,
        rank=st.integers(-(2**61), 2**61),
    ),
    any_text,
    any_text,
    SIZES,
    st.booleans(),
)
def test_any_text_is_drawn_in_exactly_the_room_there_is(
    card: Card, column: str, swimlane: str, size: tuple[int, int], compact: bool
) -> None:
    shelf = Shelf(2, 2)
    shelf.columns[0] = shelf.columns[0]._replace(title=column)
    shelf.swimlanes[0] = shelf.swimlanes[0]._replace(name=swimlane)
    shelf.cells[Cell(1, 1)] = [card]
    model = BoardModel(shelf)
    painter = BoardPainter(model, BOARD_STYLES, CARD_STYLES)
    model.draw = lambda card: painter.cards.draw(card, model.layout.card_width, cursor=False, compact=model.compact)
    model.compact = compact
    model.show(shelf.board())
    model.resize(*size)

    lines = picture(painter, *size)

    if size[0] >= 80 and size[1] >= 22:
        assert any("▶" in line for line in lines)
        assert len(painter.cards.draw(card, 30, cursor=True, compact=compact)) == len(
            painter.cards.draw(card, 30, cursor=False, compact=compact)
        )


def test_what_does_not_fit_on_a_narrow_card_says_that_it_was_cut() -> None:
    card = Card(1, "Pay", "yellow", "", "", "", 0, 0, 1_700_000_000, 0, 0, 0, 0, 0, 0, 0, "", 0)
    painter = CardPainter(CARD_STYLES)

    wide, narrow = (
        [strip.text for strip in painter.draw(card, width, cursor=False, compact=False)] for width in (40, 21)
    )

    assert "overdue 1" in wide[1]
    assert narrow[1].rstrip().endswith("…")

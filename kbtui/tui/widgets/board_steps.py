"""Where a step of the cursor leads: up and down through the swimlanes, and level from column to column."""

from dataclasses import replace

from kbtui.tui.widgets.board_model import ON_HEAD, BoardModel, Cursor


def step_row(model: BoardModel, by: int) -> None:
    """Move the cursor one card up (-1) or down (1), and on into the next swimlane."""
    board, cursor = model.board, model.cursor
    if board is None or not board.columns or not board.swimlanes:
        return
    if cursor.index != ON_HEAD:
        index = cursor.index + by
        if 0 <= index < model.window(cursor.swimlane, cursor.column).count:
            model.put(replace(cursor, index=index))
            return
    swimlane = cursor.swimlane + by
    if 0 <= swimlane < len(board.swimlanes):
        count = model.window(swimlane, cursor.column).count
        model.put(Cursor(swimlane, cursor.column, 0 if by > 0 else count - 1))


def step_column(model: BoardModel, by: int) -> None:
    """Move the cursor to the nearest card of the column on the left (-1) or right (1)."""
    column = model.cursor.column + by
    if model.board is None or not 0 <= column < len(model.board.columns):
        return
    model.put(Cursor(model.cursor.swimlane, column, index_beside(model, column)))


def index_beside(model: BoardModel, column: int) -> int:
    """Return the index in another column of the cursor's swimlane that is level with the cursor."""
    cursor = model.cursor
    if cursor.index == ON_HEAD:
        return ON_HEAD
    here, there = model.window(cursor.swimlane, cursor.column), model.window(cursor.swimlane, column)
    number = cursor.index - here.first
    if not there.cards or not 0 <= number < len(here.tops):
        return min(cursor.index, max(there.count - 1, 0))
    return there.nearest(here.tops[number])


def place_beside(model: BoardModel, column: int) -> int:
    """Return the index in another column at which the cursor's card would stand level with where it is."""
    cursor = model.cursor
    here, there = model.window(cursor.swimlane, cursor.column), model.window(cursor.swimlane, column)
    number = cursor.index - here.first
    if not there.cards or not 0 <= number < len(here.tops):
        return min(cursor.index, there.count)
    return there.landing_at(here.tops[number])


def step_page(model: BoardModel, by: int) -> None:
    """Move the cursor by as many cards as are shown of its cell."""
    if model.board is None or model.cursor.index == ON_HEAD or not model.layout.bands:
        return
    window = model.window(model.cursor.swimlane, model.cursor.column)
    model.put(replace(model.cursor, index=model.cursor.index + by * max(len(window.cards) - 1, 1)))


def go_end(model: BoardModel, last: bool) -> None:
    """Move the cursor to the first or the last card of its cell."""
    if model.cursor.index != ON_HEAD and model.board is not None:
        model.put(replace(model.cursor, index=1 << 60 if last else 0))

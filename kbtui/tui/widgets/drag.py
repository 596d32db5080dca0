"""A task on its way from one place to another, held by the mouse."""

from dataclasses import dataclass, field

from textual.geometry import Region
from textual.strip import Strip

from kbtui.core.views.board import Card
from kbtui.tui.widgets.board_layout import HEAD
from kbtui.tui.widgets.board_model import ON_HEAD, BoardModel, Cursor, Landing

EDGE = 1
"""So many cells from an edge, what is beyond it comes nearer while a task is held there."""


@dataclass(slots=True)
class Drag:
    """The task that is held, where on it the mouse holds it, and where the mouse is."""

    card: Card
    grab_x: int
    grab_y: int
    x: int
    y: int
    started: bool = False
    landing: Landing | None = None
    strips: tuple[Strip, ...] = field(default=())

    def ghost(self) -> Region:
        """Return where the ghost of the task is drawn."""
        if not self.started or not self.strips:
            return Region()
        return Region(self.x - self.grab_x, self.y - self.grab_y, self.strips[0].cell_length, len(self.strips))

    def overlay(self, y: int, base: Strip, mark: Region) -> Strip:
        """Return a line of the board with the ghost's line, if it has one there, laid over it.

        The mark of the landing place is never covered: without it nobody knows where the task will be.
        """
        ghost = self.ghost()
        if not ghost.y <= y < ghost.bottom or mark.y <= y < mark.bottom:
            return base
        width = base.cell_length
        left, right = max(ghost.x, 0), min(ghost.right, width)
        if left >= right:
            return base
        line = self.strips[y - ghost.y].crop(left - ghost.x, right - ghost.x)
        return Strip.join([base.crop(0, left), line, base.crop(right, width)])


def find_landing(model: BoardModel, x: int, y: int) -> Landing | None:
    """Return where a task dropped at a point would land, or None where there is nothing to land on."""
    spot = model.layout.spot_at(x, y, model.scroll)
    if spot is None or model.board is None:
        return None
    if model.is_collapsed(spot.swimlane):
        return Landing(spot.swimlane, spot.column, ON_HEAD)
    window = model.window(spot.swimlane, spot.column)
    return Landing(spot.swimlane, spot.column, window.landing_at(max(spot.line, 0)))


def landing_region(model: BoardModel, landing: Landing | None) -> Region:
    """Return the line on which the mark of a landing is drawn."""
    if landing is None or landing.swimlane >= len(model.layout.bands):
        return Region()
    band = model.layout.bands[landing.swimlane]
    if landing.index == ON_HEAD:
        return model.card_region(Cursor(landing.swimlane, landing.column, ON_HEAD))
    cell = model.layout.cell(landing.swimlane, landing.column, model.scroll)
    if not cell:
        return Region()
    line = model.window(landing.swimlane, landing.column).landing_line(landing.index)
    top = HEAD + band.body_top - model.scroll + min(line, band.body - 1)
    return Region(cell.x, top, cell.width, 1).intersection(cell)


def scroll_at_edge(model: BoardModel, x: int, y: int) -> bool:
    """Bring nearer what is beyond the edge at which a task is held; tell whether there was anything."""
    layout = model.layout
    if model.board is None or not layout.bands:
        return False
    if x <= EDGE and model.show_column(-1):
        return True
    if x >= layout.width - 1 - EDGE and model.show_column(1):
        return True
    spot = model.layout.spot_at(x, min(max(y, HEAD), layout.height - 1), model.scroll)
    if spot is not None and not model.is_collapsed(spot.swimlane):
        band = layout.bands[spot.swimlane]
        if spot.line <= EDGE - 1 and model.scroll_cell(spot.swimlane, spot.column, -1):
            return True
        if spot.line >= band.body - EDGE and model.scroll_cell(spot.swimlane, spot.column, 1):
            return True
    if y <= HEAD and model.scroll_by(-1):
        return True
    return y >= layout.height - EDGE and model.scroll_by(1)

"""Where the rows of a list stand, and how they are scrolled into sight."""

from bisect import bisect_right
from collections.abc import Sequence

from textual.containers import VerticalScroll
from textual.geometry import Region, Size
from textual.widget import Widget


class RowLayout:
    """The places of rows below each other; several may stand side by side in one band of lines."""

    def __init__(self, regions: Sequence[Region]) -> None:
        self.regions = list(regions)
        bands: dict[int, list[int]] = {}
        for index, region in enumerate(self.regions):
            bands.setdefault(region.y, []).append(index)
        self._tops = sorted(bands)
        self._bands = [tuple(bands[top]) for top in self._tops]

    def __bool__(self) -> bool:
        return bool(self.regions)

    @property
    def bottom(self) -> int:
        """Return the first line below all rows."""
        return max((self.regions[index].bottom for index in self._bands[-1]), default=0) if self._bands else 0

    def across(self, y: int) -> tuple[int, tuple[int, ...]]:
        """Return the first line of the band at a line, and the indexes of its rows from left to right."""
        at = min(max(bisect_right(self._tops, y) - 1, 0), len(self._bands) - 1)
        return self._tops[at], self._bands[at]

    def index_at(self, x: int, y: int) -> int | None:
        """Return the index of the row at a cell."""
        if not self._bands or y < self._tops[0]:
            return None
        return next((index for index in self.across(y)[1] if self.regions[index].contains(x, y)), None)


def scroller_of(widget: Widget) -> VerticalScroll | None:
    """Return what scrolls a widget."""
    return next((each for each in widget.ancestors if isinstance(each, VerticalScroll)), None)


def within(scroller: Widget, widget: Widget, region: Region) -> Region:
    """Return a region of a widget in the coordinates of what scrolls it."""
    node = widget
    while node is not scroller:
        region = region.translate(node.virtual_region.offset)
        assert isinstance(node.parent, Widget)  # noqa: S101 - the scroller is an ancestor
        node = node.parent
    return region


def reveal(widget: Widget, region: Region, *, top: bool = False) -> None:
    """Scroll a region of a widget into sight, the beginning of it when it is too tall; or to the top."""
    scroller = scroller_of(widget)
    if scroller is None or not widget.is_attached:
        return
    seen = scroller.scrollable_content_region.height
    if region.height > seen:
        region = region.crop_size(Size(region.width, seen))
    scroller.scroll_to_region(within(scroller, widget, region), animate=False, top=top, immediate=True)


def scroll_on(widget: Widget, region: Region, by: int) -> bool:
    """Scroll on within a region taller than what is seen; tell whether there was anything left of it to show."""
    scroller = scroller_of(widget)
    if scroller is None:
        return False
    place = within(scroller, widget, region)
    seen = scroller.scrollable_content_region.height
    top = scroller.scroll_offset.y
    left = place.bottom - top - seen if by > 0 else top - place.y
    if place.height <= seen or left <= 0:
        return False
    scroller.scroll_relative(y=by * min(left, max(seen // 3, 1)), animate=False, immediate=True)
    return True

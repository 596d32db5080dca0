"""The sixteen colours of a task, side by side, with the name of the chosen one."""

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kbtui.core.values.colors import COLORS, DEFAULT_COLOR

IDS = tuple(COLORS)
ACROSS = 8
"""Swatches in a row."""

SWATCH = 3
"""Cells of one swatch."""

_GROUNDS = {
    color_id: Style(
        color=Color.parse(color.border).get_contrast_text(1.0).rich_color,
        bgcolor=Color.parse(color.border).rich_color,
        bold=True,
    )
    for color_id, color in COLORS.items()
}


class ColorPicker(Widget, can_focus=True):
    """Choose a colour with the arrows, its first letter, or the mouse."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"color-picker--name"}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Left", show=False, id="color.left", tooltip="The colour on the left"),
        Binding("right", "step(1)", "Right", show=False, id="color.right", tooltip="The colour on the right"),
        Binding("up", f"step(-{ACROSS})", "Up", show=False, id="color.up", tooltip="The colour above"),
        Binding("down", f"step({ACROSS})", "Down", show=False, id="color.down", tooltip="The colour below"),
        Binding("home", "step(-99)", "First", show=False, id="color.first", tooltip="The first colour"),
        Binding("end", "step(99)", "Last", show=False, id="color.last", tooltip="The last colour"),
    ]

    value = reactive(DEFAULT_COLOR, init=False)

    @dataclass
    class Changed(Message):
        """Another colour was chosen."""

        value: str

    def __init__(self, value: str = DEFAULT_COLOR, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.set_reactive(ColorPicker.value, value)

    def watch_value(self, value: str) -> None:
        """Tell that another colour was chosen."""
        self.post_message(self.Changed(value))

    @property
    def _index(self) -> int:
        return IDS.index(self.value) if self.value in COLORS else IDS.index(DEFAULT_COLOR)

    def action_step(self, by: int) -> None:
        """Choose a colour nearby."""
        index = self._index + by
        if abs(by) == ACROSS and not 0 <= index < len(IDS):
            return
        self.value = IDS[min(max(index, 0), len(IDS) - 1)]

    def on_key(self, event: events.Key) -> None:
        """Choose the next colour whose name begins with the letter."""
        if event.character is None or not event.character.isalpha():
            return
        order = [*IDS[self._index + 1 :], *IDS[: self._index + 1]]
        found = next((each for each in order if COLORS[each].name.lower().startswith(event.character.lower())), None)
        if found is not None:
            self.value = found
            event.stop()

    def on_click(self, event: events.Click) -> None:
        """Choose the colour that was clicked."""
        column, row = event.x // SWATCH, event.y
        if 0 <= column < ACROSS and 0 <= row * ACROSS + column < len(IDS):
            self.value = IDS[row * ACROSS + column]

    def render_line(self, y: int) -> Strip:
        """Return a row of swatches: the chosen one has a tick, and its name stands behind the first row."""
        segments: list[Segment] = []
        for color_id in IDS[y * ACROSS : (y + 1) * ACROSS]:
            segments.append(Segment(" ✓ " if color_id == IDS[self._index] else "   ", _GROUNDS[color_id]))
        if y == 0:
            name = COLORS[self.value].name if self.value in COLORS else f"{self.value}, drawn as Yellow"
            segments.append(Segment(f"  {name}", self.get_component_rich_style("color-picker--name")))
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

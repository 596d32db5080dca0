"""The line of keys under the board, made from the bindings; each can be clicked."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget


class KeyBar(Widget):
    """Show the keys of the screen that are meant to be shown, as many as fit."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--text"}

    def __init__(self) -> None:
        super().__init__()
        self._buttons: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        """Draw again when the focus, and so the keys, change."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render_line(self, y: int) -> Strip:
        """Return the line of keys."""
        key_style = self.get_component_rich_style("key-bar--key")
        text_style = self.get_component_rich_style("key-bar--text")
        self._buttons = []
        segments: list[Segment] = []
        used = 0
        shown: set[tuple[str, str]] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            key = self.app.get_key_display(binding)
            if not binding.show or binding.system or (key, binding.description) in shown:
                continue
            shown.add((key, binding.description))
            width = cell_len(f" {key} {binding.description} ")
            if used + width > self.size.width:
                break
            segments += [Segment(f" {key} ", key_style), Segment(f"{binding.description} ", text_style)]
            self._buttons.append((used, used + width, binding.key))
            used += width
        return Strip(segments).adjust_cell_length(self.size.width, text_style)

    async def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        for left, right, key in self._buttons:
            if left <= event.x < right:
                self.app.simulate_key(key)

"""The line of keys under the board, made from the bindings; each can be clicked."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

KEPT = frozenset({"app.help", "app.palette"})
"""The bindings that lead to all others."""

Label = tuple[list[tuple[str, str]], str]
"""Keys, as they are shown and as they are pressed, and what they do."""


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
        """Return the line of keys; those that lead to all others are kept, however narrow it is."""
        self._buttons = []
        labels, kept = self._labels()
        room = self.size.width - sum(_width(label) for label in kept)
        fitting: list[Label] = []
        for label in labels:
            room -= _width(label)
            if room < 0:
                break
            fitting.append(label)
        text_style = self.get_component_rich_style("key-bar--text")
        segments: list[Segment] = []
        for label in (*fitting, *kept):
            segments += self._draw(label, sum(segment.cell_length for segment in segments))
        return Strip(segments).adjust_cell_length(self.size.width, text_style)

    def _draw(self, label: Label, left: int) -> list[Segment]:
        """Return a label's segments, and note where it can be clicked."""
        key_style = self.get_component_rich_style("key-bar--key")
        text_style = self.get_component_rich_style("key-bar--text")
        keys, description = label
        right = left + _width(label)
        segments = [Segment(" ", text_style)]
        left += 1
        for shown, key in keys:
            segments.append(Segment(shown, key_style))
            self._buttons.append((left, left + cell_len(shown), key))
            left += cell_len(shown)
        self._buttons.append((left, right, keys[-1][1]))
        return [*segments, Segment(f" {description} ", text_style)]

    def _labels(self) -> tuple[list[Label], list[Label]]:
        """Return what is shown, in the order of the bindings, and what is kept at the end; groups stand together."""
        labels: dict[str, list[tuple[str, str]]] = {}
        kept: list[Label] = []
        named: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.show or binding.system or (binding.id or binding.key) in named:
                continue
            named.add(binding.id or binding.key)
            key = (self.app.get_key_display(binding), binding.key)
            if binding.id in KEPT:
                kept.append(([key], binding.description))
            else:
                description = binding.group.description if binding.group else binding.description
                labels.setdefault(description, []).append(key)
        return [(keys, description) for description, keys in labels.items()], kept

    async def on_click(self, event: events.Click) -> None:
        """Do what the key that was clicked does, even where the focus would take the key as text."""
        for left, right, key in self._buttons:
            active = self.screen.active_bindings.get(key)
            if left <= event.x < right and active is not None:
                await self.app.run_action(active.binding.action, active.node)
                return


def _width(label: Label) -> int:
    keys, description = label
    return sum(cell_len(shown) for shown, _ in keys) + cell_len(description) + 3

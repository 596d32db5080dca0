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
        for keys, description in self._labels():
            width = sum(cell_len(shown) for shown, _ in keys) + cell_len(description) + 3
            if used + width > self.size.width:
                break
            segments.append(Segment(" ", text_style))
            left = used + 1
            for shown, key in keys:
                segments.append(Segment(shown, key_style))
                self._buttons.append((left, left + cell_len(shown), key))
                left += cell_len(shown)
            segments.append(Segment(f" {description} ", text_style))
            self._buttons.append((left, used + width, keys[-1][1]))
            used += width
        return Strip(segments).adjust_cell_length(self.size.width, text_style)

    def _labels(self) -> list[tuple[list[tuple[str, str]], str]]:
        """Return keys (as shown, and as pressed) with what they do; those of a group stand together."""
        labels: dict[str, list[tuple[str, str]]] = {}
        named: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.show or binding.system or (binding.id or binding.key) in named:
                continue
            named.add(binding.id or binding.key)
            description = binding.group.description if binding.group else binding.description
            labels.setdefault(description, []).append((self.app.get_key_display(binding), binding.key))
        return [(keys, description) for description, keys in labels.items()]

    async def on_click(self, event: events.Click) -> None:
        """Do what the key that was clicked does, even where the focus would take the key as text."""
        for left, right, key in self._buttons:
            active = self.screen.active_bindings.get(key)
            if left <= event.x < right and active is not None:
                await self.app.run_action(active.binding.action, active.node)
                return

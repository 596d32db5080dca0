"""The smallest Textual program that answers a key: what everything else is compared with."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static


class BareApp(App[None]):
    """Count key presses."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "count(1)", show=False),
        Binding("k", "count(-1)", show=False),
        Binding("q", "quit", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.count = 1000
        self.label = Static(f"pressed {self.count}")

    def compose(self) -> ComposeResult:
        yield self.label

    def action_count(self, by: int) -> None:
        self.count += by
        self.label.update(f"pressed {self.count}")


if __name__ == "__main__":
    BareApp().run()

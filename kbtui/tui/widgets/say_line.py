"""One line in which a screen says what was done, and otherwise what it has to say."""

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from kbtui.tui.glyphs import drawable

LASTS = 6.0
"""Seconds that something said stays."""


class SayLine(Static):
    """Say something for a while; a click on what was said takes it away."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._usual = ""
        self._timer: Timer | None = None
        self.text = ""

    def show_usual(self, text: str) -> None:
        """Set what stands here when nothing is said."""
        self._usual = text
        if self._timer is None:
            self._show(text, "")

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something."""
        if self._timer is not None:
            self._timer.stop()
        self._show(f"✗ {text}" if bad else text, "-bad" if bad else "-said")
        self._timer = self.set_timer(LASTS, self.hush)

    def hush(self) -> None:
        """Show what stands here usually."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._show(self._usual, "")

    def _show(self, text: str, mood: str) -> None:
        self.text = text
        self.update(Content(f" {drawable(text)}"), layout=False)
        self.set_class(mood == "-bad", "-bad")
        self.set_class(mood == "-said", "-said")

    def on_click(self) -> None:
        """Take away what was said."""
        self.hush()

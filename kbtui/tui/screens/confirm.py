"""A question before something that cannot be taken back."""

from pathlib import PurePath
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Static

from kbtui.tui.base import Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.widgets.dialog import Dialog, KeyButton


class ConfirmScreen(Guarded, ModalScreen[bool]):
    """Ask whether to go on; nothing happens on Esc, nor on a hasty Enter."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "confirm.tcss"]
    AUTO_FOCUS = "#keep"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "confirm", "Yes", id="confirm.yes", tooltip="Go on"),
        Binding("escape,n", "cancel", "No", id="confirm.no", tooltip="Leave all as it is"),
        Binding("left,right", "app.focus_next", "Other button", show=False, id="confirm.other", tooltip="Other button"),
    ]

    def __init__(self, title: str, text: str, *, yes: str, no: str = "Keep") -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """Lay the question above its two answers."""
        with Dialog(self._title):
            yield Static(drawable(self._text), id="question", markup=False)
            with Horizontal(classes="buttons"):
                yield KeyButton(self._yes, "confirm.yes", "confirm", variant="danger", id="yes")
                yield KeyButton(self._no, "confirm.no", "cancel", id="keep")

    def action_confirm(self) -> None:
        """Answer yes."""
        self.dismiss(True)

    def action_cancel(self) -> None:
        """Answer no."""
        self.dismiss(False)

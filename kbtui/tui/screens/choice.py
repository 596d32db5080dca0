"""A short list of which one is chosen."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import OptionList

from kbtui.tui.base import Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.widgets.dialog import Dialog


class ChoiceScreen(Guarded, ModalScreen[int | None]):
    """Ask which of several is meant; the answer is its place in the list, from 0, or None."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "choice.tcss"]
    AUTO_FOCUS = "OptionList"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="choice.cancel", tooltip="Choose nothing"),
    ]

    def __init__(self, title: str, choices: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Lay out the choices."""
        with Dialog(self._title):
            yield OptionList(*map(drawable, self._choices), markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_cancel(self) -> None:
        """Choose nothing."""
        self.dismiss(None)

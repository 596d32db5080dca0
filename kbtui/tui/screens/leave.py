"""The question before leaving when something was typed and not saved; it names what that is, and leads there."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Static

from kbtui.tui.base import Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.widgets.dialog import Dialog, KeyButton

MOST_NAMED = 5
"""Drafts that are named; of more, the number is said."""

Choice = Literal["leave", "go", "stay"]


class LeaveScreen(Guarded, ModalScreen[Choice]):
    """Ask whether to leave drafts behind; dismissed with what was chosen."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "leave.tcss"]
    AUTO_FOCUS = "#keep"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "leave", "Leave", id="leave.yes", tooltip="Leave; what was typed is lost"),
        Binding("g", "go", "Go there", id="leave.go", tooltip="Go to what was typed"),
        Binding("escape,n", "cancel", "Stay", id="leave.no", tooltip="Stay here"),
        Binding("left,right", "app.focus_next", "Other button", show=False, id="leave.other", tooltip="Other button"),
    ]

    def __init__(self, named: Sequence[str]) -> None:
        """``named`` has the drafts in words; none when what was typed is in a dialog that keeps no draft."""
        super().__init__()
        self._named = named

    def compose(self) -> ComposeResult:
        """Lay the question above its answers."""
        with Dialog("Leave kbtui?"):
            yield Static(drawable(self._question()), id="question", markup=False)
            with Horizontal(classes="buttons"):
                yield KeyButton("Leave", "leave.yes", "leave", variant="danger", id="yes")
                if self._named:
                    yield KeyButton("Go there", "leave.go", "go", id="go")
                yield KeyButton("Stay", "leave.no", "cancel", id="keep")

    def _question(self) -> str:
        if not self._named:
            return "What you typed is not saved, and would be lost."
        shown = [*self._named[:MOST_NAMED]]
        if len(self._named) > MOST_NAMED:
            shown.append(f"{len(self._named) - MOST_NAMED} more")
        return f"Not saved, and lost when you leave: {', '.join(shown)}."

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Lead only where there is something."""
        return action != "go" or bool(self._named)

    def action_leave(self) -> None:
        """Leave."""
        self.dismiss("leave")

    def action_go(self) -> None:
        """Go to the first draft."""
        self.dismiss("go")

    def action_cancel(self) -> None:
        """Stay."""
        self.dismiss("stay")

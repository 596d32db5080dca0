"""Settings → Token: what receivers check, so that they know who sends."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from kbtui.core.projects import settings
from kbtui.errors import KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.screens.confirm import ConfirmScreen
from kbtui.tui.widgets.dialog import KeyButton, Notice

MASKED = "•" * 24

ABOUT = (
    "Every request carries this token, as ?token=… at the end of its URL. A receiver that compares it"
    " knows that the request comes from this board."
)


class TokenPane(Guarded, Vertical):
    """Show, copy and replace the token."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "reveal", "Show", id="token.show", tooltip="Show the token, or hide it again"),
        Binding("c", "copy", "Copy", id="token.copy", tooltip="Copy the token to the clipboard"),
        Binding("r", "reset", "Reset", id="token.reset", tooltip="Replace the token by a new one"),
    ]

    app: "BoardApp"

    def __init__(self) -> None:
        super().__init__()
        self._revealed = False

    def compose(self) -> ComposeResult:
        """Lay the token above its buttons."""
        yield Static(ABOUT, classes="about", markup=False)
        yield Static(MASKED, id="token-text", markup=False)
        with Horizontal(classes="buttons"):
            yield KeyButton("Show", "token.show", "reveal", variant="primary", id="token-reveal")
            yield KeyButton("Copy", "token.copy", "copy", id="token-copy")
            yield KeyButton("Reset", "token.reset", "reset", variant="danger", id="token-reset")
        yield Notice(id="token-notice")

    @property
    def _notice(self) -> Notice:
        return self.query_one("#token-notice", Notice)

    def _show(self) -> None:
        try:
            token = settings.webhook_token() if self._revealed else MASKED
        except KbtuiError as error:
            self._notice.say(str(error), bad=True)
            return
        self.query_one("#token-text", Static).update(Content(token))
        self.query_one("#token-reveal", KeyButton).show_text("Hide" if self._revealed else "Show")

    def action_reveal(self) -> None:
        """Show the token, or hide it again."""
        self._revealed = not self._revealed
        self._show()

    def action_copy(self) -> None:
        """Copy the token; it need not be shown for that."""
        try:
            self.app.copy_to_clipboard(settings.webhook_token())
        except KbtuiError as error:
            self._notice.say(str(error), bad=True)
        else:
            self._notice.say("Copied. If it cannot be pasted, the terminal refused: show it and copy it by hand.")

    def action_reset(self) -> None:
        """Replace the token, after asking."""
        question = ConfirmScreen(
            "Reset the token?",
            "Receivers that compare it refuse every request until they know the new one. The old token cannot be"
            " brought back.",
            yes="Reset",
        )
        self.app.push_screen(question, self._reset)

    def _reset(self, confirmed: bool | None) -> None:
        if not confirmed:
            return
        try:
            settings.reset_webhook_token()
        except KbtuiError as error:
            self._notice.say(str(error), bad=True)
        else:
            self._notice.say("There is a new token: give it to your receivers.")
            self._show()

"""Settings → Tasks by URL: the server inside the screen."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from kbtui.core.projects import settings
from kbtui.errors import KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.serving import Serving, read_port, task_url
from kbtui.tui.widgets.dialog import KeyButton, Notice
from kbtui.tui.widgets.fields import Field, LineInput

MASK = "•••"

ABOUT = (
    "Other programs can create tasks by calling a URL, as with Kanboard: the title behind it, and if wanted"
    " &description=, &project_id=, &column_id=, &color_id= and so on. The JSON-RPC API is served with it, at"
    " /jsonrpc.php. Only programs of this computer reach them."
)

REFRESH = 0.5
"""Seconds between two looks at the server's state."""


def state_of(serving: Serving) -> Content:
    """Say in a line whether tasks are accepted by URL, or why they cannot be."""
    if serving.is_running:
        return Content.assemble(("● Tasks are accepted by URL", "bold $text-success"))
    if serving.trouble:
        return Content.assemble((f"✗ {drawable(serving.trouble)}", "$text-error"))
    return Content("○ Tasks are not accepted by URL.")


def switch_text(serving: Serving) -> str:
    """Return what switching does now."""
    return "Refuse tasks" if serving.is_running else "Accept tasks"


def shown_url(serving: Serving, token: str) -> str:
    """Return the URL that creates a task, on the port that is served or would be."""
    return task_url(serving.url or f"http://127.0.0.1:{read_port()}", token)


class ServerLine(Guarded, Vertical):
    """Whether tasks are accepted by URL and where, in the few lines that the webhooks have for it."""

    app: "BoardApp"

    def compose(self) -> ComposeResult:
        """Lay the state beside the buttons, and the URL below."""
        with Horizontal(classes="buttons"):
            yield Static("", id="server-line-state", markup=False)
            yield KeyButton("Accept tasks", "endpoint.accept", "accept", id="server-line-accept")
            yield KeyButton("Port, token", "settings.server", "more", id="server-line-more")
        yield Static("", id="server-line-url", markup=False)

    def on_mount(self) -> None:
        """Show the state as long as the screen is there."""
        self.show_state()
        self.set_interval(REFRESH, self.show_state)

    def show_state(self) -> None:
        """Say whether tasks are accepted, and where."""
        self.query_one("#server-line-state", Static).update(state_of(self.app.serving))
        self.query_one("#server-line-accept", KeyButton).show_text(switch_text(self.app.serving))
        self.query_one("#server-line-url", Static).update(Content(shown_url(self.app.serving, MASK)))

    async def action_more(self) -> None:
        """Go to the tab that has the port, and the URL with its token."""
        await self.screen.run_action("show('server')")


class ServerPane(Guarded, Vertical):
    """Accept tasks by URL, or not; which port; the URL to copy."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch", "Accept/refuse", id="server.toggle", tooltip="Accept tasks by URL, or no more"),
        Binding("c", "copy", "Copy URL", id="server.copy", tooltip="Copy the URL, with the token, to the clipboard"),
        Binding("s", "reveal", "Show token", id="server.show", tooltip="Show the token in the URL, or hide it again"),
    ]

    app: "BoardApp"

    def __init__(self) -> None:
        super().__init__()
        self._revealed = False

    def compose(self) -> ComposeResult:
        """Lay the state above the port and the URL."""
        yield Static(ABOUT, classes="about", markup=False)
        yield Static("", id="server-state", markup=False)
        yield Static("", id="server-url", markup=False)
        with Horizontal(classes="buttons"):
            yield KeyButton("Accept tasks", "server.toggle", "switch", variant="primary", id="server-switch")
            yield KeyButton("Copy URL", "server.copy", "copy", id="server-copy")
            yield KeyButton("Show token", "server.show", "reveal", id="server-reveal")
        yield Field("Port", LineInput(str(read_port()), id="server-port"), hint="enter takes it over")
        yield Notice(id="server-notice")

    def on_mount(self) -> None:
        """Show the state as long as the screen is there."""
        self.show_state()
        self.set_interval(REFRESH, self.show_state)

    @property
    def _notice(self) -> Notice:
        return self.query_one("#server-notice", Notice)

    def show_state(self) -> None:
        """Say whether tasks are accepted, and where."""
        self.query_one("#server-state", Static).update(state_of(self.app.serving))
        self.query_one("#server-switch", KeyButton).show_text(switch_text(self.app.serving))
        token = settings.webhook_token() if self._revealed else MASK
        self.query_one("#server-url", Static).update(Content(shown_url(self.app.serving, token)))

    def _try(self, action: Callable[[], str]) -> None:
        try:
            self._notice.say(action())
        except KbtuiError as error:
            self._notice.say(str(error), bad=True)
        self.show_state()

    def action_switch(self) -> None:
        """Accept tasks by URL, or no more; the next time the board opens it is the same."""

        def switch() -> str:
            self.app.serving.switch(not self.app.serving.is_running)
            return ""

        self._try(switch)

    def action_copy(self) -> None:
        """Copy the URL with the token."""

        def copy() -> str:
            self.app.copy_to_clipboard(shown_url(self.app.serving, settings.webhook_token()))
            return "Copied. Put a title behind it: it holds the token, so keep it to yourself."

        self._try(copy)

    def action_reveal(self) -> None:
        """Show the token in the URL, or hide it again."""
        self._revealed = not self._revealed
        self.show_state()

    @on(Input.Submitted, "#server-port")
    def _choose_port(self, event: Input.Submitted) -> None:
        event.stop()

        def choose() -> str:
            self.app.serving.choose_port(event.value)
            return "" if self.app.serving.trouble else f"Port {read_port()} from now on."

        self._try(choose)

"""The frame of every dialog: a title bar that closes it, what is inside, and a line with its keys."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Static

from kbtui.tui.glyphs import drawable
from kbtui.tui.widgets.key_bar import KeyBar

HELP = Binding("f1", "app.help", "Help", show=False, id="app.help_always", tooltip="Every key of this screen")
"""The way to the help from where a question mark is text."""


def key_of(screen: Screen[object], binding_id: str) -> str:
    """Return the key of a binding as the person's keymap has it, empty when it is not active."""
    for active in screen.active_bindings.values():
        if active.binding.id == binding_id:
            return screen.app.get_key_display(active.binding)
    return ""


class Dialog(Vertical):
    """Frame the content of a dialog; its screen has an action ``cancel``."""

    def __init__(self, title: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._title = title
        self._inside: list[Widget] = []

    def compose_add_child(self, widget: Widget) -> None:
        """Take what is put inside; it is laid between the title and the keys."""
        self._inside.append(widget)

    def compose(self) -> ComposeResult:
        """Lay what was put inside between the title and the keys."""
        with Horizontal(classes="dialog--bar"):
            yield Static(drawable(self._title), classes="dialog--title", markup=False)
            yield CloseMark()
        yield from self._inside
        yield DialogKeys()

    def show_title(self, title: str) -> None:
        """Replace the title."""
        self.query_one(".dialog--title", Static).update(Content(drawable(title)))


class CloseMark(Static):
    """The cross that closes the dialog."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__("✕", classes="dialog--close", markup=False)
        self.tooltip = "Close (Esc)"

    async def on_click(self) -> None:
        """Close the dialog as Esc does."""
        await self.run_action("screen.cancel")


class DialogKeys(KeyBar):
    """The keys of a dialog, on its own ground."""


class KeyButton(Button):
    """A button for an action of what it stands in, which shows the key that does the same."""

    def __init__(
        self,
        text: str,
        binding_id: str,
        action: str,
        *,
        variant: str = "default",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(Content(text), compact=True, classes=f"-{variant}", id=id)
        self._text = text
        self._key = ""
        self._binding_id = binding_id
        self._action = action

    def on_mount(self) -> None:
        """Show the key that the person's keymap has, as soon as it is active."""
        self.show_text(self._text)
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.show_text(self._text))

    def show_text(self, text: str) -> None:
        """Say what the button does."""
        self._text = text
        self._key = key_of(self.screen, self._binding_id) or self._key
        label = Content.assemble(f" {text} ", (f"{self._key} " if self._key else "", "dim"))
        if label != self.label:
            self.label = label

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the key does."""
        event.stop()
        for node in self.ancestors:
            if hasattr(node, f"action_{self._action}"):
                await self.app.run_action(self._action, node)
                return


class Notice(Static):
    """A sentence about the whole dialog; takes no room while there is nothing to say."""

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(drawable(text), markup=False, classes="notice", id=id)
        self.set_class(not text, "-empty")
        self.text = text

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something, or with an empty text nothing."""
        self.text = text
        mark = "✗ " if bad and text else ""
        self.update(Content(f"{mark}{drawable(text)}"))
        self.set_class(not text, "-empty")
        self.set_class(bad, "-bad")
        if text:
            self.call_after_refresh(_show, self)


def _show(widget: Widget) -> None:
    widget.scroll_visible(animate=False)

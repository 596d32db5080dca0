"""Settings → Keys & look: each key of the person's config.toml, with its value and where the file is."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Select, Static

from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.widgets.fields import Choice, ChoiceList, Field


class LookPane(Guarded, Vertical):
    """Show what config.toml says, and try themes."""

    app: "BoardApp"

    def compose(self) -> ComposeResult:
        """Lay a line for each key of the file."""
        settings = self.app.settings
        state = "" if settings.file.exists() else ", which is not there yet: all is as by default"
        themes: list[Choice] = [(name, name) for name in sorted(self.app.available_themes)]
        with VerticalScroll(id="look-lines", can_focus=False):
            yield Static(
                f"What is yours is kept in {drawable(str(settings.file))}{state}.", classes="about", markup=False
            )
            yield _line("database", str(settings.database), "the board; --database and KBTUI_DATABASE go before it")
            yield _line("user", settings.user, "who does what is done here")
            choice = ChoiceList(themes, self.app.theme, id="theme")
            yield Field("theme", choice, hint="Changes at once, for as long as this window is open.", id="field-theme")
            yield _line("mouse", "true" if settings.mouse else "false", "false leaves the mouse to the terminal")
            yield _line("density", settings.density, "comfortable or compact; v switches on the board")
            keys = "\n".join(f'"{name}" = "{key}"' for name, key in settings.keys.items()) or "none changed"
            yield _line("keys", keys, "a table [keys] of binding ids and keys; ? lists all of them")

    @on(Select.Changed, "#theme")
    def _choose_theme(self, event: Select.Changed) -> None:
        """Try a theme, and tell how to keep it."""
        name = str(event.value)
        if name == self.app.theme:
            return
        self.app.theme = name
        self.query_one("#field-theme", Field).show_hint(f'To keep it, write theme = "{name}" into config.toml.')


def _line(name: str, value: str, about: str) -> Static:
    """Return a key of the file with its value and what it is about."""
    lines = [drawable(line) for line in value.split("\n")]
    indent = "\n" + " " * 14
    return Static(
        Content.assemble((f"  {name:<12}", "dim"), (indent.join(lines), "bold"), (f"{indent}{about}", "dim")),
        classes="line",
    )

"""Every key of a screen, made from the bindings that are active there, and what the symbols on cards mean."""

from dataclasses import replace
from pathlib import PurePath
from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from kbtui.tui.base import Guarded
from kbtui.tui.widgets.dialog import Dialog

WIDE = 110
"""Cells from which on there is room for the ids."""

TEXT_WIDTH = 44
"""Cells for what a key does, where the id follows."""

NOUNS = {
    "cursor": "Cursor",
    "task": "Task",
    "history": "Undo and redo",
    "swimlane": "Swimlane",
    "project": "Project",
    "board": "Board",
    "drag": "Dragging",
    "form": "Form",
    "app": "Program",
    "": "In the field that has the focus",
}
"""The first word of a binding's id → the title of its group, in the order of the help; others follow by name."""

LEGEND = (
    ("P2", "priority"),
    ("◆3", "score"),
    ("✓2/5", "subtasks done"),
    ("✎2", "comments"),
    ("▤1", "files"),
    ("↔1", "links to other tasks"),
    ("≡", "has a description"),
    ("↻", "comes again"),
    ("due", "when it is due"),
    ("overdue", "its date has passed"),
    ("3/5", "tasks in a column and its limit; ! is over it"),
    ("▲ ▼", "there is more above or below"),
)
"""The symbols on the board, and what they mean."""


NOTE = "Every key can be changed, by its id, under [keys] in config.toml; a wide terminal shows the ids here."


class HelpLine(NamedTuple):
    """One thing that can be done, and its keys."""

    noun: str
    binding_id: str
    keys: tuple[str, ...]
    text: str


class HelpScreen(Guarded, ModalScreen[None]):
    """Show the keys of the screen below."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "help.tcss"]
    AUTO_FOCUS = "#lines"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual declares it

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "cancel", "Close", id="help.close", tooltip="Go back"),
        Binding("j,space", "scroll(1)", "Down", show=False, id="help.down", tooltip="Further down"),
        Binding("k", "scroll(-1)", "Up", show=False, id="help.up", tooltip="Further up"),
    ]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._lines = help_lines(screen)

    def compose(self) -> ComposeResult:
        """Lay the groups of keys one under the other, the legend last."""
        width = max([cell_len("  ".join(line.keys)) for line in self._lines], default=0)
        with Dialog("Keys"), VerticalScroll(id="lines"):
            for noun, title in self._groups():
                yield Static(title, classes="title", markup=False)
                yield Static(self._table(noun, min(max(width, 8), 26)), classes="table")
            yield Static("Symbols on the board", classes="title", markup=False)
            yield Static(_legend(), classes="table")
            yield Static(NOTE, classes="note", markup=False)

    def _groups(self) -> list[tuple[str, str]]:
        there = {line.noun for line in self._lines}
        known = [noun for noun in NOUNS if noun in there]
        others = sorted(there - set(NOUNS))
        ordered = [*known[:-1], *others, *known[-1:]] if "" in there else [*known, *others]
        return [(noun, NOUNS.get(noun, noun.replace("_", " ").capitalize())) for noun in ordered]

    def _table(self, noun: str, width: int) -> Content:
        rows = [line for line in self._lines if line.noun == noun]
        with_ids = self.app.size.width >= WIDE
        parts: list[Content] = []
        for line in rows:
            shown = "  ".join(line.keys)
            parts.append(
                Content.assemble(
                    (_padded(shown, width), "bold $text-accent"),
                    f"  {_padded(line.text, TEXT_WIDTH) if with_ids else line.text}",
                    (f"  {line.binding_id}" if with_ids else "", "dim"),
                )
            )
        return Content("\n").join(parts)

    def action_scroll(self, by: int) -> None:
        """Scroll by a few lines."""
        self.query_one("#lines").scroll_relative(y=3 * by, animate=False)

    def action_cancel(self) -> None:
        """Go back."""
        self.dismiss(None)


def help_lines(screen: Screen[Any]) -> list[HelpLine]:
    """Return what the active bindings of a screen and of the application do, each once with all its keys."""
    keys: dict[tuple[str, str], list[str]] = {}
    texts: dict[tuple[str, str], str] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        text = binding.tooltip or binding.description
        if not text:
            continue
        known = (binding.id or "", binding.id or binding.action)
        shown = screen.app.get_key_display(replace(binding, key_display=None))
        if shown not in keys.setdefault(known, []):
            keys[known].append(shown)
        texts[known] = text
    return [
        HelpLine(binding_id.partition(".")[0], binding_id, tuple(keys[binding_id, action]), text)
        for (binding_id, action), text in texts.items()
    ]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _legend() -> Content:
    return Content("\n").join(
        Content.assemble((_padded(symbol, 9), "bold $text-secondary"), meaning) for symbol, meaning in LEGEND
    )

"""Fields of a form: a label, a control, and beside it what is wrong or what was understood."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static, TextArea
from textual.widgets.select import NoSelection

from kbtui.core.values.text import clean_text
from kbtui.tui.glyphs import drawable, fill

Choice = tuple[str, int | str]
"""What is shown of a choice, and its value."""


def clean_typed(text: str) -> str:
    """Return what was typed or pasted into one line as it is kept: without line breaks and control characters."""
    return clean_text(text).replace("\n", " ").replace("\t", " ")


def drawn_alike(strip: Strip) -> Strip:
    """Return a line in which nothing is left whose width terminals disagree about, as wide as it was."""
    if all(segment.text.isascii() for segment in strip):
        return strip
    return Strip(
        [Segment(fill(drawable(text), cell_len(text)), style, control) for text, style, control in strip],
        strip.cell_length,
    )


class LineInput(Input):
    """One line of text. What is pasted becomes one line too, and nothing of it is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+z,super+z", "undo_typing", "Undo", show=False, id="line.undo", tooltip="Take back what was typed"
        ),
    ]

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        suggester: Suggester | None = None,
        password: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            suggester=suggester,
            password=password,
            compact=True,
            select_on_focus=False,
            id=id,
        )
        self.cursor_blink = False
        self._earlier: list[str] = []
        """What the line held before each word that was typed, and before each other change by the person."""
        self._is_in_word = False

    def validate_value(self, value: str) -> str:
        """Keep control characters out."""
        return clean_typed(value)

    def replace(self, text: str, start: int, end: int) -> None:
        """Put a text in the place of another, as every key does that changes something, and remember what was there."""
        before = self.value
        super().replace(text, start, end)
        if self.value != before:
            is_letter = start == end and len(text) == 1 and not text.isspace()
            if not (is_letter and self._is_in_word):
                self._earlier.append(before)
            self._is_in_word = is_letter

    def action_undo_typing(self) -> None:
        """Take back the last word that was typed, or the last other change."""
        if self._earlier:
            self.value = self._earlier.pop()
            self.cursor_position = len(self.value)
            self._is_in_word = False

    def on_paste(self, event: events.Paste) -> None:
        """Put all that was pasted in one line."""
        event.prevent_default()
        event.stop()
        self.replace(clean_typed(event.text.strip("\r\n")), *sorted(self.selection))

    def render_line(self, y: int) -> Strip:
        """Return the line as every terminal draws it."""
        return drawn_alike(super().render_line(y))


class NumberInput(LineInput):
    """A whole number; up and down count."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "count(1)", "More", show=False, id="number.more", tooltip="One more"),
        Binding("down", "count(-1)", "Less", show=False, id="number.less", tooltip="One less"),
    ]

    def action_count(self, by: int) -> None:
        """Make the number larger or smaller."""
        text = self.value.strip() or "0"
        if text.removeprefix("-").isdecimal() and len(text) < 16:
            self.value = str(int(text) + by)
            self.cursor_position = len(self.value)


class TextEditor(TextArea):
    """Several lines of text; Tab goes on to the next field."""

    def __init__(self, text: str = "", *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(
            clean_text(text), placeholder=placeholder, compact=True, highlight_cursor_line=False, id=id, soft_wrap=True
        )
        self.cursor_blink = False

    def edit(self, edit: Edit) -> EditResult:
        """Keep control characters out of what is typed or pasted."""
        edit.text = clean_text(edit.text)
        return super().edit(edit)

    def render_line(self, y: int) -> Strip:
        """Return a line as every terminal draws it."""
        return drawn_alike(super().render_line(y))


class ChoiceList(Select[int | str]):
    """One of several choices."""

    def __init__(self, choices: list[Choice], value: int | str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(_prompts(choices), value=value, allow_blank=False, compact=True, id=id)
        self._choices = choices

    @property
    def chosen(self) -> int | str:
        """Return the value of what is chosen."""
        assert not isinstance(self.value, NoSelection)  # noqa: S101 - there is no blank choice
        return self.value

    def set_choices(self, choices: list[Choice], value: int | str) -> None:
        """Replace the choices, of which ``value`` is one, and choose it."""
        if choices != self._choices:
            self._choices = choices
            with self.prevent(Select.Changed):
                self.set_options(_prompts(choices))
        self.value = value

    def choose(self, value: int | str, shown: str) -> None:
        """Choose a value; one that was not among the choices becomes one of them, ``shown`` so."""
        there = any(known == value for _, known in self._choices)
        self.set_choices(self._choices if there else [*self._choices, (shown, value)], value)


def _prompts(choices: list[Choice]) -> list[tuple[Text, int | str]]:
    return [(Text(drawable(shown), no_wrap=True, overflow="ellipsis", end=""), value) for shown, value in choices]


class Field(Horizontal):
    """A labelled control with room for a sentence below it."""

    def __init__(self, label: str, control: Widget, *, hint: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._label = label
        self.control = control
        self._hint = hint
        self.complaint = ""

    def compose(self) -> ComposeResult:
        """Lay the label beside the control."""
        yield Label(self._label, classes="field--label", markup=False)
        with Vertical(classes="field--side"):
            yield self.control
            yield Static(drawable(self._hint), classes="field--hint" + ("" if self._hint else " -empty"), markup=False)

    @property
    def hint(self) -> str:
        """Return what is said below the control while nothing is wrong."""
        return self._hint

    def show_hint(self, text: str) -> None:
        """Say something about the value, such as how it was understood."""
        self._hint = text
        self._show()

    def complain(self, text: str) -> None:
        """Say what is wrong and what to do, or with an empty text that nothing is any more."""
        self.complaint = text
        self._show()

    def _show(self) -> None:
        line = self.query_one(".field--hint", Static)
        text = f"✗ {self.complaint}" if self.complaint else self._hint
        line.update(Content(drawable(text)))
        line.set_class(not text, "-empty")
        self.set_class(bool(self.complaint), "-bad")

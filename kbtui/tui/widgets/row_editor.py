"""The editor of one row, where the row stands: its controls, and below them what is wrong or was understood."""

from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Select, Static, TextArea

from kbtui.core.values.colors import COLORS
from kbtui.tui.base import Guarded
from kbtui.tui.glyphs import drawable, wrap
from kbtui.tui.widgets.color_picker import ColorPicker
from kbtui.tui.widgets.dialog import HELP
from kbtui.tui.widgets.fields import ChoiceList

MOST_HINT_LINES = 4


class RowEditor(Guarded, Vertical):
    """Edit one value in one control; subclasses have several."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="editor.save", tooltip="Save what was typed"),
        Binding("ctrl+enter", "save", "Save", show=False, id="editor.save_too", tooltip="Save what was typed"),
        Binding("enter", "take", "Take", show=False, id="editor.take", tooltip="Take the chosen colour"),
        Binding("escape", "leave", "Cancel", id="editor.leave", tooltip="Leave; what was typed is kept as a draft"),
        Binding(
            "ctrl+l", "discard", "Start afresh", show=False, id="editor.afresh", tooltip="Throw away what was typed"
        ),
        HELP,
    ]

    @dataclass
    class Saved(Message):
        """The person wants the value to be kept."""

        editor: "RowEditor"

    @dataclass
    class Left(Message):
        """The person goes away without saving."""

        editor: "RowEditor"

    @dataclass
    class Discarded(Message):
        """The person has thrown away what was typed."""

        editor: "RowEditor"

    @dataclass
    class Resized(Message):
        """The editor needs more or fewer lines."""

        editor: "RowEditor"

    def __init__(self, key: int | str, control: Widget, *, height: int = 1) -> None:
        super().__init__()
        self.key = key
        self.control = control
        self.height_of_controls = height
        self.base: Any = None
        """The value that counts as untouched."""
        self._hint = ""
        self._place = Region()

    @property
    def lines(self) -> int:
        """Return how many lines the editor takes."""
        return self.height_of_controls + len(self._hint_lines())

    def _hint_lines(self) -> list[str]:
        width = max(self._place.width - 2, 16)
        return wrap(drawable(self._hint), width, MOST_HINT_LINES) if self._hint else []

    def compose(self) -> ComposeResult:
        """Lay the control above its hint."""
        yield self.control
        yield Static("", classes="row-editor--hint", markup=False)

    def on_mount(self) -> None:
        """Begin with what is there; show a list of choices at once."""
        self.begin()
        if isinstance(self.control, ChoiceList):
            self.control.action_show_overlay()
            self.watch(self.control, "expanded", self._folded, init=False)

    def begin(self) -> None:
        """Give the focus to where typing begins; a list of choices that is open has it already, and folds without."""
        if not (isinstance(self.control, ChoiceList) and self.control.expanded):
            self.screen.set_focus(self.control)

    def seat(self, place: Region) -> None:
        """Put the editor somewhere in its list."""
        if place != self._place:
            is_wider = place.width != self._place.width
            self._place = place
            self.styles.offset = place.offset
            self.styles.width = place.width
            if is_wider and self._hint and self.is_mounted:
                self._show_hint()
            self.styles.height = self.lines

    # The value

    @property
    def value(self) -> Any:
        """Return what the controls hold."""
        control = self.control
        if isinstance(control, TextArea):
            return control.text
        if isinstance(control, ChoiceList):
            return control.chosen
        assert isinstance(control, Input | ColorPicker)  # noqa: S101 - there are no others
        return control.value

    def put(self, value: Any) -> None:
        """Fill the controls."""
        control = self.control
        with control.prevent(Input.Changed, Select.Changed, TextArea.Changed, ColorPicker.Changed):
            self._fill(control, value)

    @staticmethod
    def _fill(control: Widget, value: Any) -> None:
        if isinstance(control, TextArea):
            control.load_text(str(value))
            control.move_cursor(control.document.end)
        elif isinstance(control, ChoiceList):
            control.choose(value, f"#{value}")
        elif isinstance(control, Input):
            control.value = str(value)
            control.cursor_position = len(control.value)
        elif isinstance(control, ColorPicker):
            control.value = str(value)

    @property
    def is_touched(self) -> bool:
        """Tell whether there is something to lose."""
        return bool(self.value != self.base)

    # What is said

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something below the controls; an empty text says nothing."""
        self._hint = f"✗ {text}" if bad and text else text
        self.query(".row-editor--hint").set_class(bad, "-bad")
        self._show_hint()

    def _show_hint(self) -> None:
        lines = self._hint_lines()
        for hint in self.query(".row-editor--hint").results(Static):  # none while it is being taken away
            hint.update(Content("\n".join(lines)))
            hint.display = bool(lines)
        self.styles.height = self.lines
        self.post_message(self.Resized(self))

    # Leaving

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Ask for the value to be kept."""
        self.post_message(self.Saved(self))

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        if event.select is self.control and self.is_touched:
            self.action_save()

    def _folded(self, expanded: bool) -> None:
        """Go away with the list of choices when nothing else was chosen."""
        if not expanded and not self.is_touched:
            self.action_leave()

    def on_color_picker_changed(self, event: ColorPicker.Changed) -> None:
        """Name the colour, and say how it is taken."""
        self.say(f"{COLORS[event.value].name}: enter takes it")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take by Enter what has no other use for it."""
        return action != "take" or isinstance(self.control, ColorPicker)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep what is typed here from the keys of the list, the screen and the program, also where it is no text."""
        return character is not None and character.isprintable()

    def action_take(self) -> None:
        """Take the chosen colour."""
        self.action_save()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Keep the mouse from the row below the editor."""
        event.stop()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Keep the mouse from the row below the editor."""
        event.stop()

    def on_click(self, event: events.Click) -> None:
        """Keep the mouse from the row below the editor."""
        event.stop()

    def action_discard(self) -> None:
        """Throw away what was typed, also the last time."""
        self.put(self.base)
        self.say("")
        self.post_message(self.Discarded(self))

    def action_leave(self) -> None:
        """Go away without saving."""
        self.post_message(self.Left(self))

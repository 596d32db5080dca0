"""The fields of a task, each edited where it stands."""

import time
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from kbtui.core.events.feed import Change
from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.values.colors import COLORS, DEFAULT_COLOR
from kbtui.core.values.dates import format_due, parse_due
from kbtui.errors import InvalidError
from kbtui.tui.glyphs import drawable, fill, wrap
from kbtui.tui.task_fields import FIELDS, field_value, field_words, save_field, task_now
from kbtui.tui.task_values import Choices
from kbtui.tui.widgets.color_picker import ColorPicker
from kbtui.tui.widgets.fields import ChoiceList, LineInput, NumberInput
from kbtui.tui.widgets.row_editor import RowEditor
from kbtui.tui.widgets.rows import GUTTER, Row, room
from kbtui.tui.widgets.tag_suggester import TagSuggester
from kbtui.tui.widgets.task_section import TaskSection

LABEL = 11
"""Cells of a field's name."""

MOST_LINES = 4
"""Lines that a value takes; a longer one ends in an ellipsis."""

TWO_COLUMNS = 62
"""Cells from which on two fields stand side by side."""

ACTIONS = {"is_active": "toggle_task", "project_id": "move_to_project", "recurrence": "edit_recurrence"}
"""Field → what the screen does to change it."""

OTHERS = ("column.change", "swimlane.change", "category.change", "tag.change", "user.change", "project.change")


class TaskFieldList(TaskSection):
    """Show every field of a task; Enter edits the one under the cursor."""

    NOUN = "fields"
    EVENTS = ("task.", "subtask.")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open_row", "Edit field", id="field.edit", tooltip="Edit the field under the cursor"),
        Binding("left,h", "beside(-1)", "Left", show=False, id="field.left", tooltip="The field on the left"),
        Binding("right,l", "beside(1)", "Right", show=False, id="field.right", tooltip="The field on the right"),
    ]

    def heading(self) -> tuple[str, str]:
        """Return the title."""
        return "Fields", ""

    def concerns(self, change: Change) -> bool:
        """Return whether there is something else to show after an change."""
        return super().concerns(change) or change.name in OTHERS or change.name.startswith("task.move")

    def read(self) -> list[Row]:
        """Return the fields as they are now."""
        task = task_now(self.task_id)
        color = task.color_id if task.color_id in COLORS else DEFAULT_COLOR
        words = field_words(task, time.time())
        self._follow(task)
        return [Row(name, (*words[name], color if name == "color_id" else "")) for name in FIELDS]

    def _follow(self, task: TaskSnapshot) -> None:
        """Take over into an open editor what somebody else changed, unless the person has touched it."""
        editor = self.editor
        if editor is None or not editor.is_mounted:
            return
        theirs = field_value(task, str(editor.key))
        if theirs == editor.base:
            return
        text = drawable(field_words(task, time.time())[str(editor.key)][0])
        if editor.is_touched and editor.value != theirs:
            editor.say(f"Changed meanwhile to “{text}”; saving replaces that by yours.", bad=True)
        elif not editor.is_touched:
            if isinstance(editor.control, ChoiceList):
                editor.control.choose(theirs, text)
            editor.put(theirs)
            editor.say("Changed meanwhile by somebody else.")
        editor.base = theirs

    # Drawing

    def lay_rows(self, width: int) -> list[Region]:
        """Return where the fields stand: the title alone, the others side by side where there is room."""
        across = 2 if width >= TWO_COLUMNS else 1
        column = width // across
        regions: list[Region] = []
        top = 1
        rows = list(self.rows)
        while rows:
            band = [rows.pop(0)] if not regions else [rows.pop(0) for _ in range(min(across, len(rows)))]
            widths = [width] if not regions else [column, width - column][: len(band)]
            if len(band) == 1:
                widths = [width]
            height = max(self.height_of(row, room(each)) for row, each in zip(band, widths, strict=True))
            for number, each in enumerate(widths):
                regions.append(Region(number * column, top, each, height))
            top += height
        self.seat_editor(regions)
        return regions

    def place_editor(self, region: Region) -> Region:
        """Return where a field's editor stands: where its value does."""
        left = GUTTER + LABEL
        return Region(region.x + left, region.y, max(region.width - left - 1, 8), region.height)

    def paint(self, row: Row, width: int) -> list[Strip]:
        """Return a field's name and value, on as many lines as it needs."""
        text, style, color = row.facts
        label = Segment(fill(FIELDS[str(row.key)].label, LABEL), self.style("dim"))
        space = max(width - LABEL, 1)
        strips: list[Strip] = []
        for number, line in enumerate(wrap(drawable(text), space, MOST_LINES)):
            value = [Segment(line, self.style(style))]
            if color:
                value.insert(0, Segment("██ ", Style(color=COLORS[color].border)))
            first = label if number == 0 else Segment(" " * LABEL)
            strips.append(Strip([first, *value], LABEL + sum(cell_len(part.text) for part in value)))
        return strips

    # Keys

    def next_index(self, by: int) -> int | None:
        """Return the field above or below, in the same column."""
        regions = self.places().regions
        here = regions[self.cursor]
        tops = sorted({region.y for region in regions if (region.y > here.y if by > 0 else region.y < here.y)})
        if not tops:
            return None
        top = tops[0 if by > 0 else -1]
        band = [index for index, region in enumerate(regions) if region.y == top]
        return min(band, key=lambda index: abs(regions[index].x - here.x))

    def action_beside(self, by: int) -> None:
        """Go to the field on the left or on the right."""
        regions = self.places().regions
        index = self.cursor + by
        if 0 <= index < len(regions) and regions[index].y == regions[self.cursor].y:
            self.go_to(index)

    async def action_open_row(self) -> None:
        """Edit the field under the cursor."""
        if self.row is not None:
            await self.edit_field(str(self.row.key))

    async def edit_field(self, name: str) -> None:
        """Edit a field, or do what changes it."""
        if name in ACTIONS:
            await self.run_action(f"screen.{ACTIONS[name]}")
        elif not FIELDS[name].kind:
            self.say(f"{FIELDS[name].label} is kept by the program itself.")
        else:
            task = task_now(self.task_id)
            value = field_value(task, name)
            height = 2 if FIELDS[name].kind == "color" else 1
            await self.edit(RowEditor(name, self._control(name, value, task.project_id), height=height), value)

    def _control(self, name: str, value: str | int, project_id: int) -> Widget:
        kind = FIELDS[name].kind
        if kind == "choice":
            return ChoiceList(Choices(project_id).with_value(name, value), value)
        if kind == "color":
            return ColorPicker(str(value))
        if kind == "number":
            return NumberInput()
        if kind == "tags":
            return LineInput(suggester=TagSuggester(Choices(project_id).tags))
        return LineInput(placeholder={"date": "2027-01-31, friday, +3d", "hours": "1.5 or 90m"}.get(kind, ""))

    def on_input_changed(self, event: LineInput.Changed) -> None:
        """Say how a date is understood, and take back what was said about an older text."""
        event.stop()
        editor = self.editor
        if editor is None or event.input is not editor.control:
            return
        if FIELDS[str(editor.key)].kind == "date":
            editor.say(_understood(event.value))
        elif editor.is_touched:
            editor.say("")

    def save(self, key: int | str, value: Any) -> str:
        """Keep a field."""
        name = str(key)
        changed = save_field(self.app.undo_stack, self.task_id, name, value)
        return f"{FIELDS[name].label} changed; u takes it back." if changed else "Nothing changed."


def _understood(text: str) -> str:
    now = time.time()
    try:
        due = parse_due(text, now)
    except InvalidError:
        return "… such as friday, +3d, 2027-01-31"
    return f"→ {time.strftime('%a', time.localtime(due))} {format_due(due, now)}" if due else "→ none"

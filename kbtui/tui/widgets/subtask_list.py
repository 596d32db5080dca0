"""The subtasks of a task: the steps to it, in their order."""

from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from kbtui.core.events.feed import Change
from kbtui.core.tasks import subtasks
from kbtui.tui.glyphs import drawable
from kbtui.tui.runs import lines_of
from kbtui.tui.task_fields import task_now
from kbtui.tui.widgets.rows import GUTTER, Row
from kbtui.tui.widgets.subtask_editor import EMPTY, SubtaskEditor, parse_subtask, subtask_values
from kbtui.tui.widgets.task_section import NEW, TaskSection
from kbtui.tui.words import hours

MARKS = (("☐", "text"), ("◐", "warning"), ("☑", "good"))
"""Todo, In progress, Done → how they look."""


class SubtaskList(TaskSection):
    """Show the steps of a task; add, edit, toggle, order and remove them."""

    NOUN = "subtasks"
    EVENTS = ("subtask.", "task.close", "task.restore")
    ADDS_ON = True
    EMPTY = "No subtasks yet: s adds one."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_row", "Toggle", id="subtask.toggle", tooltip="Todo, in progress, done, and again"),
        Binding("enter", "open_row", "Edit", id="subtask.edit", tooltip="Edit the subtask under the cursor"),
        Binding("delete", "remove_row", "Remove", id="subtask.remove", tooltip="Remove the subtask; u brings it back"),
        Binding("shift+up,K", "shift(-1)", "Up", id="subtask.up", tooltip="Put the subtask further up"),
        Binding("shift+down,J", "shift(1)", "Down", id="subtask.down", tooltip="Put the subtask further down"),
    ]

    def __init__(self, task_id: int) -> None:
        super().__init__(task_id)
        self._grabbed: int | str | None = None
        """The subtask under the pressed mouse button."""
        self._dragging = False

    def heading(self) -> tuple[str, str]:
        """Return the title, with how many are done."""
        steps = [row.facts for row in self.rows if row.facts is not None]
        done = sum(status == subtasks.DONE for _, status, *_ in steps)
        return f"Subtasks ✓{done}/{len(steps)}" if steps else "Subtasks", "s subtask"

    def concerns(self, change: Change) -> bool:
        """Return whether there is something else to show after an change."""
        return super().concerns(change) or change.name == "user.change"

    def read(self) -> list[Row]:
        """Return the subtasks as they are now."""
        return [
            Row(
                each.id,
                (
                    each.title,
                    each.status,
                    each.name or each.username or "",
                    hours(each.time_spent, each.time_estimated),
                ),
            )
            for each in subtasks.list_subtasks(self.task_id)
        ]

    def reload(self) -> None:
        """Show the subtasks as they are now, unless one is being dragged."""
        if not self._dragging:
            super().reload()

    def paint(self, row: Row, width: int) -> list[Strip]:
        """Return the state, the title, the assignee and the hours."""
        title, status, user, time = row.facts
        mark, style = MARKS[status]
        runs = [(f"{mark} ", self.style(style)), (drawable(title), self.style("dim" if status == 2 else "text"))]
        if user:
            runs.append((f"  @{drawable(user)}", self.style("person")))
        if time:
            runs.append((f"  {time}", self.style("dim")))
        return lines_of(runs, width, indent=2)

    # Editing

    async def action_add_row(self) -> None:
        """Write a new subtask."""
        await self.edit(SubtaskEditor(NEW, task_now(self.task_id).project_id, 0), dict(EMPTY))

    async def action_open_row(self) -> None:
        """Edit the subtask under the cursor."""
        if self.row is None:
            await self.action_add_row()
        elif self.row.facts is not None:
            subtask = subtasks.get_subtask(int(self.row.key))
            project_id = task_now(self.task_id).project_id
            await self.edit(SubtaskEditor(subtask.id, project_id, subtask.user_id), subtask_values(subtask))

    def save(self, key: int | str, value: Any) -> str:
        """Keep a subtask; after a new one the next can be written."""
        parsed = parse_subtask(value)
        if key == NEW:
            title = parsed.pop("title")
            self.app.undo_stack.add_subtask(self.task_id, title, **parsed)  # type: ignore[misc]
            return "Added the subtask; esc ends adding."
        if self.editor is not None and self.editor.key == key:  # what was not touched stays as others have it
            base = parse_subtask(self.editor.base)
            parsed = {name: each for name, each in parsed.items() if each != base[name]}  # type: ignore[literal-required,assignment]
        changed = bool(parsed) and self.app.undo_stack.update_subtask(int(key), **parsed)
        return "Subtask changed; u takes it back." if changed else "Nothing changed."

    def action_toggle_row(self) -> None:
        """Put the subtask under the cursor into its next state."""
        row = self.row
        if row is not None and row.facts is not None:
            self.attempt(lambda: self._toggle(int(row.key)))

    def _toggle(self, subtask_id: int) -> None:
        subtask = self.app.undo_stack.toggle_subtask(subtask_id)
        self.say(f"Subtask is {subtasks.STATUS_NAMES[subtask.status].lower()} now.")

    def action_remove_row(self) -> None:
        """Remove the subtask under the cursor."""
        row = self.row
        if row is not None and row.facts is not None:
            self.attempt(
                lambda: self.app.undo_stack.remove_subtask(int(row.key)), "Removed the subtask; u brings it back."
            )

    def action_shift(self, by: int) -> None:
        """Put the subtask under the cursor further up or down."""
        row, position = self.row, self.cursor + 1 + by
        if row is not None and row.facts is not None and 1 <= position <= len(self.rows):
            self.attempt(lambda: self.app.undo_stack.update_subtask(int(row.key), position=position))
            self.call_after_refresh(self.reveal)

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the subtask under the mouse."""
        super().on_mouse_down(event)
        index = self.places().index_at(event.x, event.y)
        if index is not None and event.button == 1 and self.editor is None:
            self._grabbed = self.rows[index].key

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Carry it: the others make room where it would land."""
        if self._grabbed is None:
            return
        if not self._dragging:
            if self.places().index_at(event.x, event.y) == self.cursor:
                return
            self._dragging = True
            self.capture_mouse()
        target = self.places().index_at(0, min(max(event.y, 1), self.places().bottom - 1))
        source = self.find(self._grabbed)
        if target is None or source is None or target == source:
            return
        rows = list(self.rows)
        rows.insert(target, rows.pop(source))
        self.show_rows(rows)
        self.go_to(target)

    def on_leave(self) -> None:
        """Forget a press of the button whose release will be seen by others."""
        if not self._dragging:
            self._grabbed = None

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let it go where it is; or toggle it, when it was its state that was clicked."""
        grabbed, dragged = self._grabbed, self._dragging
        self._grabbed, self._dragging = None, False
        if grabbed is None:
            return
        index = self.find(grabbed)
        if dragged:
            self.release_mouse()
            if index is not None:
                self.attempt(lambda: self.app.undo_stack.update_subtask(int(grabbed), position=index + 1))
            self.reload()
        elif index is not None and GUTTER <= event.x < GUTTER + 2 and index == self.cursor:
            self.action_toggle_row()

    async def on_click(self, event: events.Click) -> None:
        """Edit on a double click, except on the state, which a click toggles."""
        if event.y == 0 or not GUTTER <= event.x < GUTTER + 2:
            await super().on_click(event)

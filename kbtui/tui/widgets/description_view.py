"""The description of a task."""

from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from kbtui.tui.markdown import markdown_lines
from kbtui.tui.task_fields import task_now
from kbtui.tui.widgets.fields import TextEditor
from kbtui.tui.widgets.row_editor import RowEditor
from kbtui.tui.widgets.rows import Row
from kbtui.tui.widgets.task_section import TaskSection

KEY = "description"
LEAST, MOST = 6, 14
"""Lines of the editor."""


def editor_height(text: str) -> int:
    """Return how many lines an editor of a text gets."""
    return min(max(text.count("\n") + 3, LEAST), MOST)


class DescriptionView(TaskSection):
    """Show the description as Markdown, and edit it."""

    NOUN = "description"
    EVENTS = ("task.",)
    EMPTY = "No description yet: enter writes one."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open_row", "Edit", id="description.edit", tooltip="Edit the description here"),
    ]

    def heading(self) -> tuple[str, str]:
        """Return the title."""
        return "Description", "✎ edit"

    def read(self) -> list[Row]:
        """Return the description, when there is one."""
        text = task_now(self.task_id).description
        self.follow(text)
        return [Row(KEY, text)] if text.strip() or self.editor is not None else []

    def paint(self, row: Row, width: int) -> list[Strip]:
        """Return the lines of the description."""
        return markdown_lines(row.facts, width, self.markdown_styles())

    async def action_add_row(self) -> None:
        """Edit the description."""
        await self.action_open_row()

    async def action_open_row(self) -> None:
        """Edit the description where it stands."""
        text = task_now(self.task_id).description
        await self.edit(RowEditor(KEY, TextEditor(), height=editor_height(text)), text)

    def outside(self) -> str:
        """Return what an editor outside is to edit."""
        return str(task_now(self.task_id).description)

    def save(self, key: int | str, value: Any) -> str:
        """Keep the description."""
        changed = self.app.undo_stack.update_task(self.task_id, description=str(value))
        return "Description changed; u takes it back." if changed else "Nothing changed."

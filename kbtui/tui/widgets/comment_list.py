"""The comments on a task."""

import time
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from kbtui.core.tasks import comments
from kbtui.tui.glyphs import drawable
from kbtui.tui.markdown import markdown_lines
from kbtui.tui.runs import line_of
from kbtui.tui.widgets.description_view import editor_height
from kbtui.tui.widgets.fields import TextEditor
from kbtui.tui.widgets.row_editor import RowEditor
from kbtui.tui.widgets.rows import Row
from kbtui.tui.widgets.task_section import NEW, TaskSection
from kbtui.tui.words import age


class CommentList(TaskSection):
    """Show who said what, oldest first; write, edit and remove comments."""

    NOUN = "comments"
    EVENTS = ("comment.", "task.restore")
    FIRST = 8
    GAP = 1
    EMPTY = "No comments yet: c writes one."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open_row", "Edit", id="comment.edit", tooltip="Edit the comment under the cursor"),
        Binding("delete", "remove_row", "Remove", id="comment.remove", tooltip="Remove the comment; u brings it back"),
    ]

    def heading(self) -> tuple[str, str]:
        """Return the title with the number of comments."""
        count = sum(row.facts is not None for row in self.rows)
        return f"Comments {count}" if count else "Comments", "c comment"

    def read(self) -> list[Row]:
        """Return the comments as they are now."""
        now = time.time()
        listed = comments.list_comments(self.task_id)
        for each in listed:
            if self.editor is not None and self.editor.key == each.id:
                self.follow(each.comment)
        return [
            Row(
                each.id,
                (
                    each.name or each.username or "Somebody",
                    age(each.date_creation, now),
                    each.date_modification > each.date_creation,
                    each.comment,
                ),
            )
            for each in listed
        ]

    def paint(self, row: Row, width: int) -> list[Strip]:
        """Return who said it and when, the comment, and an empty line."""
        author, when, edited, text = row.facts
        dim = self.style("dim")
        head = line_of([(drawable(author), self.style("person")), (f"  {when}{' · edited' if edited else ''}", dim)])
        return [head, *markdown_lines(text, width, self.markdown_styles()), Strip([])]

    async def action_add_row(self) -> None:
        """Write a comment."""
        await self.edit(RowEditor(NEW, TextEditor(placeholder="Markdown; ctrl+s saves"), height=6), "")

    async def action_open_row(self) -> None:
        """Edit the comment under the cursor."""
        if self.row is None:
            await self.action_add_row()
        elif self.row.facts is not None:
            text = comments.get_comment(int(self.row.key)).comment
            await self.edit(RowEditor(self.row.key, TextEditor(), height=editor_height(text)), text)

    def outside(self) -> str:
        """Return what an editor outside is to edit."""
        if self.row is None or self.row.key == NEW:
            return ""
        return str(comments.get_comment(int(self.row.key)).comment)

    def save(self, key: int | str, value: Any) -> str:
        """Keep a comment."""
        if key == NEW:
            self.app.undo_stack.add_comment(self.task_id, str(value))
            self.call_after_refresh(self.action_end, 1)
            return "Commented; u takes it back."
        changed = self.app.undo_stack.update_comment(int(key), str(value))
        return "Comment changed; u takes it back." if changed else "Nothing changed."

    def action_remove_row(self) -> None:
        """Remove the comment under the cursor."""
        row = self.row
        if row is not None and row.facts is not None:
            self.attempt(
                lambda: self.app.undo_stack.remove_comment(int(row.key)), "Removed the comment; u brings it back."
            )

"""The files of a task."""

import time
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from kbtui.core.projects import users
from kbtui.core.tasks import files
from kbtui.errors import KbtuiError
from kbtui.tui.glyphs import drawable
from kbtui.tui.runs import lines_of
from kbtui.tui.widgets.rows import Row
from kbtui.tui.widgets.task_section import TaskSection
from kbtui.tui.words import age, size


class FileList(TaskSection):
    """Show what is attached; open, save and remove it."""

    NOUN = "files"
    EVENTS = ("file.", "task.restore")
    EMPTY = "No files yet: f attaches one, i a screenshot."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open_row", "Open", id="file.open", tooltip="Open a copy with the system's program"),
        Binding("S", "save_row", "Save as", id="file.save", tooltip="Write the file to a folder"),
        Binding("delete", "remove_row", "Remove", id="file.remove", tooltip="Remove the file; u brings it back"),
    ]

    def heading(self) -> tuple[str, str]:
        """Return the title with the number of files."""
        return f"Files {len(self.rows)}" if self.rows else "Files", "f file"

    def read(self) -> list[Row]:
        """Return the files as they are now."""
        there = files.list_files(self.task_id)
        names = {user.id: user.name or user.username for user in users.list_users(with_inactive=True)} if there else {}
        now = time.time()
        return [
            Row(each.id, (each.name, size(each.size), age(each.date, now), names.get(each.user_id, "")))
            for each in there
        ]

    def paint(self, row: Row, width: int) -> list[Strip]:
        """Return the name, the size, the age and who attached it."""
        name, length, when, user = row.facts
        dim = self.style("dim")
        runs = [("▤ ", dim), (drawable(name), self.style("text")), (f"  {length} · {when}", dim)]
        if user:
            runs.append((f"  @{drawable(user)}", self.style("person")))
        return lines_of(runs, width, indent=2)

    async def action_add_row(self) -> None:
        """Attach a file."""
        await self.run_action("screen.attach_file")

    async def action_open_row(self) -> None:
        """Open a copy of the file under the cursor with the system's program."""
        row = self.row
        if row is None:
            await self.action_add_row()
            return
        from kbtui.tui.opening import open_copy  # loaded when it is first needed

        try:
            program = open_copy(str(row.facts[0]), files.read_content(int(row.key)))
        except KbtuiError as error:
            self.say(str(error), bad=True)
        else:
            self.say(f"Opening a copy of {drawable(row.facts[0])} with {program}.")

    def action_save_row(self) -> None:
        """Write the file under the cursor to a folder."""
        row = self.row
        if row is None:
            return
        from kbtui.tui.screens.save_file import SaveFileScreen  # loaded when it is first needed

        def tell(path: str | None) -> None:
            if path is not None:
                self.say(f"Saved as {drawable(path)}.")

        self.app.push_screen(SaveFileScreen(int(row.key), str(row.facts[0])), tell)

    def action_remove_row(self) -> None:
        """Remove the file under the cursor."""
        row = self.row
        if row is not None:
            self.attempt(lambda: self.app.undo_stack.remove_file(int(row.key)), "Removed the file; u brings it back.")

"""The internal links of a task."""

from typing import Any, ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.strip import Strip

from kbtui.core.events.feed import Change
from kbtui.core.tasks import links
from kbtui.tui.glyphs import drawable
from kbtui.tui.runs import lines_of
from kbtui.tui.widgets.rows import Row
from kbtui.tui.widgets.task_section import TaskSection


class LinkList(TaskSection):
    """Show how a task is linked to others; add, change and remove links, and go to the other tasks."""

    NOUN = "links"
    EVENTS = ("task_internal_link.",)
    EMPTY = "No links yet: l links another task."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open_row", "Go to task", id="link.open", tooltip="Open the other task"),
        Binding("t", "change_row", "Change", id="link.change", tooltip="Give the link another type or task"),
        Binding("delete", "remove_row", "Remove", id="link.remove", tooltip="Remove the link; u brings it back"),
    ]

    def heading(self) -> tuple[str, str]:
        """Return the title with the number of links."""
        return f"Links {len(self.rows)}" if self.rows else "Links", "l link"

    def concerns(self, change: Change) -> bool:
        """Return whether there is something else to show after a change: of a link, or of a task on the other side."""
        if change.name.startswith("task_internal_link.") or change.name in ("user.change", "column.change"):
            return True
        return change.name.startswith("task.") and any(row.facts[1] == change.task_id for row in self.rows)

    def read(self) -> list[Row]:
        """Return the links as they are now."""
        return [
            Row(
                each.id,
                (
                    each.label,
                    each.opposite_task_id,
                    each.title,
                    each.is_active,
                    f"{each.project_name} › {each.column_title}",
                    each.assignee or "",
                ),
            )
            for each in links.list_task_links(self.task_id)
        ]

    def paint(self, row: Row, width: int) -> list[Strip]:
        """Return the type, the other task, and where it stands."""
        label, task_id, title, is_active, place, user = row.facts
        dim = self.style("dim")
        runs: list[Any] = [
            (f"{drawable(label)} ", self.style("label")),
            (f"#{task_id} ", dim),
            (drawable(title), self.style("text" if is_active else "strike")),
            ("" if is_active else "  closed", self.style("warning")),
            (f"  {drawable(place)}", dim),
        ]
        if user:
            runs.append((f"  @{drawable(user)}", self.style("person")))
        return lines_of(runs, width, indent=min(cell_len(label) + 1, width // 3))

    async def action_add_row(self) -> None:
        """Link another task."""
        await self.run_action("screen.add_link")

    async def action_open_row(self) -> None:
        """Open the task on the other side."""
        if self.row is None:
            await self.action_add_row()
        else:
            await self.run_action(f"screen.open_task({int(self.row.facts[1])})")

    def action_change_row(self) -> None:
        """Give the link under the cursor another type or task."""
        row = self.row
        if row is None:
            return
        from kbtui.tui.screens.task_picker import Picked, TaskPicker  # loaded when it is first needed

        link = links.get_task_link(int(row.key))

        def change(picked: Picked | None) -> None:
            if picked is not None:
                self.attempt(
                    lambda: self.app.undo_stack.update_task_link(
                        link.id, opposite_task_id=picked.task_id, link_id=picked.link_id
                    ),
                    "Link changed; u takes it back.",
                )

        self.app.push_screen(
            TaskPicker.for_link(self.task_id, "Change the link", link.link_id, link.opposite_task_id), change
        )

    def action_remove_row(self) -> None:
        """Remove the link under the cursor, in both directions."""
        row = self.row
        if row is not None:
            self.attempt(
                lambda: self.app.undo_stack.remove_task_link(int(row.key)), "Removed the link; u brings it back."
            )

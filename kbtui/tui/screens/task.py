"""A task on a screen of its own: everything there is on it, and all that can be done to it."""

import time
from pathlib import PurePath
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget

from kbtui.core.events.feed import Change
from kbtui.errors import KbtuiError, NotFoundError
from kbtui.tui.screens.task_actions import TaskActions
from kbtui.tui.task_fields import task_now
from kbtui.tui.widgets.activity_list import ActivityList
from kbtui.tui.widgets.comment_list import CommentList
from kbtui.tui.widgets.description_view import DescriptionView
from kbtui.tui.widgets.file_list import FileList
from kbtui.tui.widgets.key_bar import KeyBar
from kbtui.tui.widgets.link_list import LinkList
from kbtui.tui.widgets.say_line import SayLine
from kbtui.tui.widgets.subtask_list import SubtaskList
from kbtui.tui.widgets.task_field_list import TaskFieldList
from kbtui.tui.widgets.task_head import TaskHead
from kbtui.tui.widgets.task_section import TaskSection
from kbtui.tui.words import age

WIDE = 110
"""Cells from which on there are two columns."""

LEFT = (DescriptionView, SubtaskList, CommentList)
RIGHT = (TaskFieldList, LinkList, FileList, ActivityList)
NARROW = (DescriptionView, TaskFieldList, SubtaskList, CommentList, LinkList, FileList, ActivityList)
"""The sections in their order, in two columns and in one."""

TICK = 30.0
"""Seconds after which ages are drawn anew."""


class TaskScreen(TaskActions):
    """Show a task. Raises NotFoundError when there is none of this id."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["rows.tcss", "task.tcss"]
    AUTO_FOCUS = "TaskSection"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "add('subtasks')", "Subtask", id="subtask.new", tooltip="Add a subtask"),
        Binding("c", "add('comments')", "Comment", id="comment.new", tooltip="Write a comment"),
        Binding("l", "add_link", "Link", id="link.new", tooltip="Link another task"),
        Binding("f", "attach_file", "File", id="file.new", tooltip="Attach a file"),
        Binding("i", "attach_screenshot", "Screenshot", id="file.screenshot",
                tooltip="Attach the clipboard's image, or else a picture of this screen"),
        Binding("E", "edit_outside", "Editor", id="task.edit_outside",
                tooltip="Edit the description or the comment under the cursor in $EDITOR"),
        Binding("e", "edit_task", "Form", id="task.edit", tooltip="Edit the task in a form"),
        Binding("x", "toggle_task", "Close/open", id="task.close", tooltip="Close the task, or open it again"),
        Binding("u", "undo", "Undo", id="history.undo", tooltip="Take back the last change"),
        Binding("ctrl+y", "redo", "Redo", show=False, id="history.redo", tooltip="Make an undone change again"),
        Binding("m", "move_to_project", "Move", show=False, id="task.move.project",
                tooltip="Move the task to another project"),
        Binding("D", "duplicate_task", "Duplicate", show=False, id="task.duplicate",
                tooltip="Copy the task, here or to another project"),
        Binding("R", "edit_recurrence", "Recurs", show=False, id="task.recurrence", tooltip="Say when it comes again"),
        Binding("delete", "remove_task", "Remove", show=False, id="task.remove",
                tooltip="Remove the task; u brings it back"),
        Binding("a", "show_activity", "Activity", show=False, id="task.activity",
                tooltip="The activity of this task on a screen of its own"),
        *(
            Binding(str(number), f"section('{kind.NOUN}')", kind.NOUN.capitalize(), show=False,
                    id=f"section.{kind.NOUN}", tooltip=f"Go to the {kind.NOUN}")
            for number, kind in enumerate(NARROW, 1)
        ),
        Binding("escape,backspace", "leave", "Back", id="task.leave", tooltip="Back to where you came from"),
    ]  # fmt: skip

    head = getters.query_one(TaskHead)

    def __init__(self, task_id: int) -> None:
        super().__init__(task_id)
        self._shown = task_now(task_id)
        self._is_wide = False
        self._is_gone = False

    # Laying out

    def compose(self) -> ComposeResult:
        """Lay the title above the sections, what is said and the keys below."""
        self._is_wide = self.app.size.width >= WIDE
        yield TaskHead(self._shown)
        yield self._page()
        yield SayLine()
        yield KeyBar()

    def _page(self) -> Widget:
        """Return the sections in two columns, or in one."""
        if not self._is_wide:
            return VerticalScroll(*(kind(self.task_id) for kind in NARROW), id="page", can_focus=False)
        left = VerticalScroll(*(kind(self.task_id) for kind in LEFT), id="left", can_focus=False)
        right = VerticalScroll(*(kind(self.task_id) for kind in RIGHT), id="right", can_focus=False)
        return Horizontal(left, right, id="page")

    def on_mount(self) -> None:
        """Follow what happens to the task, whoever does it."""
        self._show_ages()
        self.app.follow(self, self._changed)
        self.set_interval(TICK, self._tick)

    async def on_resize(self) -> None:
        """Change between one and two columns; the focus and the cursors stay where they are."""
        await self._fit()

    async def on_task_section_edited(self) -> None:
        """Change as the size would have it since somebody began to write."""
        await self._fit()

    async def _fit(self) -> None:
        """Lay the sections as the width has it, but not under the hands of somebody who is writing."""
        is_wide = self.app.size.width >= WIDE
        if is_wide == self._is_wide or any(section.editor is not None for section in self.sections):
            return
        self._is_wide = is_wide
        focused = next((section.NOUN for section in self.sections if section.has_focus_within), None)
        cursors = {section.NOUN: section.cursor for section in self.sections}
        await self.query_one("#page").remove()
        await self.mount(self._page(), after=self.head)
        for section in self.sections:
            section.go_to(cursors[section.NOUN])
        if focused is not None:
            self.section(focused).focus()

    # What has changed, whoever changed it

    def _changed(self, changes: list[Change]) -> None:
        for section in self.sections:
            if any(section.concerns(change) for change in changes):
                self._show_again(section)
        self._show_task()
        if self._is_gone and self.is_current:
            self._go()

    def _show_again(self, section: TaskSection) -> None:
        try:
            section.reload()
        except NotFoundError:
            self._is_gone = True
        except KbtuiError as error:
            self.say(str(error), bad=True)

    def _show_task(self) -> None:
        try:
            self._shown = task_now(self.task_id)
        except NotFoundError:
            self._is_gone = True
        except KbtuiError as error:
            self.say(str(error), bad=True)
        else:
            self._is_gone = False
            self.head.show_task(self._shown)
            self._show_ages()

    def _go(self) -> None:
        """Leave a task that is gone; what was being typed is kept."""
        self.keep_drafts()
        self.dismiss(None)
        self.app.call_later(self.app.say, f"Task #{self.task_id} was removed.")

    def on_screen_resume(self) -> None:
        """Leave when the task has gone while another screen lay above."""
        if self._is_gone:
            self._go()

    def _tick(self) -> None:
        """Draw ages anew."""
        if self.is_current and not self._is_gone:
            for section in self.sections:
                self._show_again(section)
            self._show_ages()

    def _show_ages(self) -> None:
        task, now = self._shown, time.time()
        parts = [f"created {age(task.date_creation, now)} ago"]
        if task.is_active:
            parts.append(f"in {task.column_title} for {age(task.date_moved or task.date_creation, now)}")
        elif task.date_completed:
            parts.append(f"closed {age(task.date_completed, now)} ago")
        parts.append(f"modified {age(task.date_modification, now)} ago")
        self.line.show_usual(" · ".join(parts))

"""What can be done to a task, as the actions of a screen that shows it."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import getters
from textual.geometry import Region
from textual.screen import Screen

from kbtui.core.tasks.files import screenshot_name
from kbtui.core.tasks.tasks import get_task
from kbtui.core.undo.steps import Step
from kbtui.errors import KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.drafts import drafts
from kbtui.tui.widgets.comment_list import CommentList
from kbtui.tui.widgets.description_view import DescriptionView
from kbtui.tui.widgets.row_editor import RowEditor
from kbtui.tui.widgets.row_layout import reveal
from kbtui.tui.widgets.say_line import SayLine
from kbtui.tui.widgets.task_section import NEW, TaskSection

if TYPE_CHECKING:
    from kbtui.tui.screens.task_picker import Picked


class TaskActions(Guarded, Screen[None]):
    """Do things to a task and say what was done. Dialogs are imported when they are first needed."""

    app: "BoardApp"
    line = getters.query_one(SayLine)

    def __init__(self, task_id: int) -> None:
        super().__init__()
        self.task_id = task_id

    @property
    def sections(self) -> list[TaskSection]:
        """Return all sections."""
        return list(self.query(TaskSection))

    def section(self, noun: str) -> TaskSection:
        """Return one section."""
        return self.query_one(f"#{noun}", TaskSection)

    @property
    def is_touched(self) -> bool:
        """Tell whether something was typed that is not saved."""
        return any(section.editor is not None and section.editor.is_touched for section in self.sections)

    def keep_drafts(self) -> None:
        """Keep what is being typed."""
        for section in self.sections:
            section.keep_draft()

    async def open_draft(self, noun: str, key: int | str) -> None:
        """Go to a section, and go on with what was typed in a row there."""
        section = self.section(noun)
        self.set_focus(section, scroll_visible=False)
        index = section.find(key)
        if index is None:
            await section.action_add_row()
        else:
            section.go_to(index)
            await section.action_open_row()

    # Saying and trying

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something on the status line."""
        self.line.say(text, bad=bad)

    def on_task_section_said(self, message: TaskSection.Said) -> None:
        """Say what a section has to say."""
        self.say(message.text, bad=message.bad)

    def attempt(self, action: Callable[[], object], said: str = "") -> bool:
        """Do something and say so, or say why it cannot be done; tell whether it was."""
        try:
            action()
        except KbtuiError as error:
            self.say(str(error), bad=True)
            return False
        if said:
            self.say(said)
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys to an editor as long as it has the focus."""
        focused = self.focused
        typing = focused is not None and any(isinstance(each, RowEditor) for each in focused.ancestors)
        return not typing or not hasattr(TaskActions, f"action_{action}")

    # The task

    def action_toggle_task(self) -> None:
        """Close the task, or open it again."""
        stack, number = self.app.undo_stack, self.task_id
        if get_task(number).is_active:
            self.attempt(lambda: stack.close_task(number), f"Closed #{number}; u opens it again.")
        else:
            self.attempt(lambda: stack.open_task(number), f"Opened #{number} again.")

    def action_edit_task(self) -> None:
        """Edit the task in a form."""
        from kbtui.tui.screens.task_form import TaskForm

        def tell(saved: int | None) -> None:
            if saved is not None:
                self.say(f"Saved #{saved}; u takes it back.")

        self.attempt(lambda: self.app.push_screen(TaskForm.for_task(self.task_id), tell))

    def action_remove_task(self) -> None:
        """Remove the task, and go back."""
        if self.attempt(lambda: self.app.undo_stack.remove_task(self.task_id)):
            self.app.call_later(self.app.say, f"Removed #{self.task_id}; u brings it back.")

    def action_undo(self) -> None:
        """Take back the last change, and say what it was."""
        self.attempt(lambda: self._travel(self.app.undo_stack.undo(), "Undone"))

    def action_redo(self) -> None:
        """Make the last undone change again."""
        self.attempt(lambda: self._travel(self.app.undo_stack.redo(), "Redone"))

    def _travel(self, step: Step, verb: str) -> None:
        self.say(f"{verb}: {step.what}.")

    def action_move_to_project(self) -> None:
        """Move the task to another project."""
        from kbtui.tui.screens.transfer import TransferScreen

        self.attempt(lambda: self.app.push_screen(TransferScreen(self.task_id, copies=False), self._tell))

    def action_duplicate_task(self) -> None:
        """Copy the task."""
        from kbtui.tui.screens.transfer import TransferScreen

        self.attempt(lambda: self.app.push_screen(TransferScreen(self.task_id, copies=True), self._tell))

    def action_edit_recurrence(self) -> None:
        """Say when the task comes again."""
        from kbtui.tui.screens.recurrence import RecurrenceForm

        self.attempt(lambda: self.app.push_screen(RecurrenceForm(self.task_id), self._tell))

    def _tell(self, said: str | None) -> None:
        if said:
            self.say(said)

    # What is on the task

    def action_section(self, noun: str) -> None:
        """Go to a section, and show as much of it as there is room for."""
        section = self.section(noun)
        self.set_focus(section, scroll_visible=False)
        section.call_after_refresh(reveal, section, Region(0, 0, 1, 1), top=True)

    async def action_add(self, noun: str) -> None:
        """Go to a section and write something new there."""
        section = self.section(noun)
        self.set_focus(section, scroll_visible=False)
        await section.action_add_row()

    def action_open_task(self, task_id: int) -> None:
        """Open another task above this one."""
        self.attempt(lambda: self.app.push_screen(type(self)(task_id)))

    def action_add_link(self) -> None:
        """Link another task."""
        from kbtui.tui.screens.task_picker import TaskPicker

        def link(picked: "Picked | None") -> None:
            if picked is not None:
                self.attempt(
                    lambda: self.app.undo_stack.add_task_link(self.task_id, picked.task_id, picked.link_id),
                    f"Linked #{picked.task_id}; u takes it back.",
                )

        self.app.push_screen(TaskPicker.for_link(self.task_id, "Link another task"), link)

    def action_attach_file(self) -> None:
        """Attach a file."""
        from kbtui.tui.screens.attach import AttachScreen

        self.app.push_screen(AttachScreen(self.task_id), self._tell)

    def action_attach_screenshot(self) -> None:
        """Attach the clipboard's image, or else a picture of this screen."""
        self.run_worker(self._attach_screenshot(), exclusive=True, group="screenshot")

    async def _attach_screenshot(self) -> None:
        from kbtui.tui.clipboard import read_image

        self.say("Looking for an image in the clipboard …")
        image = await asyncio.to_thread(read_image)
        self.line.hush()
        what = "the clipboard's image" if image else "a picture of this screen"
        content = image or self.app.export_screenshot().encode()
        name = screenshot_name(time.time())
        self.attempt(
            lambda: self.app.undo_stack.add_file(self.task_id, name, content), f"Attached {what}; u takes it back."
        )

    def action_edit_outside(self) -> None:
        """Edit the description, or the comment under the cursor, in the person's own editor."""
        from kbtui.tui.editor import edit_text

        section = next((each for each in self.sections if each is self.focused), None)
        if not isinstance(section, CommentList):
            section = self.query_one(DescriptionView)
        row = section.row
        key = NEW if row is None and isinstance(section, CommentList) else (row.key if row else "description")
        text = section.outside()
        draft = drafts(self.app).get((section.NOUN, self.task_id, key))
        try:
            edited = edit_text(self.app, text if draft is None else str(draft))
        except KbtuiError as error:
            self.say(str(error), bad=True)
            return
        self.refresh(layout=True)
        if edited.complaint:
            drafts(self.app)[section.NOUN, self.task_id, key] = edited.text
            self.say(f"{edited.complaint} What was written is kept as a draft; enter brings it back.", bad=True)
            return
        self._keep(section, key, edited.text, text)

    def _keep(self, section: DescriptionView | CommentList, key: int | str, text: str, before: str) -> None:
        """Save what the editor wrote; what cannot be saved is kept as a draft."""
        place = (section.NOUN, self.task_id, key)
        if text == before:
            drafts(self.app).pop(place, None)
            self.say("Nothing changed.")
            return
        try:
            if section.row is not None and section.row.key == key and section.outside() != before:
                drafts(self.app)[place] = text
                self.say("Somebody else has changed it meanwhile; yours is kept as a draft: enter shows it.", bad=True)
                return
            said = section.save(key, text)
        except KbtuiError as error:
            drafts(self.app)[place] = text
            self.say(f"{error} What you wrote is kept as a draft.", bad=True)
        else:
            drafts(self.app).pop(place, None)
            self.say(said)

    def action_show_activity(self) -> None:
        """Show the activity of this task on a screen of its own."""
        self.attempt(lambda: self.app.show_activity(get_task(self.task_id).project_id, self.task_id))

    def action_leave(self) -> None:
        """Go back; what is being typed is kept."""
        self.keep_drafts()
        self.dismiss(None)

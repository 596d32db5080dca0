"""A section of a task's screen: rows of one noun, read from core, which are edited where they stand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from kbtui.core.events.feed import Change
from kbtui.errors import KbtuiError
from kbtui.tui.drafts import drafts
from kbtui.tui.key_order import dropped
from kbtui.tui.widgets.row_editor import RowEditor
from kbtui.tui.widgets.row_list import RowList
from kbtui.tui.widgets.rows import GUTTER, Row

if TYPE_CHECKING:
    from kbtui.tui.base import BoardApp

NEW = "new"
"""The key of the row in which something new is written."""


class TaskSection(RowList):
    """Show what a task has of something, and change it."""

    NOUN = ""
    EVENTS: ClassVar[tuple[str, ...]] = ()
    """Beginnings of the names of the events after which there is something else to show."""

    ADDS_ON = False
    """Whether another one can be written when a new one was saved."""

    app: "BoardApp"

    @dataclass
    class Said(Message):
        """Something is to be said to the person."""

        text: str
        bad: bool = False

    class Edited(Message):
        """An editor has been closed, whether or not its value was kept."""

    def __init__(self, task_id: int) -> None:
        super().__init__(id=self.NOUN)
        self.task_id = task_id
        self.editor: RowEditor | None = None

    def on_mount(self) -> None:
        """Show what there is."""
        self.reload()

    # Reading

    def read(self) -> list[Row]:
        """Return the rows as they are now."""
        raise NotImplementedError

    def reload(self) -> None:
        """Show the rows as they are now; a row that is being edited stays under the person's hands."""
        self.show_rows(self._with_edited(self.read()))

    def follow(self, theirs: Any) -> None:
        """Take over into the open editor what somebody else has saved, unless the person has touched it."""
        editor = self.editor
        if editor is None or not editor.is_mounted or theirs == editor.base:
            return
        if editor.is_touched:
            editor.say("Changed meanwhile by somebody else; saving replaces that by yours.", bad=True)
        else:
            editor.put(theirs)
        editor.base = theirs

    def concerns(self, change: Change) -> bool:
        """Return whether there is something else to show after an change."""
        return change.task_id == self.task_id and change.name.startswith(self.EVENTS)

    def _with_edited(self, rows: list[Row]) -> list[Row]:
        editor = self.editor
        if editor is None or any(row.key == editor.key for row in rows):
            return rows
        at = next((index for index, row in enumerate(self.rows) if row.key == editor.key), len(rows))
        if editor.key == NEW:
            at = len(rows)
        elif self.find(editor.key) is not None and self.rows[at].facts is not None:
            editor.say("Removed meanwhile by somebody else; copy what you need of it.", bad=True)
        return [*rows[:at], Row(editor.key, None), *rows[at:]]

    # Doing

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something on the status line."""
        self.post_message(self.Said(text, bad))

    def attempt(self, change: Callable[[], object], said: str = "") -> bool:
        """Change something and say so, or say why it cannot be; tell whether it was."""
        try:
            change()
        except KbtuiError as error:
            self.say(str(error), bad=True)
            return False
        if said:
            self.say(said)
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys to the editor while it has the focus."""
        return self.app.focused is self or not hasattr(self, f"action_{action}")

    # Editing in place

    def save(self, key: int | str, value: Any) -> str:
        """Keep an edited value and return what is said then. Raises KbtuiError."""
        raise NotImplementedError

    async def edit(self, editor: RowEditor, value: Any) -> None:
        """Edit a row where it stands, from its value on, or from the draft there is of it.

        The editor has the focus when this returns, so that nothing typed meanwhile goes elsewhere.
        """
        if self.editor is not None:
            if self.editor.key == editor.key:
                self.editor.begin()
                return
            self._close(self.editor, keep=True)
        editor.base = value
        self.editor = editor
        self.show_rows(self._with_edited(self.rows))
        await self.mount(editor)
        draft = drafts(self.app).get((self.NOUN, self.task_id, editor.key))
        editor.put(value if draft is None else draft)
        if draft is not None:
            editor.say("Here is your draft again.")
        self.relay()
        index = self.find(editor.key)
        if index is not None:
            self.go_to(index)
        editor.begin()

    def _close(self, editor: RowEditor, *, keep: bool) -> None:
        """Take the editor away; what was typed is kept as a draft when it was not saved."""
        place = (self.NOUN, self.task_id, editor.key)
        if keep and editor.is_touched:
            drafts(self.app)[place] = editor.value
            self.say("Kept as a draft; editing it again brings it back.")
        else:
            drafts(self.app).pop(place, None)
        had_focus = editor.has_focus_within
        self.editor = None
        editor.remove()
        if had_focus:
            self.screen.set_focus(self, scroll_visible=False)
        self.show_rows([row for row in self.rows if row.facts is not None])
        self.relay()
        self.post_message(self.Edited())

    def on_row_editor_saved(self, message: RowEditor.Saved) -> None:
        """Keep the value, or say beside it why it cannot be kept."""
        message.stop()
        editor = message.editor
        if editor is not self.editor:
            return
        try:
            said = self.save(editor.key, editor.value)
        except KbtuiError as error:
            sentence = str(error)
            editor.say(sentence, bad=True)
            self.app.drop_keys(lambda keys: editor.say(f"{sentence} {dropped(keys)}", bad=True))
            return
        if editor.key == NEW and self.ADDS_ON:
            drafts(self.app).pop((self.NOUN, self.task_id, NEW), None)
            editor.put(editor.base)
            editor.say("")
            editor.begin()
        else:
            self._close(editor, keep=False)
        self.reload()
        self.call_after_refresh(self.reveal)
        if said:
            self.say(said)

    def on_row_editor_discarded(self, message: RowEditor.Discarded) -> None:
        """Forget the draft."""
        message.stop()
        drafts(self.app).pop((self.NOUN, self.task_id, message.editor.key), None)

    def on_row_editor_left(self, message: RowEditor.Left) -> None:
        """Put the row back."""
        message.stop()
        if message.editor is self.editor:
            self._close(message.editor, keep=True)

    def on_row_editor_resized(self, message: RowEditor.Resized) -> None:
        """Make room for what the editor says."""
        message.stop()
        self.relay()
        self.call_after_refresh(self.reveal)

    def keep_draft(self) -> None:
        """Keep what is in an open editor when the screen goes away."""
        if self.editor is not None and self.editor.is_touched:
            drafts(self.app)[self.NOUN, self.task_id, self.editor.key] = self.editor.value

    # The editor's place

    def place_editor(self, region: Region) -> Region:
        """Return where the editor of a row stands, in cells of this widget."""
        return Region(GUTTER, region.y, max(region.width - GUTTER, 1), region.height)

    def lay_rows(self, width: int) -> list[Region]:
        """Return where the rows stand, and put the editor in its row's place."""
        regions = super().lay_rows(width)
        self.seat_editor(regions)
        return regions

    def seat_editor(self, regions: list[Region]) -> None:
        """Put the editor in its row's place."""
        if self.editor is not None:
            for row, region in zip(self.rows, regions, strict=False):
                if row.key == self.editor.key:
                    self.editor.seat(self.place_editor(region))

    def height_of(self, row: Row, width: int) -> int:
        """Return how many lines a row takes; its editor may need more."""
        if self.editor is not None and self.editor.key == row.key:
            return self.editor.lines
        return super().height_of(row, width)

    def lines_of(self, row: Row, width: int) -> list[Strip]:
        """Return the lines of a row; the one in which something new is written has none."""
        return [] if row.facts is None else super().lines_of(row, width)

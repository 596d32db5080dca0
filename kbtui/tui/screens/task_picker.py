"""Find a task by words of its title, and say how it is linked."""

from pathlib import PurePath
from typing import ClassVar, NamedTuple

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from kbtui.core.tasks import link_types
from kbtui.core.values.colors import COLORS, DEFAULT_COLOR
from kbtui.core.views.task_search import FoundTask, search_tasks
from kbtui.errors import InvalidError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.widgets.dialog import HELP, Dialog, KeyButton, Notice
from kbtui.tui.widgets.fields import Choice, ChoiceList, Field, LineInput

LIMIT = 50
"""Tasks that are listed at most."""


class Picked(NamedTuple):
    """The task that was chosen, and the type of the link to it."""

    task_id: int
    link_id: int


class TaskPicker(Guarded, ModalScreen[Picked | None]):
    """Choose a type of link and a task; dismissed with both, or None."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "task_picker.tcss"]
    AUTO_FOCUS = "#words"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Link", id="picker.choose", tooltip="Link the marked task"),
        Binding("down", "step(1)", "Down", show=False, id="picker.down", tooltip="The next task"),
        Binding("up", "step(-1)", "Up", show=False, id="picker.up", tooltip="The task before"),
        Binding("pagedown", "step(8)", "Page down", show=False, id="picker.page_down", tooltip="Some tasks on"),
        Binding("pageup", "step(-8)", "Page up", show=False, id="picker.page_up", tooltip="Some tasks back"),
        Binding("tab", "app.focus_next", "Type of link", id="picker.kind", tooltip="Choose how they are linked"),
        Binding("ctrl+s", "choose", "Link", show=False, id="form.save", tooltip="Link the marked task"),
        Binding("escape", "cancel", "Cancel", id="picker.cancel", tooltip="Link nothing"),
        HELP,
    ]

    app: "BoardApp"
    words = getters.query_one("#words", LineInput)
    listed = getters.query_one("#tasks", OptionList)
    kind = getters.query_one("#kind", ChoiceList)
    notice = getters.query_one("#notice", Notice)

    def __init__(self, task_id: int, title: str, link_id: int, marked_id: int | None) -> None:
        super().__init__()
        self.task_id = task_id
        self._title = title
        self._link_id = link_id
        self._marked_id = marked_id
        self._shown: list[FoundTask] = []

    @classmethod
    def for_link(cls, task_id: int, title: str, link_id: int = 1, marked_id: int | None = None) -> "TaskPicker":
        """Return the dialog for a link of a task, a new one or one that is there."""
        return cls(task_id, title, link_id, marked_id)

    def compose(self) -> ComposeResult:
        """Lay the type and the search above the tasks."""
        kinds: list[Choice] = [(str(kind.label), int(kind.id)) for kind in link_types.list_link_types()]
        with Dialog(self._title):
            yield Field(f"#{self.task_id}", ChoiceList(kinds, self._link_id, id="kind"))
            yield Field("Find", LineInput(id="words", placeholder="words of the title, or #12"))
            yield OptionList(id="tasks", markup=False, compact=True)
            yield Notice(id="notice")
            with Horizontal(classes="buttons"):
                yield KeyButton("Link", "picker.choose", "choose", variant="primary", id="choose")
                yield KeyButton("Cancel", "picker.cancel", "cancel", id="cancel")

    def on_mount(self) -> None:
        """List the tasks that were changed last."""
        self.listed.can_focus = False
        self._find()

    @on(Input.Changed, "#words")
    def _find(self) -> None:
        """List what has all the words."""
        try:
            found = [task for task in search_tasks(self.words.value, limit=LIMIT + 1) if task.id != self.task_id]
        except InvalidError as error:
            self.notice.say(str(error), bad=True)
            return
        self._shown = found[:LIMIT]
        if self._marked_id is not None and not self.words.value:
            marked = search_tasks(f"#{self._marked_id}", limit=1)
            self._shown = [*marked, *(task for task in self._shown if task.id != self._marked_id)]
        self.listed.clear_options()
        self.listed.add_options([Option(_line(task)) for task in self._shown])
        self.listed.highlighted = 0 if self._shown else None
        if not self._shown:
            self.notice.say("No other task has this in its title.")
        else:
            self.notice.say(f"The first {LIMIT}; type more words to find others." if len(found) > LIMIT else "")

    def action_step(self, by: int) -> None:
        """Mark another task while typing."""
        if self._shown:
            index = (self.listed.highlighted or 0) + by
            self.listed.highlighted = min(max(index, 0), len(self._shown) - 1)

    @on(Input.Submitted, "#words")
    @on(OptionList.OptionSelected, "#tasks")
    def action_choose(self) -> None:
        """Take the marked task."""
        index = self.listed.highlighted
        if index is None or not self._shown:
            self.notice.say("Mark a task first: type a word of its title.", bad=True)
            return
        self.dismiss(Picked(self._shown[index].id, int(self.kind.chosen)))

    def action_cancel(self) -> None:
        """Take none."""
        self.dismiss(None)


def _line(task: FoundTask) -> Content:
    color = COLORS.get(task.color_id, COLORS[DEFAULT_COLOR]).border
    return Content.assemble(
        ("▌", color),
        (f"#{task.id} ", "dim"),
        drawable(task.title),
        ("" if task.is_active else "  closed", "$warning"),
        (f"  {drawable(task.project)} › {drawable(task.column)}", "dim"),
    )

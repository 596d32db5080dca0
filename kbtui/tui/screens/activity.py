"""What has happened in a project, as sentences."""

import time
from pathlib import PurePath
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input, Label, Select

from kbtui.core.events.feed import Change
from kbtui.core.events.log import RecordedEvent
from kbtui.core.projects import projects, users
from kbtui.core.views.activity import KINDS, list_activity
from kbtui.core.views.search import find_task
from kbtui.errors import KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.widgets.activity_list import ActivityPages, activity_row, paint_activity
from kbtui.tui.widgets.fields import ChoiceList, LineInput
from kbtui.tui.widgets.key_bar import KeyBar
from kbtui.tui.widgets.row_list import RowList
from kbtui.tui.widgets.rows import Row
from kbtui.tui.widgets.say_line import SayLine

ALL = ""
"""The choice of everything."""


class ProjectActivityList(RowList):
    """Show what has happened, newest first; more is read when the end is reached."""

    EMPTY = "Nothing has happened here yet."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open_row", "Go to task", id="activity.open", tooltip="Open the task it happened to"),
    ]

    def __init__(self, pages: ActivityPages) -> None:
        super().__init__(id="events")
        self.pages = pages

    def heading(self) -> tuple[str, str]:
        """Return the title."""
        return f"Activity {len(self.rows)}{'+' if self.pages.has_more else ''}", "newest first"

    def paint(self, row: Row, width: int) -> list[Strip]:
        """Return when it was, and the sentence, which begins with who."""
        return paint_activity(self, row, width)

    def reload(self) -> None:
        """Show what has happened."""
        now = time.time()
        self.show_rows([activity_row(event, now) for event in self.pages.events()])

    def moved(self) -> None:
        """Read more at the end."""
        if self.cursor == len(self.rows) - 1:
            self.read_more()

    def read_more(self) -> None:
        """Read what happened before that."""
        if self.pages.has_more:
            self.pages.more()
            self.reload()

    async def action_open_row(self) -> None:
        """Open the task it happened to."""
        screen = self.screen
        if self.row is not None and isinstance(screen, ActivityScreen):
            screen.open_task(self.row.facts[3])


class ActivityScroll(Guarded, VerticalScroll):
    """Scroll the activity; more is read when its end is seen."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read more at the end."""
        super().watch_scroll_y(old_value, new_value)
        if new_value > old_value and new_value >= self.max_scroll_y - 1:
            self.query_one(ProjectActivityList).read_more()


class ActivityScreen(Guarded, Screen[None]):
    """Show the activity of a project, or of one task of it. Raises NotFoundError."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["rows.tcss", "activity.tcss"]
    AUTO_FOCUS = "#events"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "filter('kind')", "Kind", id="activity.kind", tooltip="Show one kind of events"),
        Binding("p", "filter('person')", "Person", id="activity.person", tooltip="Show what one person did"),
        Binding("t", "filter('task')", "Task", id="activity.task", tooltip="Show what happened to one task"),
        Binding("r", "reset", "Show all", id="activity.reset", tooltip="Show everything again"),
        Binding("escape,backspace", "leave", "Back", id="activity.leave", tooltip="Back to where you came from"),
    ]

    app: "BoardApp"
    listed = getters.query_one(ProjectActivityList)
    kind = getters.query_one("#kind", ChoiceList)
    person = getters.query_one("#person", ChoiceList)
    task_words = getters.query_one("#task", LineInput)
    line = getters.query_one(SayLine)

    def __init__(self, project_id: int, task_id: int | None = None) -> None:
        super().__init__()
        self.project_id = project_id
        self._project_name = projects.get_project(project_id).name
        self._task_id = task_id
        self._first_task_id = task_id

    def compose(self) -> ComposeResult:
        """Lay the filters above the sentences."""
        people = [user.username for user in users.list_users(with_inactive=True)]
        with Horizontal(id="filters"):
            yield Label("Kind", markup=False)
            yield ChoiceList([("everything", ALL), *((each, each) for each in KINDS)], ALL, id="kind")
            yield Label("Person", markup=False)
            yield ChoiceList([("everybody", ALL), *((each, each) for each in people)], ALL, id="person")
            yield Label("Task", markup=False)
            shown = f"#{self._first_task_id}" if self._first_task_id else ""
            yield LineInput(shown, placeholder="#12 or a title", id="task")
        with ActivityScroll(id="page", can_focus=False):
            yield ProjectActivityList(ActivityPages(self._read))
        yield SayLine()
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what has happened, and what happens from now on."""
        self.line.show_usual(self._project_name)
        self.listed.reload()
        self.app.follow(self, self._changed)

    def _read(self, before_id: int | None, limit: int) -> list[RecordedEvent]:
        kind, person = str(self.kind.chosen), str(self.person.chosen)
        return list_activity(
            # What happened to a task is shown wherever it was at that time.
            project_id=None if self._task_id else self.project_id,
            task_id=self._task_id,
            author=person or None,
            kinds=[kind] if kind else [],
            before_id=before_id,
            limit=limit,
        )

    def _changed(self, changes: list[Change]) -> None:
        if any(each.project_id in (self.project_id, None) or each.task_id == self._task_id for each in changes):
            self.listed.reload()

    # Filters

    @on(Select.Changed)
    def _filtered(self) -> None:
        self.listed.pages = ActivityPages(self._read)
        self.listed.reload()
        self.listed.go_to(0)

    @on(Input.Changed, "#task")
    def _task_typed(self, event: Input.Changed) -> None:
        """Show one task as soon as it can be told which, all when nothing is typed."""
        self._find_task(event.value, complain=False)

    @on(Input.Submitted, "#task")
    def _task_chosen(self, event: Input.Submitted) -> None:
        """Show one task, or say why it cannot be told which."""
        if self._find_task(event.value, complain=True):
            self.listed.focus()

    def _find_task(self, words: str, *, complain: bool) -> bool:
        task_id = None
        if words.strip():
            try:
                task_id = find_task(words)
            except KbtuiError as error:
                if complain:
                    self.line.say(str(error), bad=True)
                return False
        if task_id != self._task_id:
            self._task_id = task_id
            self._filtered()
        return True

    def action_filter(self, name: str) -> None:
        """Go to a filter; show what can be chosen."""
        control = self.query_one(f"#{name}")
        control.focus()
        if isinstance(control, ChoiceList):
            control.action_show_overlay()

    def action_reset(self) -> None:
        """Show everything again."""
        self.kind.value = ALL
        self.person.value = ALL
        self.task_words.value = ""
        self.listed.focus()

    # Leaving

    def open_task(self, task_id: int | None) -> None:
        """Open a task, or say why it cannot be."""
        if task_id is None:
            self.line.say("That was not about a task.")
            return
        try:
            self.app.show_task(task_id)
        except KbtuiError as error:
            self.line.say(str(error), bad=True)

    def action_leave(self) -> None:
        """Go back: from a filter to the list, from the list to where the person came from."""
        if self.listed.has_focus:
            self.dismiss(None)
        else:
            self.listed.focus()

"""What has happened, as sentences, newest first; more is read when the end is reached."""

import time
from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from kbtui.core.events.log import RecordedEvent
from kbtui.core.views.activity import list_activity, sentence
from kbtui.tui.glyphs import drawable, fill
from kbtui.tui.runs import lines_of
from kbtui.tui.widgets.row_list import RowList
from kbtui.tui.widgets.rows import Row
from kbtui.tui.widgets.task_section import TaskSection
from kbtui.tui.words import age, stamp

PAGE = 60
"""Events read at a time."""

WHEN = 6
"""Cells of an age."""

LONGEST = 400
"""Characters of a sentence that are shown."""


def activity_row(event: RecordedEvent, now: float) -> Row:
    """Return the row of an event; its facts are who, when, what, and the task."""
    when = stamp(event.date_creation, now)
    return Row(event.id, (event.author or "Somebody", when, sentence(event)[:LONGEST], event.task_id))


def own_activity_row(event: RecordedEvent, now: float) -> Row:
    """Return the row of an event where all are of one task, which need not be named each time."""
    task = event.facts.get("task", {})
    text = sentence(event).replace(f"#{task.get('id')} “{task.get('title')}”", "this task", 1)
    return Row(event.id, (event.author or "Somebody", age(event.date_creation, now), text[:LONGEST], event.task_id))


def paint_activity(widget: RowList, row: Row, width: int) -> list[Strip]:
    """Return when it was, and the sentence, which begins with who."""
    who, when, text, _ = row.facts
    room = max(WHEN, len(when) + 2)
    rest = drawable(text.removeprefix(who))
    runs = [
        (fill(when, room), widget.style("dim")),
        (drawable(who), widget.style("person")),
        (rest, widget.style("text")),
    ]
    return lines_of(runs, width, indent=room)


class ActivityPages:
    """Read what happened, a page at a time, as often as there is more."""

    def __init__(self, read: Callable[[int | None, int], list[RecordedEvent]]) -> None:
        self._read = read
        self._known: list[RecordedEvent] = []
        self.has_more = False

    def events(self) -> list[RecordedEvent]:
        """Return what is known so far and what has happened since, newest first."""
        newest = self._read(None, PAGE)
        known = self._known
        if known and newest and newest[-1].id <= known[0].id:
            self._known = [*(event for event in newest if event.id > known[0].id), *known]
        else:
            self._known = newest
            self.has_more = len(newest) == PAGE
        return self._known

    def more(self) -> None:
        """Read another page of what happened before."""
        older = self._read(self._known[-1].id, PAGE)
        self.has_more = len(older) == PAGE
        self._known = [*self._known, *older]


class ActivityList(TaskSection):
    """Show what has happened to one task."""

    NOUN = "activity"
    EVENTS = ("",)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open_row", "All", id="activity.open", tooltip="Show the activity of this task on its own"),
    ]

    def __init__(self, task_id: int) -> None:
        super().__init__(task_id)
        self._pages = ActivityPages(
            lambda before_id, limit: list_activity(task_id=task_id, before_id=before_id, limit=limit)
        )

    def heading(self) -> tuple[str, str]:
        """Return the title."""
        more = "+" if self._pages.has_more else ""
        return f"Activity {len(self.rows)}{more}" if self.rows else "Activity", ""

    def read(self) -> list[Row]:
        """Return what has happened."""
        now = time.time()
        return [own_activity_row(event, now) for event in self._pages.events()]

    def paint(self, row: Row, width: int) -> list[Strip]:
        """Return the sentence with who and when."""
        return paint_activity(self, row, width)

    def moved(self) -> None:
        """Read more at the end."""
        if self.cursor == len(self.rows) - 1 and self._pages.has_more:
            self._pages.more()
            self.reload()

    async def action_open_row(self) -> None:
        """Show the activity on a screen of its own."""
        await self.run_action("screen.show_activity")

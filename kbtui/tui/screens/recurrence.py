"""When a task comes again, as Kanboard has it."""

import time
from pathlib import PurePath
from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Select

from kbtui.core.projects import settings
from kbtui.core.tasks import recurrence
from kbtui.core.tasks.recurrence import MOST
from kbtui.core.tasks.tasks import get_task
from kbtui.core.values.dates import format_due
from kbtui.errors import InvalidError, KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.widgets.dialog import HELP, Dialog, KeyButton, Notice
from kbtui.tui.widgets.fields import ChoiceList, Field, NumberInput


class RecurrenceForm(Guarded, ModalScreen[str | None]):
    """Say whether and when a task comes again; dismissed with what was done, in words. Raises NotFoundError."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "recurrence.tcss"]
    AUTO_FOCUS = "#status"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="form.save", tooltip="Save when the task comes again"),
        Binding("ctrl+enter", "save", "Save", show=False, id="form.save_too", tooltip="Save when it comes again"),
        Binding("escape", "cancel", "Cancel", id="form.cancel", tooltip="Leave all as it is"),
        HELP,
    ]

    app: "BoardApp"
    notice = getters.query_one("#notice", Notice)

    def __init__(self, task_id: int) -> None:
        super().__init__()
        self.facts = get_task(task_id)

    def compose(self) -> ComposeResult:
        """Lay the choices above what comes of them."""
        task = self.facts
        recurs = [("No, only once", recurrence.NONE), ("Yes, it comes again", recurrence.PENDING)]
        if task.recurrence_status == recurrence.PROCESSED:
            recurs.append((f"It has come again, as #{task.recurrence_child}", recurrence.PROCESSED))
        with Dialog(f"Recurrence of #{task.id}"):
            with Vertical(id="body"):
                yield Field("Recurs", ChoiceList([*recurs], task.recurrence_status, id="status"))
                yield Field("Trigger", _choice("trigger", recurrence.TRIGGERS, task.recurrence_trigger))
                yield Field("Every", NumberInput(str(task.recurrence_factor), id="factor"), id="field-factor")
                yield Field("Unit", _choice("timeframe", recurrence.TIMEFRAMES, task.recurrence_timeframe))
                yield Field("Counted from", _choice("basedate", recurrence.BASE_DATES, task.recurrence_basedate))
            yield Notice(id="preview")
            yield Notice(id="notice")
            with Horizontal(classes="buttons"):
                yield KeyButton("Save", "form.save", "save", variant="primary", id="save")
                yield KeyButton("Cancel", "form.cancel", "cancel", id="cancel")

    def _chosen(self, name: str) -> int:
        return int(self.query_one(f"#{name}", ChoiceList).chosen)

    def _factor(self) -> int:
        text = self.query_one("#factor", NumberInput).value.strip() or "0"
        if not text.removeprefix("-").isdecimal() or not text.isascii() or len(text) > 5 or abs(int(text)) > MOST:
            raise InvalidError(f"A whole number from -{MOST} to {MOST}; 0 leaves the due date as it is.")
        return int(text)

    def _values(self) -> dict[str, Any]:
        return {
            "recurrence_status": self._chosen("status"),
            "recurrence_trigger": self._chosen("trigger"),
            "recurrence_factor": self._factor(),
            "recurrence_timeframe": self._chosen("timeframe"),
            "recurrence_basedate": self._chosen("basedate"),
        }

    @on(Input.Changed)
    @on(Select.Changed)
    def _preview(self) -> None:
        """Say what comes of the choices."""
        field = self.query_one("#field-factor", Field)
        field.complain("")
        preview = self.query_one("#preview", Notice)
        try:
            values = self._values()
        except InvalidError as error:
            field.complain(str(error))
            return
        if values["recurrence_status"] != recurrence.PENDING:
            preview.say("")
            return
        now = int(time.time())
        rules = (values[f"recurrence_{name}"] for name in ("factor", "timeframe", "basedate"))
        pattern = recurrence.Pattern(self.facts.date_due or 0, *rules)
        due = recurrence.next_due(pattern, now, settings.time_zone())
        when = f", due {format_due(due, now)} if that happened now" if due else ", without a due date, as it has none"
        trigger = recurrence.TRIGGERS[values["recurrence_trigger"]]
        preview.say(f"{trigger}, a new one is made in the first column{when}.")

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Save the choices, or say why they cannot be saved."""
        try:
            changed = self.app.undo_stack.update_task(self.facts.id, **self._values())
        except KbtuiError as error:
            self.notice.say(str(error), bad=True)
            self.app.drop_behind()
        else:
            self.dismiss("Recurrence changed; u takes it back." if changed else "Nothing changed.")

    def action_cancel(self) -> None:
        """Leave all as it is."""
        self.dismiss(None)


def _choice(name: str, words: tuple[str, ...], value: int) -> ChoiceList:
    choices = [(text, number) for number, text in enumerate(words)]
    return ChoiceList([*choices], value if 0 <= value < len(words) else 0, id=name)

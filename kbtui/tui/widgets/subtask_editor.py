"""The editor of a subtask, where the subtask stands: title, state, assignee, and hours."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label, Static

from kbtui.core.tasks.subtasks import STATUS_NAMES, Subtask, SubtaskChanges
from kbtui.tui.task_fields import parse_hours
from kbtui.tui.task_values import Choices
from kbtui.tui.widgets.fields import ChoiceList, LineInput
from kbtui.tui.widgets.row_editor import RowEditor

EMPTY: dict[str, Any] = {"title": "", "status": 0, "user_id": 0, "time_estimated": "0", "time_spent": "0"}


def subtask_values(subtask: Subtask) -> dict[str, Any]:
    """Return what the editor of a subtask begins with."""
    return {
        "title": subtask.title,
        "status": subtask.status,
        "user_id": subtask.user_id,
        "time_estimated": f"{subtask.time_estimated:g}",
        "time_spent": f"{subtask.time_spent:g}",
    }


def parse_subtask(values: dict[str, Any]) -> SubtaskChanges:
    """Return the values of the editor as core takes them. Raises InvalidError."""
    return {
        "title": values["title"],
        "status": int(values["status"]),
        "user_id": int(values["user_id"]),
        "time_estimated": parse_hours(values["time_estimated"]),
        "time_spent": parse_hours(values["time_spent"]),
    }


class SubtaskEditor(RowEditor):
    """Edit all of a subtask."""

    def __init__(self, key: int | str, project_id: int, user_id: int) -> None:
        self._title = LineInput(placeholder="What is to be done?")
        super().__init__(key, self._title, height=3)
        people = Choices(project_id).with_value("owner_id", user_id)
        self._status = ChoiceList([(name, number) for number, name in enumerate(STATUS_NAMES)], 0)
        self._user = ChoiceList(people, user_id)
        self._estimated = LineInput(placeholder="1.5")
        self._spent = LineInput(placeholder="1.5")

    def compose(self) -> ComposeResult:
        """Lay the title above the rest."""
        yield self._title
        with Horizontal(classes="row-editor--line"):
            yield Label("State", markup=False)
            yield self._status
            yield Label("Assignee", markup=False)
            yield self._user
        with Horizontal(classes="row-editor--line"):
            yield Label("Hours estimated", markup=False)
            yield self._estimated
            yield Label("spent", markup=False)
            yield self._spent
        yield Static("", classes="row-editor--hint", markup=False)

    @property
    def value(self) -> Any:
        """Return what the controls hold."""
        return {
            "title": self._title.value,
            "status": self._status.chosen,
            "user_id": self._user.chosen,
            "time_estimated": self._estimated.value,
            "time_spent": self._spent.value,
        }

    def put(self, value: Any) -> None:
        """Fill the controls."""
        self._title.value = value["title"]
        self._title.cursor_position = len(self._title.value)
        self._status.value = value["status"]
        self._user.choose(value["user_id"], f"#{value['user_id']} (not a member)")
        self._estimated.value = value["time_estimated"]
        self._spent.value = value["time_spent"]

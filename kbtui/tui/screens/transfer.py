"""A task goes to another project, or is copied: what becomes of it there is shown before it happens."""

from pathlib import PurePath
from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Select

from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.projects import projects
from kbtui.core.tasks import transfers
from kbtui.core.tasks.tasks import get_task
from kbtui.errors import InvalidError, KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.task_values import Choices
from kbtui.tui.widgets.dialog import HELP, Dialog, KeyButton, Notice
from kbtui.tui.widgets.fields import Choice, ChoiceList, Field

LANDS = {"column_id": "Column", "swimlane_id": "Swimlane", "category_id": "Category", "owner_id": "Assignee"}
"""What becomes something else in another project → how it is called."""

MOVES = "Subtasks, comments, links and files go with it; tags become those of the same name."
COPIES = "Subtasks (to be done again) and tags are copied, comments and files are not; the copy is linked."


class TransferScreen(Guarded, ModalScreen[str | None]):
    """Choose a project and see what the task becomes there; dismissed with what was done, in words.

    Raises NotFoundError when the task is gone, InvalidError when there is no other project to move it to.
    """

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "transfer.tcss"]
    AUTO_FOCUS = "#project"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Do it", id="form.save", tooltip="Move or copy the task"),
        Binding("ctrl+enter", "save", "Do it", show=False, id="form.save_too", tooltip="Move or copy the task"),
        Binding("escape", "cancel", "Cancel", id="form.cancel", tooltip="Leave the task where it is"),
        HELP,
    ]

    app: "BoardApp"
    notice = getters.query_one("#notice", Notice)
    project = getters.query_one("#project", ChoiceList)

    def __init__(self, task_id: int, *, copies: bool) -> None:
        super().__init__()
        self.facts = get_task(task_id)
        self.copies = copies
        own = self.facts.project_id
        there = [project for project in projects.list_projects() if copies or project.id != own]
        if copies and all(project.id != own for project in there):
            there.append(projects.get_project(own))  # an inactive one
        if not there:
            raise InvalidError("There is no other project to move the task to; p lists the projects, n there adds one.")
        self._projects: list[Choice] = [
            (f"{each.name} (this one)" if each.id == own else each.name, int(each.id)) for each in there
        ]
        self._project_id: int = own if copies else int(there[0].id)

    def compose(self) -> ComposeResult:
        """Lay the project above what the task becomes there."""
        verb = "Duplicate" if self.copies else "Move"
        with Dialog(f"{verb} #{self.facts.id}" + ("" if self.copies else " to another project")):
            with VerticalScroll(id="body", can_focus=False):
                yield Field("Project", ChoiceList(self._projects, self._project_id, id="project"))
                for name, label in LANDS.items():
                    yield Field(label, ChoiceList([("", -1)], -1, id=name), id=f"field-{name}")
            yield Notice(COPIES if self.copies else MOVES, id="goes")
            yield Notice(id="notice")
            with Horizontal(classes="buttons"):
                yield KeyButton(verb, "form.save", "save", variant="primary", id="save")
                yield KeyButton("Cancel", "form.cancel", "cancel", id="cancel")

    def on_mount(self) -> None:
        """Show what the task becomes in the project that is chosen first."""
        self._show_plan()

    @on(Select.Changed, "#project")
    def _chosen(self) -> None:
        self._project_id = int(self.project.chosen)
        self._show_plan()

    def _show_plan(self) -> None:
        """Show what the task becomes in the project, and why."""
        try:
            plan = transfers.plan_transfer(self.facts.id, self._project_id)
        except KbtuiError as error:
            self.notice.say(str(error), bad=True)
            return
        self.notice.say("")
        here = self.copies and self._project_id == self.facts.project_id
        lands: dict[str, int] = {
            "column_id": self.facts.column_id if here else plan.cell.column_id,
            "swimlane_id": plan.cell.swimlane_id,
            "category_id": plan.category_id,
            "owner_id": plan.owner_id,
        }
        choices = Choices(self._project_id)
        for name, value in lands.items():
            control = self.query_one(f"#{name}", ChoiceList)
            control.set_choices(choices.with_value(name, value), value)
            control.disabled = self.copies
            field = self.query_one(f"#field-{name}", Field)
            field.show_hint("" if here else _reason(name, self.facts, value, choices))

    def action_save(self) -> None:
        """Move or copy the task, or say why that cannot be."""
        try:
            said = self._copy() if self.copies else self._move()
        except KbtuiError as error:
            self.notice.say(str(error), bad=True)
            self.app.drop_behind()
        else:
            self.dismiss(said)

    def _copy(self) -> str:
        copy_id = self.app.undo_stack.duplicate_task(self.facts.id, self._project_id)
        return f"Duplicated #{self.facts.id} as #{copy_id}; u takes it back."

    def _move(self) -> str:
        chosen: dict[str, Any] = {name: int(self.query_one(f"#{name}", ChoiceList).chosen) for name in LANDS}
        self.app.undo_stack.move_task_to_project(self.facts.id, self._project_id, **chosen)
        name = next(shown for shown, value in self._projects if value == self._project_id)
        return f"Moved #{self.facts.id} to {drawable(name)}; u takes it back."

    def action_cancel(self) -> None:
        """Leave the task where it is."""
        self.dismiss(None)


def _reason(name: str, task: TaskSnapshot, value: int, choices: Choices) -> str:
    """Return what a field was, and why it becomes what it does in the other project."""
    before = {
        "column_id": task.column_title,
        "swimlane_id": task.swimlane_name,
        "category_id": task.category_name or "",
        "owner_id": task.assignee_name or task.assignee_username or "",
    }[name]
    after = next((shown for shown, known in choices.with_value(name, value) if known == value), "")
    if not before:
        return ""
    if name == "column_id":
        return f"was {before}; it begins in the first column there"
    if before.casefold() == after.casefold():
        return "stays: there is one of this name" if name != "owner_id" else "stays: a member there"
    why = {
        "swimlane_id": "none of this name there",
        "category_id": "none of this name there",
        "owner_id": "not a member there",
    }[name]
    return f"was {before}; {why}"

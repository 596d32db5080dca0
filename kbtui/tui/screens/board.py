"""The board of one project: what keys and the mouse do on it."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from kbtui.core.events.feed import Change
from kbtui.core.projects import projects
from kbtui.core.tasks import ranks
from kbtui.core.tasks.ranks import Cell
from kbtui.core.views import board
from kbtui.errors import KbtuiError, NotFoundError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.widgets.board_paint import EMPTY_BOARD
from kbtui.tui.widgets.board_steps import place_beside
from kbtui.tui.widgets.board_view import BoardView
from kbtui.tui.widgets.key_bar import KeyBar
from kbtui.tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from kbtui.core.tasks.moves import Move
    from kbtui.core.undo.steps import Step
    from kbtui.core.views.board import Card
    from kbtui.tui.drafts import DraftKey

MANY = 50
"""After more events than this at once the whole board is read again."""

MOVE = Binding.Group("Move", compact=True)
"""The keys that move a task, shown as one."""

SHAPES = frozenset({"column.change", "swimlane.change", "category.change", "tag.change", "user.change"})
"""Events after which more than a few cards look different."""


class BoardScreen(Guarded, Screen[None]):
    """A project's board with its status bar."""

    CSS_PATH = "board.tcss"
    AUTO_FOCUS = "BoardView"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new_task", "New", id="task.new", tooltip="Write a task for this cell"),
        Binding("enter", "open_task", "Open", id="task.open_screen", tooltip="Show everything on the task"),
        Binding("e", "edit_task", "Edit", id="task.edit", tooltip="Edit the task"),
        Binding("x", "close_task", "Close", id="task.close", tooltip="Close the task"),
        Binding(
            "H,shift+left", "move(-1)", "Move left", id="task.move.left", group=MOVE,
            tooltip="Move the task to the column on the left",
        ),
        Binding(
            "J,shift+down", "shift(1)", "Move down", id="task.move.down", group=MOVE,
            tooltip="Move the task down in its cell",
        ),
        Binding(
            "K,shift+up", "shift(-1)", "Move up", id="task.move.up", group=MOVE, tooltip="Move the task up in its cell"
        ),
        Binding(
            "L,shift+right", "move(1)", "Move right", id="task.move.right", group=MOVE,
            tooltip="Move the task to the column on the right",
        ),
        Binding(
            "left_curly_bracket", "cross(-1)", "To the swimlane above", show=False,
            id="task.move.swimlane_up", tooltip="Move to the swimlane above",
        ),
        Binding(
            "right_curly_bracket", "cross(1)", "To the swimlane below", show=False,
            id="task.move.swimlane_down", tooltip="Move to the swimlane below",
        ),
        Binding("D", "duplicate_task", "Duplicate", show=False, id="task.duplicate", tooltip="Copy the task"),
        Binding(
            "delete", "remove_task", "Remove", show=False,
            id="task.remove", tooltip="Remove the task (undo helps)",
        ),
        Binding("u", "undo", "Undo", id="history.undo", tooltip="Take back the last change"),
        Binding("ctrl+y", "redo", "Redo", show=False, id="history.redo", tooltip="Make an undone change again"),
        Binding("p", "switch_project", "Project", id="project.switch", tooltip="Show another project's board"),
        Binding("a", "show_activity", "Activity", id="project.activity", tooltip="What has happened in the project"),
    ]  # fmt: skip

    app: "BoardApp"
    view = getters.query_one(BoardView)
    status = getters.query_one(StatusBar)

    def __init__(self, project_id: int) -> None:
        super().__init__()
        self.project_id = project_id
        self._moving = 0
        self._gone = 0
        """The task that the cursor was on when it went, while another screen lay above; 0 for none."""

    def compose(self) -> ComposeResult:
        """Lay the board above its status bar and its keys."""
        yield BoardView(board)
        yield StatusBar()
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the project, and from now on what changes on it."""
        self.app.follow(self, self._changed)
        self.view.set_hints(self._hints())
        self.view.model.compact = self.app.settings.density == "compact"
        self.show_project(self.project_id)

    def _hints(self) -> tuple[str, ...]:
        """Return what an empty board says, with the keys as this person has them."""
        keys = {
            active.binding.action: self.app.get_key_display(active.binding)
            for active in reversed(self.active_bindings.values())
        }
        hints: list[str] = []
        for line in EMPTY_BOARD:
            with suppress(KeyError):  # the key was given to something else
                hints.append(line.format_map(keys))
        return tuple(hints)

    def show_project(self, project_id: int) -> None:
        """Show a project's board."""
        self.project_id = project_id
        self._show(board.read_board(project_id))

    def _show(self, shape: board.Board) -> None:
        self.view.show(shape)
        self.status.show_project(shape.name, sum(shape.counts.values()))
        self.app.show_title(f"{shape.name} – kbtui")

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something on the status bar."""
        self.status.say(text, bad=bad)

    # What has changed, whoever changed it

    def _changed(self, changes: list[Change]) -> None:
        """Draw what the events name; the cursor stays on its task."""
        ours = [change for change in changes if self._concerns(change) and not self._moves(change)]
        if not ours:
            return
        card = self.view.card
        if len(ours) > MANY or any(change.name in SHAPES or change.name == "project.change" for change in ours):
            if not self.read_again():
                return
        else:
            self._reload(dict.fromkeys(cell for change in ours for cell in _cells(change)))
        task_id = self._gone or (card.id if card is not None else 0)
        if task_id and (self.view.card is None or self.view.card.id != task_id):
            place = ranks.find_location(task_id)
            is_here = place is not None and place.project_id == self.project_id
            self._gone = 0 if is_here or self.app.screen is self else task_id  # it may come back before anybody looks
            if place is not None and is_here:
                self.view.track(place)

    def on_screen_resume(self) -> None:
        """Leave the cursor where it is when its task is gone."""
        self._gone = 0

    def _reload(self, cells: Iterable[Cell]) -> None:
        self.view.reload({cell: ranks.count_cell(cell) for cell in cells})
        self._show_count()

    def _show_count(self) -> None:
        shape = self.view.model.board
        if shape is not None:
            self.status.show_project(shape.name, sum(shape.counts.values()))

    def _moves(self, change: Change) -> bool:
        """Return whether a change is the move that is being made from here: its result tells more of it."""
        return change.task_id == self._moving and change.name.startswith("task.move.")

    def _concerns(self, change: Change) -> bool:
        """Return whether a change may show on this board; a task that has left the project shows by its old cell."""
        if change.project_id == self.project_id or change.name in ("user.change", "tag.change"):
            return True
        shape = self.view.model.board
        return shape is not None and any(column.id == change.src_column_id for column in shape.columns)

    def read_again(self) -> bool:
        """Read the whole board; when its project is gone show another one. Tell whether it is still the same."""
        try:
            self._show(board.read_board(self.project_id))
        except NotFoundError:
            self.show_project(projects.first_project_id())
            self.say("The project was removed; this is another one.")
            return False
        return True

    # Doing things

    def attempt(self, action: Callable[[], object]) -> bool:
        """Do something with the board, or say why it cannot be done; tell whether it was."""
        self.status.hush()
        try:
            action()
        except KbtuiError as error:
            self.say(str(error), bad=True)
            return False
        return True

    def _chosen(self) -> "Card | None":
        """Return the task under the cursor, or say that there is none."""
        if self.view.card is None:
            self.say("There is no task under the cursor.")
        return self.view.card

    def action_move(self, by: int) -> None:
        """Move the task to the next column, level with where it is."""
        shape, card, cursor = self.view.model.board, self._chosen(), self.view.model.cursor
        if shape is None or card is None:
            return
        column = cursor.column + by
        if not 0 <= column < len(shape.columns):
            self.say(f"#{card.id} is in the {_end(by)} column.")
            return
        position = place_beside(self.view.model, column) + 1
        self._move(card.id, self.view.model.cell(cursor.swimlane, column), position)

    def action_shift(self, by: int) -> None:
        """Move the task up or down within its cell."""
        shape, card, cell = self.view.model.board, self._chosen(), self.view.cell
        position = self.view.model.cursor.index + 1 + by
        if shape is None or card is None or cell is None:
            return
        if not 1 <= position <= shape.counts.get(cell, 0):
            self.say(f"#{card.id} is the {_end(by)} of its cell.")
            return
        self._move(card.id, cell, position)

    def action_cross(self, by: int) -> None:
        """Move the task to the next swimlane, at the end of the same column."""
        shape, card, cursor = self.view.model.board, self._chosen(), self.view.model.cursor
        if shape is None or card is None:
            return
        swimlane = cursor.swimlane + by
        if 0 <= swimlane < len(shape.swimlanes):
            self._move(card.id, self.view.model.cell(swimlane, cursor.column), None)
        else:
            self.say(f"#{card.id} is in the {_end(by)} swimlane.")

    def _move(self, task_id: int, cell: Cell, position: int | None) -> None:
        """Move a task; the cursor follows it, also where it was scrolled out of sight."""
        card, self._moving = self.view.card, task_id
        try:
            self.attempt(
                lambda: self._show_move(
                    card,
                    self.app.undo_stack.move_task(
                        task_id, column_id=cell.column_id, swimlane_id=cell.swimlane_id, position=position
                    ),
                )
            )
        finally:
            self._moving = 0

    def _show_move(self, card: "Card | None", move: "Move | None") -> None:
        """Show what a move did from what is known of its task, and read the cells only where that is not enough."""
        if move is None:
            return
        is_known = card is not None and card.id == move.task.id and move.next_task_id is None
        if is_known and card and self.view.move(card._replace(rank=move.key.rank), move.source, move.target):
            self._show_count()
            return
        self._reload(dict.fromkeys((move.source.cell, move.target.cell)))
        self.view.seek(move.target)

    def on_board_view_task_dropped(self, message: BoardView.TaskDropped) -> None:
        """Move a task where it was dropped."""
        position, card = None if message.index is None else message.index + 1, self.view.card
        if position is not None and card is not None and card.id == message.task_id:
            own = self.view.model.cursor.index + 1  # the cursor stands on what is dragged
            if self.view.cell == message.cell and own < position:
                position -= 1  # what stood below the task moves up when it leaves
        self._move(message.task_id, message.cell, position)

    def action_close_task(self) -> None:
        """Close the task."""
        card = self._chosen()
        if card is not None and self.attempt(lambda: self.app.undo_stack.close_task(card.id)):
            self.say(f"Closed #{card.id}; u opens it again.")

    def action_duplicate_task(self) -> None:
        """Copy the task to the end of its cell."""
        card = self._chosen()
        if card is not None and self.attempt(lambda: self.app.undo_stack.duplicate_task(card.id)):
            self.say(f"Duplicated #{card.id}; the copy is the last of its cell.")

    def action_remove_task(self) -> None:
        """Remove the task; undo brings it back as long as the program runs."""
        card = self._chosen()
        if card is not None and self.attempt(lambda: self.app.undo_stack.remove_task(card.id)):
            self.say(f"Removed #{card.id}; u brings it back.")

    def action_undo(self) -> None:
        """Take back the last change, say what it was, and go to its task."""
        self.attempt(lambda: self._travel(self.app.undo_stack.undo(), "Undone"))

    def action_redo(self) -> None:
        """Make the last undone change again."""
        self.attempt(lambda: self._travel(self.app.undo_stack.redo(), "Redone"))

    def _travel(self, step: "Step", verb: str) -> None:
        self._go_to(step.task_id)
        self.say(f"{verb}: {step.what}.")

    # Other screens

    def on_board_view_task_chosen(self, message: BoardView.TaskChosen) -> None:
        """Edit a task that was double-clicked."""
        self._edit(message.task_id)

    def on_board_view_cell_chosen(self, message: BoardView.CellChosen) -> None:
        """Write a task for a free place that was double-clicked."""
        self._write(message.cell)

    def action_new_task(self) -> None:
        """Write a task for the cell under the cursor."""
        self._write(self.view.cell)

    def action_open_task(self) -> None:
        """Show everything on the task under the cursor."""
        card = self._chosen()
        if card is not None:
            self.attempt(lambda: self.app.show_task(card.id))

    def open_draft(self, draft: "DraftKey") -> None:
        """Go on with something that was typed and not saved."""
        noun, number, _ = draft
        if noun == "new":
            self._switch(number)
            self.action_new_task()
        elif noun == "task":
            self._edit(number)
        else:
            self.app.show_task(number, draft)

    def action_show_activity(self) -> None:
        """Show what has happened in the project."""
        self.app.show_activity(self.project_id)

    def action_edit_task(self) -> None:
        """Edit the task under the cursor."""
        card = self._chosen()
        if card is not None:
            self._edit(card.id)

    def _write(self, cell: Cell | None) -> None:
        from kbtui.tui.screens.task_form import TaskForm  # loaded when it is first needed

        if cell is not None:
            self.app.push_screen(TaskForm.for_new_task(self.project_id, cell), self._go_to)

    def _edit(self, task_id: int) -> None:
        from kbtui.tui.screens.task_form import TaskForm  # loaded when it is first needed

        self.attempt(lambda: self.app.push_screen(TaskForm.for_task(task_id), self._go_to))

    def _go_to(self, task_id: int | None) -> None:
        place = ranks.find_location(task_id) if task_id else None
        if place is not None and place.project_id == self.project_id:
            self.view.seek(place)

    def action_switch_project(self) -> None:
        """Choose the project whose board is shown."""
        from kbtui.tui.screens.projects import ProjectPicker  # loaded when it is first needed

        self.app.push_screen(ProjectPicker(self.project_id), self._switch)

    def _switch(self, project_id: int | None) -> None:
        if project_id is not None and project_id != self.project_id:
            self.attempt(lambda: self.show_project(project_id))


def _end(by: int) -> str:
    return "last" if by > 0 else "first"


def _cells(change: Change) -> Iterable[Cell]:
    """Return the cells in which a change shows."""
    for column_id, swimlane_id in (
        (change.column_id, change.swimlane_id),
        (change.src_column_id, change.src_swimlane_id),
    ):
        if column_id is not None and swimlane_id is not None:
            yield Cell(column_id, swimlane_id)

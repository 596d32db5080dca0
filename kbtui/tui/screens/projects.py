"""The list of projects: choose one, or add, rename, reorder and remove them."""

from collections.abc import Callable
from pathlib import PurePath
from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from kbtui.core.db.lookup import count_tasks
from kbtui.core.db.models import Project
from kbtui.core.events.feed import Change
from kbtui.core.projects import projects
from kbtui.core.views import board
from kbtui.errors import KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.screens.confirm import ConfirmScreen
from kbtui.tui.widgets.dialog import HELP, Dialog, KeyButton, Notice
from kbtui.tui.widgets.fields import Field, LineInput


class ProjectPicker(Guarded, ModalScreen[int | None]):
    """Choose a project; dismissed with its id, or None."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "projects.tcss"]
    AUTO_FOCUS = "OptionList"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open", id="project.open", tooltip="Show the project's board"),
        Binding("slash", "filter", "Filter", key_display="/", id="project.filter", tooltip="Type a part of the name"),
        Binding("n", "new", "New", id="project.new", tooltip="Create a project"),
        Binding("r", "rename", "Rename", id="project.rename", tooltip="Give the project another name"),
        Binding(
            "ctrl+o",
            "toggle_access",
            "Access",
            id="project.access",
            tooltip="Open it to all, or to members only",
        ),
        Binding("delete", "remove", "Remove", id="project.remove", tooltip="Remove a project without tasks"),
        Binding("shift+up", "reorder(-1)", "Up", id="project.up", tooltip="Put the project further up"),
        Binding("shift+down", "reorder(1)", "Down", id="project.down", tooltip="Put the project further down"),
        Binding("down", "step(1)", "Down", show=False, id="project.next", tooltip="The next project"),
        Binding("up", "step(-1)", "Up", show=False, id="project.previous", tooltip="The project before"),
        Binding("escape", "cancel", "Close", id="project.cancel", tooltip="Stay with the project that is shown"),
        HELP,
    ]

    app: "BoardApp"
    listed = getters.query_one(OptionList)
    words = getters.query_one("#filter", LineInput)
    notice = getters.query_one("#notice", Notice)

    def __init__(self, project_id: int) -> None:
        super().__init__()
        self.project_id = project_id
        self._shown: list[Project] = []

    def compose(self) -> ComposeResult:
        """Lay the filter above the list."""
        with Dialog("Projects"):
            yield Field("Filter", LineInput(id="filter", placeholder="type a part of the name"))
            yield OptionList(id="projects", markup=False, compact=True)
            yield Notice(id="notice")
            with Horizontal(classes="buttons"):
                yield KeyButton("Open", "project.open", "choose", variant="primary", id="open")
                yield KeyButton("New", "project.new", "new", id="new")
                yield KeyButton("Rename", "project.rename", "rename", id="rename")
                yield KeyButton("Remove", "project.remove", "remove", id="remove")

    def on_mount(self) -> None:
        """List the projects, and list them again when one changes."""
        self._list(self.project_id)
        self.app.follow(self, self._changed)

    def _changed(self, changes: list[Change]) -> None:
        if any(change.name == "project.change" or change.task_id is not None for change in changes):
            self._list(self._marked.id if self._marked else None)

    @on(Input.Changed, "#filter")
    def _filter(self) -> None:
        self._list(self._marked.id if self._marked else None)

    def _list(self, marked_id: int | None) -> None:
        """Show the projects whose names have all the words of the filter, and mark one."""
        words = self.words.value.casefold().split()
        there = projects.list_projects()
        self._shown = [each for each in there if all(word in each.name.casefold() for word in words)]
        self.listed.clear_options()
        self.listed.add_options([Option(self._line(project), id=str(project.id)) for project in self._shown])
        ids = [project.id for project in self._shown]
        self.listed.highlighted = ids.index(marked_id) if marked_id in ids else (0 if ids else None)
        if not there:
            self.notice.say("There is no project yet: n creates one.")
        elif not self._shown:
            self.notice.say("No project has this in its name.")
        else:
            self.notice.say("")

    def _line(self, project: Project) -> Content:
        tasks = count_tasks(sum(board.read_board(project.id).counts.values()))
        here = "● " if project.id == self.project_id else "  "
        access = "" if project.is_open else " · private" if project.is_private else " · members only"
        return Content.assemble(here, drawable(project.name), (f"  {tasks}{access}", "dim"))

    @property
    def _marked(self) -> Project | None:
        index = self.listed.highlighted
        return self._shown[index] if index is not None and index < len(self._shown) else None

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Filter by what is typed on the list, as long as it is no key of this screen."""
        if self.focused is not self.listed or event.character is None or not event.character.isprintable():
            return
        if event.character != " " and event.key not in self.active_bindings:
            self.action_filter()
            self.words.insert_text_at_cursor(event.character)
            event.stop()

    def action_filter(self) -> None:
        """Go to the filter, and all that is typed from now on with it."""
        self.set_focus(self.words)

    def action_step(self, by: int) -> None:
        """Mark another project while the filter is being typed."""
        if self._shown:
            index = self.listed.highlighted or 0
            self.listed.highlighted = min(max(index + by, 0), len(self._shown) - 1)

    @on(Input.Submitted, "#filter")
    @on(OptionList.OptionSelected)
    def action_choose(self) -> None:
        """Show the marked project's board."""
        if self._marked is not None:
            self.dismiss(self._marked.id)

    def action_cancel(self) -> None:
        """Empty the filter; when it is empty, close the list."""
        if self.words.value:
            self.words.value = ""
            self.listed.focus()
        else:
            self.dismiss(None)

    # Changes

    def action_new(self) -> None:
        """Create a project; it is shown at once."""
        screen = ProjectNameScreen("New project", self.words.value, "Create", projects.create_project)
        self.app.push_screen(screen, self._created)

    def _created(self, project_id: int | None) -> None:
        if project_id is not None:
            self.dismiss(project_id)

    def action_rename(self) -> None:
        """Give the marked project another name."""
        project = self._marked
        if project is not None:
            self.app.push_screen(
                ProjectNameScreen(
                    "Rename project",
                    project.name,
                    "Rename",
                    lambda name: int(projects.update_project(project.id, name=name)),
                )
            )

    def action_reorder(self, by: int) -> None:
        """Put the marked project further up or down."""
        project = self._marked
        if project is None:
            return
        if self.words.value:
            self.notice.say("Empty the filter (Esc) to reorder the projects.")
            return
        index = self._shown.index(project) + by
        if 0 <= index < len(self._shown):
            self._attempt(lambda: projects.move_project(project.id, self._shown[index].position))
            self._list(project.id)

    def action_toggle_access(self) -> None:
        """Open the marked project to all, or make it members only again, and say which it is now."""
        project = self._marked
        if project is None:
            return
        is_open = int(not project.is_open)
        if self._attempt(lambda: projects.update_project(project.id, is_open=is_open)):
            self._list(project.id)
            who = "everybody may see it" if is_open else "only its owner and its members may see it"
            self.notice.say(f"“{project.name}”: {who}.")

    def action_remove(self) -> None:
        """Remove the marked project, after asking."""
        project = self._marked
        if project is None:
            return
        question = ConfirmScreen(
            "Remove the project?",
            f"“{project.name}” goes with its columns, swimlanes, categories and tags. This cannot be undone.",
            yes="Remove",
        )

        def remove(confirmed: bool | None) -> None:
            if confirmed:
                self._attempt(lambda: projects.remove_project(project.id))

        self.app.push_screen(question, remove)

    def _attempt(self, change: Callable[[], object]) -> bool:
        """Make a change, or say why it cannot be made; return whether it was."""
        try:
            change()
        except KbtuiError as error:
            self.notice.say(str(error), bad=True)
            return False
        return True


class ProjectNameScreen(Guarded, ModalScreen[int | None]):
    """Ask for a project's name and do something with it; dismissed with what that returned."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "projects.tcss"]
    AUTO_FOCUS = "#name"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="form.save", tooltip="Take the name"),
        Binding("escape", "cancel", "Cancel", id="form.cancel", tooltip="Leave all as it is"),
        HELP,
    ]

    app: "BoardApp"

    def __init__(self, title: str, name: str, verb: str, save: Callable[[str], int]) -> None:
        super().__init__()
        self._title = title
        self._name_before = name
        self._verb = verb
        self._save = save

    def compose(self) -> ComposeResult:
        """Lay the name above its buttons."""
        with Dialog(self._title):
            yield Field(
                "Name", LineInput(self._name_before, id="name", placeholder="What is it about?"), id="field-name"
            )
            with Horizontal(classes="buttons"):
                yield KeyButton(self._verb, "form.save", "save", variant="primary", id="save")
                yield KeyButton("Cancel", "form.cancel", "cancel", id="cancel")

    @on(Input.Changed)
    def _edited(self) -> None:
        self.query_one(Field).complain("")

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Take the name, or say why it cannot be taken."""
        try:
            saved = self._save(self.query_one(LineInput).value)
        except KbtuiError as error:
            self.query_one(Field).complain(str(error))
            self.app.drop_behind()
        else:
            self.dismiss(saved)

    def action_cancel(self) -> None:
        """Leave all as it is."""
        self.dismiss(None)

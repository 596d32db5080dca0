"""The form of a task: write a new one, or edit one that is there."""

import time
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Select, TextArea

from kbtui.core.events.feed import Change
from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.tasks.ranks import Cell
from kbtui.core.tasks.tasks import TITLE_LIMIT, get_task
from kbtui.core.values.colors import COLORS
from kbtui.core.values.dates import EXAMPLES, due_state, format_due, parse_due
from kbtui.errors import InvalidError, KbtuiError, NotFoundError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.drafts import DraftKey, FormDraft, drafts
from kbtui.tui.key_order import dropped
from kbtui.tui.task_values import (
    LABELS,
    PLACE,
    Choices,
    FieldErrors,
    Merge,
    Values,
    new_values,
    parse_values,
    task_values,
)
from kbtui.tui.widgets.color_picker import ColorPicker
from kbtui.tui.widgets.dialog import HELP, Dialog, KeyButton, Notice
from kbtui.tui.widgets.fields import ChoiceList, Field, LineInput, NumberInput, TextEditor
from kbtui.tui.widgets.tag_suggester import TagSuggester

ANOTHER = {False: "☐ Create another", True: "☑ Create another"}
"""Whether the form stays open → how its button says so."""

SHAPES = frozenset({"column.change", "swimlane.change", "category.change", "tag.change", "user.change"})
"""Events after which other things can be chosen."""


class TaskForm(Guarded, ModalScreen[int | None]):
    """Edit the fields of a task; dismissed with the id of the task that was saved, None when none was."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "task_form.tcss"]
    AUTO_FOCUS = "#title"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (128, "-wide")]  # noqa: RUF012 - as Textual declares it

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="form.save", tooltip="Save the task"),
        Binding("ctrl+enter", "save", "Save", show=False, id="form.save_too", tooltip="Save the task"),
        Binding("ctrl+n", "toggle_another", "Create another", id="form.another", tooltip="Keep the form open"),
        Binding("ctrl+l", "start_afresh", "Start afresh", id="form.afresh", tooltip="Throw away what was typed"),
        Binding("escape", "cancel", "Cancel", id="form.cancel", tooltip="Leave; what was typed is kept as a draft"),
        HELP,
    ]

    app: "BoardApp"
    dialog = getters.query_one(Dialog)
    notice = getters.query_one("#notice", Notice)

    def __init__(self, project_id: int, values: Values, task_id: int | None) -> None:
        super().__init__()
        self.project_id = project_id
        self.task_id = task_id
        self._base = values
        """The values that count as untouched."""
        self._choices = Choices(project_id)
        self._created: int | None = None
        self._has_draft = False
        self._is_edited = False
        self._filled: dict[str, str | int] = {}
        """What was filled in, as long as the fields have not told of it."""
        self._another = False

    @classmethod
    def for_new_task(cls, project_id: int, cell: Cell) -> "TaskForm":
        """Return the form of a task that is to be created in a cell."""
        return cls(project_id, new_values(project_id, cell), None)

    @classmethod
    def for_task(cls, task_id: int) -> "TaskForm":
        """Return the form of an existing task. Raises NotFoundError."""
        task = get_task(task_id)
        return cls(task.project_id, task_values(task), task_id)

    # Laying out

    def compose(self) -> ComposeResult:
        """Lay the words on the left, the choices on the right, where there is room for both."""
        with Dialog("New task" if self.task_id is None else f"Task #{self.task_id}"):
            yield Notice(id="notice")
            with VerticalScroll(id="body", can_focus=False):
                with Vertical(id="words"):
                    yield self._field("title", LineInput(id="title", placeholder="What is to be done?"))
                    yield self._field("description", TextEditor(id="description"))
                    suggester = TagSuggester(self._choices.tags)
                    yield self._field("tags", LineInput(id="tags", placeholder="ui, backend", suggester=suggester))
                with Vertical(id="choices"):
                    for name in ("column_id", "swimlane_id", "owner_id", "category_id"):
                        value = self._base[name]
                        yield self._field(name, ChoiceList(self._choices.with_value(name, value), value, id=name))
                    yield self._field("color_id", ColorPicker(str(self._base["color_id"]), id="color_id"))
                    with Horizontal(id="numbers"):
                        yield self._field("priority", NumberInput(id="priority"))
                        yield self._field("score", NumberInput(id="score"))
                    yield self._field("date_due", LineInput(id="date_due", placeholder="2027-01-31, friday, +3d"))
            with Horizontal(classes="buttons"):
                yield KeyButton("Save", "form.save", "save", variant="primary", id="save")
                if self.task_id is None:
                    yield KeyButton(ANOTHER[False], "form.another", "toggle_another", id="another")
                yield KeyButton("Cancel", "form.cancel", "cancel", id="cancel")

    @staticmethod
    def _field(name: str, control: Widget) -> Field:
        return Field(LABELS[name], control, id=f"field-{name}")

    def on_mount(self) -> None:
        """Fill the fields, with the draft if there is one, and follow what others do to the task."""
        self._put(self._base)
        self._hint_tags()
        self._put_draft(drafts(self.app).get(self._draft_key))
        self.app.follow(self, self._changed)
        self.refresh_bindings()

    def _put_draft(self, draft: FormDraft | None) -> None:
        """Fill in what was typed the last time; where somebody has changed the same meanwhile, say so."""
        if draft is None:
            return
        self._has_draft = True
        self._put(draft.touched)
        self.notice.say("Here is your draft again; ctrl+l throws it away.")
        if self.task_id is not None:
            now, self._base = self._base, {**self._base, **draft.base}
            self.call_after_refresh(self._merge, now)  # after the fields have told that they were filled

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what this form has."""
        if action == "toggle_another":
            return self.task_id is None
        if action == "start_afresh":
            return self._has_draft or self._is_edited
        return True

    # The fields

    def field(self, name: str) -> Field:
        """Return the field of this name."""
        return self.query_one(f"#field-{name}", Field)

    def _read(self, name: str) -> str | int:
        control = self.field(name).control
        if isinstance(control, TextArea):
            return control.text
        if isinstance(control, ChoiceList):
            return control.chosen
        if isinstance(control, ColorPicker):
            return control.value
        assert isinstance(control, Input)  # noqa: S101 - there are no other controls
        return control.value

    def values(self) -> Values:
        """Return what all fields hold now."""
        return {name: self._read(name) for name in LABELS}

    def _put(self, values: Mapping[str, str | int]) -> None:
        self._filled.update(values)
        for name, value in values.items():
            control = self.field(name).control
            if isinstance(control, TextArea):
                if control.text != value:
                    control.load_text(str(value))
            elif isinstance(control, ChoiceList):
                control.set_choices(self._choices.with_value(name, value), value)
            elif isinstance(control, ColorPicker):
                control.value = str(value)
            elif isinstance(control, Input):
                control.value = str(value)
                control.cursor_position = len(control.value)

    @property
    def _draft_key(self) -> DraftKey:
        return ("new", self.project_id, "") if self.task_id is None else ("task", self.task_id, "")

    @property
    def is_touched(self) -> bool:
        """Return whether there is something to lose."""
        return bool(self._touched())

    def _touched(self) -> Values:
        """Return what the person has changed."""
        return {name: value for name, value in self.values().items() if value != self._base[name]}

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Select.Changed)
    @on(ColorPicker.Changed)
    def _edited(self, event: Input.Changed | TextArea.Changed | Select.Changed | ColorPicker.Changed) -> None:
        """Forget the complaint about a field that is edited, and say how its value is understood."""
        control = event._sender
        if not isinstance(control, Widget) or control.id not in LABELS:
            return
        if self._is_edited != self.is_touched:
            self._is_edited = not self._is_edited
            self.refresh_bindings()
        field = self.field(control.id)
        # What is filled in twice, as with a draft, is told twice, the second time perhaps after what was said of it.
        if self._filled.get(control.id) != self._read(control.id):
            self._filled.pop(control.id, None)
            field.complain("")
        if control.id == "date_due":
            self._understand_due(field)
        elif control.id == "title":
            over = len(str(self._read("title")).strip()) - TITLE_LIMIT
            if over > 0:
                field.complain(f"{over} characters too many; {TITLE_LIMIT} fit.")

    def _understand_due(self, field: Field) -> None:
        text = str(self._read("date_due"))
        now = time.time()
        try:
            due = parse_due(text, now)
        except InvalidError:
            # Half a date is no mistake yet: what is wrong is said when the field is left or saved.
            field.show_hint(f"… {EXAMPLES}")
            return
        weekday = time.strftime("%a", time.localtime(due))
        late = ", already past" if due_state(due, now) == "overdue" else ""
        field.show_hint(f"→ {weekday} {format_due(due, now)}{late}" if due else "")

    def on_descendant_blur(self) -> None:
        """Say what is wrong with a due date that was left."""
        text = str(self._read("date_due"))
        try:
            parse_due(text, time.time())
        except InvalidError as error:
            self.field("date_due").complain(str(error))

    def _hint_tags(self) -> None:
        known = ", ".join(self._choices.tags[:8])
        self.field("tags").show_hint(f"known: {known}" + (" …" if len(self._choices.tags) > 8 else "") if known else "")

    # Saving

    def on_input_submitted(self) -> None:
        """Save on Enter in any field of one line."""
        self.action_save()

    def action_save(self) -> None:
        """Save what was changed; on a failure all that was typed stays, and what to do is said."""
        for name in LABELS:
            self.field(name).complain("")
        try:
            if self.task_id is None:
                self._create()
            elif not self._take_over(get_task(self.task_id)):
                self._update(self.task_id)
        except FieldErrors as error:
            self._complain(error.complaints)
            self.app.drop_keys(self._say_dropped)
        except KbtuiError as error:
            self.notice.say(f"{error} Nothing you typed is lost; save again when that is mended.", bad=True)
            self.app.drop_keys(self._say_dropped)

    def _say_dropped(self, keys: str) -> None:
        self.notice.say(f"{self.notice.text} {dropped(keys)}", bad=True)

    def _complain(self, complaints: dict[str, str]) -> None:
        for name, complaint in complaints.items():
            self.field(name).complain(complaint)
        first = self.field(next(name for name in LABELS if name in complaints)).control
        first.focus()
        count = len(complaints)
        where = "the field that is marked" if count == 1 else f"the {count} fields that are marked"
        self.notice.say(f"Not saved: see {where}.", bad=True)

    def _create(self) -> None:
        fields = dict(parse_values(self.values()))
        title = str(fields.pop("title"))
        task_id = self.app.undo_stack.create_task(self.project_id, title, **fields)  # type: ignore[arg-type]
        drafts(self.app).pop(self._draft_key, None)
        self._has_draft = False
        self._created = task_id
        if not self._another:
            self.dismiss(task_id)
            return
        self._put({"title": "", "description": ""})
        self._base = self.values()
        self.refresh_bindings()
        self.notice.say(f"Created #{task_id}. Now the next one.")
        self.query_one("#title").focus()

    def _update(self, task_id: int) -> None:
        touched = self._touched()
        changes = parse_values(touched)
        place: dict[str, Any] = {name: dict(changes).pop(name) for name in PLACE if name in touched}
        words: dict[str, Any] = {name: value for name, value in changes.items() if name not in PLACE}
        drafts(self.app).pop(self._draft_key, None)
        saved = None
        if words:
            saved = task_id if self.app.undo_stack.update_task(task_id, **words) else None
        if place:
            saved = task_id if self.app.undo_stack.move_task(task_id, **place) else saved
        self.dismiss(saved)

    # What others do meanwhile

    def _changed(self, changes: list[Change]) -> None:
        """Take over what others changed, unless the person has touched it."""
        if any(change.name in SHAPES for change in changes):
            self._choices = Choices(self.project_id)
            self._put({name: self._read(name) for name in self._choices.lists})
            self._hint_tags()
        if self.task_id is not None and any(change.task_id == self.task_id for change in changes):
            try:
                self._take_over(get_task(self.task_id))
            except NotFoundError:
                self.notice.say(f"Task #{self.task_id} was removed meanwhile; copy what you need of it.", bad=True)

    def _take_over(self, task: TaskSnapshot) -> bool:
        """Show the task as it is now, and tell whether another value than the person's was found in a touched field."""
        if task.project_id != self.project_id:
            self.project_id = task.project_id
            self._choices = Choices(self.project_id)
        return self._merge(task_values(task))

    def _merge(self, theirs: Values) -> bool:
        merge = Merge(self._base, theirs, self.values())
        self._base = theirs
        self._put(merge.adopted)
        for name in merge.adopted:
            self.field(name).show_hint("changed meanwhile by somebody else")
        for name, value in merge.conflicts.items():
            shown = self._in_words(name, value)
            self.field(name).complain(f"changed meanwhile to “{shown}”; saving replaces that by yours.")
        names = ", ".join(LABELS[name] for name in (*merge.conflicts, *merge.adopted))
        if names:
            self.notice.say(f"Changed meanwhile by somebody else: {names}.")
        return bool(merge.conflicts)

    def _in_words(self, name: str, value: str | int) -> str:
        if name in self._choices.lists:
            return next(shown for shown, known in self._choices.with_value(name, value) if known == value)
        if name == "color_id":
            return COLORS[str(value)].name if value in COLORS else str(value)
        text = str(value) or "nothing"
        return text if len(text) <= 60 else f"{text[:59]}…"

    # Leaving

    def action_toggle_another(self) -> None:
        """Choose whether the form stays open for another task."""
        self._another = not self._another
        self.query_one("#another", KeyButton).show_text(ANOTHER[self._another])

    def action_start_afresh(self) -> None:
        """Throw away what was typed, also the last time."""
        drafts(self.app).pop(self._draft_key, None)
        self._has_draft = False
        self._put(self._base)
        self.notice.say("")
        self.refresh_bindings()
        self.query_one("#title").focus()

    def keep_drafts(self) -> None:
        """Keep what was typed as a draft."""
        touched = self._touched()
        if self.task_id is None:
            touched = {name: value for name, value in touched.items() if name not in PLACE}
        drafts(self.app).pop(self._draft_key, None)
        if touched:
            drafts(self.app)[self._draft_key] = FormDraft(touched, {name: self._base[name] for name in touched})

    def action_cancel(self) -> None:
        """Leave; what was typed is kept as a draft."""
        self.keep_drafts()
        if self._draft_key in drafts(self.app):
            key = "n" if self.task_id is None else "e"
            self.app.call_later(self.app.say, f"Kept as a draft; {key} brings it back.")
        self.dismiss(self._created)

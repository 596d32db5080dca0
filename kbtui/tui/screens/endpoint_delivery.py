"""How an endpoint is sent to: the second page of its form."""

from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Select, TextArea

from kbtui.core.db.models import Endpoint
from kbtui.errors import InvalidError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.widgets.dialog import KeyButton
from kbtui.tui.widgets.fields import Choice, ChoiceList, Field, LineInput, NumberInput, TextEditor
from kbtui.tui.widgets.path_suggester import PathSuggester
from kbtui.tui.words import stamp
from kbtui.webhooks import endpoints, headers, signatures
from kbtui.webhooks.policy import SCHEDULE, parse_schedule

ORDER: list[Choice] = [("in order: a task's event waits for the one before it", 1), ("as they come, in any order", 0)]
PROXY: list[Choice] = [("none, straight to the receiver", 0), ("the one that the environment names", 1)]

TYPED = ("deadline", "schedule", "concurrency", "ca_file")
"""The fields that are a line of text."""

UNSIGNED = "No secret: what is sent is not signed. New makes one."
SIGNED = "Signs what is sent (Standard Webhooks). Receivers need it to verify that."
CHANGED = "Saved with the form; the secret before it signs as well for 24 hours."


class DeliverySettings(Guarded, VerticalScroll, can_focus=False):
    """Edit deadline, schedule, order, secret, headers, CA file, concurrency and proxy of an endpoint."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "reveal", "Show", id="secret.show", tooltip="Show secret and headers, or hide them again"),
        Binding("ctrl+g", "copy", "Copy", id="secret.copy", tooltip="Copy the secret to the clipboard"),
        Binding("ctrl+r", "renew", "New secret", id="secret.new", tooltip="Make a new secret; saving puts it to use"),
    ]

    app: "BoardApp"
    secret = getters.query_one("#secret", LineInput)
    editor = getters.query_one("#headers", TextEditor)

    def __init__(self, endpoint: Endpoint, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Edit an endpoint that is there, or the usual settings of one that is still to be added."""
        super().__init__(id=id)
        self._revealed = False
        self._known = headers.read(endpoint.headers)
        self._old_secret_until = endpoint.old_secret_until
        self.base: dict[str, Any] = {
            "deadline": f"{endpoint.deadline:g}",
            "schedule": endpoint.schedule,
            "is_ordered": endpoint.is_ordered,
            "concurrency": str(endpoint.concurrency),
            "secret": endpoint.secret,
            "headers": dict(self._known),
            "ca_file": endpoint.ca_file,
            "use_proxy": endpoint.use_proxy,
        }

    def compose(self) -> ComposeResult:
        """Lay the fields one below the other."""
        base = self.base
        yield Field("Deadline", NumberInput(base["deadline"], id="deadline"), id="field-deadline")
        usual = LineInput(base["schedule"], id="schedule", placeholder="the usual; or 0, 5s, 5m, 2h")
        yield Field("Schedule", usual, id="field-schedule")
        yield Field("Order", ChoiceList(ORDER, base["is_ordered"], id="is_ordered"), id="field-is_ordered")
        yield Field("At once", NumberInput(base["concurrency"], id="concurrency"), id="field-concurrency")
        secret = LineInput(base["secret"], password=True, id="secret", placeholder="none")
        yield Field("Secret", secret, id="field-secret")
        with Horizontal(classes="buttons", id="secret-buttons"):
            yield KeyButton("Show", "secret.show", "reveal", id="secret-show")
            yield KeyButton("Copy", "secret.copy", "copy", id="secret-copy")
            yield KeyButton("New", "secret.new", "renew", id="secret-new")
        editor = TextEditor(headers.write(self._known), placeholder="X-Team: blue", id="headers")
        yield Field("Headers", editor, id="field-headers")
        ca_file = LineInput(
            base["ca_file"], id="ca_file", placeholder="the usual authorities", suggester=PathSuggester()
        )
        yield Field("CA file", ca_file, id="field-ca_file")
        yield Field("Proxy", ChoiceList(PROXY, base["use_proxy"], id="use_proxy"), id="field-use_proxy")

    def on_mount(self) -> None:
        """Say of each field what it means."""
        for name in (*TYPED, "secret", "headers"):
            self._explain(name)

    def field(self, name: str) -> Field:
        """Return the field of this name."""
        return self.query_one(f"#field-{name}", Field)

    def values(self) -> dict[str, Any]:
        """Return what all fields hold now; headers that cannot be read as they were typed."""
        values: dict[str, Any] = {name: self.query_one(f"#{name}", LineInput).value for name in (*TYPED, "secret")}
        for name in ("is_ordered", "use_proxy"):
            values[name] = self.query_one(f"#{name}", ChoiceList).chosen
        try:
            values["headers"] = headers.parse(self.editor.text, self._known)
        except InvalidError:
            values["headers"] = self.editor.text
        return values

    def check(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return what differs from before as it is saved, and what is wrong with which field."""
        changed: dict[str, Any] = {}
        complaints: dict[str, str] = {}
        for name, value in self.values().items():
            if value != self.base[name]:
                try:
                    changed[name] = self._read(name, value)
                except InvalidError as error:
                    complaints[name] = str(error)
        return changed, complaints

    def _read(self, name: str, value: Any) -> Any:
        """Return the value of a field as the endpoint takes it; raise InvalidError."""
        if name == "secret":
            return signatures.check_secret(value) if value.strip() else ""
        if name == "headers":
            value = headers.parse(self.editor.text, self._known)
        if name in ("deadline", "concurrency"):
            try:
                value = float(value) if name == "deadline" else int(value)
            except ValueError as error:
                raise InvalidError("Write a number.") from error
        endpoints.check_field(name, value)
        return value

    # While it is being typed

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Select.Changed)
    def _edited(self, event: Input.Changed | TextArea.Changed | Select.Changed) -> None:
        event.stop()
        name = event.control.id
        if name is not None:
            self.field(name).complain("")
            self._explain(name)

    def _explain(self, name: str) -> None:
        """Say what a value means, or what is wrong with it."""
        field = self.field(name)
        try:
            value = self._read(name, self.values()[name])
        except InvalidError as error:
            field.complain(str(error))
        else:
            field.show_hint(self._hint(name, value))

    def _hint(self, name: str, value: Any) -> str:
        match name:
            case "deadline":
                return "seconds for one attempt, 1 to 30"
            case "schedule":
                steps = parse_schedule(value) or SCHEDULE
                count = "1 attempt" if len(steps) == 1 else f"{len(steps)} attempts within {sum(steps) / 3600:,.1f} h"
                return f"{count}, then the event is given up"
            case "concurrency":
                return "requests open at the same time, 1 to 32"
            case "secret":
                return self._about_secret(value)
            case "headers":
                return f"{len(value)} sent with each event" if value else "One a line; sent with each event."
        return ""

    def _about_secret(self, secret: str) -> str:
        if secret != self.base["secret"]:
            return CHANGED if secret and self.base["secret"] else "Saved with the form."
        until = stamp(self._old_secret_until, self._old_secret_until)
        old = f" The secret before it signs as well until {until}." if until else ""
        return f"{SIGNED}{old}" if secret else UNSIGNED

    # The secret

    def action_reveal(self) -> None:
        """Show the secret and the values of the headers, or hide them again."""
        self._revealed = not self._revealed
        self.secret.password = not self._revealed
        self.query_one("#secret-show", KeyButton).show_text("Hide" if self._revealed else "Show")
        try:
            self._known = headers.parse(self.editor.text, self._known)
        except InvalidError:
            return  # what is being typed stays as it is
        self.editor.text = headers.write(self._known, masked=not self._revealed)

    def action_copy(self) -> None:
        """Copy the secret; it need not be shown for that."""
        if not self.secret.value:
            self.field("secret").show_hint(UNSIGNED)
            return
        self.app.copy_to_clipboard(self.secret.value)
        self.field("secret").show_hint("Copied. If it cannot be pasted, the terminal refused: show it and copy it.")

    def action_renew(self) -> None:
        """Put a new secret in; it is used once the form is saved."""
        self.secret.value = signatures.new_secret()
        self.secret.cursor_position = 0

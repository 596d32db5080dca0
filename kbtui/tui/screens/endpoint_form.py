"""The form of a webhook endpoint: where to send, which events, in which format; and on a second page, how."""

from pathlib import PurePath
from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import ContentSwitcher, Input, Select

from kbtui.core.db.models import Endpoint
from kbtui.core.projects import projects
from kbtui.errors import InvalidError, KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.screens.confirm import ConfirmScreen
from kbtui.tui.screens.endpoint_delivery import DeliverySettings
from kbtui.tui.widgets.dialog import HELP, Dialog, KeyButton, Notice
from kbtui.tui.widgets.event_list import EventList, group_of
from kbtui.tui.widgets.fields import Choice, ChoiceList, Field, LineInput
from kbtui.webhooks import endpoints
from kbtui.webhooks.formats import FORMATS

ALL_PROJECTS = 0

PAGES = {"body": "Delivery…", "how": "Events…"}
"""The two pages, and what the button says that leads to the other one."""


class EndpointForm(Guarded, ModalScreen[int | None]):
    """Add an endpoint, or edit one; dismissed with its id when something was saved."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "endpoint_form.tcss"]
    AUTO_FOCUS = "#url"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]  # noqa: RUF012 - as Textual declares it

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="form.save", tooltip="Save the endpoint"),
        Binding("ctrl+enter", "save", "Save", show=False, id="form.save_too", tooltip="Save the endpoint"),
        Binding("ctrl+t", "turn", "Page", id="form.page", tooltip="How it is sent to: deadline, secret, headers, …"),
        Binding("escape", "cancel", "Cancel", id="form.cancel", tooltip="Leave the form"),
        HELP,
    ]

    app: "BoardApp"
    notice = getters.query_one("#notice", Notice)
    ticks = getters.query_one(EventList)
    pages = getters.query_one(ContentSwitcher)
    how = getters.query_one(DeliverySettings)

    def __init__(self, endpoint_id: int | None = None) -> None:
        """Edit an endpoint, or without an id add one. Raises NotFoundError."""
        super().__init__()
        self.endpoint_id = endpoint_id
        self._base: dict[str, Any] = {
            "url": "",
            "name": "",
            "payload_format": next(iter(FORMATS)),
            "events": "*",
            "project_id": ALL_PROJECTS,
        }
        self._endpoint = Endpoint() if endpoint_id is None else endpoints.get_endpoint(endpoint_id)
        if endpoint_id is not None:
            endpoint = self._endpoint
            self._base = {
                "url": endpoint.url,
                "name": endpoint.name,
                "payload_format": endpoint.format,
                "events": ", ".join(endpoint.events.split(",")),
                "project_id": endpoint.project_id or ALL_PROJECTS,
            }

    def compose(self) -> ComposeResult:
        """Lay the fields above the events."""
        base = self._base
        with Dialog("New webhook endpoint" if self.endpoint_id is None else f"Webhook endpoint {base['name']}"):
            yield Notice(id="notice")
            with ContentSwitcher(initial="body"):
                with VerticalScroll(id="body", can_focus=False):
                    yield from self._first_page(base)
                yield DeliverySettings(self._endpoint, id="how")
            with Horizontal(classes="buttons", id="form-buttons"):
                yield KeyButton("Save", "form.save", "save", variant="primary", id="save")
                yield KeyButton(PAGES["body"], "form.page", "turn", id="turn")
                yield KeyButton("Cancel", "form.cancel", "cancel", id="cancel")

    def _first_page(self, base: dict[str, Any]) -> ComposeResult:
        """Lay out where events go, and which."""
        formats: list[Choice] = [(name, name) for name in FORMATS]
        url = LineInput(base["url"], id="url", placeholder="https://example.com/hook")
        yield Field("URL", url, hint="The token is added to it: ?token=…", id="field-url")
        name = LineInput(base["name"], id="name", placeholder="the host, if empty")
        yield Field("Name", name, id="field-name")
        choice = ChoiceList(formats, base["payload_format"], id="payload_format")
        yield Field("Format", choice, id="field-payload_format")
        choice = ChoiceList(self._projects(), base["project_id"], id="project_id")
        yield Field("Project", choice, id="field-project_id")
        events = LineInput(base["events"], id="events", placeholder="task.move.*, comment.*")
        yield Field("Events", events, id="field-events")
        yield Field("", EventList(endpoints.ANNOUNCED, id="ticks"), id="field-ticks")

    def _projects(self) -> list[Choice]:
        known: list[Choice] = [(project.name, project.id) for project in projects.list_projects(with_inactive=True)]
        if all(value != self._base["project_id"] for _, value in known) and self._base["project_id"]:
            known.append((f"#{self._base['project_id']} (removed)", self._base["project_id"]))
        return [("All projects", ALL_PROJECTS), *known]

    def on_mount(self) -> None:
        """Tick the chosen events."""
        self._show_events(str(self._base["events"]))

    def field(self, name: str) -> Field:
        """Return the field of this name."""
        return self.query_one(f"#field-{name}", Field)

    def values(self) -> dict[str, Any]:
        """Return what the fields of the first page hold now."""
        return {
            "url": self.query_one("#url", LineInput).value,
            "name": self.query_one("#name", LineInput).value,
            "payload_format": self.query_one("#payload_format", ChoiceList).chosen,
            "events": self.query_one("#events", LineInput).value,
            "project_id": self.query_one("#project_id", ChoiceList).chosen,
        }

    # While it is being typed

    @on(Input.Changed, "#url")
    def _check_url(self, event: Input.Changed) -> None:
        """Say at once whether something can be sent to the URL."""
        field = self.field("url")
        field.complain("")
        try:
            kept = endpoints.check_url(event.value)
        except InvalidError as error:
            field.show_hint(str(error) if event.value else "The token is added to it: ?token=…")
            field.set_class(bool(event.value), "-bad")
        else:
            field.show_hint(f"✓ {kept}")

    @on(Input.Changed, "#events")
    def _check_events(self, event: Input.Changed) -> None:
        self._show_events(event.value)

    @on(Input.Changed, "#name")
    @on(Select.Changed)
    def _edited(self, event: Input.Changed | Select.Changed) -> None:
        if event.control.id is not None:
            self.field(event.control.id).complain("")

    def _show_events(self, patterns: str) -> None:
        field = self.field("events")
        field.complain("")
        self.ticks.show_patterns(patterns)
        try:
            endpoints.check_events(patterns)
        except InvalidError as error:
            field.complain(str(error).partition(" There are:")[0])
        else:
            count, there = len(group_of(endpoints.ANNOUNCED, patterns)), len(endpoints.ANNOUNCED)
            field.show_hint("all events" if count == there else f"{count} of {there} events")

    def on_event_list_ticked(self, message: EventList.Ticked) -> None:
        """Write what was ticked as patterns."""
        self.query_one("#events", LineInput).value = message.patterns

    # Saving and leaving

    def action_turn(self) -> None:
        """Show the other page."""
        self._show_page("how" if self.pages.current == "body" else "body")
        next(widget for widget in self.query(f"#{self.pages.current} *") if widget.focusable).focus()

    def _show_page(self, page: str) -> None:
        self.pages.current = page
        self.query_one("#turn", KeyButton).show_text(PAGES[page])

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Save, or say what is wrong with which field."""
        values = self.values()
        delivery, wrong = self.how.check()
        complaints = {}
        for name, check in (("url", endpoints.check_url), ("events", endpoints.check_events)):
            try:
                check(values[name])
            except InvalidError as error:
                complaints[name] = str(error)
        if complaints or wrong:
            self._complain({**complaints, **wrong})
            return
        try:
            self.dismiss(self._save(values, delivery))
        except KbtuiError as error:
            self.notice.say(str(error), bad=True)
            self.app.drop_behind()

    def _complain(self, complaints: dict[str, str]) -> None:
        """Say beside each field what is wrong with it, and go to the first one."""
        for name, complaint in complaints.items():
            self.field(name).complain(complaint)
        control = self.field(next(iter(complaints))).control
        self._show_page("how" if self.how in control.ancestors else "body")
        control.focus()
        self.app.drop_behind()

    def _save(self, values: dict[str, Any], delivery: dict[str, Any]) -> int | None:
        values["project_id"] = values["project_id"] or None
        if self.endpoint_id is not None:
            before = {**self._base, "project_id": self._base["project_id"] or None}
            values = {name: value for name, value in values.items() if value != before[name]}
        return endpoints.save_endpoint(self.endpoint_id, **values, **delivery)

    @property
    def is_touched(self) -> bool:
        """Return whether there is something to lose."""
        return self.values() != self._base or self.how.values() != self.how.base

    def action_cancel(self) -> None:
        """Leave; what was typed is thrown away only after asking."""
        if not self.is_touched:
            self.dismiss(None)
            return
        question = ConfirmScreen(
            "Discard what you typed?", "The endpoint has not been saved.", yes="Discard", no="Keep editing"
        )
        self.app.push_screen(question, self._leave)

    def _leave(self, confirmed: bool | None) -> None:
        if confirmed:
            self.dismiss(None)

"""Settings → Webhooks: the endpoints, and a test event with its answer."""

import time
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.worker import get_current_worker

from kbtui.errors import KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.screens.confirm import ConfirmScreen
from kbtui.tui.screens.endpoint_form import EndpointForm
from kbtui.tui.screens.settings_server import ServerLine
from kbtui.tui.widgets.dialog import KeyButton, Notice
from kbtui.tui.widgets.endpoint_list import EndpointList
from kbtui.tui.words import escaped
from kbtui.webhooks import endpoints
from kbtui.webhooks.health import health

if TYPE_CHECKING:
    from kbtui.webhooks.attempt import Outcome

REFRESH = 0.5
"""Seconds between two looks at how the endpoints are doing."""

ANSWER_LINES = 6
"""How many lines of an answer are shown."""


class WebhooksPane(Guarded, Vertical):
    """Add, edit, disable, test and remove endpoints."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,n", "add", "Add", id="endpoint.add", tooltip="Add a webhook endpoint"),
        Binding("e", "edit", "Edit", id="endpoint.edit", tooltip="Edit the endpoint"),
        Binding("space", "switch", "On/off", id="endpoint.toggle", tooltip="Enable or disable the endpoint"),
        Binding("p", "pause", "Pause", id="endpoint.hold",
                tooltip="Send nothing to the endpoint for now, but keep its events; or go on"),
        Binding("t", "test", "Test", id="endpoint.test", tooltip="Send a test event now and show the answer"),
        Binding("delete", "remove", "Remove", id="endpoint.remove", tooltip="Remove the endpoint for good"),
        Binding("u", "accept", "Tasks by URL", id="endpoint.accept", tooltip="Accept tasks by URL, or no more"),
    ]  # fmt: skip

    app: "BoardApp"
    listed = getters.query_one(EndpointList)
    notice = getters.query_one("#endpoints-notice", Notice)
    answer = getters.query_one("#answer", Static)

    def __init__(self) -> None:
        super().__init__()
        self._test_began = 0.0
        self._tested = ""

    def compose(self) -> ComposeResult:
        """Lay the list above its buttons and the answer to a test, and what comes in by URL at the foot."""
        with VerticalScroll(can_focus=False):
            yield Static(
                "Every change on the board is sent to these addresses, in Kanboard's format.",
                classes="about",
                markup=False,
            )
            yield EndpointList(id="endpoints")
            yield Static("No webhook endpoint yet: a adds one.", id="no-endpoints", markup=False)
            with Horizontal(classes="buttons"):
                yield _button("Add", "endpoint.add", "add", "primary")
                yield _button("Edit", "endpoint.edit", "edit")
                yield _button("On/off", "endpoint.toggle", "switch")
                yield _button("Pause", "endpoint.hold", "pause")
                yield _button("Test", "endpoint.test", "test")
                yield _button("Remove", "endpoint.remove", "remove")
            yield Notice(id="endpoints-notice")
            yield Static(id="answer", classes="-empty", markup=False)
        yield ServerLine()

    def on_mount(self) -> None:
        """Show the endpoints, and how they are doing as long as the screen is there."""
        self.read()
        self.set_interval(REFRESH, self.read)

    def read(self, marked_id: int | None = None) -> None:
        """Show the endpoints as they are now."""
        try:
            self.listed.read(marked_id)
        except KbtuiError as error:
            self.notice.say(str(error), bad=True)
        there = self.listed.option_count > 0
        self.listed.display = there
        self.query_one("#no-endpoints").display = not there
        if self._test_began:
            self.answer.update(_progress(self._tested, time.monotonic() - self._test_began))

    # Changes

    def action_add(self) -> None:
        """Add an endpoint."""
        self.app.push_screen(EndpointForm(), self._saved)

    @on(OptionList.OptionSelected)
    def action_edit(self) -> None:
        """Edit the marked endpoint."""
        if self.listed.marked_id is not None:
            try:
                self.app.push_screen(EndpointForm(self.listed.marked_id), self._saved)
            except KbtuiError as error:
                self.notice.say(str(error), bad=True)

    def _saved(self, endpoint_id: int | None) -> None:
        if endpoint_id is not None:
            self.read(endpoint_id)
            self.listed.focus()
            self.notice.say("Saved; it gets the events from now on. t sends a test.")

    def action_switch(self) -> None:
        """Enable the marked endpoint, or disable it."""
        endpoint_id = self.listed.marked_id
        if endpoint_id is None:
            return
        try:
            endpoint = endpoints.get_endpoint(endpoint_id)
            endpoints.set_enabled(endpoint_id, not endpoint.is_enabled)
        except KbtuiError as error:
            self.notice.say(str(error), bad=True)
        else:
            kept = "Disabled: what happens until it is enabled again is not kept for it."
            self.notice.say(kept if endpoint.is_enabled else "Enabled: it gets the events from now on.")
        self.read()

    def action_pause(self) -> None:
        """Send nothing to the marked endpoint until it is resumed, or resume it."""
        endpoint_id = self.listed.marked_id
        if endpoint_id is None:
            return
        try:
            if endpoints.get_endpoint(endpoint_id).is_paused:
                endpoints.resume(endpoint_id)
                self.notice.say("Resumed: what has been kept for it is sent now.")
            else:
                endpoints.pause(endpoint_id)
                self.notice.say("Paused: its events are kept until it is resumed.")
        except KbtuiError as error:
            self.notice.say(str(error), bad=True)
        if self.app.delivering is not None:
            self.app.delivering.wake()
        self.read()

    def action_accept(self) -> None:
        """Accept tasks by URL, or no more."""
        try:
            self.app.serving.switch(not self.app.serving.is_running)
            self.notice.say(self.app.serving.trouble, bad=True)
        except KbtuiError as error:
            self.notice.say(str(error), bad=True)
        self.query_one(ServerLine).show_state()

    def action_remove(self) -> None:
        """Remove the marked endpoint, after saying what goes with it."""
        endpoint_id = self.listed.marked_id
        found = health(endpoint_id) if endpoint_id is not None else None
        if found is None:
            return
        if found.waiting:
            count = "1 queued event" if found.waiting == 1 else f"{found.waiting_text} queued events"
            loss = f"{count} that it has not got yet will never be sent to it"
        else:
            loss = "nothing waits for it"
        question = ConfirmScreen(
            "Remove the webhook endpoint?",
            f"“{found.name}” ({found.origin}) goes with the record of its deliveries; {loss}. This cannot be undone.",
            yes="Remove",
        )

        def remove(confirmed: bool | None) -> None:
            if confirmed:
                self._remove(found.endpoint_id, found.name)

        self.app.push_screen(question, remove)

    def _remove(self, endpoint_id: int, name: str) -> None:
        try:
            endpoints.remove_endpoint(endpoint_id)
        except KbtuiError as error:
            self.notice.say(str(error), bad=True)
        else:
            self.notice.say(f"Removed {name}.")
        self.read()

    # A test

    def action_test(self) -> None:
        """Send a test event to the marked endpoint, and show what it answers."""
        endpoint_id = self.listed.marked_id
        found = health(endpoint_id) if endpoint_id is not None else None
        if found is None or self._test_began:
            return
        self._test_began, self._tested = time.monotonic(), found.name
        self.answer.remove_class("-empty", "-good", "-bad")
        self.answer.update(_progress(found.name, 0))
        self._send_test(found.endpoint_id)

    @work(thread=True, group="test")
    def _send_test(self, endpoint_id: int) -> None:
        from kbtui.webhooks.test_event import send_test  # loads the HTTP client, which takes longer than the screen

        shown: Outcome | str
        try:
            shown = send_test(endpoint_id)
        except KbtuiError as error:
            shown = str(error)
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._show_answer, shown)

    def _show_answer(self, outcome: "Outcome | str") -> None:
        self._test_began = 0.0
        if not self.is_attached:
            return
        delivered = not isinstance(outcome, str) and not outcome.error
        self.answer.set_class(delivered, "-good")
        self.answer.set_class(not delivered, "-bad")
        self.answer.update(_answer_lines(self._tested, outcome))
        self.answer.call_after_refresh(self.answer.scroll_visible, animate=False)


def _button(text: str, binding_id: str, action: str, variant: str = "default") -> KeyButton:
    return KeyButton(text, binding_id, action, variant=variant, id=f"endpoint-{action}")


def _progress(name: str, seconds: float) -> Content:
    return Content(f"… Sending a test event to {drawable(name)}: {seconds:.0f} s")


def _answer_lines(name: str, outcome: "Outcome | str") -> Content:
    """Return a test's answer: status and time, and the first lines with everything unprintable escaped."""
    if isinstance(outcome, str):
        return Content.assemble((f"✗ {drawable(outcome)}", "bold"))
    mark = "✗" if outcome.error else "✓"
    status = f"answered {outcome.status}" if outcome.status is not None else "gave no answer"
    lines = [Content.assemble((f"{mark} {drawable(name)} {status} in {outcome.ms:,.0f} ms", "bold"))]
    if outcome.error:
        lines.append(Content(drawable(outcome.detail)))
    body = outcome.answer.decode("utf-8", "backslashreplace").splitlines()
    lines += [Content.assemble((f"  {escaped(line)}", "dim")) for line in body[:ANSWER_LINES]]
    if len(body) > ANSWER_LINES:
        lines.append(Content.assemble((f"  … {len(body) - ANSWER_LINES} more lines", "dim")))
    return Content("\n").join(lines)

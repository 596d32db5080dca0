"""Deliveries: what was sent, what waits, what came back; and what can be done about it."""

import time
from collections.abc import Callable
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import get_current_worker

from kbtui.core.events.feed import Change, Feed
from kbtui.errors import KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.widgets.delivery_detail import describe
from kbtui.tui.widgets.delivery_table import DeliveryTable
from kbtui.tui.widgets.dialog import CloseMark
from kbtui.tui.widgets.key_bar import KeyBar
from kbtui.webhooks import deliveries, endpoints, redelivery
from kbtui.webhooks.deliveries import DeliveryRow, Filter
from kbtui.webhooks.health import all_health

REFRESH = 0.25
"""Seconds between two looks at what has changed."""

LOW = 30
"""Below so many lines the details take the place of the table instead of the lower half."""

STATES: tuple[str | None, ...] = (None, "ready", "sending", "blocked", "done", "dead")

SPANS = (("the last hour", 3600), ("the last day", 86400), ("the last week", 604800), ("ever", None))
"""Since when failed deliveries can be sent again."""


class DeliveriesScreen(Guarded, Screen[None]):
    """Every delivery, live."""

    CSS_PATH = "deliveries.tcss"
    AUTO_FOCUS = "DeliveryTable"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="deliveries.back", tooltip="Back to the board, or from the details"),
        Binding("r", "resend", "Resend", id="delivery.resend", tooltip="Send this delivery again, or now"),
        Binding("R", "resend_failed", "Resend failed", id="delivery.resend_failed",
                tooltip="Send again all that were given up since a time"),
        Binding("s", "skip", "Skip", id="delivery.skip", tooltip="Give it up, so that the next of its task can go"),
        Binding("f", "filter_state", "State", id="deliveries.state", tooltip="Show one state after the other"),
        Binding("e", "filter_endpoint", "Endpoint", id="deliveries.endpoint",
                tooltip="Show one endpoint after the other"),
        Binding("o", "filter_task", "Task", show=False, id="deliveries.task",
                tooltip="Only the deliveries of this task, or all again"),
        Binding("p", "pause", "Pause/resume", id="endpoint.pause",
                tooltip="Send nothing to this endpoint for now, but keep its events; or go on"),
        Binding("t", "test", "Test", id="endpoint.send_test", tooltip="Send this endpoint a test event"),
        Binding("c", "copy", "Copy curl", id="delivery.copy", tooltip="Copy a curl command with the token masked"),
    ]  # fmt: skip

    app: "BoardApp"
    table = getters.query_one(DeliveryTable)
    summary = getters.query_one("#summary", Static)
    detail = getters.query_one("#detail", Static)
    side = getters.query_one("#side", VerticalScroll)
    notice = getters.query_one("#said", Static)

    def __init__(self) -> None:
        super().__init__()
        self._only = Filter()
        self._feed = Feed()
        self._said_until = 0.0
        self._second = 0
        self._is_stale = False

    def compose(self) -> ComposeResult:
        """Lay the table above the details of the marked delivery."""
        with Horizontal(id="bar"):
            yield Static("Deliveries", id="name", markup=False)
            yield Static("", id="summary", markup=False)
            yield CloseMark()
        yield DeliveryTable(self._page)
        with VerticalScroll(id="side"):
            yield Static("", id="detail", markup=False)
        yield Static("", id="said", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the deliveries, and how they change as long as the screen is there."""
        self.set_class(self.app.size.height < LOW, "-low")
        self.read()
        self.app.follow(self, self._changed)
        self.set_interval(REFRESH, self._follow)

    def _changed(self, changes: list[Change]) -> None:
        # What this program changes itself is no commit of others.
        self._is_stale = True

    def on_screen_resume(self) -> None:
        """Show what was changed on the screen that lay above."""
        if self.is_mounted:
            self.read()

    def on_resize(self) -> None:
        """Show the details below the table where there is room."""
        self.set_class(self.app.size.height < LOW, "-low")

    def _follow(self) -> None:
        if self._said_until and time.monotonic() > self._said_until:
            self._said_until = 0.0
            self.notice.update("")
        try:
            if self._feed.others_committed():
                self._is_stale = True
            if self._is_stale:
                self.read()
            else:
                self._summarise()
        except KbtuiError as error:
            self._say(str(error))
        second = int(time.monotonic())
        if second != self._second:
            self._second = second
            self.table.refresh()  # what is tried in a while is tried in less by now

    def _page(self, offset: int, limit: int) -> list[DeliveryRow]:
        try:
            return deliveries.list_deliveries(only=self._only, offset=offset, limit=limit)
        except KbtuiError as error:
            self._say(str(error))
            return []

    def read(self) -> None:
        """Read all again; the cursor stays on its delivery."""
        row = self.table.row
        try:
            count = deliveries.count_deliveries(self._only)
            cursor = deliveries.count_newer(row.id, self._only) if row is not None else None
        except KbtuiError as error:
            self._is_stale = True
            self._say(str(error))
            return
        self._is_stale = False
        self._feed.mark_read()
        empty = "Nothing has been sent yet." if self._only == Filter() else "There is no such delivery."
        self.table.show(count, cursor, empty=empty)
        self._summarise()
        self._show_detail(self.table.row)

    def _summarise(self) -> None:
        """Say what is shown, and how the endpoints are doing."""
        words = []
        if self._only.state:
            words.append(f"only {self._only.state}")
        if self._only.task_id is not None:
            words.append(f"only #{self._only.task_id}")
        for health in all_health():
            if self._only.endpoint_id in (None, health.endpoint_id):
                waiting = f", {health.waiting_text} waiting" if health.waiting else ""
                latency = f" {health.last_ms:,.0f} ms" if health.last_ms is not None else ""
                words.append(f"{drawable(health.name)} {health.state}{latency}{waiting}")
        self.summary.update(" · ".join(words))

    # The details

    def on_delivery_table_marked(self, message: DeliveryTable.Marked) -> None:
        """Show the delivery under the cursor in full."""
        self._show_detail(message.delivery)

    def on_delivery_table_chosen(self, message: DeliveryTable.Chosen) -> None:
        """Give the keys to the details, to scroll them."""
        self.add_class("-reading")
        self.side.focus()

    def _show_detail(self, row: DeliveryRow | None) -> None:
        try:
            self.detail.update(describe(row) if row is not None else "")
        except KbtuiError as error:
            self.detail.update(str(error))

    def action_back(self) -> None:
        """Go back from the details to the table, or from here to the board."""
        if self.side.has_focus or self.has_class("-reading"):
            self.remove_class("-reading")
            self.table.focus()
        else:
            self.dismiss()

    def action_cancel(self) -> None:
        """Close the screen."""
        self.dismiss()

    # What can be done

    def _say(self, text: str) -> None:
        if not self.is_attached:
            return
        self.notice.update(drawable(text))
        self._said_until = time.monotonic() + 6

    def _attempt(self, action: Callable[[DeliveryRow], str]) -> None:
        """Do something with the marked delivery, and say what was done or why not."""
        row = self.table.row
        if row is None:
            return
        try:
            self._say(action(row))
        except KbtuiError as error:
            self._say(str(error))
        self._wake()
        self.read()

    def _wake(self) -> None:
        if self.app.delivering is not None:
            self.app.delivering.wake()

    def action_resend(self) -> None:
        """Send the marked delivery again, under its id and with its bytes."""

        def resend(row: DeliveryRow) -> str:
            redelivery.resend(row.id)
            held = redelivery.held([row.id])
            return f"Delivery {row.id} waits to be sent again. {held}" if held else f"Delivery {row.id} is sent again."

        self._attempt(resend)

    def action_skip(self) -> None:
        """Give the marked delivery up."""

        def skip(row: DeliveryRow) -> str:
            redelivery.skip(row.id)
            return f"Delivery {row.id} is given up; r sends it after all."

        self._attempt(skip)

    def action_resend_failed(self) -> None:
        """Ask since when, and send again all that were given up since then."""
        from kbtui.tui.screens.choice import ChoiceScreen  # loaded when it is first needed

        names = [name for name, _ in SPANS]
        self.app.push_screen(ChoiceScreen("Resend all that failed in", names), self._resend_since)

    def _resend_since(self, choice: int | None) -> None:
        if choice is None:
            return
        span = SPANS[choice][1]
        since = 0.0 if span is None else time.time() - span
        try:
            count = redelivery.resend_failed(since, endpoint_id=self._only.endpoint_id)
        except KbtuiError as error:
            self._say(str(error))
            return
        self._say(f"{count:,} {'delivery is' if count == 1 else 'deliveries are'} sent again.")
        self._wake()
        self.read()

    def _endpoint(self) -> tuple[int, str] | None:
        """Return the endpoint of the marked delivery, else the one that is filtered by, else the only one there is."""
        row = self.table.row
        if row is not None:
            return row.endpoint_id, row.endpoint
        there = [each for each in endpoints.list_endpoints() if self._only.endpoint_id in (None, each.id)]
        if len(there) == 1:
            return there[0].id, there[0].name
        self._say("Choose a delivery of the endpoint that is meant." if there else "There is no endpoint yet.")
        return None

    def action_pause(self) -> None:
        """Pause the endpoint of the marked delivery, or resume it."""
        try:
            meant = self._endpoint()
            if meant is None:
                return
            endpoint_id, name = meant
            if endpoints.get_endpoint(endpoint_id).is_paused:
                endpoints.resume(endpoint_id)
                self._say(f"{name} goes on.")
            else:
                endpoints.pause(endpoint_id)
                self._say(f"{name} is paused; its events are kept.")
        except KbtuiError as error:
            self._say(str(error))
        self._wake()
        self.read()

    def action_copy(self) -> None:
        """Copy a curl command that sends the same by hand."""

        def copy(row: DeliveryRow) -> str:
            self.app.copy_to_clipboard(deliveries.curl(row.id))
            return "Copied as curl, with the token masked."

        self._attempt(copy)

    def action_test(self) -> None:
        """Send the endpoint of the marked delivery, or the only one there is, a test event."""
        try:
            meant = self._endpoint()
        except KbtuiError as error:
            self._say(str(error))
            return
        if meant is None:
            return
        endpoint_id, name = meant
        self._say(f"Sending a test event to {name} …")
        self._said_until = time.monotonic() + 60
        self.run_worker(lambda: self._send_test(endpoint_id, name), thread=True, group="test", exclusive=True)

    def _send_test(self, endpoint_id: int, name: str) -> None:
        from kbtui.webhooks.test_event import send_test  # brings httpx

        try:
            outcome = send_test(endpoint_id)
        except KbtuiError as error:
            words = str(error)
        else:
            answered = f"answered {outcome.status}" if outcome.status else "gave no answer"
            words = f"{name} {answered} in {outcome.ms:,.0f} ms. {outcome.detail}".strip()
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._say, words)

    # Which are shown

    def _show_only(self, only: Filter) -> None:
        self._only = only
        self.read()

    def action_filter_state(self) -> None:
        """Show the next state."""
        state = STATES[(STATES.index(self._only.state) + 1) % len(STATES)]
        self._show_only(Filter(state, self._only.endpoint_id, self._only.task_id))

    def action_filter_endpoint(self) -> None:
        """Show the next endpoint."""
        try:
            ids: list[int | None] = [None, *(endpoint.id for endpoint in endpoints.list_endpoints())]
        except KbtuiError as error:
            self._say(str(error))
            return
        number = ids.index(self._only.endpoint_id) if self._only.endpoint_id in ids else 0
        self._show_only(Filter(self._only.state, ids[(number + 1) % len(ids)], self._only.task_id))

    def action_filter_task(self) -> None:
        """Show the marked delivery's task only, or all tasks again."""
        row = self.table.row
        task_id = row.task_id if self._only.task_id is None and row is not None else None
        self._show_only(Filter(self._only.state, self._only.endpoint_id, task_id))

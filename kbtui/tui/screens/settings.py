"""The settings: webhook endpoints, the token that receivers check, and the person's own keys and look."""

from pathlib import PurePath
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Static, TabbedContent, TabPane, Tabs

from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.screens.settings_look import LookPane
from kbtui.tui.screens.settings_server import ServerPane
from kbtui.tui.screens.settings_token import TokenPane
from kbtui.tui.screens.settings_webhooks import WebhooksPane
from kbtui.tui.widgets.dialog import CloseMark, DialogKeys

PANES = ("webhooks", "token", "look", "server")


class SettingsScreen(Guarded, Screen[None]):
    """Show the settings, a tab a subject."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "settings.tcss"]
    AUTO_FOCUS = "EndpointList"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "show('webhooks')", "Webhooks", show=False, id="settings.webhooks", tooltip="The endpoints"),
        Binding("2", "show('token')", "Token", show=False, id="settings.token", tooltip="The token receivers check"),
        Binding("3", "show('look')", "Keys & look", show=False, id="settings.look", tooltip="What config.toml says"),
        Binding("4", "show('server')", "Tasks by URL", show=False, id="settings.server", tooltip="Tasks by a URL"),
        Binding("escape", "cancel", "Back", id="settings.close", tooltip="Back to the board"),
    ]

    app: "BoardApp"
    tabs = getters.query_one(TabbedContent)

    def compose(self) -> ComposeResult:
        """Lay the tabs between the title and the keys."""
        with Horizontal(classes="dialog--bar"):
            yield Static("Settings", classes="dialog--title", markup=False)
            yield CloseMark()
        with TabbedContent(initial=PANES[0]):
            with TabPane("1 Webhooks", id="webhooks"):
                yield WebhooksPane()
            with TabPane("2 Token", id="token"):
                yield TokenPane()
            with TabPane("3 Keys & look", id="look"):
                yield LookPane()
            with TabPane("4 Tasks by URL", id="server"):
                yield ServerPane()
        yield DialogKeys()

    def on_mount(self) -> None:
        """Leave the focus to what is in the tabs: they have keys of their own, and the mouse."""
        self.query_one(Tabs).can_focus = False

    def action_show(self, pane: str) -> None:
        """Show one of the tabs, and go to what it is about."""
        self.tabs.active = pane

    @on(TabbedContent.TabActivated)
    def _activated(self, event: TabbedContent.TabActivated) -> None:
        pane = event.pane
        focusable = [widget for widget in pane.query("*") if widget.focusable]
        if focusable and (self.focused is None or pane not in self.focused.ancestors):
            focusable[0].focus()

    def action_cancel(self) -> None:
        """Go back to the board."""
        self.dismiss(None)

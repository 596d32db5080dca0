"""The application on its terminal: it ends when it is told to or the terminal has gone, and stops for the shell."""

import asyncio
import signal
from time import monotonic
from typing import Any, ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.widgets import Input, TextArea

from kbtui.core.db.engine import database
from kbtui.tui.key_order import PAUSE, OrderedKeysApp, dropped
from kbtui.tui.terminal_driver import TerminalDriver, TerminalGone

ENDINGS = (signal.SIGTERM, signal.SIGHUP)
"""Signals after which the terminal is given back as it was."""

REST_WITHIN = 0.5
"""Seconds that the screen gets to finish what it is at."""

TRANSACTION_PATIENCE = 2.0
"""Seconds to wait for the transaction of another thread before the process is stopped."""


class TerminalApp(OrderedKeysApp):
    """Do what a program owes its terminal."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "stop", "Stop", show=False, priority=True, id="app.stop",
                tooltip="Back to the shell for a while; fg comes back"),
        Binding("ctrl+c", "copy_or_quit", "Copy or quit", show=False, priority=True, id="app.copy_or_quit",
                tooltip="Copy what is selected; leave when nothing is"),
    ]  # fmt: skip

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.is_hurried = False
        """Whether the program was told to end, and has promised to be gone soon."""

    def get_driver_class(self) -> type[Driver]:
        """Return the driver of a real terminal."""
        return TerminalDriver

    @property
    def terminal(self) -> TerminalDriver | None:
        """Return the terminal; None in tests without one."""
        return self._driver if isinstance(self._driver, TerminalDriver) else None

    def show_title(self, title: str) -> None:
        """Show something as the title of the terminal's window."""
        if self.terminal is not None:
            self.terminal.set_title(title)

    # Ending

    def take_signals(self) -> None:
        """Let signals end the program in an orderly way."""
        loop = asyncio.get_running_loop()

        def end(number: int, _: object) -> None:
            # Not by the loop's own handler: it would not be called while a terminal that takes nothing is waited for.
            if self.terminal is not None:
                self.terminal.hurry()
            if not loop.is_closed():
                loop.call_soon_threadsafe(self.end, number)

        for number in ENDINGS:
            signal.signal(number, end)

    def end(self, number: int) -> None:
        """End as after a signal, but not amid the opening of a screen: what is not mounted yet would fail."""
        self.is_hurried = True
        self.stop_typing()
        self._end_at_rest(number, monotonic() + REST_WITHIN)

    def _end_at_rest(self, number: int, deadline: float) -> None:
        if self.is_at_rest() or monotonic() > deadline:
            self.exit(None, 128 + number)
        else:
            asyncio.get_running_loop().call_later(PAUSE, self._end_at_rest, number, deadline)

    @on(TerminalGone)
    def _hang_up(self) -> None:
        asyncio.get_running_loop().call_soon(self.end, signal.SIGHUP)

    async def action_copy_or_quit(self) -> None:
        """Leave as q does, unless something is selected, which whoever shows it copies."""
        focused = self.focused
        if (isinstance(focused, Input | TextArea) and focused.selected_text) or self.screen.get_selected_text():
            raise SkipAction
        await self.action_quit()

    # Stopping for a while

    def action_stop(self) -> None:
        """Stop, and give the terminal to the shell until it brings the program back; in a text, undo."""
        from kbtui.tui.shell import can_resume  # needed only now

        if isinstance(self.focused, Input | TextArea):
            raise SkipAction
        if self.terminal is None or not can_resume():
            self.say("There is no shell that could bring kbtui back; q leaves it.", bad=True)
            return
        with database.waiting(TRANSACTION_PATIENCE), database.writing():  # none that is open is held up meanwhile
            self.terminal.suspend_group()

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something to the person."""
        self.notify(text, severity="error" if bad else "information", markup=False)

    def drop_behind(self) -> None:
        """Throw away what was typed behind something that failed, and say so."""
        self.drop_keys(lambda keys: self.say(dropped(keys), bad=True))

    def say_dropped(self, keys: str) -> None:
        """Say that keys were thrown away, since the program did not come to rest."""
        self.say(f"This takes long; what was typed meanwhile was thrown away: {keys}", bad=True)

    @on(Driver.SignalResume)
    def _draw_again(self) -> None:
        """Draw everything: the shell has had the terminal."""
        self.refresh(layout=True)

"""The application: one database, one feed of changes, the screens."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.signal import Signal
from textual.theme import Theme

from kbtui.config import Settings
from kbtui.core.db import database
from kbtui.core.db.notice import Notice, Tell, keep_silent
from kbtui.core.events import log
from kbtui.core.events.feed import Change, Feed
from kbtui.core.projects import projects, users
from kbtui.errors import DatabaseError, KbtuiError
from kbtui.tui.delivering import Delivering
from kbtui.tui.screens.board import BoardScreen
from kbtui.tui.serving import MakeServer, Serving
from kbtui.tui.terminal_app import TerminalApp

if TYPE_CHECKING:  # what it imports would hold back the first frame
    from textual.actions import ActionParseResult

    from kbtui.core.undo.undo_stack import UndoStack
    from kbtui.tui.screens.leave import Choice

DAY_INTERVAL = 30.0
"""Seconds between two looks at the calendar."""

FEED_INTERVAL = 0.25
"""Seconds between two looks at what other programs have changed."""

FEED_LIMIT = 1000
"""How many events are told at once."""

NOTICE_SECONDS = 20
"""How long what opening the database had to say stays on the screen."""

UI_BUSY_TIMEOUT = 0.25
"""Seconds a key press waits for another program's lock before it says so."""

UNHURRIED, HURRIED = 2.0, 0.8
"""Seconds that requests under way get when the program ends; less after a signal, which promises the end within 2."""

THEME = Theme(
    name="kbtui",
    primary="#5B9BF3",
    secondary="#8FB3E0",
    accent="#F2B84B",
    foreground="#DDE3EC",
    background="#12161D",
    surface="#1E2530",
    panel="#262F3D",
    success="#57C785",
    warning="#F2B84B",
    error="#F2695C",
    dark=True,
)


@runtime_checkable
class KeepsDrafts(Protocol):
    """A screen that keeps what was typed on it."""

    def keep_drafts(self) -> None:
        """Keep what was typed."""


class KanboardApp(TerminalApp):
    """A Kanban board in the terminal."""

    TITLE = "kbtui"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave; what is not sent yet is kept"),
        Binding("ctrl+q", "quit", "Quit", show=False, id="app.quit_always", tooltip="Leave, from anywhere"),
        Binding("question_mark", "help", "Help", id="app.help", tooltip="Every key of this screen"),
        Binding("ctrl+p", "command_palette", "More", id="app.palette", tooltip="All that can be done here, by name"),
        Binding("comma", "settings", "Settings", id="app.settings", tooltip="Webhooks and the rest"),
        Binding("w", "deliveries", "Deliveries", id="app.deliveries", tooltip="What was sent, and what waits"),
        Binding("f1", "help", "Help", show=False, id="app.help_always", tooltip="Every key of this screen"),
    ]

    def __init__(
        self,
        settings: Settings,
        *,
        project_id: int | None = None,
        deliver: bool = True,
        make_server: MakeServer | None = None,
        notices: Sequence[str] = (),
    ) -> None:
        """``notices`` are said when the board is on the screen: what opening the database had to say."""
        super().__init__()
        self.settings = settings
        self.changed: Signal[list[Change]] = Signal(self, "changed")
        self.feed = Feed()
        self._undo_stack: UndoStack | None = None
        self.delivering = Delivering(self) if deliver else None
        self.serving = Serving(make_server)
        self._first_project_id = project_id
        self._notices = notices
        self._trouble = ""
        self._today = time.localtime().tm_yday
        self._screen_thread = threading.get_ident()
        self._unsubscribe = log.on_commit(self._committed)
        self.register_theme(THEME)
        self.theme = settings.theme if settings.theme in self.available_themes else THEME.name

    @property
    def alt_keys(self) -> frozenset[str]:
        """The names of keys with alt that mean something here: those in config.toml."""
        return frozenset(key.strip() for keys in self.settings.keys.values() for key in keys.split(","))

    def on_mount(self) -> None:
        """Show the board, then begin to deliver and to follow what other programs do."""
        self._screen_thread = threading.get_ident()
        self.set_keymap(dict(self.settings.keys))
        self.push_screen(BoardScreen(self._first_project_id or projects.first_project_id()))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        _ = self.undo_stack
        self.set_interval(DAY_INTERVAL, self._watch_day)
        self.set_interval(FEED_INTERVAL, self._follow_others)
        self._complain()
        for notice in self._notices:
            self.notify(notice, title="The database", timeout=NOTICE_SECONDS, markup=False)
        if not self.is_headless:
            self.take_signals()
        if self.delivering is not None:
            self.delivering.start()
        self.serving.begin()

    def _complain(self) -> None:
        """Say what is wrong with the theme and the keys of config.toml."""
        theme, keys = self.settings.theme, self.settings.keys
        if theme and theme not in self.available_themes:
            self.say(f'config.toml: there is no theme "{theme}"; the settings list all.', bad=True)
        elif keys and self.board_screen is not None:
            from kbtui.tui.keymap import complaint  # needed only by who has keys of their own

            text = complaint(keys, self.board_screen)
            if text:
                self.say(text, bad=True)

    @property
    def undo_stack(self) -> "UndoStack":
        """What was done in this session, for undo; loaded after the first frame, or when it is needed."""
        if self._undo_stack is None:
            from kbtui.core.undo.undo_stack import UndoStack

            self._undo_stack = UndoStack()
        return self._undo_stack

    def _watch_day(self) -> None:
        """Draw the board again when another day has begun: what was due tomorrow is due today."""
        today = time.localtime().tm_yday
        if today != self._today:
            self._today = today
            if self.board_screen is not None:
                self.board_screen.view.forget_dates()

    def _committed(self, recorded: log.Recorded) -> None:
        """Tell the screens at once what this thread has committed; what another one has waits for its turn."""
        if threading.get_ident() != self._screen_thread:
            self.call_later(self._read_on)
        elif fresh := self.feed.take(recorded.changes):
            self.changed.publish(fresh)

    def follow(self, screen: Screen[Any], react: Callable[[list[Change]], None]) -> None:
        """Tell a screen what has happened, whoever did it; what it cannot read just then it is told again."""

        def tell(changes: list[Change]) -> None:
            try:
                react(changes)
            except KbtuiError as error:
                self.say(str(error), bad=True)
                if isinstance(error, DatabaseError) and screen.is_attached:
                    screen.set_timer(FEED_INTERVAL, lambda: tell(changes))

        self.changed.subscribe(screen, tell, immediate=True)

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key or a click means. What cannot be done, since it has just been removed, say, is told."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except KbtuiError as error:
            self.say(str(error), bad=True)
            return True

    def read_feed(self) -> None:
        """Tell the screens what has happened since the last time; after a flood, between key presses."""
        changes = self.feed.read(FEED_LIMIT)
        if changes:
            self.changed.publish(changes)
        if len(changes) == FEED_LIMIT:
            self.call_later(self._read_on)

    def _read_on(self) -> None:
        try:
            self.read_feed()
        except KbtuiError as error:
            self.say(str(error), bad=True)

    def _follow_others(self) -> None:
        try:
            if self.feed.others_committed():
                self.read_feed()
        except KbtuiError as error:
            self._tell_trouble(str(error))
        else:
            self._tell_trouble("")

    def _tell_trouble(self, trouble: str) -> None:
        """Say what keeps this program from following the others, once as long as it lasts, and that it has ended."""
        if trouble == self._trouble:
            return
        self._trouble = trouble
        self.say(trouble or "The database can be used again.", bad=bool(trouble))

    @property
    def board_screen(self) -> BoardScreen | None:
        """The board's screen, whatever lies above it; None until it is shown."""
        return next((screen for screen in self.screen_stack if isinstance(screen, BoardScreen)), None)

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something to the person: on the board's status bar, elsewhere as a note."""
        screen = self.screen
        if isinstance(screen, BoardScreen):
            screen.say(text, bad=bad)
        else:
            super().say(text, bad=bad)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer everything that has a key on this screen, and the themes."""
        yield SystemCommand("Theme", "Choose the colours; config.toml keeps them", self.action_change_theme)
        named: set[str] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.tooltip and binding.id and binding.id not in named:
                named.add(binding.id)
                help_text = f"{binding.tooltip} ({self.get_key_display(binding)})"
                yield SystemCommand(binding.description, help_text, partial(self.press, binding.key))

    def press(self, key: str) -> None:
        """Do what a key does on the screen that is left when the palette has gone."""
        self.call_later(self.simulate_key, key)

    def action_help(self) -> None:
        """Show every key of this screen."""
        from kbtui.tui.screens.help import HelpScreen  # shown seldom, so loaded when it is

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_deliveries(self) -> None:
        """Show what was sent and what waits."""
        from kbtui.tui.screens.deliveries import DeliveriesScreen  # shown seldom, so loaded when it is

        if not isinstance(self.screen, DeliveriesScreen):
            self.push_screen(DeliveriesScreen())

    def action_settings(self) -> None:
        """Show the settings."""
        from kbtui.tui.screens.settings import SettingsScreen  # shown seldom, so loaded when it is

        if not isinstance(self.screen, SettingsScreen):
            self.push_screen(SettingsScreen())

    async def action_quit(self) -> None:
        """Leave; after a question when something that was typed and not saved would be lost."""
        from kbtui.tui.drafts import reachable
        from kbtui.tui.screens.leave import LeaveScreen  # shown seldom, so loaded when it is

        if isinstance(self.screen, LeaveScreen):
            return
        touched = [screen for screen in self.screen_stack if getattr(screen, "is_touched", False)]
        for screen in touched:
            if isinstance(screen, KeepsDrafts):
                screen.keep_drafts()
        named = reachable(self)

        def leave(chosen: "Choice | None") -> None:
            if chosen == "leave":
                self.exit(0)
            elif chosen == "go" and not touched and self.board_screen is not None:
                self.board_screen.pop_until_active()
                self.board_screen.call_later(self.board_screen.open_draft, next(iter(named)))

        if named or touched:
            self.push_screen(LeaveScreen(list(named.values())), leave)
        else:
            self.exit(0)

    def on_unmount(self) -> None:
        """Let go of test events that are under way: the threads they are sent in would be waited for."""
        from kbtui.webhooks.test_event import interrupt_tests  # it has long been loaded by what delivers

        interrupt_tests()

    def leave(self) -> None:
        """End what goes on beside the screen, which is gone by then."""
        self._unsubscribe()
        self.serving.stop()
        if self.delivering is not None:
            self.delivering.stop(HURRIED if self.is_hurried else UNHURRIED)
        if self._undo_stack is not None:
            self._undo_stack.clear()


def run(settings: Settings, *, make_server: MakeServer | None = None, tell: Tell = keep_silent) -> int:
    """Open the board of the configured database and return the exit status.

    ``tell`` says before the first frame what opening it has to say; what stays to be known is said on the screen too.
    """
    notices: list[str] = []

    def note(notice: Notice) -> None:
        tell(notice)
        if not notice.is_passing:
            notices.append(notice.text)

    database.connect(settings.database, busy_timeout=UI_BUSY_TIMEOUT, tell=note)
    log.set_author(users.find_author_id(settings.user))
    app = KanboardApp(settings, make_server=make_server, notices=notices)
    try:
        return app.run(mouse=settings.mouse) or app.return_code or 0
    finally:
        app.leave()
        database.close()

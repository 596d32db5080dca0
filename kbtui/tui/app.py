"""The application: one database, one feed of changes, the screens."""

import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from kbtui.config import Settings
from kbtui.core.db import database
from kbtui.core.db.notice import Notice, Tell, keep_silent
from kbtui.core.events import log
from kbtui.core.projects import projects, users
from kbtui.tui.base import BoardApp
from kbtui.tui.delivering import Delivering
from kbtui.tui.screens.board import BoardScreen
from kbtui.tui.serving import MakeServer
from kbtui.tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:  # what it imports would hold back the first frame
    from kbtui.tui.drafts import DraftKey
    from kbtui.tui.screens.leave import Choice

DAY_INTERVAL = 30.0
"""Seconds between two looks at the calendar."""

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


class KanboardApp(BoardApp):
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
        super().__init__(settings, make_server=make_server)
        self.delivering = Delivering(self, self._status_bars) if deliver else None
        self._first_project_id = project_id
        self._notices = notices
        self._today = time.localtime().tm_yday
        self.register_theme(THEME)
        self.theme = settings.theme if settings.theme in self.available_themes else THEME.name

    @property
    def alt_keys(self) -> frozenset[str]:
        """The names of keys with alt that mean something here: those in config.toml."""
        return frozenset(key.strip() for keys in self.settings.keys.values() for key in keys.split(","))

    def on_mount(self) -> None:
        """Show the board, then begin to deliver and to follow what other programs do."""
        self.set_keymap(dict(self.settings.keys))
        self.push_screen(BoardScreen(self._first_project_id or projects.first_project_id()))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        _ = self.undo_stack
        self.set_interval(DAY_INTERVAL, self._watch_day)
        self.follow_others()
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

    def _watch_day(self) -> None:
        """Draw the board again when another day has begun: what was due tomorrow is due today."""
        today = time.localtime().tm_yday
        if today != self._today:
            self._today = today
            if self.board_screen is not None:
                self.board_screen.view.forget_dates()

    @property
    def board_screen(self) -> BoardScreen | None:
        """The board's screen, whatever lies above it; None until it is shown."""
        return next((screen for screen in self.screen_stack if isinstance(screen, BoardScreen)), None)

    def read_again(self) -> None:
        """Read the board again, whatever lies above it. Raises KbtuiError."""
        if self.board_screen is not None:
            self.board_screen.read_again()

    def _status_bars(self) -> Iterable[StatusBar]:
        # There is none any more while the screen is being left.
        return () if self.board_screen is None else self.board_screen.query(StatusBar)

    def show_task(self, task_id: int, draft: "DraftKey | None" = None) -> None:
        """Show everything on a task, with a draft that is gone on with, if there is one. Raises KbtuiError."""
        from kbtui.tui.screens.task import TaskScreen  # shown seldom, so loaded when it is

        screen = TaskScreen(task_id)
        self.push_screen(screen)
        if draft is not None:
            noun, _, key = draft
            screen.call_after_refresh(screen.open_draft, noun, key)

    def show_activity(self, project_id: int, task_id: int | None = None) -> None:
        """Show what has happened in a project, or to one of its tasks. Raises KbtuiError."""
        from kbtui.tui.screens.activity import ActivityScreen  # shown seldom, so loaded when it is

        self.push_screen(ActivityScreen(project_id, task_id))

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
        self.stop_following()
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

"""What a screen may ask of the program: the board's changes, undo, its settings, a place to say something.

The application knows all screens; a screen knows this, and none but the dialogs that it opens itself.
"""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual._context import active_message_pump
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.signal import Signal
from textual.widget import Widget

from kbtui.config import Settings
from kbtui.core.events import log
from kbtui.core.events.feed import Change, Feed
from kbtui.errors import DatabaseError, KbtuiError
from kbtui.tui.serving import MakeServer, Serving
from kbtui.tui.terminal_app import TerminalApp

if TYPE_CHECKING:  # what it imports would hold back the first frame
    from textual.actions import ActionParseResult

    from kbtui.core.undo.undo_stack import UndoStack
    from kbtui.tui.delivering import Delivering
    from kbtui.tui.drafts import DraftKey

FEED_INTERVAL = 0.25
"""Seconds between two looks at what other programs have changed."""

FEED_LIMIT = 1000
"""How many events are told at once."""

LEAST_SCREENS = 2
"""Textual's own and the board's, which stay."""


class Guarded(MessagePump):
    """A screen or a widget that a failure of the board or of its database does not end: it is said, once.

    Textual ends the program with whatever a handler raises; that is right for a fault of the program's own, and only
    for that. What could not be read is read again when the database can be used; a screen that could not be made
    goes away again.
    """

    is_unmade = False
    """Whether a part of this screen could not be made."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except KbtuiError as error:
            assert isinstance(self.app, BoardApp)  # noqa: S101 - there is no other
            self.app.tell(error, self)
        except NoMatches:
            if not _screen_of(self).is_unmade:
                raise


def _screen_of(pump: Any) -> Any:
    return next(node for node in pump.ancestors_with_self if isinstance(node, Screen))


class BoardApp(Guarded, TerminalApp):
    """The program as its screens know it."""

    delivering: "Delivering | None" = None

    def __init__(self, settings: Settings, *, make_server: MakeServer | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.serving = Serving(make_server)
        self.changed: Signal[list[Change]] = Signal(self, "changed")
        self.feed = Feed()
        self._undo_stack: UndoStack | None = None
        self._trouble = ""
        self._missed = False
        self._screen_thread = threading.get_ident()
        self.stop_following = log.on_commit(self._committed)

    # Screens that are opened from more than one other

    def show_task(self, task_id: int, draft: "DraftKey | None" = None) -> None:
        """Show everything on a task, with a draft that is gone on with, if there is one. Raises KbtuiError."""
        raise NotImplementedError

    def show_activity(self, project_id: int, task_id: int | None = None) -> None:
        """Show what has happened in a project, or to one of its tasks. Raises KbtuiError."""
        raise NotImplementedError

    # Changes

    @property
    def undo_stack(self) -> "UndoStack":
        """What was done in this session, for undo; loaded after the first frame, or when it is needed."""
        if self._undo_stack is None:
            from kbtui.core.undo.undo_stack import UndoStack

            self._undo_stack = UndoStack()
        return self._undo_stack

    def follow_others(self) -> None:
        """Look from now on for what others commit. Called in the thread of the screen."""
        self._screen_thread = threading.get_ident()
        self.set_interval(FEED_INTERVAL, self._follow_others)

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
            self.tell(error)
            return True

    def tell(self, error: KbtuiError, where: MessagePump | None = None) -> None:
        """Say what has failed; what a failing database has not given is read again when it can be used.

        If ``where`` it failed is a widget that was just being made, its screen goes away again; the board stays.
        """
        self._missed = self._missed or isinstance(error, DatabaseError)
        if isinstance(where, Widget) and not where.is_mounted and len(self.screen_stack) > LEAST_SCREENS:
            screen = _screen_of(where)
            screen.is_unmade = True
            self.call_later(self._leave_unmade, screen)
        self.say(str(error), bad=True)

    def _leave_unmade(self, screen: Screen[Any]) -> None:
        if self.screen is screen:
            screen.dismiss(None)

    def _handle_exception(self, error: Exception) -> None:
        # Of timers, and of what is asked for while a widget is composed: no handler of a widget runs that.
        where = active_message_pump.get(None)
        if isinstance(error, KbtuiError) and isinstance(where, Guarded):
            self.tell(error, where)
        else:
            super()._handle_exception(error)

    def read_again(self) -> None:
        """Read what is shown again. Raises KbtuiError."""

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
            if self._missed:
                self._missed = False
                self._read_missed()

    def _read_missed(self) -> None:
        try:
            self.read_again()
        except KbtuiError:
            self._missed = True  # it has been said, and is tried again

    def _tell_trouble(self, trouble: str) -> None:
        """Say what keeps this program from following the others, once as long as it lasts, and that it has ended."""
        if trouble == self._trouble:
            return
        self._trouble = trouble
        self.say(trouble or "The database can be used again.", bad=bool(trouble))

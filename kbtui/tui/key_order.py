"""Keys in the order in which they were typed, each given out once all that the one before has caused is done.

Textual forwards a key to the widget that has the focus when the key is read. When keys come in one go, as over a slow
line, or faster than a busy computer follows, those behind one that opens or closes a screen would be given to what had
the focus before, and be lost or mean something else there. So all that is typed waits here, in one place, for the
screen it is meant for.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, InputEvent, Key, MouseEvent, Paste
from textual.message_pump import MessagePump

PATIENCE = 5.0
"""Seconds after which what waits for a program that does not come to rest is thrown away, which is said."""

LEAST_LOOKS = 500
"""Looks at the program that must have been in vain by then: they are few while it gets no processor."""

QUICK_LOOKS = 50
"""Looks without a pause between them …"""

PAUSE = 0.002
"""… and the seconds between two later ones."""

ROOM_FOR_NAMES = 40
"""Characters for the names of keys in a sentence."""

Typed = Key | Paste


class EscapedKey(Key):
    """Esc and another key that came at once, which is also how a terminal sends that key with alt.

    It has the name with alt, for whoever has bound it.
    """

    def __init__(self, name: str, character: str | None, keys: Iterable[Key]) -> None:
        super().__init__(name, character)
        self.keys = tuple(keys)
        """What it is where the name with alt means nothing: esc, then the key."""


class OrderedKeysApp(App[int]):
    """Give out keys one after the other, each when the program is at rest.

    It is at rest when the application, the screen on top and all that is on it have handled every message and wait
    for the next one: by then a screen that was opened has its focus, and one that was closed is gone.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._waiting: deque[InputEvent | Paste] = deque()
        self._looking: asyncio.Handle | None = None
        self._looks = 0
        self._looks_began = 0.0
        self._is_giving = False
        self._busy: MessagePump | None = None
        """What was not at rest when it was last looked at."""
        self._stuck: set[MessagePump] = set()
        """What did not come to rest in time, and is not waited for any more."""
        self._dropped_until = 0.0
        self._dropped: list[Typed] = []
        self._has_ended = False

    @property
    def alt_keys(self) -> frozenset[str]:
        """The names of keys with alt that mean something here."""
        return frozenset()

    def say_dropped(self, keys: str) -> None:
        """Say that keys were thrown away, since the program did not come to rest."""

    def exit(self, *args: Any, **kwargs: Any) -> None:
        """End the program; what was typed behind the key that ends it means nothing any more."""
        self.stop_typing()
        super().exit(*args, **kwargs)

    def stop_typing(self) -> None:
        """Take nothing any more of what is typed."""
        self._has_ended = True
        self._waiting.clear()

    async def on_event(self, event: Event) -> None:
        """Let what was typed wait for its turn, and the mouse for what was typed before."""
        if (
            isinstance(event, InputEvent | Paste)
            and not event.is_forwarded
            and (self._waiting or self._is_giving or not isinstance(event, MouseEvent))
        ):
            self._wait(event)
        else:
            await super().on_event(event)

    def _wait(self, event: InputEvent | Paste) -> None:
        if self._has_ended:
            return
        if isinstance(event, Typed) and event.time <= self._dropped_until:
            self._dropped.append(event)
        elif isinstance(event, EscapedKey):
            is_bound = event.key in self.alt_keys
            self._waiting += [Key(event.key, event.character)] if is_bound else event.keys
        else:
            self._waiting.append(event)
        if self._looking is None and not self._is_giving:
            self._begin_to_look()

    # Looking for rest

    def _begin_to_look(self) -> None:
        self._looks = 0
        self._looks_began = monotonic()
        self._looking = asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        """Give out the next key if the program is at rest, else look again."""
        self._looking = None
        if not self._waiting:
            return
        if self.is_at_rest():
            self._is_giving = self.call_later(self._give_out)
            return
        self._looks += 1
        if self._looks > LEAST_LOOKS and monotonic() - self._looks_began > PATIENCE:
            self._give_up()
            return
        loop = asyncio.get_running_loop()
        quick = self._looks <= QUICK_LOOKS
        self._looking = loop.call_soon(self._look) if quick else loop.call_later(PAUSE, self._look)

    def is_at_rest(self) -> bool:
        """Return whether everything that was caused by what was given out is done. Ask outside of any handler."""
        if is_busy(self) or not self.screen_stack:
            return False
        if self._busy is not None and self._busy.is_running and self._waits_for(self._busy):
            return False  # found without a walk through all that is on the screen
        nodes = self.screen.walk_children(DOMNode, with_self=True)
        self._busy = next(filter(self._waits_for, nodes), None)
        return self._busy is None

    def _waits_for(self, pump: MessagePump) -> bool:
        if is_busy(pump):
            return pump not in self._stuck
        self._stuck.discard(pump)
        return False

    async def _give_out(self) -> None:
        """Give out the next key, and the mouse's events that came between it and the one after."""
        self._is_giving = False
        is_first = True
        while self._waiting and (is_first or isinstance(self._waiting[0], MouseEvent)):
            is_first = False
            await super().on_event(self._waiting.popleft())
        if self._waiting:
            self._begin_to_look()

    # Throwing away

    def drop_keys(self, tell: Callable[[str], object]) -> None:
        """Throw away what was typed until now behind a key that could not do its work, and ``tell`` which keys.

        They were meant for what would have come then. ``tell`` is not called when there are none.
        """
        self._dropped_until = monotonic()
        behind = [each for each in self._waiting if isinstance(each, Typed) and each.time <= self._dropped_until]
        for event in behind:
            self._waiting.remove(event)
        self._dropped += behind
        # What the thread that reads has handed over comes before the next turn of the loop.
        asyncio.get_running_loop().call_soon(self.call_later, self._tell_dropped, tell)

    def _tell_dropped(self, tell: Callable[[str], object]) -> None:
        lost, self._dropped = self._dropped, []
        if lost:
            tell(names(lost))

    def _give_up(self) -> None:
        self._stuck.update(filter(is_busy, self.screen.walk_children(DOMNode, with_self=True)))
        lost = [each for each in self._waiting if isinstance(each, Typed)]
        self._waiting.clear()
        if lost:
            self.say_dropped(names(lost))


def is_busy(pump: MessagePump) -> bool:
    """Return whether a widget, a screen or the application is at work, or has not begun: it waits for no message."""
    waiters: Iterable[asyncio.Future[bool]] = pump._message_queue.ready_event._waiters
    return all(waiter.done() for waiter in waiters)


def dropped(keys: str) -> str:
    """Return the sentence that says which keys were thrown away behind something that failed."""
    return f"What was typed behind it was thrown away: {keys}"


def names(typed: Iterable[Typed]) -> str:
    """Return what was typed in words, as long as there is room for all of it."""
    words = [_name(each) for each in typed]
    text = " ".join(words)
    if len(text) <= ROOM_FOR_NAMES:
        return text
    return f"{text[:ROOM_FOR_NAMES].rstrip()} … ({len(words)} keys)"


def _name(typed: Typed) -> str:
    if isinstance(typed, Paste):
        return f"“{' '.join(typed.text.split())}”"
    return typed.character if typed.is_printable and typed.character and typed.character != " " else typed.key

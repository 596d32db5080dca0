"""Keys in the order in which they were typed, each given to what has the focus once the one before has done its work.

Textual forwards a key to the widget that has the focus when the key is read. When keys come in one go, as over a slow
line, those behind the one that opens a form would be given to what had the focus before, and be lost or mean
something else there.
"""

import asyncio
from collections import deque
from typing import Any

from textual.app import App
from textual.events import Event, Key
from textual.message import Message

PATIENCE = 0.25
"""Seconds after which the next key is given out although nothing has told that the one before has done its work."""


class OrderedKeysApp(App[int]):
    """Give out keys one after the other.

    Behind each key a message goes the same way: through the widget and its screen up to the application. When it
    arrives, the key has been handled everywhere, and what it opened has the focus.
    """

    class KeyPassed(Message):
        """The key before this has been handled."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: deque[Key] = deque()
        self._under_way = 0
        """How many messages have not arrived yet."""
        self._impatience: asyncio.TimerHandle | None = None

    def push_screen(self, *args: Any, **kwargs: Any) -> Any:
        """Put a screen on top, and give it no key before it has its focus."""
        mounted = super().push_screen(*args, **kwargs)
        self._follow(self.screen)
        return mounted

    async def on_event(self, event: Event) -> None:
        """Let a key wait for its turn."""
        if isinstance(event, Key) and not event.is_forwarded:
            self._keys.append(event)
            await self._give_out()
        else:
            await super().on_event(event)

    async def _give_out(self) -> None:
        while self._keys and not self._under_way:
            target = self.focused or self.screen
            await super().on_event(self._keys.popleft())
            self._follow(target)

    def _follow(self, target: Any) -> None:
        """Send a message behind what a widget or a screen was just given."""
        if target.post_message(self.KeyPassed()):
            self._under_way += 1
            if self._impatience is None:
                loop = asyncio.get_running_loop()
                self._impatience = loop.call_later(PATIENCE, self.call_later, self._give_up)

    def on_ordered_keys_app_key_passed(self) -> None:
        """Give out the next key, but not before what was put off for later, such as a change of the focus."""
        self._under_way = max(self._under_way - 1, 0)
        if not self._under_way:
            self._rest()
            self.call_later(self._give_out)

    async def _give_up(self) -> None:
        """Wait no longer: what was given the key has gone with it, or takes its time."""
        self._rest()
        await self._give_out()

    def _rest(self) -> None:
        self._under_way = 0
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None

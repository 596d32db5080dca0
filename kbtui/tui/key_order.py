"""Keys in the order in which they were typed, also when they come faster than what they open."""

from typing import Any

from textual.app import App
from textual.events import Event, Key
from textual.message import Message
from textual.timer import Timer

PATIENCE = 0.2
"""Seconds after which keys are handed on although what had the focus before has gone and does not answer."""


class OrderedKeysApp(App[int]):
    """Give what is typed behind a key that opens something to that, even when all came at once.

    Such keys are on their way through what had the focus before. They are collected until a message that was sent
    after them on the same way has come through, and so have the keys that come in meanwhile.
    """

    class KeysPassed(Message):
        """All keys that were given to what had the focus have come through."""

    def __init__(self) -> None:
        super().__init__()
        self._handing_over = 0
        """How many messages are under way."""
        self._late: list[Key] = []
        self._impatience: Timer | None = None

    def push_screen(self, *args: Any, **kwargs: Any) -> Any:
        """Put a screen on top; what was typed behind the key that did it is meant for that screen."""
        if self.screen_stack:
            self.hand_keys_over()
        return super().push_screen(*args, **kwargs)

    def hand_keys_over(self) -> None:
        """Give what was typed behind the key that is being handled to what has the focus afterwards."""
        before = self.focused or self.screen
        if before.post_message(self.KeysPassed()):
            self._handing_over += 1
            if self._impatience is None:
                self._impatience = self.set_timer(PATIENCE, self._hand_on)

    async def on_event(self, event: Event) -> None:
        """Hold back what comes in while older keys are under way."""
        if self._handing_over and isinstance(event, Key) and not event.is_forwarded:
            self._late.append(event)
        else:
            await super().on_event(event)

    def on_key(self, event: Key) -> None:
        """Take a key that has come through from what had the focus before."""
        if self._handing_over:
            event.prevent_default()
            self._late.append(event)

    def on_ordered_keys_app_keys_passed(self) -> None:
        """Hand on what was collected, when nothing is under way any more."""
        self._handing_over = max(self._handing_over - 1, 0)
        if not self._handing_over:
            self._hand_on()

    def _hand_on(self) -> None:
        self._handing_over = 0
        if self._impatience is not None:
            self._impatience.stop()
            self._impatience = None
        late, self._late = sorted(self._late, key=lambda key: key.time), []
        for key in late:
            self.post_message(Key(key.key, key.character))

"""What the screen has to do with deliveries: start the sender, and show how its receivers answer."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from textual.app import App

from kbtui.errors import KbtuiError

if TYPE_CHECKING:
    from kbtui.webhooks.delivery import DeliveryThread
    from kbtui.webhooks.health import Health

HEALTH_INTERVAL = 0.25
"""Seconds between two looks at how the receivers answer."""


class HealthLine(Protocol):
    """Where it is shown how the receivers answer: the board's status bar."""

    def show_health(self, health: "Sequence[Health]", trouble: str = "") -> None:
        """Show it, or what keeps the sender from its work."""


class Delivering:
    """The sender of this program, from the screen's side."""

    def __init__(self, app: App[Any], lines: Callable[[], Iterable[HealthLine]]) -> None:
        """``lines`` returns where it is shown how the receivers answer."""
        self._app, self._lines = app, lines
        self._thread: DeliveryThread | None = None

    def start(self) -> None:
        """Begin to deliver, and to show it. Called after the first frame: what is imported here takes a while."""
        from kbtui.webhooks.delivery import DeliveryThread

        self._thread = DeliveryThread()
        self._thread.start()
        self._app.set_interval(HEALTH_INTERVAL, self.show_health)
        self.show_health()

    def stop(self, timeout: float = 2.0) -> None:
        """End delivering within that many seconds; a request that takes longer is tried again some other time."""
        if self._thread is not None:
            self._thread.stop(timeout)

    def wake(self) -> None:
        """Look for something to send now."""
        if self._thread is not None:
            self._thread.wake()

    def show_health(self) -> None:
        """Show on the board's status bar how the receivers answer."""
        from kbtui.webhooks.health import all_health

        if self._thread is None:
            return
        for status in self._lines():
            try:
                status.show_health(all_health(), self._thread.trouble)
            except KbtuiError as error:
                status.show_health((), str(error))

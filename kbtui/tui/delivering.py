"""What the screen has to do with deliveries: start the sender, and show how its receivers answer."""

from typing import TYPE_CHECKING

from kbtui.errors import KbtuiError
from kbtui.webhooks.health import all_health

if TYPE_CHECKING:
    from kbtui.tui.app import KanboardApp

HEALTH_INTERVAL = 0.5
"""Seconds between two looks at how the receivers answer."""


class Delivering:
    """The sender of this program, from the screen's side."""

    def __init__(self, app: "KanboardApp") -> None:
        self._app = app

    def start(self) -> None:
        """Begin to deliver, and to show it."""
        self._app.set_interval(HEALTH_INTERVAL, self.show_health)
        self.show_health()

    def stop(self) -> None:
        """End delivering; a request that is under way gets two seconds."""

    def show_health(self) -> None:
        """Show on the board's status bar how the receivers answer."""
        board = self._app.board_screen
        if board is None:
            return
        try:
            board.status.show_health(all_health())
        except KbtuiError as error:
            board.status.show_health((), str(error))

"""The server inside the screen: other programs create tasks by URL while the board is open."""

from collections.abc import Callable
from typing import Protocol

from kbtui.core.projects import settings
from kbtui.errors import InvalidError, KbtuiError

PORT = 8080
"""The port unless another one is chosen."""


class Server(Protocol):
    """What serves; it is given from outside, since the screen does not know the server."""

    @property
    def url(self) -> str:
        """Return where it is, without a slash at the end."""

    @property
    def is_running(self) -> bool:
        """Tell whether it answers."""

    def start(self) -> None:
        """Listen, and answer from now on. Raises KbtuiError."""

    def stop(self) -> None:
        """Take no more requests."""


MakeServer = Callable[[int], Server]
"""Make a server for a port of this machine; raise KbtuiError, in words, when it is not installed."""


class Serving:
    """The server of this screen, and what the person wants of it; the wish is kept in the board's settings."""

    def __init__(self, make_server: MakeServer | None) -> None:
        self._make_server = make_server
        self._server: Server | None = None
        self.trouble = ""

    @property
    def is_running(self) -> bool:
        """Tell whether tasks can be created by URL."""
        return self._server is not None and self._server.is_running

    @property
    def url(self) -> str:
        """Return where the server is, "" while there is none."""
        return self._server.url if self._server is not None and self.is_running else ""

    def begin(self) -> None:
        """Serve if the person wanted it when the board was open last."""
        if self._make_server is not None and settings.get("serve") == "1":
            self.start(read_port())

    def switch(self, on: bool) -> None:
        """Serve, or no more, now and the next time."""
        settings.put("serve", "1" if on else "0")
        self.stop()
        if on:
            self.start(read_port())

    def choose_port(self, text: str) -> None:
        """Serve on another port from now on; raise InvalidError when it cannot be one."""
        number = int(text) if text.strip().isascii() and text.strip().isdecimal() else 0
        if not 1 <= number <= 65535:
            raise InvalidError(f"“{text}” is no port; choose a number from 1 to 65535, such as {PORT}.")
        settings.put("serve_port", str(number))
        if self.is_running or settings.get("serve") == "1":
            self.stop()
            self.start(read_port())

    def stop(self) -> None:
        """Take no more requests."""
        self.trouble = ""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def start(self, port: int) -> None:
        """Serve on a port; when that cannot be, ``trouble`` says why."""
        try:
            if self._make_server is None:
                raise KbtuiError("This board has no server; start it with the command kbtui.")
            self._server = self._make_server(port)
            self._server.start()
        except KbtuiError as error:
            self._server = None
            self.trouble = str(error)


def read_port() -> int:
    """Return the port that is served."""
    kept = settings.get("serve_port")
    return int(kept) if kept.isdecimal() else PORT


def task_url(url: str, token: str) -> str:
    """Return the URL that creates a task once a title is put behind it."""
    return f"{url}/?controller=webhook&action=task&token={token}&title="

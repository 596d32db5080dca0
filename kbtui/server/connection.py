"""A connection: HTTP/1.1 as uvicorn speaks it, with deadlines for the head of a request and for reading the answer.

uvicorn has a deadline between requests only, and begins it anew with every byte: who sends a head byte by byte, or
reads nothing of a long answer, would hold a connection for ever.
"""

import asyncio
import string
from typing import Any
from urllib.parse import quote

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """A connection that is closed when its other side takes too long."""

    header_deadline = 10.0
    """Seconds within which the head of the next request must be there."""

    answer_deadline = 30.0
    """Seconds within which some of an answer must be read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access_log = False  # whatever is configured: URLs hold tokens
        self._heading: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        _cancel(self._heading)
        _cancel(self._reading)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what has arrived; bytes of a URL that are no ASCII are written as such a URL has them.

        PHP takes them as they are, and curl sends them so; h11 refuses the request.
        """
        if self.conn.their_state is h11.IDLE and b"\n" not in self.conn.trailing_data[0]:
            line, newline, rest = data.partition(b"\n")
            if not line.isascii():
                data = quote(line, safe=string.printable).encode() + newline + rest
        super().data_received(data)

    def handle_events(self) -> None:
        """Take in what has arrived; a head that is complete ends the waiting."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and not self.cycle.response_complete:
            _cancel(self._heading)

    def on_response_complete(self) -> None:
        """Wait for the next head, unless it has come already."""
        before = self.cycle
        super().on_response_complete()
        if self.cycle is before:
            self._expect_head()

    def pause_writing(self) -> None:
        """Begin to wait until the other side reads on."""
        super().pause_writing()
        self._reading = self.loop.call_later(self.answer_deadline, self._give_up)

    def resume_writing(self) -> None:
        """Stop waiting: it does."""
        _cancel(self._reading)
        super().resume_writing()

    def _expect_head(self) -> None:
        _cancel(self._heading)
        self._heading = self.loop.call_later(self.header_deadline, self._give_up)

    def _give_up(self) -> None:
        self.transport.abort()


def connection_class(header_deadline: float, answer_deadline: float) -> type[Connection]:
    """Return the class of connections with these deadlines, in seconds."""
    return type("Connection", (Connection,), {"header_deadline": header_deadline, "answer_deadline": answer_deadline})


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()

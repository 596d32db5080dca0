"""A connection: HTTP/1.1 as uvicorn speaks it, with a deadline for the head of each request.

uvicorn has a deadline between requests only, and begins it anew with every byte: who sends a head byte by byte would
hold a connection for ever.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


def connection_class(header_deadline: float) -> type[H11Protocol]:
    """Return the class of connections whose request heads must be there within so many seconds."""

    class Connection(H11Protocol):
        """A connection that is closed when the next request's head is not there in time."""

        _deadline: asyncio.TimerHandle | None = None

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.access_log = False  # whatever is configured: URLs hold tokens

        def connection_made(self, transport: Any) -> None:
            """Begin to wait for the first head."""
            super().connection_made(transport)
            self._expect_head()

        def connection_lost(self, exc: Exception | None) -> None:
            """Stop waiting."""
            self._cancel()
            super().connection_lost(exc)

        def handle_events(self) -> None:
            """Take in what has arrived; a head that is complete ends the waiting."""
            before = self.cycle
            super().handle_events()
            if self.cycle is not before and not self.cycle.response_complete:
                self._cancel()

        def on_response_complete(self) -> None:
            """Wait for the next head."""
            before = self.cycle
            super().on_response_complete()
            if self.cycle is before:
                self._expect_head()

        def _expect_head(self) -> None:
            self._cancel()
            self._deadline = self.loop.call_later(header_deadline, self._give_up)

        def _cancel(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

        def _give_up(self) -> None:
            self.transport.abort()

    return Connection

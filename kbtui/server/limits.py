"""Limits: to whom the server answers, how many requests and bodies it takes, and how it slows down wrong logins."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kbtui.server.options import MIB, Options, is_address, is_loopback

SAFE_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
"""Headers of every answer: it is for a program, and no browser should show, keep or frame it."""


FIRST_DELAY = 0.1
"""Seconds that the first wrong login waits for its answer; each further one waits twice as long."""

LONGEST_DELAY = 5.0

FORGOTTEN_AFTER = 900.0
"""Seconds without a wrong login after which an address begins anew."""

MOST_ADDRESSES = 10_000

UNKNOWN_HOST = "Misdirected Request: allow the name of this host with kbtui serve --allow-host NAME"


class RejectedError(Exception):
    """A request that is not carried out; it holds the answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.response = PlainTextResponse(text, status, headers={"connection": "close"})


class Gate:
    """Lets requests in: those that name this server as their host, and only so many at once.

    A page on the web can make a browser send requests here under a name of its own that it points to this machine;
    such a name is not among those allowed.
    """

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self._app = app
        self._options = options
        self._names = {name.lower().rstrip(".") for name in (options.host, *options.allowed_hosts)}
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sending = _with_safe_headers(send)
        if not self._is_meant(scope):
            await _refuse(421, UNKNOWN_HOST)(scope, receive, sending)
        elif self._inside >= self._options.requests_at_once:
            await _refuse(429, "Too Many Requests", {"retry-after": "1"})(scope, receive, sending)
        else:
            self._inside += 1
            try:
                await self._app(scope, receive, sending)
            finally:
                self._inside -= 1

    def _is_meant(self, scope: Scope) -> bool:
        """Return whether a request's only Host is this server: by a name of its own, or an address that can be its."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            return False
        name = _without_port(hosts[0].decode("latin-1")).lower().rstrip(".")
        if name in self._names or "*" in self._names:
            return True
        return is_loopback(name) or (not self._options.is_loopback and is_address(name))


class BodyReader:
    """Reads bodies: within a size and a time, and only a few large ones at once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._large = 0

    async def read(self, request: Request, limit: int) -> bytes:
        """Return a request's body. Raises RejectedError when it is too large, too slow or one too many."""
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > limit:
            raise RejectedError(413, "Content Too Large")
        chunks: list[bytes] = []
        size = 0
        is_large = False
        try:
            async with asyncio.timeout(self._options.body_deadline) as deadline:
                async for chunk in request.stream():
                    chunks.append(chunk)
                    if (size + len(chunk)) // MIB > size // MIB:
                        deadline.reschedule(asyncio.get_running_loop().time() + self._options.body_deadline)
                    size += len(chunk)
                    if size > limit:
                        raise RejectedError(413, "Content Too Large")
                    if size > self._options.body_limit and not is_large:
                        if self._large >= self._options.large_bodies_at_once:
                            raise RejectedError(429, "Too Many Requests")
                        is_large = True
                        self._large += 1
        except TimeoutError as error:
            raise RejectedError(408, "Request Timeout") from error
        except ClientDisconnect as error:
            raise RejectedError(400, "Bad Request") from error
        finally:
            self._large -= is_large
        return b"".join(chunks)


class Throttle:
    """Counts wrong logins by address. ``now`` is any clock in seconds."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def fail(self, address: str, now: float) -> float:
        """Count a wrong login and return how long its answer is to wait."""
        count, last = self._failures.pop(address, (0, now))
        count = 1 if now - last > FORGOTTEN_AFTER else count + 1
        self._failures[address] = (count, now)
        while len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)
        return float(min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(count - 1, 16)))

    def succeed(self, address: str) -> None:
        """Forget the wrong logins of an address."""
        self._failures.pop(address, None)


def _refuse(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(text, status, headers={"connection": "close", **(headers or {})})


def _with_safe_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *SAFE_HEADERS]
        await send(message)

    return sending


def _without_port(host: str) -> str:
    """Return the name or the address of a Host header."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] if ":" in host else host

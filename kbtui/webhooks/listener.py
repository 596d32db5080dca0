"""The listener: a receiver to develop against, for ``kbtui listen``, the demo and tests.

It checks token and signature, hands out what arrives as plain records, and can play the bad receiver: answer late,
with an error, never, byte by byte, or break the connection.
"""

import asyncio
import contextlib
import hmac
import json
import os
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kbtui.errors import KbtuiError
from kbtui.webhooks import signatures

BODY_LIMIT = 16 * 1024 * 1024
_HEAD_LIMIT = 64 * 1024

_LOOK_EVERY = 0.02
"""Seconds from one look at the behaviour to the next while a request hangs."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the listener answers; all of it can be changed while it runs, by giving it another one."""

    status: int = 200
    delay: float = 0.0
    """Seconds before the answer."""
    fail_first: int = 0
    """How many requests are answered with 500 before the others get ``status``."""
    hang: bool = False
    """Do not answer, as long as the listener behaves so."""
    drip: float = 0.0
    """Seconds between single bytes of the answer."""
    reset: bool = False
    """Break the connection instead of answering."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"OK"


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in."""

    time: float
    method: str
    path: str
    """The path without the query, which holds the token."""
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes
    token_is_right: bool | None
    """None when no token was asked for."""
    signature: str
    """What is wrong with the signature: empty when it is right, or when none was asked for."""
    status: int
    """What it was answered with, 0 for no answer."""
    is_signed: bool = False
    """Whether a signature was asked for and is right."""

    @property
    def webhook_id(self) -> str:
        """Return the delivery's stable id."""
        return self.headers.get("webhook-id", "")

    @property
    def payload(self) -> Any:
        """Return the body as JSON, None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def event_name(self) -> str:
        """Return the name of the event, an empty text when the body names none."""
        return str(self.payload.get("event_name", "")) if isinstance(self.payload, dict) else ""

    def as_dict(self) -> dict[str, Any]:
        """Return what may be printed: all but the token."""
        return {
            "time": self.time,
            "method": self.method,
            "path": self.path,
            "event_name": self.event_name,
            "webhook_id": self.webhook_id,
            "token": {True: "right", False: "wrong", None: "not checked"}[self.token_is_right],
            "signature": self.signature or ("right" if self.is_signed else "not checked"),
            "status": self.status,
            "headers": self.headers,
            "payload": self.payload if self.payload is not None else self.body.decode("utf-8", "replace"),
        }


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


class Listener:
    """An HTTP server on one port; use it as an async context manager, or with ``start`` and ``stop``."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = "",
        secret: str = "",
        behaviour: Behaviour | None = None,
        on_received: Callable[[Received], None] | None = None,
        remembered: int | None = 1000,
    ) -> None:
        """``received`` keeps the last ``remembered`` requests, with None all of them."""
        self.host = host
        self.port = port
        self.token = token
        self.secret = secret
        self.behaviour = behaviour or Behaviour()
        self.received: deque[Received] = deque(maxlen=remembered)
        self.count = 0
        self._on_received = on_received
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._arrived = asyncio.Event()

    @property
    def url(self) -> str:
        """Return where it listens, without a token."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"

    async def start(self) -> None:
        """Listen; port 0 becomes a free one. Raises KbtuiError when the port cannot be had."""
        try:
            self._server = await asyncio.start_server(self._serve, self.host, self.port, limit=_HEAD_LIMIT)
        except (OSError, OverflowError) as error:
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number and number > 0 else str(error)
            raise KbtuiError(f"Cannot listen on {self.host} port {self.port}: {reason}.") from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, and drop the connections that are open."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the loop's next turn
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> "Listener":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def wait_for(self, count: int) -> None:
        """Wait until that many requests have come in."""
        while self.count < count:
            self._arrived.clear()
            await self._arrived.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            with contextlib.suppress(ConnectionError, TimeoutError):
                request = await _read(reader)
                if request is None:
                    writer.write(_answer(400, (), b"Bad Request"))
                else:
                    await self._respond(request, writer)
                await writer.drain()
        except asyncio.CancelledError:
            # By stop(), which waits for this to end; asyncio would log an error if it went on.
            writer.transport.abort()
        finally:
            writer.close()

    async def _respond(self, request: _Request, writer: asyncio.StreamWriter) -> None:
        behaviour = self.behaviour
        received = self._check(request, behaviour)
        self.received.append(received)
        self.count += 1  # last, for a reader in another thread
        self._arrived.set()
        if self._on_received is not None:
            self._on_received(received)
        if behaviour.delay:
            await asyncio.sleep(behaviour.delay)
        if behaviour.reset:
            _reset(writer)
        elif behaviour.hang:
            while (other := self.behaviour) is behaviour:  # noqa: ASYNC110 - set by other threads too
                await asyncio.sleep(_LOOK_EVERY)
            await _write(writer, _answer(other.status, other.headers, other.body), other.drip)
        else:
            is_good = received.status == behaviour.status
            body = behaviour.body if is_good else _REASONS.get(received.status, "Failed").encode()
            await _write(writer, _answer(received.status, behaviour.headers if is_good else (), body), behaviour.drip)

    def _check(self, request: _Request, behaviour: Behaviour) -> Received:
        parts = urlsplit(request.target)
        now = time.time()
        token_is_right: bool | None = None
        if self.token:
            given = (parse_qs(parts.query).get("token") or [""])[-1]
            token_is_right = hmac.compare_digest(given.encode(), self.token.encode())
        signature = ""
        if self.secret:
            names = ("webhook-id", "webhook-timestamp", "webhook-signature")
            values = [request.headers.get(name, "") for name in names]
            signature = signatures.verify(self.secret, values[0], values[1], values[2], request.body, now=now)
        status = behaviour.status
        if behaviour.hang or behaviour.reset:
            status = 0
        elif token_is_right is False or signature:
            status = 401
        elif self.count < behaviour.fail_first:
            status = 500
        return Received(
            now,
            request.method,
            parts.path,
            request.headers,
            request.body,
            token_is_right,
            signature,
            status,
            is_signed=bool(self.secret) and not signature,
        )


async def _read(reader: asyncio.StreamReader) -> _Request | None:
    """Read one request; None when it is none, or too big."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head[:-4].split("\r\n")
        method, target, _ = first.split(" ", 2)
        urlsplit(target)
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= BODY_LIMIT:
            return None
        return _Request(method, target, headers, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        return None


_REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 401: "Not Authorized", 500: "Internal Server Error"}


def _answer(status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> bytes:
    content = b"" if status in (204, 304) else body
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}", "Connection: close", "Content-Type: text/plain"]
    lines += [f"{name}: {value}" for name, value in headers]
    if status not in (204, 304):
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


async def _write(writer: asyncio.StreamWriter, answer: bytes, drip: float) -> None:
    if not drip:
        writer.write(answer)
        return
    for position in range(len(answer)):
        writer.write(answer[position : position + 1])
        await writer.drain()
        await asyncio.sleep(drip)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side sees a reset, not an orderly end."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

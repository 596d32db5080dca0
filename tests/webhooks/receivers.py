"""Receivers that answer byte by byte what a test wants, good and bad, on a real socket."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from types import TracebackType

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK"


class Receiver:
    """A server that reads one request of each connection and then goes on as it was told."""

    def __init__(
        self, conversation: Conversation, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.requests: list[bytes] = []
        self.arrived = asyncio.Event()
        self.port = 0
        self.host = host
        self._conversation = conversation
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it is, by address."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}/hook"

    @property
    def first_lines(self) -> list[str]:
        """The first line of each request."""
        return [request.split(b"\r\n", 1)[0].decode("latin-1") for request in self.requests]

    async def __aenter__(self) -> "Receiver":
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the loop's next turn
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.lower().split(b"\r\n")
                length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
                self.requests.append(head + await reader.readexactly(length))
                self.arrived.set()
                await self._conversation(reader, writer)
                await writer.drain()
        except asyncio.CancelledError:
            writer.transport.abort()  # by __aexit__, which waits for this to end
        finally:
            writer.close()


def saying(answer: bytes) -> Conversation:
    """Send these bytes, then close."""

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return conversation


def answering(status: int, *headers: str, body: bytes = b"OK") -> Conversation:
    """Answer properly."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return saying("\r\n".join(lines).encode() + body)


def dripping(start: bytes, endless: bytes, *, every: float = 0.02) -> Conversation:
    """Send the start, then the rest over and over, piece by piece."""

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            await writer.drain()
            await asyncio.sleep(every)
            writer.write(endless)

    return conversation


def silent_after(start: bytes) -> Conversation:
    """Send this much and then nothing more, without closing."""

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        await asyncio.Event().wait()

    return conversation


def resetting_after(start: bytes) -> Conversation:
    """Send this much, then break the connection."""

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        # What has been sent must have arrived: a reset discards what the other side has not read yet.
        await asyncio.sleep(0.05)
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return conversation


def flooding(head: bytes, size: int) -> Conversation:
    """Send a body of that many bytes, as fast as it goes."""

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        for _ in range(size // 65536):
            writer.write(bytes(65536))
            await writer.drain()

    return conversation


def free_port() -> int:
    """Return a port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

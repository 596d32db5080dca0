"""Webhook receivers in a process of their own: one that answers at once, one that never does, one that takes time."""

import asyncio
import sys

SECONDS = 0.5
ANSWER = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request on a connection with 204."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
            )
            await reader.readexactly(length)
            writer.write(ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read whatever comes, and say nothing."""
    try:
        while await reader.read(1 << 16):
            pass
    except ConnectionError:
        pass
    writer.close()


async def linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request, but only after a while."""

    await asyncio.sleep(SECONDS)
    await answer(reader, writer)


async def serve() -> None:
    """Listen with all on ports of the system's choosing, print the ports, and go on until killed."""
    answering = await asyncio.start_server(answer, "127.0.0.1", 0)
    hanging = await asyncio.start_server(hang, "127.0.0.1", 0)
    lingering = await asyncio.start_server(linger, "127.0.0.1", 0)
    servers = (answering, hanging, lingering)
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve())
    sys.exit(0)

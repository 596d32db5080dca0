"""How many events a second are delivered, and what each costs, beside bare httpx and raw asyncio in the same run.

    python -m tests.bench.bench_delivery [--events 2000]

The receiver runs in a process of its own, so that its CPU is not counted.
"""

import argparse
import asyncio
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from kbtui.core.db import database
from kbtui.core.projects import settings
from kbtui.webhooks import endpoints
from kbtui.webhooks.engine import Engine
from tests.webhooks.outgoing import announce

ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK"
IN_FLIGHT = 4


class Cost(NamedTuple):
    """What a run took."""

    per_second: float
    cpu_ms: float


def receive(told: Connection) -> None:
    """Be the receiver."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(run())


async def measured(work: Callable[[], Awaitable[None]], events: int) -> Cost:
    """Do it, and return what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return Cost(events / (time.perf_counter() - wall), (time.process_time() - cpu) / events * 1000)


async def bare_httpx(url: str, body: bytes, events: int) -> Cost:
    """Post with httpx alone, as many at a time as the engine does, closing after each."""
    left = iter(range(events))
    headers = {"Connection": "close", "Content-Type": "application/json"}

    async def worker() -> None:
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=1)) as client:
            for _ in left:
                (await client.post(url, content=body, headers=headers)).raise_for_status()

    async def work() -> None:
        await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))

    await await_one(url, body)
    return await measured(work, events)


async def bare_asyncio(url: str, body: bytes, events: int) -> Cost:
    """Write the same requests to sockets, and read what comes until it is over: what no client can do without."""
    parts = urlsplit(url)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
    request = f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    left = iter(range(events))

    async def worker() -> None:
        for _ in left:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(request)
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 200")
            writer.close()
            await writer.wait_closed()

    async def work() -> None:
        await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))

    return await measured(work, events)


async def await_one(url: str, body: bytes) -> None:
    """Post once, so that nothing is imported or looked up for the first time while the clock runs."""
    async with httpx.AsyncClient() as client:
        await client.post(url, content=body)


async def engine(url: str, events: int) -> Cost:
    """Deliver queued events."""
    settings.webhook_token()
    endpoints.add_endpoint(url)
    with database.transaction():
        for number in range(events):
            announce(number % (events // 2))
    return await measured(lambda: Engine(until_idle=True).run(), events)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2000)
    events: int = parser.parse_args().events
    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=receive, args=(theirs,), daemon=True)
    receiver.start()
    url = f"http://127.0.0.1:{ours.recv()}/hook"
    body = b"x" * 900
    with tempfile.TemporaryDirectory() as folder:
        database.connect(Path(folder) / "kbtui.db")
        raw = asyncio.run(bare_asyncio(url, body, events))
        bare = asyncio.run(bare_httpx(url, body, events))
        delivered = asyncio.run(engine(url, events))
        database.close()
    receiver.terminate()
    print(f"{events} events, {IN_FLIGHT} in flight     events/s    CPU ms an event")
    print(f"raw asyncio, Connection: close  {raw.per_second:8.0f}    {raw.cpu_ms:8.2f}")
    print(f"bare httpx, Connection: close   {bare.per_second:8.0f}    {bare.cpu_ms:8.2f}")
    print(f"delivery, with its outbox       {delivered.per_second:8.0f}    {delivered.cpu_ms:8.2f}")
    print(f"ratio                           {delivered.per_second / bare.per_second:8.2f}    "
          f"{delivered.cpu_ms / bare.cpu_ms:8.2f}")  # fmt: skip
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()

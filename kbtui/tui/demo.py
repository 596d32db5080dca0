"""``kbtui demo``: a throw-away board with sample tasks and a receiver of its own."""

import asyncio
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kbtui.config import Settings
from kbtui.core.db import database
from kbtui.core.events import log
from kbtui.core.projects import settings, users
from kbtui.tui.app import run as run_app
from kbtui.tui.sample import make_sample_project
from kbtui.tui.serving import MakeServer
from kbtui.webhooks.endpoints import add_endpoint
from kbtui.webhooks.listener import Listener


def run(person: Settings, *, make_server: MakeServer | None = None) -> int:
    """Show the board of a database that is gone afterwards, and return the exit status."""
    with tempfile.TemporaryDirectory(prefix="kbtui-demo-") as folder:
        demo = replace(person, database=Path(folder) / "demo.db", user="admin")
        database.connect(demo.database)
        try:
            log.set_author(users.find_author_id(demo.user))
            with receiver(settings.webhook_token()) as url:
                make_sample_project()
                add_endpoint(url, name="demo receiver")
                return run_app(demo, make_server=make_server)
        finally:
            database.close()


@contextmanager
def receiver(token: str) -> Iterator[str]:
    """Run a webhook receiver in a thread of its own; yield its URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="kbtui demo receiver", daemon=True)
    thread.start()
    listener = Listener(token=token)

    def wait_for(step: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(step, loop).result(5)

    try:
        wait_for(listener.start())
        yield listener.url
    finally:
        wait_for(listener.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()

"""A command line with a board of its own, for the tests of the commands."""

import asyncio
import json
import os
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kbtui.cli import main
from kbtui.webhooks.listener import Behaviour, Listener, Received


class Ran(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Return the one JSON document on stdout; fail if there is anything else."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    """Return where the board is going to be."""
    return tmp_path / "kbtui.db"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, database_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the person's own files out of the tests, and name the board."""
    for variable in list(os.environ):
        if variable.startswith("KBTUI_"):
            monkeypatch.delenv(variable)
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.setenv("KBTUI_DATABASE", str(database_file))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process and return its status and what it printed."""

    def run(*argv: str) -> Ran:
        capsys.readouterr()
        status = main(list(argv))
        return Ran(status, *capsys.readouterr())

    return run


@pytest.fixture
def ok(run: Run) -> Callable[..., str]:
    """Run a command that must succeed and return what it printed."""

    def ok(*argv: str) -> str:
        ran = run(*argv)
        assert (ran.status, ran.err) == (0, "")
        return ran.out

    return ok


@pytest.fixture
def answer(run: Run) -> Callable[..., Any]:
    """Run a command with ``--json`` that must succeed and return its document."""

    def answer(*argv: str) -> Any:
        ran = run(*argv, "--json")
        assert (ran.status, ran.err) == (0, "")
        return ran.document

    return answer


@pytest.fixture
def refusal(run: Run) -> Callable[..., str]:
    """Run a command that must fail with one line on stderr and nothing on stdout, and return that line."""

    def refusal(*argv: str) -> str:
        ran = run(*argv)
        assert (ran.status, ran.out) == (1, "")
        assert ran.err.startswith("kbtui: ")
        assert ran.err.count("\n") == 1
        assert ran.err.endswith("\n")
        return ran.err.strip()

    return refusal


class Receiver(threading.Thread):
    """A real receiver on a free port of 127.0.0.1, in a thread of its own."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        super().__init__(daemon=True)
        self.listener = Listener(behaviour=behaviour)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()

    @property
    def url(self) -> str:
        """Return where it listens."""
        return self.listener.url

    @property
    def received(self) -> deque[Received]:
        """Return what came in, oldest first, as it stands now: the receiver's own thread goes on adding to it."""
        return self.listener.received.copy()

    @property
    def names(self) -> list[str]:
        """Return the names of the events that came in, oldest first."""
        return [received.event_name for received in self.received]

    def run(self) -> None:
        """Receive until closed."""
        self._loop.run_until_complete(self.listener.start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self.listener.stop())
        self._loop.close()

    def __enter__(self) -> "Receiver":
        self.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Start a receiver that answers 200."""
    with Receiver() as running:
        yield running


@pytest.fixture
def closed_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""How the tests' child processes start: with signals of their own, and without compiling the program each time."""

import os
import signal
from types import FrameType

import pytest


def _ignore(number: int, frame: FrameType | None) -> None:
    """Do nothing, as a shell asked that ignores the signal."""


def pytest_configure() -> None:
    """Let children hear the signals that the shell ignores, as it does under nohup and for jobs in the background.

    A child inherits that a signal is ignored; where it has a handler instead, the child gets the default action.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, _ignore)


@pytest.fixture(scope="session", autouse=True)
def bytecode(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """Keep what children compile for the children after them, in a folder that all workers share.

    Where Python is told to write no bytecode, each child compiles the program anew: 0.4 s of CPU for one with a screen.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        base = tmp_path_factory.getbasetemp()
        shared = base if worker_id == "master" else base.parent
        os.environ["PYTHONPYCACHEPREFIX"] = str(shared / "bytecode")

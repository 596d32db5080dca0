"""What Textual's pilot takes for idle: a program that has nothing to do, not one that gets no processor."""

import asyncio
import os
import time
from collections.abc import Iterator

import pytest

from tests.patience import starved

LOOK_EVERY = 0.02
"""Seconds from one look to the next."""

REST = 0.01
"""Seconds of them that a program must have been free to work …"""

WORK = 0.001
"""… and of processor time that it may have used, to be idle; as in Textual."""


async def wait_for_idle(min_sleep: float = LOOK_EVERY, max_sleep: float = 1.0) -> None:
    """Wait until this process has nothing to do, as Textual does, which takes a process that has to wait for one.

    No time counts for which its threads waited for a processor, and the longest time to wait is one of its own.
    """
    free = 0.0
    while free < max_sleep:
        began, worked, waited = time.monotonic(), time.process_time(), starved(os.getpid())
        await asyncio.sleep(LOOK_EVERY)
        rest = time.monotonic() - began - max(starved(os.getpid()) - waited, 0.0)
        free += max(rest, 0.0)
        if rest >= REST and free > min_sleep and time.process_time() - worked < WORK:
            return


@pytest.fixture(scope="session", autouse=True)
def truly_idle() -> Iterator[None]:
    """Let the pilot wait until the program is idle also beside other busy programs."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("textual.app", "textual.pilot"):
            patch.setattr(f"{module}.wait_for_idle", wait_for_idle)
        yield

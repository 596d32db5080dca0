"""Whatever a person does while the database fails: it is said, the program goes on, and later all works again."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import MouseScrollDown

from kbtui.core.db.engine import Engine
from kbtui.errors import DatabaseBusyError
from tests.tui.board_fixtures import Cells, Desk, open_desk

MANY: Cells = {(0, column): 30 for column in range(4)}
REASON = "kbtui.db is locked by another program"


@contextmanager
def failing() -> Iterator[None]:
    """Let every statement fail."""

    def fail(*given: Any, **named: Any) -> Any:
        raise DatabaseBusyError(f"{REASON}; nothing was changed. Try again.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "execute_sql", fail)
        yield


async def drop(desk: Desk) -> None:
    await desk.drag(desk.find("s0c0n1"), desk.find("s0c2n1"))


async def wheel(desk: Desk) -> None:
    await desk.wheel(MouseScrollDown, *desk.find("s0c1n2"), times=40)


async def resize(desk: Desk) -> None:
    await desk.pilot.resize_terminal(90, 60)
    await desk.pilot.pause()


def pressing(*keys: str) -> Callable[[Desk], Awaitable[None]]:
    async def press(desk: Desk) -> None:
        await desk.press(*keys)

    return press


GESTURES: dict[str, Callable[[Desk], Awaitable[None]]] = {
    "drop": drop,
    "wheel": wheel,
    "resize": resize,
    "end": pressing("G"),
    "move": pressing("L"),
    "close": pressing("x"),
    "undo": pressing("L", "u"),
    "task": pressing("enter"),
    "new": pressing("n"),
    "edit": pressing("e"),
    "projects": pressing("p"),
    "activity": pressing("a"),
    "deliveries": pressing("w"),
    "settings": pressing("comma"),
    "help": pressing("question_mark"),
}


@pytest.mark.parametrize("gesture", GESTURES.values(), ids=GESTURES)
async def test_a_gesture_on_the_board_ends_nothing_while_the_database_fails(
    tmp_path: Path, gesture: Callable[[Desk], Awaitable[None]]
) -> None:
    async with open_desk(tmp_path, MANY, size=(90, 30)) as desk:
        with failing():
            await gesture(desk)
            assert desk.app.is_running

        for _ in range(3):
            await desk.press("escape")
        await desk.press("g", "j")
        assert desk.app.screen is desk.app.board_screen
        assert desk.shows("▶ #2 s0c0n1")


@pytest.mark.parametrize(
    ("way", "keys"),
    [
        (("enter",), ("l", "x", "tab", "enter")),
        (("enter", "l"), ("a", "b")),
        (("comma",), ("right", "down", "enter")),
        (("p",), ("a", "down", "enter")),
        (("w",), ("down", "enter", "f")),
        (("a",), ("down", "f", "x")),
        (("n", "a"), ("ctrl+s",)),
        (("e", "a"), ("ctrl+s",)),
    ],
    ids=["task", "link picker", "settings", "projects", "deliveries", "activity", "new task", "edit"],
)
async def test_a_screen_that_is_open_ends_nothing_while_the_database_fails(
    tmp_path: Path, way: tuple[str, ...], keys: tuple[str, ...]
) -> None:
    async with open_desk(tmp_path, {(0, 0): 3}, size=(90, 30)) as desk:
        await desk.press(*way)
        with failing():
            await desk.press(*keys)
            await resize(desk)
            assert desk.app.is_running

        await desk.press("j", "k")
        assert desk.app.is_running

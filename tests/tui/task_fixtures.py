"""Eyes and hands for the screen of a task."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.tasks import tasks
from kbtui.tui.screens.task import TaskScreen
from kbtui.tui.widgets.row_editor import RowEditor
from kbtui.tui.widgets.task_section import TaskSection
from tests.tui.board_fixtures import Cells, Desk, open_desk

NARROW, WIDE = (80, 24), (160, 45)

TWO: Cells = {(0, 0): 2}

FIRST, SECOND = "s0c0n0", "s0c0n1"
"""The titles of the two tasks; the first one's screen is open."""


def task_screen(desk: Desk) -> TaskScreen:
    """Return the screen of the task, which lies on top."""
    screen = desk.app.screen
    assert isinstance(screen, TaskScreen), screen
    return screen


def section(desk: Desk, noun: str) -> TaskSection:
    """Return a section of the task's screen, whatever lies above it."""
    screen = next(each for each in reversed(desk.app.screen_stack) if isinstance(each, TaskScreen))
    return screen.section(noun)


def lines_of(desk: Desk, noun: str) -> list[str]:
    """Return the lines of a section as they are drawn."""
    widget = section(desk, noun)
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


def said(desk: Desk) -> str:
    """Return what the status line of the task's screen says."""
    return task_screen(desk).line.text


def hint(desk: Desk) -> str:
    """Return what is said below the editor that is open."""
    return desk.app.screen.query_one(RowEditor)._hint


def is_editing(desk: Desk) -> bool:
    """Tell whether an editor is open."""
    return bool(desk.app.screen.query(RowEditor))


def is_on_board(desk: Desk) -> bool:
    """Tell whether nothing lies above the board."""
    return desk.app.screen is desk.app.board_screen


def first_task(desk: Desk) -> TaskSnapshot:
    """Return the task whose screen is open."""
    return tasks.get_task(1)


async def go_to_field(desk: Desk, name: str) -> None:
    """Put the cursor on a field."""
    fields = section(desk, "fields")
    fields.focus()
    index = fields.find(name)
    assert index is not None
    fields.go_to(index)
    await desk.pilot.pause()


@asynccontextmanager
async def open_task(
    folder: Path, *, size: tuple[int, int] = NARROW, prepare: Any = None, **more: Any
) -> AsyncIterator[Desk]:
    """Open a board of two tasks, and the first one's screen."""
    async with open_desk(folder, TWO, size=size, **more) as desk:
        if prepare is not None:
            prepare(desk)
        await desk.press("g", "enter")
        desk.news()
        yield desk

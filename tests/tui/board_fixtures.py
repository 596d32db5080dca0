"""A board of a known shape in the running application, driven through Pilot."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from textual.events import MouseEvent
from textual.message import Message
from textual.pilot import Pilot

from kbtui.config import Settings
from kbtui.core.db import database
from kbtui.core.events import log
from kbtui.core.projects import columns, projects, swimlanes
from kbtui.core.tasks import tasks
from kbtui.core.tasks.ranks import Cell
from kbtui.tui.app import UI_BUSY_TIMEOUT, KanboardApp
from kbtui.tui.screens.board import BoardScreen
from kbtui.tui.widgets.board_view import BoardView
from tests import sql
from tests.patience import PATIENCE

Cells = Mapping[tuple[int, int], int]
"""Indexes of a swimlane and a column → how many tasks stand there."""

THREE_EACH: Cells = {(swimlane, column): 3 for swimlane in range(3) for column in range(4)}

SIZE = (120, 44)


@dataclass
class Desk:
    """A running board, and the eyes and hands to use it."""

    app: KanboardApp
    pilot: Pilot[int]
    path: Path
    project_id: int
    columns: list[int]
    swimlanes: list[int]
    asked: list[BoardView.TaskChosen | BoardView.CellChosen] = field(default_factory=list)
    seen: int = field(default=0)

    @property
    def view(self) -> BoardView:
        """The board's widget, whatever lies above it."""
        assert self.app.board_screen is not None
        return self.app.board_screen.query_one(BoardView)

    @property
    def title(self) -> str | None:
        """The title of the task under the cursor."""
        return self.view.card.title if self.view.card else None

    @property
    def said(self) -> str:
        """What the status bar shows."""
        screen = self.app.board_screen
        assert isinstance(screen, BoardScreen)
        return screen.status.render_line(0).text

    @property
    def lines(self) -> list[str]:
        """The lines of the board as they are drawn."""
        return [self.view.render_line(y).text for y in range(self.view.size.height)]

    def cell(self, swimlane: int, column: int) -> Cell:
        """Return a cell by its indexes."""
        return Cell(self.columns[column], self.swimlanes[swimlane])

    def order(self, swimlane: int, column: int) -> list[str]:
        """Return the titles of a cell's open tasks, in their order in the database."""
        return [
            title
            for (title,) in sql.fetch_all(
                'SELECT title FROM tasks WHERE column_id = ? AND swimlane_id = ? AND is_active = 1 ORDER BY "rank", id',
                self.cell(swimlane, column),
            )
        ]

    def news(self) -> list[str]:
        """Return the names of the events recorded since the last time this was asked."""
        rows = sql.fetch_all("SELECT id, name FROM events WHERE id > ? ORDER BY id", (self.seen,))
        self.seen = rows[-1][0] if rows else self.seen
        return [name for _, name in rows]

    def task_id(self, title: str) -> int:
        """Return a task's id."""
        row = sql.fetch_one("SELECT id FROM tasks WHERE title = ?", (title,))
        assert row is not None
        return int(row[0])

    async def press(self, *keys: str) -> None:
        """Press keys and let the board settle."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def find(self, text: str, *, after: int = 0) -> tuple[int, int]:
        """Return x and y of a text of narrow characters on the board."""
        for y, line in enumerate(self.lines):
            if y >= after and text in line:
                return line.index(text), y
        raise AssertionError(f"{text} is not on\n" + "\n".join(self.lines))

    def shows(self, text: str) -> bool:
        """Tell whether a text is on the board."""
        return any(text in line for line in self.lines)

    async def click(self, x: int, y: int, *, times: int = 1) -> None:
        """Click a cell of the screen."""
        await self.pilot.click(offset=(x, y), times=times)
        await self.pilot.pause()

    async def take(self, x: int, y: int) -> None:
        """Press the mouse's button."""
        await self.pilot.mouse_down(offset=(x, y))

    async def carry(self, x: int, y: int) -> None:
        """Move the mouse."""
        await self.pilot.hover(offset=(x, y))

    async def drop(self, x: int, y: int) -> None:
        """Let go of the mouse's button."""
        await self.pilot.mouse_up(offset=(x, y))
        await self.pilot.pause()

    async def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag from one place to another."""
        await self.take(*start)
        await self.carry((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
        await self.carry(*end)
        await self.drop(*end)

    async def wheel(self, kind: type[MouseEvent], x: int, y: int, *, times: int = 1, shift: bool = False) -> None:
        """Turn the wheel over a cell of the screen."""
        for _ in range(times):
            await self.pilot._post_mouse_events([kind], offset=(x, y), shift=shift)
        await self.pilot.wait_for_scheduled_animations()
        await self.pilot.pause()

    async def elsewhere(self, statement: str) -> None:
        """Do something with the core in another process, as if somebody else had."""
        program = (
            "from kbtui.core.db import database\nfrom kbtui.core.events import log\n"
            "from kbtui.core.projects import columns, projects, swimlanes\n"
            "from kbtui.core.tasks import moves, removals, tasks\n"
            f"database.connect({str(self.path)!r})\nlog.set_author(1)\n{statement}\ndatabase.close()\n"
        )
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program], check=True)

    async def wait_for(self, condition: Callable[[], object], deadline: float = PATIENCE) -> None:
        """Let the application run until a condition holds, and until it is drawn."""
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline
        while not condition():
            if loop.time() > end:
                raise AssertionError("waited in vain; the board was\n" + "\n".join(self.lines))
            await self.pilot.pause(0.02)
        await self.pilot.pause()


def make_project(path: Path, cells: Cells) -> tuple[int, list[int], list[int]]:
    """Connect to a new database with three swimlanes and the default columns; task titles are like ``s0c1n2``."""
    database.connect(path, busy_timeout=UI_BUSY_TIMEOUT)
    log.set_author(1)
    with database.transaction():
        project_id = projects.create_project("Website")
        for name in ("Middle", "Bottom"):
            swimlanes.add_swimlane(project_id, name)
        swimlane_ids = [int(swimlane.id) for swimlane in swimlanes.list_swimlanes(project_id)]
        column_ids = [int(column.id) for column in columns.list_columns(project_id)]
        for (swimlane, column), count in cells.items():
            for number in range(count):
                tasks.create_task(
                    project_id,
                    f"s{swimlane}c{column}n{number}",
                    column_id=column_ids[column],
                    swimlane_id=swimlane_ids[swimlane],
                )
    return project_id, column_ids, swimlane_ids


@asynccontextmanager
async def open_desk(
    folder: Path,
    cells: Cells = THREE_EACH,
    *,
    size: tuple[int, int] = SIZE,
    keys: Mapping[str, str] | None = None,
    theme: str = "",
    deliver: bool = False,
) -> AsyncIterator[Desk]:
    """Open a new board in the application, if not told otherwise without delivering anything."""
    path = folder / "kbtui.db"
    project_id, column_ids, swimlane_ids = make_project(path, cells)
    try:
        settings = Settings(database=path, file=folder / "config.toml", keys=keys or {}, theme=theme)
        app = KanboardApp(settings, project_id=project_id, deliver=deliver)
        asked: list[BoardView.TaskChosen | BoardView.CellChosen] = []

        def hear(message: Message) -> None:
            if isinstance(message, BoardView.TaskChosen | BoardView.CellChosen) and all(
                message is not one for one in asked
            ):
                asked.append(message)

        try:
            async with app.run_test(size=size, message_hook=hear) as pilot:
                await pilot.pause()
                desk = Desk(app, pilot, path, project_id, column_ids, swimlane_ids, asked)
                desk.news()
                yield desk
        finally:
            app.leave()  # also after a failure: what goes on beside the screen would meet the next test's database
    finally:
        database.close()

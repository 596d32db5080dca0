"""The pictures of the program: one list, from which ``screenshots/`` is made and against which tests compare.

``python -m tests.pictures`` draws all of them into ``screenshots/``, or those that are named.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import time_machine
from textual.pilot import Pilot

from kbtui.config import Settings
from kbtui.core.db import database
from kbtui.core.events import log
from kbtui.core.projects import projects
from kbtui.tui.app import KanboardApp
from kbtui.tui.sample import make_sample_project
from kbtui.webhooks.endpoints import add_endpoint
from kbtui.webhooks.health import all_health
from tests import sql
from tests.sql import insert_row

FOLDER = Path(__file__).parent.parent / "screenshots"

NOW = 1_795_521_600.0
"""The moment at which all pictures are taken: 24 November 2026, 12:00 UTC."""

ANSWERS = (38, 41, 36, 52, 44, 39, 95, 47, 40, 37, 43, 61, 45, 38, 42)
"""The milliseconds in which the receiver of the pictures has been answering."""

Steps = Callable[[Pilot[int]], Awaitable[None]]


@dataclass(frozen=True)
class Picture:
    """What is in a picture: the size of the terminal, and what is done before it is taken."""

    size: tuple[int, int]
    steps: Steps
    failing: bool = False


async def _board(pilot: Pilot[int]) -> None:
    await pilot.press("right", "right", "down")


async def _drag(pilot: Pilot[int]) -> None:
    await pilot.mouse_down("BoardView", offset=(92, 10))
    await pilot.hover("BoardView", offset=(80, 12))
    await pilot.hover("BoardView", offset=(50, 9))


async def _form(pilot: Pilot[int]) -> None:
    await pilot.press("n", *"Show the last answer of a receiver")
    await pilot.press("tab", *"Its status, its time, and the first lines of its body.")


async def _settings(pilot: Pilot[int]) -> None:
    await pilot.press("comma")


async def _help(pilot: Pilot[int]) -> None:
    await pilot.press("question_mark")


async def _task(pilot: Pilot[int]) -> None:
    await pilot.press("right", "right", "enter")


async def _link(pilot: Pilot[int]) -> None:
    await pilot.press("right", "right", "enter", "l", *"key")


async def _transfer(pilot: Pilot[int]) -> None:
    await pilot.press("right", "right", "enter", "m")


async def _recurrence(pilot: Pilot[int]) -> None:
    await pilot.press("right", "right", "enter", "R")


async def _server(pilot: Pilot[int]) -> None:
    await pilot.press("comma", "4")


async def _activity(pilot: Pilot[int]) -> None:
    await pilot.press("a")


async def _deliveries(pilot: Pilot[int]) -> None:
    await pilot.press("w", "down", "down")


async def _projects(pilot: Pilot[int]) -> None:
    await pilot.press("p")


async def _endpoint(pilot: Pilot[int]) -> None:
    await pilot.press("comma", "e")


async def _nothing(pilot: Pilot[int]) -> None:
    await pilot.pause()


PICTURES: dict[str, Picture] = {
    "board": Picture((160, 45), _board),
    "drag": Picture((160, 45), _drag),
    "form": Picture((160, 45), _form),
    "settings": Picture((160, 45), _settings),
    "help": Picture((160, 45), _help),
    "failing": Picture((160, 45), _nothing, failing=True),
    "task": Picture((160, 45), _task),
    "link": Picture((160, 45), _link),
    "transfer": Picture((160, 45), _transfer),
    "recurrence": Picture((160, 45), _recurrence),
    "activity": Picture((160, 45), _activity),
    "deliveries": Picture((160, 45), _deliveries, failing=True),
    "projects": Picture((160, 45), _projects),
    "endpoint": Picture((160, 45), _endpoint),
    "board-80x24": Picture((80, 24), _board),
    "form-80x24": Picture((80, 24), _form),
    "settings-80x24": Picture((80, 24), _settings),
    "task-80x24": Picture((80, 24), _task),
    "link-80x24": Picture((80, 24), _link),
    "transfer-80x24": Picture((80, 24), _transfer),
    "recurrence-80x24": Picture((80, 24), _recurrence),
    "server-80x24": Picture((80, 24), _server),
    "activity-80x24": Picture((80, 24), _activity),
    "deliveries-80x24": Picture((80, 24), _deliveries, failing=True),
}


async def draw(picture: Picture, file: Path) -> str:
    """Draw a picture of a sample board made in ``file``, and return it as SVG."""
    with time_machine.travel(NOW, tick=False):
        database.connect(file)
        try:
            log.set_author(1)
            make_sample_project()
            projects.create_project("Print shop")
            _receive(failing=picture.failing)
            settings = Settings(
                database=Path("~/.local/share/kbtui/kbtui.db"), file=Path("~/.config/kbtui/config.toml")
            )
            app = KanboardApp(settings, deliver=False)
            async with app.run_test(size=picture.size) as pilot:
                await pilot.pause()
                if app.board_screen is not None:
                    app.board_screen.status.show_health(all_health())
                await picture.steps(pilot)
                await pilot.pause()
                await pilot.wait_for_scheduled_animations()
                return tidy(app.export_screenshot(title="kbtui"))
        finally:
            database.close()


def _receive(*, failing: bool) -> None:
    """Add an endpoint with a history of answers."""
    endpoint_id = add_endpoint("http://127.0.0.1:8642/kanboard", name="team bot")
    events_there = sql.fetch_all("SELECT id, name, task_id FROM events WHERE formats IS NULL ORDER BY id")
    told = events_there[: len(ANSWERS)]
    for number, (event, ms) in enumerate(zip(told, ANSWERS, strict=True)):
        delivery_id = _deliver(endpoint_id, event, number, state="done", last_status=200, last_ms=float(ms), attempt=1)
        _attempt(delivery_id, endpoint_id, number, ms=float(ms), status=200, answer=b"OK")
    if failing:
        waiting = {event[2]: event for event in events_there if event[2] > told[-1][2]}
        for number, event in enumerate(list(waiting.values())[:3], len(ANSWERS)):
            tried = 2 if number == len(ANSWERS) else 0
            error = "refused" if tried else ""
            delivery_id = _deliver(endpoint_id, event, number, state="ready", attempt=tried, last_error=error)
            for attempt in range(tried):
                refused = {"error": error, "detail": "Nobody listens there."}
                _attempt(delivery_id, endpoint_id, number + attempt, attempt + 1, **refused)
        sql.execute("UPDATE endpoints SET failures = 2, failing_since = ? WHERE id = ?", (NOW - 40, endpoint_id))


def _deliver(endpoint_id: int, event: tuple[int, str, int], number: int, **values: Any) -> int:
    event_id, name, task_id = event
    moment = NOW - 300 + 7 * number
    row = {"webhook_id": f"msg_{number:026x}", "event_id": event_id, "endpoint_id": endpoint_id, "task_id": task_id}
    row |= {"event_name": name, "date_creation": moment, "scheduled_at": moment, "due_at": NOW + 252}
    return insert_row("deliveries", row | values)


def _attempt(delivery_id: int, endpoint_id: int, place: int, number: int = 1, **values: Any) -> None:
    moment = NOW - 300 + 7 * place
    row = {"delivery_id": delivery_id, "endpoint_id": endpoint_id, "number": number, "started_at": moment}
    insert_row("attempts", row | values)


def tidy(svg: str) -> str:
    """Return an SVG without what changes from run to run, and without fonts from the network."""
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono").replace("<svg ", '<svg xml:space="preserve" ', 1)
    return re.sub(r"terminal-\d+", "terminal", svg)


def draw_named(name: str) -> str:
    """Draw one picture of the list and return it as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(draw(PICTURES[name], Path(folder) / "board.db"))


def main() -> None:
    """Draw the pictures that are named on the command line, or all, into ``screenshots/``."""
    FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or PICTURES:
        (FOLDER / f"{name}.svg").write_text(draw_named(name), encoding="utf-8")
        print(FOLDER / f"{name}.svg")


if __name__ == "__main__":
    main()

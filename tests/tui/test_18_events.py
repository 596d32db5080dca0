"""Each of the eighteen events, caused by hand on the screen and received over a real connection.

What arrives has the keys, in their order, and the types of the recorded event; where a recording departs from what
we send on purpose, the case says so; where there is none, the documentation's table is the measure.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kbtui.config import Settings
from kbtui.core.db import database
from kbtui.core.events.log import WEBHOOK_EVENTS
from kbtui.core.projects import projects, users
from kbtui.core.tasks import comments, links, subtasks, tasks
from kbtui.tui.app import KanboardApp
from kbtui.webhooks.endpoints import add_endpoint
from kbtui.webhooks.listener import Listener
from tests.patience import PATIENCE
from tests.recordings import load_events, shape
from tests.tui.board_fixtures import Desk, make_project
from tests.tui.screen_fixtures import paste

Data = dict[str, Any]
Step = Callable[[Desk], Awaitable[None]]


def nothing(desk: Desk) -> None:
    """Leave the board with its two tasks."""


def keys(*pressed: str) -> Step:
    """Press keys."""

    async def press(desk: Desk) -> None:
        for key in pressed:
            await desk.press(key)

    return press


def recorded(recording: str, /, **departures: Any) -> list[Data]:
    """Return the recorded data with what we tell in another type, on purpose or because nothing is set."""
    return [{**event.data, **departures} for event in load_events(f"classic/{recording}")]


def inner(recording: str, noun: str, *names: str) -> list[Data]:
    """Return the inner object of a recording of 1.0.32, which nested it; we send it flat."""
    return [{name: event.data[noun][name] for name in names} for event in load_events(f"classic/{recording}")]


ROW = load_events("classic/recorded-task.close")[0].data
"""A task as an event tells it: task_id, then its twenty-nine columns."""

LINK = ("id", "opposite_task_id", "task_id", "link_id", "label", "opposite_link_id")
UNSET = {"date_started": None, "score": "0", "date_due": "0"}
"""What the recorded task had and ours has not."""

MOVED_TO_PROJECT = {
    **{name: value for name, value in ROW.items() if name != "task_id"},
    **{"date_started": None, "date_completed": None},
    **{"is_active": 1, "position": 1, "owner_id": 0, "category_id": 0, "swimlane_id": 0},
    "task_id": "1",
}
"""The documentation's table: the row before, overlaid with what is new, then the id."""


@dataclass(frozen=True)
class Case:
    """One event: how it is caused, and what is to arrive."""

    name: str
    expected: list[Data]
    cause: Step
    before: Callable[[Desk], object] = field(default=nothing)
    earlier: int = 0
    """How many other events the way to it causes."""


def second_project(desk: Desk) -> None:
    projects.create_project("Another")


def with_comment(desk: Desk) -> None:
    comments.add_comment(desk.task_id("s0c0n0"), "test")


def with_subtask(desk: Desk) -> None:
    subtasks.add_subtask(desk.task_id("s0c0n0"), "Step", user_id=1)


def with_link(desk: Desk) -> None:
    links.add_task_link(desk.task_id("s0c0n0"), desk.task_id("s0c0n1"), 2)


def with_user(desk: Desk) -> None:
    users.add_user("bob")


def with_file(desk: Desk) -> None:
    (desk.path.parent / "notes.txt").write_bytes(b"notes")


async def attach(desk: Desk) -> None:
    await desk.press("enter", "f")
    await paste(desk, str(desk.path.parent / "notes.txt"))
    await desk.press("enter")


async def toggle_with_the_mouse(desk: Desk) -> None:
    await desk.press("enter", "3")
    steps = desk.app.screen.query_one("#subtasks")
    await desk.click(steps.region.x + 2, steps.region.y + 1)


async def drag_to_the_next_column(desk: Desk) -> None:
    await desk.drag(desk.find("s0c0n0"), (desk.find("Ready")[0], desk.find("s0c0n0")[1]))


CASES = [
    Case("comment.create", recorded("recorded-comment.create"), keys("enter", "c", *"test", "ctrl+s")),
    Case(
        "comment.update",
        recorded("recorded-comment.update"),
        keys("enter", "4", "enter", *" more", "ctrl+s"),
        with_comment,
    ),
    Case(
        "comment.delete",
        inner("recorded-v1.0.32-comment.delete", "comment", "id", "task_id", "user_id", "comment", "date_creation"),
        keys("enter", "4", "delete"),
        with_comment,
    ),
    Case("file.create", recorded("recorded-file.create")[:1], attach, with_file),
    Case("task.move.project", [MOVED_TO_PROJECT], keys("enter", "m", "ctrl+s"), second_project),
    Case("task.move.column", recorded("recorded-task.move.column"), drag_to_the_next_column),
    Case("task.move.position", recorded("recorded-task.move.position"), keys("J")),
    Case("task.move.swimlane", recorded("recorded-task.move.swimlane"), keys("right_curly_bracket")),
    Case(
        "task.update",
        recorded("recorded-task.update-title", **UNSET),
        keys("enter", "2", "enter", *" and more", "enter"),
    ),
    Case("task.create", recorded("recorded-task.create", owner_id=0), keys("n", *"Fix it", "ctrl+s")),
    Case("task.close", recorded("recorded-task.close", date_started=None), keys("enter", "x")),
    Case("task.open", [{**ROW, "date_started": None}], keys("enter", "x", "x"), earlier=1),
    Case(
        "task.assignee_change",
        recorded("recorded-task.assignee_change", date_started=None),
        keys("enter", "2", *["down"] * 4, "enter", "down", "down", "enter"),
        with_user,
    ),
    Case("subtask.update", recorded("recorded-subtask.update"), toggle_with_the_mouse, with_subtask),
    Case(
        "subtask.create",
        recorded("recorded-subtask.create", user_id=0, time_estimated=0),
        keys("enter", "s", *"Step", "enter"),
    ),
    Case(
        "subtask.delete",
        inner(
            "recorded-v1.0.32-subtask.delete", "subtask",
            "id", "title", "status", "time_estimated", "time_spent", "task_id", "user_id", "position",
        ),
        keys("enter", "3", "delete"),
        with_subtask,
    ),
    Case(
        "task_internal_link.create_update",
        inner("recorded-v1.0.32-task_internal_link.create_update", "task_link", *LINK),
        keys("enter", "l", *"s0c0n1", "enter"),
    ),
    Case(
        "task_internal_link.delete",
        inner("recorded-v1.0.32-task_internal_link.delete", "task_link", *LINK),
        keys("enter", "5", "delete"),
        with_link,
    ),
]  # fmt: skip


@asynccontextmanager
async def delivering_desk(folder: Path, listener: Listener, before: Callable[[Desk], object]) -> AsyncIterator[Desk]:
    """Open a board of two tasks that tells the listener everything that happens from then on."""
    path = folder / "kbtui.db"
    project_id, column_ids, swimlane_ids = make_project(path, {(0, 0): 2})
    settings = Settings(database=path, file=folder / "config.toml")
    app = KanboardApp(settings, project_id=project_id, deliver=True)
    try:
        async with app.run_test(size=(100, 44)) as pilot:
            await pilot.pause()
            desk = Desk(app, pilot, path, project_id, column_ids, swimlane_ids)
            before(desk)
            add_endpoint(listener.url)
            await pilot.pause()
            yield desk
    finally:
        await asyncio.to_thread(app.leave)
        database.close()


def test_there_is_a_case_for_each_of_the_eighteen_events() -> None:
    assert sorted(case.name for case in CASES) == sorted(WEBHOOK_EVENTS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_the_event_arrives_as_it_was_recorded(case: Case, tmp_path: Path) -> None:
    async with Listener() as listener, delivering_desk(tmp_path, listener, case.before) as desk:
        await case.cause(desk)
        count = case.earlier + len(case.expected)
        await asyncio.wait_for(listener.wait_for(count), PATIENCE)
        await desk.pilot.pause(0.05)

    bodies = [json.loads(request.body) for request in listener.received][case.earlier :]
    assert [body["event_name"] for body in bodies] == [case.name] * len(case.expected)
    assert [shape(body["event_data"]) for body in bodies] == [shape(data) for data in case.expected]
    assert all(request.headers["user-agent"] == "Kanboard Webhook" for request in listener.received)


async def test_a_screenshot_arrives_under_the_name_of_the_documentation(tmp_path: Path) -> None:
    async with Listener() as listener, delivering_desk(tmp_path, listener, nothing) as desk:
        await desk.press("enter", "i")
        await asyncio.wait_for(listener.wait_for(1), PATIENCE)

    data = json.loads(listener.received[0].body)["event_data"]
    [documented] = [event.data for event in load_events("classic/original-file.create-2")]
    assert shape(data) == shape(documented)
    assert data["name"].startswith("Screenshot taken ")
    assert [part.isdigit() for part in data["name"].split()] == [part.isdigit() for part in documented["name"].split()]


async def test_what_is_changed_by_hand_is_in_the_database_as_it_was_told(tmp_path: Path) -> None:
    async with Listener() as listener, delivering_desk(tmp_path, listener, nothing) as desk:
        await desk.press("enter", "c", *"héllo [b]", "ctrl+s")
        await asyncio.wait_for(listener.wait_for(1), PATIENCE)
        [comment] = comments.list_comments(desk.task_id("s0c0n0"))
        task = tasks.get_task(desk.task_id("s0c0n0"))

    data = json.loads(listener.received[0].body)["event_data"]
    assert data["comment"] == comment.comment == "héllo [b]"
    assert (data["id"], data["task_id"]) == (comment.id, str(task.id))

"""Each of the eighteen events, caused by a command and received by a real receiver, in the recorded shape."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kbtui.core.db import database
from kbtui.core.events.log import WEBHOOK_EVENTS
from kbtui.core.projects import categories, projects, swimlanes, users
from tests.cli.conftest import Receiver
from tests.recordings import load_events, shape
from tests.webhooks.formats.test_recordings import expected_body

ROW = (
    *("id", "title", "description", "date_creation", "color_id", "project_id", "column_id", "owner_id", "position"),
    *("is_active", "date_completed", "score", "date_due", "category_id", "creator_id", "date_modification"),
    *("reference", "date_started", "time_spent", "time_estimated", "swimlane_id", "date_moved"),
    *("recurrence_status", "recurrence_trigger", "recurrence_factor", "recurrence_timeframe"),
    *("recurrence_basedate", "recurrence_parent", "recurrence_child"),
)
"""A task's columns, all strings or null."""

NULLS = ("date_completed", "date_started", "recurrence_parent", "recurrence_child")
"""Those that are null in a task that was never closed, started or repeated."""


def flat(event: str, **kinds: str) -> list[str]:
    """Return the shape of a body whose data have these keys in this order."""
    lines = [f"event_data.{name}: {kind}" for name, kind in kinds.items()]
    return ["event_name: string", "event_data: object", *lines]


def row(**kinds: str) -> dict[str, str]:
    """Return the kinds of a task's columns, with what differs."""
    return {**{name: "null" if name in NULLS else "string" for name in ROW}, **kinds}


OPEN = flat("task.open", task_id="string", **row(date_completed="string"))

MOVE_PROJECT = flat(
    "task.move.project",
    **row(is_active="integer", position="integer", owner_id="string", category_id="string", swimlane_id="integer"),
    task_id="string",
)
"""What no recording has, from the table of the protocol; here the task keeps its assignee and finds its category."""


@dataclass(frozen=True)
class Case:
    """One event: what comes before, the command that causes it, and the recording, or the shape, that it has."""

    name: str
    before: tuple[tuple[str, ...], ...]
    command: tuple[str, ...]
    recording: str = ""
    shape: tuple[str, ...] = ()
    count: int = 1


FULL = (
    *("task", "add", "Via API", "--description", "text", "--assignee", "admin", "--category", "Bug"),
    *("--due", "2030-12-31", "--started", "2030-01-01"),
)
PLAIN = ("task", "add", "Demo", "--assignee", "admin", "--column", "Ready")

CASES = (
    Case("comment.create", (PLAIN,), ("comment", "add", "1", "test"), "classic/original-comment.create"),
    Case(
        "comment.update",
        (PLAIN, ("comment", "add", "1", "test")),
        ("comment", "edit", "1", "test edit"),
        "classic/original-comment.update",
    ),
    Case(
        "comment.delete",
        (PLAIN, ("comment", "add", "1", "test")),
        ("comment", "remove", "1"),
        "classic/recorded-v1.0.32-comment.delete",
    ),
    Case("file.create", (PLAIN,), ("file", "add", "1", "notes.txt"), "classic/original-file.create"),
    Case(
        "task.move.project",
        (("task", "add", "Demo", "--assignee", "admin", "--category", "Bug"),),
        ("task", "move", "1", "--project", "Other"),
        shape=tuple(MOVE_PROJECT),
    ),
    Case(
        "task.move.column",
        (PLAIN,),
        ("task", "move", "1", "--column", "Work in progress"),
        "classic/original-task.move.column",
    ),
    Case(
        "task.move.position",
        (PLAIN, PLAIN),
        ("task", "move", "2", "--position", "1"),
        "classic/original-task.move.position",
    ),
    Case(
        "task.move.swimlane",
        (PLAIN,),
        ("task", "move", "1", "--swimlane", "Second lane"),
        "classic/recorded-task.move.swimlane",
    ),
    Case(
        "task.update",
        (("task", "add", "Demo", "--assignee", "admin", "--category", "Bug"),),
        ("task", "edit", "1", "--title", "Demo 2"),
        "classic/recorded-task.update-title",
    ),
    Case("task.create", (), PLAIN, "classic/original-task.create"),
    Case("task.close", (FULL,), ("task", "close", "1"), "classic/recorded-task.close"),
    Case("task.open", (PLAIN, ("task", "close", "1")), ("task", "open", "1"), shape=tuple(OPEN)),
    Case(
        "task.assignee_change",
        (FULL,),
        ("task", "edit", "1", "--assignee", "bob"),
        "classic/recorded-task.assignee_change",
    ),
    Case(
        "subtask.update",
        (PLAIN, ("subtask", "add", "1", "Test", "--assignee", "admin")),
        ("subtask", "toggle", "1"),
        "classic/original-subtask.update",
    ),
    Case(
        "subtask.create",
        (PLAIN,),
        ("subtask", "add", "1", "Test", "--assignee", "admin", "--estimate", "2"),
        "classic/recorded-subtask.create",
    ),
    Case(
        "subtask.delete",
        (PLAIN, ("subtask", "add", "1", "Test")),
        ("subtask", "remove", "1"),
        "classic/recorded-v1.0.32-subtask.delete",
    ),
    Case(
        "task_internal_link.create_update",
        (PLAIN, PLAIN),
        ("link", "add", "1", "blocks", "2"),
        "classic/recorded-v1.0.32-task_internal_link.create_update",
        count=2,
    ),
    Case(
        "task_internal_link.delete",
        (PLAIN, PLAIN, ("link", "add", "1", "blocks", "2")),
        ("link", "remove", "1"),
        "classic/recorded-v1.0.32-task_internal_link.delete",
    ),
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make two projects alike, one of them with a second swimlane, and a second user."""
    path = tmp_path_factory.mktemp("template") / "kbtui.db"
    database.connect(path)
    for name in ("Website", "Other"):
        categories.add_category(projects.create_project(name), "Bug")
    swimlanes.add_swimlane(1, "Second lane")
    users.add_user("bob")
    database.checkpoint()
    database.close()
    return path


@pytest.fixture(autouse=True)
def board(template: Path, database_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with that board, and a file to attach."""
    shutil.copy(template, database_file)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("x")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_event_arrives_in_its_recorded_shape(case: Case, ok: Callable[..., str], receiver: Receiver) -> None:
    for command in case.before:
        ok(*command)
    ok("webhook", "add", receiver.url, "--format", "kanboard-1.0")

    ok(*case.command)

    assert receiver.names == [case.name] * case.count
    expected = [shape(expected_body(event)) for event in load_events(case.recording)] if case.recording else []
    assert [shape(received.body) for received in receiver.received] == (expected or [list(case.shape)])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_command_sends_kanboard_1_2_too(case: Case, ok: Callable[..., str], receiver: Receiver) -> None:
    for command in case.before:
        ok(*command)
    ok("webhook", "add", receiver.url, "--format", "kanboard-1.2")

    ok(*case.command)

    assert receiver.names == [case.name.replace("file.", "task.file.")] * case.count
    for received in receiver.received:
        assert received.payload["event_author"] == "admin"
        assert received.payload["event_data"]["task"]["id"] in (1, 2)


def test_there_is_a_case_for_each_of_the_eighteen() -> None:
    assert tuple(case.name for case in CASES) == WEBHOOK_EVENTS

"""Each operation that Kanboard was recorded at, done here: the core's own events have the recorded shape.

``tests/webhooks/formats`` compares the formats with facts made from the recordings; here the facts are the core's.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kbtui.core.events import log
from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks import comments, files, links, moves, removals, subtasks, tasks, transfers
from kbtui.errors import InvalidError
from kbtui.webhooks.formats import render
from tests import sql
from tests.core.conftest import last_event_id
from tests.recordings import FOLDER, RecordedEvent, load_events, shape
from tests.webhooks.formats.recorded_facts import core_name, facts_of
from tests.webhooks.formats.test_recordings import expected_body

Operation = Callable[[], object]

NAMES = sorted(f"{path.parent.name}/{path.stem}" for path in FOLDER.glob("*/*.json"))
RECORDINGS = [name for name in NAMES if load_events(name)]

NOT_SENT = {
    "classic/recorded-task.update-unchanged": "nothing changed",
    "classic/recorded-task.assignee_change-same": "nothing changed",
    "classic/recorded-task.move.closed": "a closed task is not on the board",
    "classic/recorded-url-create-foreign-column": "the column is another project's",
    "classic/recorded-url-create-head": "HEAD creates nothing",
    "modern/subtask.update-noop": "nothing changed",
    "modern/task.move.closed": "a closed task is not on the board",
    "modern/task.remove": "a removal is announced by no event, also not by those of its files",
}
"""Where Kanboard sent something and we deliberately do not."""

NEVER_GIVEN = (
    ("task", "time_spent", 0),
    ("task", "time_estimated", 0),
    ("task", "description", ""),
    ("comment", "reference", ""),
)
"""What is null in 1.2.53 when nobody gave it, or this, as the case may be; here it is always this."""

ARRIVED = {"project_id": 2, "column_id": 5, "swimlane_id": 3, "category_id": 2}


@pytest.fixture(autouse=True)
def world(board: object) -> None:
    """Make what the recordings were made on: two projects, two users, a category and a second swimlane."""
    users.add_user("bob", name="Bob")
    for name in ("Rec project", "Other project"):
        project_id = projects.create_project(name)
        categories.add_category(project_id, "Bug")
        if project_id == 1:
            swimlanes.add_swimlane(1, "Second lane")


def expected_of(event: RecordedEvent) -> dict[str, Any]:
    """Return what we send where Kanboard sent this event, as the formats' departures and those above say."""
    body = json.loads(json.dumps(expected_body(event)))
    for noun, name, empty in NEVER_GIVEN:
        if name in body["event_data"].get(noun, ()):
            body["event_data"][noun][name] = body["event_data"][noun][name] or empty
    if event.recording == "modern/task.move.project":
        body["event_data"]["changes"] = ARRIVED  # all that changed, of which Kanboard tells nothing
    return body  # type: ignore[no-any-return]


def sent_after(last: int, payload_format: str) -> list[bytes]:
    """Return the bodies that an endpoint of this format gets of the events after ``last``."""
    rows = sql.fetch_all(
        "SELECT name, formats, facts, author FROM events WHERE id > ? AND (formats IS NULL OR formats = ?) ORDER BY id",
        (last, payload_format),
    )
    return [render(payload_format, name, json.loads(facts), author).body for name, _, facts, author in rows]


@pytest.mark.parametrize("recording", [each for each in RECORDINGS if each not in NOT_SENT])
def test_a_recorded_operation_sends_its_events_in_their_shape(recording: str) -> None:
    recorded = load_events(recording)
    with log.authored_by(0 if recorded[0].body.get("event_author", "admin") is None else 1):
        operation = prepare(recorded)
        last = last_event_id()

        operation()

    sent = sent_after(last, "kanboard-1.2" if recording.startswith("modern/") else "kanboard-1.0")
    assert [shape(body) for body in sent] == [shape(expected_of(event)) for event in recorded]


def prepare(recorded: list[RecordedEvent]) -> Operation:
    """Bring the board to where the recorded operation began, and return that operation."""
    name = core_name(recorded[0])
    first = facts_of(recorded[0])
    if name == "task.create":
        return prepare_create(recorded)
    if name in ("task.update", "task.assignee_change"):
        changes: Any = {
            field: 1 if field == "category_id" and value else value for field, value in first["changes"].items()
        }
        task_id = make_task(first["task"] | {field: other(field, value) for field, value in changes.items()})
        return lambda: tasks.update_task(task_id, **changes)
    if name.startswith("task.move."):
        return prepare_move(recorded)
    task_id = make_task(first["task"])
    if name == "task.close":
        return lambda: tasks.close_task(task_id)
    if name == "task.open":
        tasks.close_task(task_id)
        return lambda: tasks.open_task(task_id)
    noun = {"subtask": prepare_subtask, "comment": prepare_comment, "file": prepare_file}
    return noun.get(name.split(".")[0], prepare_link)(task_id, recorded)


def make_task(recorded: dict[str, Any], **more: Any) -> int:
    """Create a task as it was recorded; one that was completed at 0 was closed once."""
    fields = ("description", "owner_id", "score", "date_due", "date_started", "time_spent", "time_estimated")
    given = {name: recorded[name] for name in (*fields, "priority", "reference", "creator_id", "color_id")}
    given |= {"category_id": 1 if recorded["category_id"] else 0, "column_id": (recorded["column_id"] - 1) % 4 + 1}
    given |= {name: given[name] or empty for noun, name, empty in NEVER_GIVEN if noun == "task"}
    task_id = tasks.create_task(1, recorded["title"], **{**given, **more})
    if recorded["date_completed"] == 0:
        tasks.close_task(task_id)
        tasks.open_task(task_id)
    return task_id


def other(field: str, value: Any) -> Any:
    """Return what a field may have been before it became ``value``."""
    if field == "title":
        return "Before"
    if value:
        return None if field == "date_started" else 0
    return 1


def prepare_create(recorded: list[RecordedEvent]) -> Operation:
    if len(recorded) > 1:
        task_id = make_task(facts_of(recorded[-1])["task"])
        return lambda: transfers.duplicate_task(task_id)
    return lambda: make_task(facts_of(recorded[0])["task"])


def prepare_move(recorded: list[RecordedEvent]) -> Operation:
    facts = facts_of(recorded[0])
    if "changes" in facts and recorded[0].name == "task.move.project":
        task_id = make_task(facts["task"], column_id=1)
        return lambda: transfers.move_task_to_project(task_id, 2)
    move = facts["move"]
    task_id = make_task(facts["task"], column_id=move["src_column_id"])
    for _ in range(2):
        place = 1 if move["position"] == 1 else 2
        tasks.create_task(1, "Neighbour", column_id=move["src_column_id"], position=place)
    if "date_moved" in recorded[0].data.get("changes", ()):
        sql.execute("UPDATE tasks SET date_moved = 1")  # not in this second
    lane = 2 if recorded[0].name == "task.move.swimlane" else 1

    def operation() -> None:
        moves.move_task(task_id, column_id=move["dst_column_id"], swimlane_id=lane, position=move["position"])
        if len(recorded) > 1:  # an automatic action of Kanboard closed the task that came into the column
            tasks.close_task(task_id)

    return operation


def prepare_subtask(task_id: int, recorded: list[RecordedEvent]) -> Operation:
    facts = facts_of(recorded[0])
    subtask, changes = facts["subtask"], dict(facts.get("changes") or {})
    given = {name: subtask[name] for name in ("user_id", "time_estimated", "time_spent", "status")}
    if recorded[0].name == "subtask.create":
        return lambda: subtasks.add_subtask(task_id, "Test", **given)
    if recorded[0].name == "subtask.delete":
        subtask_id = subtasks.add_subtask(task_id, "Test", **given)
        return lambda: subtasks.remove_subtask(subtask_id)
    if recorded[0].recording.endswith("-position"):
        subtasks.add_subtask(task_id, "First")
        subtask_id = subtasks.add_subtask(task_id, "Test", **given)
        return lambda: subtasks.update_subtask(subtask_id, position=1)
    by_api = recorded[0].recording.endswith("-status")
    nobody = by_api or "user_id" in changes
    given |= {"status": subtask["status"] - 1, "user_id": 0 if nobody else subtask["user_id"] or 1}
    subtask_id = subtasks.add_subtask(task_id, "Test", **given)
    if by_api:
        return lambda: subtasks.update_subtask(subtask_id, status=1)
    return lambda: subtasks.toggle_subtask(subtask_id)


def prepare_comment(task_id: int, recorded: list[RecordedEvent]) -> Operation:
    if recorded[0].name == "comment.create":
        return lambda: comments.add_comment(task_id, "test")
    comment_id = comments.add_comment(task_id, "test")
    if recorded[0].name == "comment.update":
        return lambda: comments.update_comment(comment_id, "test edit")
    return lambda: comments.remove_comment(comment_id)


def prepare_file(task_id: int, recorded: list[RecordedEvent]) -> Operation:
    names = [facts_of(event)["file"]["name"] for event in recorded]
    if recorded[0].name.endswith("file.create"):
        return lambda: [files.add_file(task_id, name, b"x") for name in names]
    file_ids = [files.add_file(task_id, name, b"x") for name in names]
    return lambda: [files.remove_file(file_id) for file_id in file_ids]


def prepare_link(task_id: int, recorded: list[RecordedEvent]) -> Operation:
    opposite_id = make_task(facts_of(recorded[-1])["task"])
    if recorded[0].name.endswith("create_update") and not recorded[0].recording.endswith("-update"):
        return lambda: links.add_task_link(task_id, opposite_id, facts_of(recorded[0])["task_link"]["link_id"])
    link_id = links.add_task_link(task_id, opposite_id, 1)
    if recorded[0].recording.endswith("-update"):
        return lambda: links.update_task_link(link_id, link_id=facts_of(recorded[0])["task_link"]["link_id"])
    return lambda: links.remove_task_link(link_id)


def closed_task() -> int:
    task_id = tasks.create_task(1, "Task", column_id=2)
    tasks.close_task(task_id)
    return task_id


def update_unchanged() -> None:
    task_id = tasks.create_task(1, "Demo 2", owner_id=1, category_id=1)
    last = last_event_id()
    assert not tasks.update_task(
        task_id, title="Demo 2", description="", owner_id=1, category_id=1, color_id="yellow", score=0, date_due=0
    )
    assert last_event_id() == last


def assign_again() -> None:
    task_id = tasks.create_task(1, "Task", owner_id=2)
    last = last_event_id()
    assert not tasks.update_task(task_id, owner_id=2)
    assert last_event_id() == last


def move_closed() -> None:
    task_id = closed_task()
    last = last_event_id()
    with pytest.raises(InvalidError, match=r"Task #1 is closed; open it before moving it\."):
        moves.move_task(task_id, column_id=1, position=1)
    assert last_event_id() == last


def create_in_a_foreign_column() -> None:
    last, foreign = last_event_id(), columns.list_columns(2)[0].id
    with pytest.raises(InvalidError, match=f"The column {foreign} belongs to another project"):
        tasks.create_task(1, "x", column_id=foreign)
    assert last_event_id() == last


def rename_a_subtask_to_its_name() -> None:
    subtask_id = subtasks.add_subtask(tasks.create_task(1, "Task"), "Test")
    last = last_event_id()
    assert not subtasks.update_subtask(subtask_id, title="Test")
    assert last_event_id() == last


def remove_with_a_file() -> None:
    task_id, last = tasks.create_task(1, "Task"), 0
    files.add_file(task_id, "a.txt", b"x")
    last = last_event_id()
    removals.remove_task(task_id)
    assert sent_after(last, "kanboard-1.0") == sent_after(last, "kanboard-1.2") == []


SILENT: dict[str, Callable[[], None]] = {
    "classic/recorded-task.update-unchanged": update_unchanged,
    "classic/recorded-task.assignee_change-same": assign_again,
    "classic/recorded-task.move.closed": move_closed,
    "classic/recorded-url-create-foreign-column": create_in_a_foreign_column,
    "modern/subtask.update-noop": rename_a_subtask_to_its_name,
    "modern/task.move.closed": move_closed,
    "modern/task.remove": remove_with_a_file,
}


@pytest.mark.parametrize("recording", SILENT)
def test_what_we_do_not_send_is_not_recorded_either(recording: str) -> None:
    assert load_events(recording), "Kanboard sent something"

    SILENT[recording]()


def test_every_departure_is_of_a_recording_and_only_that_of_a_server_is_not_shown_here() -> None:
    assert set(NOT_SENT) <= set(RECORDINGS)
    assert set(NOT_SENT) - set(SILENT) == {"classic/recorded-url-create-head"}

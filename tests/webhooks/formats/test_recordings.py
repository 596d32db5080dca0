"""Each format says what Kanboard said, key for key and byte for byte, but for the departures listed here."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from kbtui.core.events.log import WEBHOOK_EVENTS
from kbtui.webhooks.formats import render
from kbtui.webhooks.formats.payload import encode
from tests.recordings import RecordedEvent, load_all, load_events, shape
from tests.webhooks.formats.recorded_facts import core_name, facts_of

EventData = dict[str, Any]


class Departure(NamedTuple):
    """Where we deliberately send something else than the recording."""

    reason: str
    expected: Callable[[EventData], EventData]
    """From the recorded ``event_data`` to ours."""
    facts: dict[str, Any] | None = None
    """What the core knows and Kanboard did not tell."""


def instead(**fields: Any) -> Callable[[EventData], EventData]:
    """Expect these values in place of the recorded ones."""
    return lambda data: {**data, **fields}


def inner(noun: str, *keys: str) -> Callable[[EventData], EventData]:
    """Expect these keys of a nested object, flat."""
    return lambda data: {key: data[noun][key] for key in keys}


def like_a_form(data: EventData) -> EventData:
    """Expect the keys, order and types of the task form, whatever way the task was created."""
    created = load_events("classic/recorded-task.create")[0].data
    unset = {"score": 0, "time_estimated": 0, "date_due": 0, "creator_id": 1}
    told = {**unset, **data, "project_id": str(data["project_id"]), "column_id": str(data["column_id"])}
    return {key: told[key] for key in created}


WHOLE_FORM = "the form submitted its unchanged empty fields too; here an unchanged field is as stored"
BY_URL = "the URL sent fewer keys, in another order; here task.create is the same whatever caused it"
NESTED = "1.0.32 nests; only the inner object shows the keys, which we send flat"
ECHOED = "the API's ints were echoed; our types hold whatever caused the change"
COMPARED_TOO_LATE = "Kanboard compares after saving and finds no change; we tell it"
LINK_KEYS = ("id", "opposite_task_id", "task_id", "link_id", "label", "opposite_link_id")
SUBTASK_KEYS = ("id", "title", "status", "time_estimated", "time_spent", "task_id", "user_id", "position")

DEPARTURES: dict[str, Departure] = {
    "classic/original-task.update": Departure(
        "the time-tracking form submitted all three of its fields; here an unchanged field is as stored",
        instead(date_started="1431993600", time_spent="0", time_estimated="0"),
    ),
    "classic/recorded-task.update-time-form": Departure(WHOLE_FORM, instead(time_spent="0", time_estimated="0")),
    "classic/recorded-task.update": Departure(WHOLE_FORM, instead(score="0", date_due="0")),
    "classic/recorded-task.update-title": Departure(WHOLE_FORM, instead(score="0", date_due="0")),
    "classic/recorded-task.update-unchanged": Departure(WHOLE_FORM, instead(score="0", date_due="0")),
    "classic/recorded-task.update-owner-only-form": Departure(WHOLE_FORM, instead(score="0", date_due="0")),
    "classic/recorded-task.move.closed": Departure(ECHOED, instead(column_id="1", swimlane_id="0", dst_column_id="1")),
    "classic/recorded-url-create-bad-color": Departure(BY_URL, like_a_form),
    "classic/recorded-url-create-extra-params": Departure(BY_URL, like_a_form),
    "classic/recorded-url-create-foreign-column": Departure(BY_URL, like_a_form),
    "classic/recorded-url-create-head": Departure(BY_URL, like_a_form),
    "classic/recorded-url-create-minimal": Departure(BY_URL, like_a_form),
    "classic/recorded-url-create-nonnumeric-project": Departure(BY_URL, like_a_form),
    "classic/recorded-url-create-post-query": Departure(BY_URL, like_a_form),
    "classic/recorded-v1.0.32-comment.delete": Departure(
        NESTED, inner("comment", "id", "task_id", "user_id", "comment", "date_creation")
    ),
    "classic/recorded-v1.0.32-subtask.delete": Departure(NESTED, inner("subtask", *SUBTASK_KEYS)),
    "classic/recorded-v1.0.32-task_internal_link.create_update": Departure(NESTED, inner("task_link", *LINK_KEYS)),
    "classic/recorded-v1.0.32-task_internal_link.create_update-update": Departure(
        NESTED, inner("task_link", *LINK_KEYS)
    ),
    "classic/recorded-v1.0.32-task_internal_link.delete": Departure(NESTED, inner("task_link", *LINK_KEYS)),
    "modern/subtask.update-status": Departure(
        COMPARED_TOO_LATE, instead(changes={"status": 1}), {"changes": {"status": 1}}
    ),
    "modern/subtask.update-position": Departure(
        COMPARED_TOO_LATE, instead(changes={"position": 1}), {"changes": {"position": 1}}
    ),
    "modern/subtask.update-web-toggle": Departure(
        COMPARED_TOO_LATE, instead(changes={"status": 2}), {"changes": {"status": 2}}
    ),
    "modern/task.move.project": Departure(
        COMPARED_TOO_LATE,
        instead(changes={"project_id": 2, "column_id": 6}),
        {"changes": {"project_id": 2, "column_id": 6}},
    ),
    "modern/task.update-web-form-owner-only": Departure(
        "the form's string was echoed among the changes; our numbers are ints throughout",
        instead(changes={"owner_id": 2}),
    ),
}

EVENTS = [*load_all("classic"), *load_all("modern")]


def expected_body(event: RecordedEvent) -> dict[str, Any]:
    """Return what we send where Kanboard sent this event."""
    departure = DEPARTURES.get(event.recording)
    return event.body if departure is None else {**event.body, "event_data": departure.expected(event.data)}


def rendered_body(event: RecordedEvent) -> bytes:
    """Render what the core knows of a recorded event in the format that it was recorded in."""
    departure = DEPARTURES.get(event.recording)
    facts = facts_of(event) | ((departure and departure.facts) or {})
    payload_format = "kanboard-1.2" if event.recording.startswith("modern/") else "kanboard-1.0"
    return render(payload_format, core_name(event), facts, event.body.get("event_author")).body


def without_path_digest(body: bytes) -> bytes:
    """Hide the name that a file has on Kanboard's disk, which nobody else can know."""
    return re.sub(rb'("path":"tasks\\/\d+\\/)[0-9a-f]{40}"', rb'\1..."', body)


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_a_recorded_event_is_rendered_with_its_keys_types_and_values(event: RecordedEvent) -> None:
    expected = expected_body(event)

    body = rendered_body(event)

    assert shape(body) == shape(expected)
    assert without_path_digest(body) == without_path_digest(encode(expected))


@pytest.mark.parametrize("recording", DEPARTURES)
def test_a_departure_departs_from_every_event_of_its_recording(recording: str) -> None:
    events = load_events(recording)

    departing = [event for event in events if encode(expected_body(event)) != encode(event.body)]

    assert departing == events != []
    assert DEPARTURES[recording].reason


def test_classic_recordings_show_every_documented_event_but_two() -> None:
    recorded = {event.name for event in load_all("classic")}

    assert recorded == set(WEBHOOK_EVENTS) - {"task.open", "task.move.project"}


def test_modern_recordings_show_every_event_of_their_format() -> None:
    recorded = {core_name(event) for event in load_all("modern")}

    assert recorded == {*WEBHOOK_EVENTS, "file.destroy"}


@pytest.mark.parametrize("event", [event for event in EVENTS if event.headers], ids=str)
def test_a_body_is_encoded_in_as_many_bytes_as_php_needed(event: RecordedEvent) -> None:
    assert len(encode(event.body)) == int(dict(event.headers)["Content-Length"])


def test_a_shape_shows_order_type_and_nesting() -> None:
    body = {"b": 1, "a": {"c": "1", "d": [None, True]}, "e": 1.5, "f": []}

    assert shape(json.dumps(body).encode()) == [
        "b: integer",
        "a: object",
        "a.c: string",
        "a.d: array",
        "a.d[]: null",
        "a.d[]: boolean",
        "e: number",
        "f: array",
    ]

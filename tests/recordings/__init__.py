"""Recordings of what Kanboard sends, and the shape of a body to compare with them.

``classic/original-*.json`` are the bodies in the documentation of Kanboard's webhooks; the other files are operations
on a running Kanboard (1.0.16 or 1.0.32 under ``classic/``, 1.2.53 under ``modern/``) with each request they caused.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class RecordedEvent:
    """One event that Kanboard sent, or that its documentation shows."""

    recording: str
    """The file, as ``classic/recorded-task.close``."""
    number: int
    """Which of the recording's events it is, from 0."""
    body: dict[str, Any]
    headers: tuple[tuple[str, str], ...] = ()
    """Name and value in the order sent; empty where the documentation shows the body alone."""

    @property
    def name(self) -> str:
        """The name of the event, as sent."""
        name: str = self.body["event_name"]
        return name

    @property
    def data(self) -> dict[str, Any]:
        """The ``event_data``."""
        data: dict[str, Any] = self.body["event_data"]
        return data

    def __str__(self) -> str:
        return f"{self.recording}#{self.number}"


def load_events(recording: str) -> list[RecordedEvent]:
    """Return the events of one recording, such as ``modern/task.close``, in the order they were sent."""
    recorded = json.loads((FOLDER / f"{recording}.json").read_text())
    if "event_name" in recorded:
        return [RecordedEvent(recording, 0, recorded)]
    return [
        RecordedEvent(recording, number, request["body"], tuple((name, value) for name, value in request["headers"]))
        for number, request in enumerate(recorded["events"])
    ]


def load_all(folder: str) -> list[RecordedEvent]:
    """Return every event of the recordings in ``classic`` or ``modern``."""
    recordings = sorted(f"{folder}/{path.stem}" for path in (FOLDER / folder).glob("*.json"))
    return [event for recording in recordings for event in load_events(recording)]


def shape(value: object, path: str = "") -> list[str]:
    """Return the keys of a body in order, each with its JSON type: ``event_data.task.title: string``.

    Takes the bytes of a body or what they decode to. Two bodies of one shape differ in values only.
    """
    if isinstance(value, bytes):
        return shape(json.loads(value), path)
    if isinstance(value, dict):
        inner = [line for key, item in value.items() for line in shape(item, f"{path}.{key}" if path else key)]
        return [f"{path}: object", *inner] if path else inner
    if isinstance(value, list):
        return [f"{path}: array", *(line for item in value for line in shape(item, f"{path}[]"))]
    return [f"{path}: {JSON_TYPES[type(value)]}"]


JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}

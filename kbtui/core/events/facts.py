"""Facts: what an event knows, as they are stored and read again."""

import hashlib
import json
from typing import Any

Facts = dict[str, Any]
"""What an event knows, as plain JSON: numbers as numbers, nothing as null. Which keys, see :data:`log.EVENTS`."""

LONG = 1000
"""Characters from which on a description is stored once for all events that tell of it."""

_TELL_IT = ("task", "task_before", "changes", "before")
"""The parts of a snapshot that may have the description of a task."""


def long_text(facts: Facts) -> str | None:
    """Return the description of the event's task when it is long, else None."""
    text = facts["task"].get("description") if "task" in facts else None
    return text if isinstance(text, str) and len(text) > LONG else None


def digest_of(text: str) -> str:
    """Return the key under which a long description is stored."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def write_facts(facts: Facts, text: str | None = None) -> str:
    """Return facts as they are stored: null wherever they have ``text``, the long description, for a description."""
    if text is not None:
        facts = {
            name: {**part, "description": None} if name in _TELL_IT and part.get("description") == text else part
            for name, part in facts.items()
        }
    return json.dumps(facts, ensure_ascii=False)


def read_facts(stored: str | bytes, text: str | bytes | None = None) -> Facts:
    """Return facts from what is stored of them, with ``text``, the event's long description, where it belongs.

    Raises ValueError or RecursionError for what is damaged.
    """
    facts = json.loads(stored)
    if not isinstance(facts, dict):
        raise ValueError("the facts of an event are an object")
    if text is not None:
        whole = text if isinstance(text, str) else text.decode()
        for name in _TELL_IT:
            part = facts.get(name)
            if isinstance(part, dict) and "description" in part and part["description"] is None:
                part["description"] = whole
    return facts

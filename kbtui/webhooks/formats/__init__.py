"""Payload formats: pure functions from an event's frozen facts to the request that announces it.

The same facts give the same bytes, so a delivery that is repeated repeats itself exactly. A new format is a module
with a ``render`` and a line in :data:`FORMATS`.
"""

from collections.abc import Callable

from kbtui.webhooks.formats import kanboard_1_0, kanboard_1_2
from kbtui.webhooks.formats.payload import Facts, Payload

__all__ = ["FORMATS", "Facts", "Payload", "render"]

FORMATS: dict[str, Callable[[str, Facts, str | None], Payload]] = {
    "kanboard-1.0": kanboard_1_0.render,
    "kanboard-1.2": kanboard_1_2.render,
}
"""Every payload format by the name an endpoint has it under, the default first."""


def render(payload_format: str, name: str, facts: Facts, author: str | None) -> Payload:
    """Render one event in a format. Raises ValueError for an unknown format, or an event that it does not have."""
    if payload_format not in FORMATS:
        raise ValueError(f"There is no payload format {payload_format!r}; there are {', '.join(FORMATS)}.")
    return FORMATS[payload_format](name, facts, author)

"""The line under the board: the project, and how its webhook receivers answer."""

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from kbtui.tui.base import Guarded
from kbtui.tui.glyphs import clip, drawable
from kbtui.tui.words import until, without_folder
from kbtui.webhooks.policy import BUDGET_MS

if TYPE_CHECKING:  # what it imports would hold back the first frame
    from kbtui.webhooks.health import Health

SPARKS = "▁▂▃▄▅▆▇█"

FASTEST_MS = 10.0
"""An answer within this is the lowest bar of the sparkline."""

MESSAGE_LASTS = 6.0
"""Seconds that something said stays on the bar."""

ROOM_FOR_PROJECT = 24
"""Cells that deliveries leave to the project."""

ROOM_FOR_STATE = 20
"""Cells that deliveries have at least, whatever is said."""

Part = tuple[str, str]
"""A text and the name of its style; "" is the bar's own."""


class StatusBar(Guarded, Widget):
    """Say which project is shown, how many tasks it has, and how deliveries go."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "status-bar--project",
        "status-bar--dim",
        "status-bar--good",
        "status-bar--warning",
        "status-bar--bad",
    }

    def __init__(self) -> None:
        super().__init__()
        self._project = ""
        self._tasks = 0
        self._message: Part | None = None
        self._message_until = 0.0
        self._health: Sequence[Health] = ()
        self._trouble = ""
        self._drawn: tuple[list[Part], list[Part]] | None = None

    def show_project(self, name: str, tasks: int) -> None:
        """Say which project is shown and how many open tasks it has."""
        self._project, self._tasks = drawable(name), tasks
        self.update()

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something for a few seconds."""
        self._message = (drawable(without_folder(text)), "bad" if bad else "")
        self._message_until = time.monotonic() + MESSAGE_LASTS
        self.set_timer(MESSAGE_LASTS + 0.05, self.update)
        self.update()

    def hush(self) -> None:
        """Say no longer what was said: something else is being done."""
        if self._message is not None:
            self._message = None
            self.update()

    def show_health(self, health: "Sequence[Health]", trouble: str = "") -> None:
        """Say how the endpoints answer; ``trouble`` is what is wrong with the sender itself."""
        self._health, self._trouble = health, drawable(without_folder(trouble))
        self.update()

    def update(self) -> None:
        """Draw again if anything has changed."""
        drawn = (self._left(), self._right())
        if drawn != self._drawn:
            self._drawn = drawn
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the bar: what is said or shown on the left, deliveries on the right."""
        width = self.size.width
        left, right = self._left(), self._right()
        # What is said goes before what always stands here; of that at least the beginning stays.
        limit = max(width - (_width(left) + 2 if self._is_saying else ROOM_FOR_PROJECT), ROOM_FOR_STATE)
        while len(right) > 1 and _width(right) > limit:
            right = right[:-1]
        right = _clip(right, min(limit, max(width - 1, 0)))
        room = max(width - _width(right) - 1, 0)
        segments = self._segments(_clip(left, room))
        used = sum(segment.cell_length for segment in segments)
        segments.append(Segment(" " * max(width - used - _width(right) - 1, 0), self.rich_style))
        return Strip([*segments, *self._segments(right)]).adjust_cell_length(width, self.rich_style)

    def _segments(self, parts: Sequence[Part]) -> list[Segment]:
        return [
            Segment(text, self.get_component_rich_style(f"status-bar--{style}") if style else self.rich_style)
            for text, style in parts
        ]

    @property
    def _is_saying(self) -> bool:
        return self._message is not None and time.monotonic() < self._message_until

    def _left(self) -> list[Part]:
        if self._message is not None and self._is_saying:
            text, style = self._message
            return [(f" {text}", style)]
        tasks = f"{self._tasks:,} task" + ("" if self._tasks == 1 else "s")
        return [(f" {self._project}", "project"), (f"  {tasks}", "dim")]

    def _right(self) -> list[Part]:
        """Return the delivery part: the endpoint that is worst off, the most important first."""
        if self._trouble:
            return [(f"✗ {self._trouble}", "bad")]
        if not self._health:
            return [("no webhook yet: , adds one", "dim")]
        order = {"bad": 0, "warning": 1, "good": 2, "off": 3}
        health = min(self._health, key=lambda each: order[each.level])
        style = {"bad": "bad", "warning": "warning", "good": "good", "off": "dim"}[health.level]
        mark = {"bad": "✗", "warning": "!", "good": "●", "off": "○"}[health.level]
        others = f" (+{len(self._health) - 1})" if len(self._health) > 1 else ""
        parts: list[Part] = [(f"{mark} {clip(drawable(health.name), 20)}{others} {health.state}", style)]
        if health.last_ms is not None:
            parts.append((f" {health.last_ms:,.0f} ms", "warning" if health.last_ms > BUDGET_MS else style))
        if health.waiting:
            parts.append((f"  {health.waiting_text} waiting", style if health.level == "bad" else ""))
        if health.next_try is not None and health.level in ("bad", "warning"):
            parts.append((f"  next try {until(health.next_try)}", ""))
        if health.p50 is not None and health.p95 is not None:
            parts.append((f"  p50 {health.p50:,.0f} p95 {health.p95:,.0f}", "dim"))
            parts.append((f" {sparkline(health.latencies)}", style))
        return parts


def sparkline(values: Sequence[float]) -> str:
    """Draw latencies in milliseconds as bars on a logarithmic scale: from 10 ms to the budget of a second, or more."""
    steps = [math.log(max(value, FASTEST_MS) / FASTEST_MS, BUDGET_MS / FASTEST_MS) for value in values]
    return "".join(SPARKS[min(int(step * len(SPARKS)), len(SPARKS) - 1)] for step in steps)


def _width(parts: Sequence[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts)


def _clip(parts: Sequence[Part], room: int) -> list[Part]:
    clipped: list[Part] = []
    for text, style in parts:
        shown = clip(text, room)
        clipped.append((shown, style))
        room -= cell_len(shown)
        if room <= 0:
            break
    return clipped

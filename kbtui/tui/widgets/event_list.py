"""The events an endpoint can ask for, to be ticked one by one or by the group."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from kbtui.core.events.queue import wants
from kbtui.tui.base import Guarded

GROUPS = ("task.*", "task.move.*", "subtask.*", "comment.*", "file.*", "task_internal_link.*")
"""Patterns that stand for several events, a wider one before those within it."""

ALL = "*"


def group_of(names: Iterable[str], pattern: str) -> frozenset[str]:
    """Return those of the names that a pattern takes."""
    return frozenset(name for name in names if wants(pattern, name))


def write_patterns(chosen: Iterable[str], names: Iterable[str]) -> str:
    """Return a short list of patterns that takes exactly the chosen ones of the names."""
    left, known = set(chosen), list(names)
    if left >= set(known):
        return ALL
    patterns: list[str] = []
    for pattern in GROUPS:
        group = group_of(known, pattern)
        if group and group <= left:
            patterns.append(pattern)
            left -= group
    return ", ".join([*patterns, *(name for name in known if name in left)])


class EventList(Guarded, OptionList):
    """Tick events; what is ticked is written as patterns, and what is written is ticked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "Tick", show=False, id="event.tick", tooltip="Take the event, or leave it out"),
    ]

    @dataclass
    class Ticked(Message):
        """Something was ticked or unticked."""

        patterns: str

    def __init__(self, names: Iterable[str], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        self.names = tuple(names)
        self.rows = (ALL, *self._sorted_rows())
        self.chosen: frozenset[str] = frozenset(self.names)
        super().__init__(*(Option(self._line(row), id=f"event-{index}") for index, row in enumerate(self.rows)), id=id)

    def _sorted_rows(self) -> list[str]:
        """Return the groups, each before its events."""
        rows: list[str] = []
        for name in self.names:
            for pattern in GROUPS:
                if wants(pattern, name) and pattern not in rows and len(group_of(self.names, pattern)) > 1:
                    rows.append(pattern)
            rows.append(name)
        return sorted(rows, key=lambda row: (row.split(".")[0], row.replace("*", "")))

    def show_patterns(self, patterns: str) -> None:
        """Tick what the patterns take."""
        self.chosen = group_of(self.names, patterns)
        for index, row in enumerate(self.rows):
            self.replace_option_prompt_at_index(index, self._line(row))

    def _line(self, row: str) -> Content:
        group = group_of(self.names, row)
        mark = "☑" if group <= self.chosen else "▣" if group & self.chosen else "☐"
        indent = "  " * (0 if row == ALL else row.removesuffix(".*").count(".") + ("*" not in row and "." not in row))
        label = "all events" if row == ALL else row
        return Content.assemble(f"{mark} {indent}", (label, "bold" if "*" in row else ""))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the event or the group, or leave it out."""
        event.stop()
        group = group_of(self.names, self.rows[event.option_index])
        chosen = self.chosen - group if group <= self.chosen else self.chosen | group
        self.post_message(self.Ticked(write_patterns(chosen, self.names)))

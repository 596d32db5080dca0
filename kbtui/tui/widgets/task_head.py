"""The head of a task's screen: its number and title, and where it stands."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.values.colors import COLORS, DEFAULT_COLOR
from kbtui.tui.base import Guarded
from kbtui.tui.glyphs import clip, drawable
from kbtui.tui.markdown import inline_lines
from kbtui.tui.widgets.part_styles import part_style

PARTS = ("text", "strong", "emphasis", "strike", "code", "link", "heading", "quote", "dim", "closed")
MOST = 4
"""Lines of a title."""


class TaskHead(Guarded, Widget):
    """Show the title as Markdown beside the task's colour, and below it the task's place."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"task-head--{name}" for name in PARTS}

    def __init__(self, task: TaskSnapshot) -> None:
        super().__init__()
        self.shown = task

    def show_task(self, task: TaskSnapshot) -> None:
        """Show another state of the task."""
        if task != self.shown:
            self.shown = task
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines the title and the place take."""
        return len(self._title(width)) + 1

    def _styles(self) -> dict[str, Style]:
        return {name: part_style(self, f"task-head--{name}") for name in PARTS}

    def _title(self, width: int) -> list[Strip]:
        styles = self._styles() | {"text": part_style(self, "task-head--heading")}
        lines = inline_lines(self.shown.title, max(width - self._indent - 1, 8), styles)
        return lines if len(lines) <= MOST else [*lines[: MOST - 1], Strip([Segment("…", styles["dim"])])]

    @property
    def _indent(self) -> int:
        return len(f"▌ #{self.shown.id} ")

    def render_line(self, y: int) -> Strip:
        """Return a line of the head."""
        width = self.size.width
        styles = self._styles()
        color = COLORS.get(self.shown.color_id, COLORS[DEFAULT_COLOR]).border
        bar = Segment("▌ ", Style(color=color))
        lines = self._title(width)
        if y < len(lines):
            number = f"#{self.shown.id} " if y == 0 else " " * (self._indent - 2)
            strip = Strip([bar, Segment(number, styles["dim"]), *lines[y]])
        else:
            task = self.shown
            names = [task.project_name, task.column_title, task.swimlane_name]
            place = " › ".join(drawable(name) for name in names)
            state = f" · position {task.position}" if task.is_active else ""
            segments = [bar, Segment(clip(place + state, width - 14), styles["dim"])]
            if not task.is_active:
                segments.append(Segment("  ✓ closed", styles["closed"]))
            strip = Strip(segments)
        return strip.adjust_cell_length(width, self.rich_style).apply_style(self.rich_style)

"""The webhook endpoints: where each goes, what it gets, and how it is doing, in words."""

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from kbtui.core.db.models import Endpoint
from kbtui.core.projects import projects
from kbtui.tui.base import Guarded
from kbtui.tui.glyphs import clip, drawable
from kbtui.webhooks import endpoints
from kbtui.webhooks.health import Health, all_health

STATES = {
    "idle": "nothing sent yet",
    "ok": "answers",
    "slow": "answers slowly",
    "failing": "failing",
    "stopped": "failing, only the oldest event is tried",
    "resting": "asked to be left alone for a while",
    "paused": "paused, events are kept",
    "disabled": "disabled, gets no events",
}
"""The state of an endpoint in words."""

_MARKS = {"good": "●", "warning": "!", "bad": "✗", "off": "○"}
_COLORS = {"good": "$text-success", "warning": "$text-warning", "bad": "$text-error", "off": "dim"}


class EndpointList(Guarded, OptionList):
    """List the endpoints, three or four lines each."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, markup=False)
        self._ids: list[int] = []
        self._drawn: list[Content] = []

    @property
    def marked_id(self) -> int | None:
        """Return the id of the endpoint under the cursor."""
        index = self.highlighted
        return self._ids[index] if index is not None and index < len(self._ids) else None

    def read(self, marked_id: int | None = None) -> None:
        """Show the endpoints as they are now; the cursor stays, or goes to ``marked_id``."""
        marked = marked_id or self.marked_id
        health = {each.endpoint_id: each for each in all_health()}
        there = [each for each in endpoints.list_endpoints() if each.id in health]
        names = {project.id: project.name for project in projects.list_projects(with_inactive=True)}
        width = max(self.app.size.width - 8, 40)
        drawn = [_lines(each, health[each.id], names, width) for each in there]
        ids = [each.id for each in there]
        if ids != self._ids:
            self._ids, self._drawn = ids, drawn
            self.clear_options()
            self.add_options([Option(lines) for lines in drawn])
            self.highlighted = ids.index(marked) if marked in ids else (0 if ids else None)
            return
        for index, lines in enumerate(drawn):
            if lines != self._drawn[index]:
                self.replace_option_prompt_at_index(index, lines)
        self._drawn = drawn
        if marked in ids and self.highlighted != ids.index(marked):
            self.highlighted = ids.index(marked)


def _lines(endpoint: Endpoint, health: Health, names: dict[int, str], width: int) -> Content:
    color = _COLORS[health.level]
    state = STATES[health.state]
    if health.last_ms is not None and health.level != "off":
        state += f" · {health.last_ms:,.0f} ms"
    if health.waiting:
        state += f" · {health.waiting_text} waiting"
    if endpoint.project_id is None:
        scope = "of all projects"
    else:
        scope = f"of {drawable(names.get(endpoint.project_id, f'project #{endpoint.project_id}, removed'))}"
    events = "all events" if endpoint.events == "*" else drawable(", ".join(endpoint.events.split(",")))
    lines = [
        Content.assemble((f"{_MARKS[health.level]} ", color), (drawable(endpoint.name), "bold"), (f"  {state}", color)),
        Content.assemble((f"  {clip(drawable(health.origin), width - 16)} · {endpoint.format}", "dim")),
        Content.assemble((f"  {clip(f'{events} {scope}', width)}", "dim")),
    ]
    if health.reason:
        lines.append(Content.assemble((f"  {drawable(health.reason)}", color)))
    return Content("\n").join(lines)

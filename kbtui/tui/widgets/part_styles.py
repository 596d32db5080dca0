"""Styles of the parts of a widget that draws itself, to be laid over any ground."""

from rich.style import Style
from textual.widget import Widget


def part_style(widget: Widget, name: str) -> Style:
    """Return a component's style without a ground, and without what the style sheet does not say of it."""
    said = widget.get_component_rich_style(name, partial=True)
    if said.color is None:
        return said.without_color + Style()
    # A colour that lets the ground through is mixed with it only in the whole style.
    return said.without_color + Style(color=widget.get_component_rich_style(name).color)

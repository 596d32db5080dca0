"""Eyes and hands for the screens that lie above the board."""

from itertools import groupby
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.widget import Widget
from textual.widgets import Static

from kbtui.tui.widgets.dialog import Notice
from kbtui.tui.widgets.fields import Field
from tests.sql import fetch_all
from tests.tui.board_fixtures import Desk

HOSTILE = {
    "markup": "[bold red]not markup[/] [@click=app.quit]x[/]",
    "ansi": "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "nul": "a\0b\x7f\x85c",
    "right to left": "\u202eabc שלום مرحبا",
    "emoji": "👩\u200d👩\u200d👧 👍🏽 ❤\ufe0f",
    "wide": "漢字カナ" * 20,
    "combining": "e" + "\u0301" * 9 + "o\u0308",
}
"""Texts that a careless program draws or stores wrongly."""


async def paste(desk: Desk, text: str) -> None:
    """Paste a text into what has the focus."""
    desk.app.post_message(events.Paste(text))
    await desk.pilot.pause()


class Text(str):
    """A text that is put in at once, among keys that are pressed."""

    __slots__ = ()


async def do(desk: Desk, *steps: str) -> None:
    """Press keys and put texts in, one after the other."""
    for is_text, together in groupby(steps, lambda step: isinstance(step, Text)):
        if is_text:
            for text in together:
                await paste(desk, text)
        else:
            await desk.pilot.press(*together)
    await desk.pilot.pause()


def type_ahead(desk: Desk, *keys: str) -> None:
    """Press keys without waiting for what they do."""
    for key in keys:
        desk.app.post_message(events.Key(key, key if len(key) == 1 else None))


async def go_to(desk: Desk, selector: str) -> Any:
    """Give the focus to a widget of the top screen and return it."""
    widget = desk.app.screen.query_one(selector, Widget)
    widget.focus()
    await desk.pilot.pause()
    return widget


async def click_on(desk: Desk, selector: str, offset: tuple[int, int] | None = None) -> None:
    """Click a widget of the top screen, in its middle or at an offset from its corner."""
    widget = desk.app.screen.query_one(selector)
    x, y = offset if offset is not None else (widget.region.width // 2, widget.region.height // 2)
    await desk.click(widget.region.x + x, widget.region.y + y)


def screen_lines(desk: Desk) -> list[str]:
    """Return the lines of the whole screen as they are drawn."""
    return [strip.text for strip in desk.app.screen._compositor.render_strips()]


def shown(desk: Desk) -> str:
    """Return all that is drawn, as one text."""
    return "\n".join(screen_lines(desk))


def frame_is_whole(desk: Desk) -> bool:
    """Tell whether the right border of the dialog stands straight, and no line is wider than the screen."""
    region = desk.app.screen.query_one("Dialog").region
    width = desk.app.size.width
    for y, line in enumerate(screen_lines(desk)):
        if cell_len(line) != width or not line.isprintable():
            return False
        if region.y < y < region.bottom - 1:
            cells = [character for character in line for _ in range(cell_len(character))]
            if cells[region.right - 1] not in "│╭╰╮╯":
                return False
    return True


def complaint(desk: Desk, name: str) -> str:
    """Return what is said beside a field."""
    field = desk.app.screen.query_one(f"#field-{name}", Field)
    return str(field.query_one(".field--hint", Static).visual)


def notice(desk: Desk) -> str:
    """Return what is said about the whole dialog."""
    return desk.app.screen.query_one(Notice).text


def rows(sql: str, *params: object) -> list[tuple[Any, ...]]:
    """Return rows of the database."""
    return fetch_all(sql, params)


def is_in_view(widget: Widget) -> bool:
    """Tell whether a widget can be seen whole."""
    screen = widget.screen.region
    return screen.contains_region(widget.region) and widget.region.area > 0

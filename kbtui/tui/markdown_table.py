"""Tables of a text in Markdown: columns as wide as they need to be, cut where there is no room."""

from rich.cells import cell_len
from rich.style import Style

from kbtui.tui.glyphs import clip
from kbtui.tui.runs import Run, width_of

GAP = " │ "
LEAST = 4
"""Cells that a column has at least."""


def table_rows(cells: list[list[list[Run]]], width: int, rule: Style) -> list[list[Run]]:
    """Return the rows of a table, the first being its head, as runs of at most ``width`` cells."""
    count = max(len(row) for row in cells)
    wanted = [max((width_of(row[at]) for row in cells if at < len(row)), default=0) for at in range(count)]
    widths = _fit(wanted, width - len(GAP) * (count - 1))
    rows: list[list[Run]] = []
    for number, row in enumerate(cells):
        line: list[Run] = []
        for at in range(count):
            if at:
                line.append((GAP, rule))
            line += _cell(row[at] if at < len(row) else [], widths[at], rule)
        rows.append(line)
        if number == 0:
            rows.append([("─┼─".join("─" * each for each in widths), rule)])
    return rows


def _fit(wanted: list[int], room: int) -> list[int]:
    """Return the widths of columns: the widest give way until all fit."""
    widths = [max(each, 1) for each in wanted]
    while sum(widths) > room and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _cell(runs: list[Run], width: int, rule: Style) -> list[Run]:
    """Return a cell's runs, cut or padded to its width."""
    line: list[Run] = []
    left = width
    for text, style in runs:
        part = clip(text, left)
        if part:
            line.append((part, style))
        left -= cell_len(part)
        if left <= 0 or part != text:
            break
    return [*line, (" " * max(left, 0), rule)]

"""Runs of styled text: breaking them into lines."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Run = tuple[str, Style]
"""A drawable text, which may hold line breaks, and its style."""


def join_runs(runs: Iterable[Run]) -> str:
    """Return the text of runs."""
    return "".join(text for text, _ in runs)


def width_of(runs: Iterable[Run]) -> int:
    """Return how many cells runs take on one line."""
    return sum(cell_len(text) for text, _ in runs)


def line_of(runs: Iterable[Run]) -> Strip:
    """Return runs as one line."""
    segments = [Segment(text, style) for text, style in runs]
    return Strip(segments, sum(cell_len(segment.text) for segment in segments))


def lines_of(runs: Sequence[Run], width: int, *, indent: int = 0) -> list[Strip]:
    """Return runs as lines of at most ``width`` cells; those after the first are indented."""
    lines = break_runs(runs, max(width, 1))
    if len(lines) == 1 or not indent:
        return [line_of(line) for line in lines]
    taken = len(join_runs(lines[0]))
    rest = slice_runs(runs, taken, len(join_runs(runs)))
    while rest and rest[0][0].startswith(" "):
        rest[0] = (rest[0][0].lstrip(" "), rest[0][1])
        if not rest[0][0]:
            rest.pop(0)
    pad: Run = (" " * indent, lines[0][0][1])
    return [line_of(lines[0]), *(line_of([pad, *line]) for line in break_runs(rest, max(width - indent, 1)))]


def break_runs(runs: Sequence[Run], width: int) -> list[list[Run]]:
    """Break runs into lines of at most ``width`` cells, at spaces where there are any; at least one line."""
    text = join_runs(runs)
    if "\n" not in text and cell_len(text) <= width:
        return [list(runs)]
    return [slice_runs(runs, start, end) for start, end in _spans(text, width)]


def _spans(text: str, width: int) -> list[tuple[int, int]]:
    """Return where each line begins and ends in a text."""
    spans: list[tuple[int, int]] = []
    begin = 0
    for line in text.split("\n"):
        end = begin + len(line)
        at = begin
        while True:
            cut = _cut(text, at, end, width)
            spans.append((at, cut))
            at = cut
            while at < end and text[at] == " ":
                at += 1
            if at >= end:
                break
        begin = end + 1
    return spans


def _cut(text: str, begin: int, end: int, width: int) -> int:
    """Return where a line that begins here ends."""
    used = 0
    space = -1
    for index in range(begin, end):
        character = text[index]
        used += get_character_cell_size(character)
        if used > width and index > begin:
            return index if character == " " or space < 0 else space
        if character == " " and index > begin:
            space = index
    return end


def slice_runs(runs: Sequence[Run], start: int, end: int) -> list[Run]:
    """Return the runs between two characters."""
    sliced: list[Run] = []
    at = 0
    for text, style in runs:
        part = text[max(start - at, 0) : max(end - at, 0)]
        if part:
            sliced.append((part, style))
        at += len(text)
    return sliced

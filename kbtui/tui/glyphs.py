"""Text as every terminal draws it: nothing that moves the cursor, nothing whose width terminals disagree about."""

import unicodedata
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size

MOST_MARKS = 2
"""Combining marks kept on one character; more would grow into the lines above and below."""

_FILLERS = (0x115F, 0x1160, 0x3164, 0xFFA0)

_DROPPED = frozenset((*_FILLERS, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400), *range(0xE0000, 0xE1000)))
"""Variation selectors, skin tones, tags, invisible letters: whether they change the width depends on the terminal."""

_FLAG_LETTERS = {chr(0x1F1E6 + number): chr(ord("A") + number) for number in range(26)}
"""The halves of flags: one, two or four cells wide in pairs, depending on the terminal. Their letters are not."""


@lru_cache(maxsize=8192)
def drawable(text: str) -> str:
    """Return ``text`` as one line that is drawn alike everywhere.

    Line breaks and tabs become spaces, other control characters U+FFFD. Invisible format characters (joiners,
    directions) and what changes a character's width only in some terminals are left out; flags become letters.
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            marks += 1
            if marks > MOST_MARKS or not kept or ord(character) in _DROPPED:
                continue
        else:
            if category == "Cf" or ord(character) in _DROPPED:
                continue
            marks = 0
            if category in ("Cc", "Zl", "Zp", "Cs", "Co", "Cn"):
                character = " " if character in "\t\n\v\f\r\x85\u2028\u2029" else "\N{REPLACEMENT CHARACTER}"
        kept.append(_FLAG_LETTERS.get(character, character))
    return "".join(kept)


def clip(text: str, width: int) -> str:
    """Return drawable text cut to at most ``width`` cells, with an ellipsis where something was cut."""
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    return _take(text, width - 1, least=0)[0] + "…"


def fill(text: str, width: int) -> str:
    """Return drawable text that takes exactly ``width`` cells: cut or padded on the right."""
    clipped = clip(text, width)
    return clipped + " " * (width - cell_len(clipped))


def wrap(text: str, width: int, most: int) -> list[str]:
    """Break drawable text into at most ``most`` lines of at most ``width`` cells.

    It is broken at spaces; between two wide characters, whose scripts have none, and in a word longer than a line.
    """
    lines: list[str] = []
    rest = text.strip()
    while rest and len(lines) < most:
        if cell_len(rest) <= width:
            lines.append(rest)
            return lines
        if len(lines) == most - 1:
            lines.append(clip(rest, width))
            return lines
        line, remaining = _take(rest, width)
        if not remaining.startswith(" ") and " " in line and not _may_break(line, remaining, width):
            cut = line.rindex(" ")
            line, remaining = line[:cut], line[cut:] + remaining
        lines.append(line.rstrip())
        rest = remaining.lstrip()
    return lines or [""]


def _may_break(line: str, remaining: str, width: int) -> bool:
    """Tell whether the word that goes from one line into what remains may be broken there."""
    if get_character_cell_size(line[-1]) == get_character_cell_size(remaining[0]) == 2:
        return True
    return cell_len(line.rpartition(" ")[2] + remaining.partition(" ")[0]) > width


def _take(text: str, width: int, *, least: int = 1) -> tuple[str, str]:
    """Split text after as many characters as fit into ``width`` cells, and not before ``least`` characters."""
    used = 0
    for index, character in enumerate(text):
        used += get_character_cell_size(character)
        if used > width and index >= least:
            return text[:index], text[index:]
    return text, ""

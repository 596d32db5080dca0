"""What a command answers: text for people, JSON for programs, and nothing that a terminal would obey."""

import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

WRONG_USAGE = 2
"""The exit status for arguments that make no sense, as argparse has it."""

INTERRUPTED = 130
"""The exit status after Ctrl+C, as shells have it."""

_UNSAFE = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
"""Control characters, those that turn the direction of writing, and lone surrogates."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say: ``text`` to a person, ``document`` to a program.

    ``changed`` tells that it was a command that changes things, whose document says how many deliveries it queued.
    ``resent`` are the ids of older deliveries among those. ``failure`` is a sentence for stderr; the exit status is
    then 1.
    """

    text: str
    document: Any
    changed: bool = False
    resent: tuple[int, ...] = ()
    failure: str = ""
    status: int = 0


def visible(text: str) -> str:
    """Return text with every character that a terminal would obey written out, as ``\\x1b``."""
    if text.isprintable():  # no need for the pattern, whose first use compiles it
        return text
    return re.sub(_UNSAFE, lambda match: _written_out(match[0]), text)


def _written_out(character: str) -> str:
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows under their heads in aligned columns, numbers to the right; no line ends in a space."""
    cells = [[visible(str(cell)) for cell in row] for row in rows]
    is_number = [
        bool(cells) and all(re.fullmatch(r"-?\d*", row[place]) for row in cells) for place in range(len(heads))
    ]
    lines = [list(heads), *cells]
    widths = [max(width(line[place]) for line in lines) for place in range(len(heads))]
    return "\n".join(
        "  ".join(
            _pad(cell, wide, to_right=number) for cell, wide, number in zip(line, widths, is_number, strict=True)
        ).rstrip()
        for line in lines
    )


def pairs(rows: Iterable[tuple[str, object]]) -> str:
    """Return names and values in two aligned columns, leaving out what has no value."""
    shown = [(name, visible(str(value))) for name, value in rows if value not in ("", None)]
    widest = max((width(name) for name, _ in shown), default=0)
    return "\n".join(f"{_pad(name, widest, to_right=False)}  {value}".rstrip() for name, value in shown)


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 task``, ``1,200 tasks``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def size_words(size: int) -> str:
    """Return a number of bytes as words: ``312 bytes``, ``4.2 KiB``, ``25.0 MiB``."""
    if size < 1024:
        return counted(size, "byte")
    return f"{size / 1024:.1f} KiB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MiB"


def print_text(text: str) -> None:
    """Print text for a person on stdout."""
    if text:
        print("\n".join(visible(line) for line in text.split("\n")), flush=True)


def print_json(document: Any, *, indent: int | None = 2) -> None:
    """Print a document for a program on stdout."""
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(document, ensure_ascii=not is_unicode, indent=indent)
    print(re.sub(_UNSAFE, lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text), flush=True)


def print_note(text: str) -> None:
    """Print one line on stderr."""
    print(visible(" ".join(text.split("\n"))), file=sys.stderr, flush=True)


def _pad(text: str, wide: int, *, to_right: bool) -> str:
    room = " " * (wide - width(text))
    return room + text if to_right else text + room


def let_streams_print_anything() -> None:
    """Write out what the encoding of a stream lacks, instead of failing over it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")

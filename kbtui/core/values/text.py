"""Text: what a person typed, made safe to keep."""

import re
import unicodedata

from kbtui.errors import InvalidError

NAME_LIMIT = 255
"""How many characters the name of a project, column, swimlane, category, tag or user may have, as in Kanboard."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_BREAKS = "\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"
_LINE = str.maketrans(dict.fromkeys(_BREAKS, " "))


def clean_line(text: str, what: str, limit: int = NAME_LIMIT) -> str:
    """Return ``text`` as one line without control characters; ``what`` names it in errors.

    Line breaks and tabs become spaces, other control characters and lone surrogates U+FFFD. Raises InvalidError
    when nothing is left or when it is longer than ``limit`` characters.
    """
    line = _replace_controls(text.translate(_LINE), keep="").strip()
    if not line:
        raise InvalidError(f"The {what} is empty; type at least one character.")
    if len(line) > limit:
        raise InvalidError(f"The {what} is {len(line):,} characters long; it can have at most {limit:,}.")
    return line


def clean_text(text: str) -> str:
    """Return text of several lines without control characters; line breaks become ``\\n``, tabs stay."""
    return _replace_controls(text.replace("\r\n", "\n").replace("\r", "\n"), keep="\n\t")


def fold(text: str) -> str:
    """Return text as it is searched: in no case, without accents and other marks, and so that it can be stored."""
    if text.isascii():
        return text.lower().replace("\0", REPLACEMENT)
    text = _UNSTORABLE.sub(REPLACEMENT, text)
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def _replace_controls(text: str, *, keep: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        REPLACEMENT if unicodedata.category(character) in ("Cc", "Cs") and character not in keep else character
        for character in text
    )

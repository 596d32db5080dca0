"""Payloads: what every format makes, and JSON as PHP writes it."""

import json
import re
from typing import Any, NamedTuple

Facts = dict[str, Any]
"""What an event knows, as plain JSON: numbers as numbers, nothing as null."""

_DIFFERENT_IN_PHP = re.compile(r"\\u007f|\\.|/")


class Payload(NamedTuple):
    """A request's body and the headers that go with it, without the host, the length and the token."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


def encode(value: object) -> bytes:
    r"""Encode as PHP's ``json_encode`` does: compact, pure ASCII, ``/`` as ``\/`` and DEL as it is.

    Receivers that sign or compare whole bodies see the very bytes that Kanboard would have sent.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return _DIFFERENT_IN_PHP.sub(_as_php, text).encode("ascii")


def _as_php(match: re.Match[str]) -> str:
    """Rewrite what PHP writes differently; an escaped character matches too, so that none is read by halves."""
    found = match[0]
    if found == "/":
        return "\\/"
    return "\x7f" if found == "\\u007f" else found


def plain_number(value: object) -> object:
    """Turn a float without a fraction into an int, as PHP writes it: 2.0 hours are 2."""
    return int(value) if isinstance(value, float) and value.is_integer() else value

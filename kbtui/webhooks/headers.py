"""Headers of an endpoint's own: as they are kept, and as a person writes them, a line each, values masked."""

import json

from kbtui.errors import InvalidError
from kbtui.webhooks.policy import MASK


def read(kept: str) -> dict[str, str]:
    """Return the headers that an endpoint keeps as JSON."""
    headers: dict[str, str] = json.loads(kept)
    return headers


def write(headers: dict[str, str], *, masked: bool = True) -> str:
    """Return headers as lines ``Name: value``; a value may be a secret, so it is masked unless it is asked for."""
    return "\n".join(f"{name}: {MASK if masked else value}" for name, value in headers.items())


def parse(text: str, known: dict[str, str]) -> dict[str, str]:
    """Read lines ``Name: value``; a masked value is that of ``known``. Raises InvalidError for anything else."""
    kept = {name.lower(): value for name, value in known.items()}
    headers: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not name or not value:
            raise InvalidError(f'"{line.strip()}" is no header; write Name: value.')
        if name.lower() in {taken.lower() for taken in headers}:
            raise InvalidError(f"The header {name} is there twice.")
        if value == MASK and name.lower() not in kept:
            raise InvalidError(f"Write the value of the header {name}; {MASK} stands for one that is kept already.")
        headers[name] = kept[name.lower()] if value == MASK else value
    return headers

"""The person's own settings, read from ``config.toml``, and where files live.

A flag beats the environment, the environment beats the file, and the file beats the default.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kbtui.errors import ConfigError

DENSITIES = ("comfortable", "compact")

DEFAULT_USER = "admin"


@dataclass(frozen=True, slots=True)
class Settings:
    """What belongs to the person, not to the board.

    ``keys`` maps the id of a binding, such as ``task.move.right``, to its key, or keys with commas between.
    ``theme`` is the name of a theme, "" for kbtui's own; ``file`` is where all this was, or would have been, read.
    """

    database: Path
    file: Path
    user: str = DEFAULT_USER
    theme: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    mouse: bool = True
    density: str = DENSITIES[0]


def default_database() -> Path:
    """Return where the board is kept unless another place is named."""
    if sys.platform == "linux":
        return _base_folder("XDG_DATA_HOME", ".local/share") / "kbtui" / "kbtui.db"
    from platformdirs import user_data_path  # needed only when nothing names the place

    return user_data_path("kbtui", appauthor=False) / "kbtui.db"


def default_file() -> Path:
    """Return where the person's settings are read from unless another place is named."""
    if sys.platform == "linux":
        return _base_folder("XDG_CONFIG_HOME", ".config") / "kbtui" / "config.toml"
    from platformdirs import user_config_path  # needed only when nothing names the place

    return user_config_path("kbtui", appauthor=False) / "config.toml"


def _base_folder(variable: str, default: str) -> Path:
    """Return a base folder of the XDG specification, as platformdirs does, which takes three moves' time to import."""
    folder = os.environ.get(variable, "").strip()
    return Path(folder) if os.path.isabs(folder) else Path(os.path.expanduser("~")) / default


def load(
    path: str | Path | None = None, *, database: str | Path | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """Read the settings; ``path`` and ``database`` are what flags gave.

    Raises ConfigError, which names the file and the line, when it cannot be read or holds what kbtui doesn't know.
    A file that was named must be there, the default one need not.
    """
    named = path or environ.get("KBTUI_CONFIG")
    file = expand(named) if named else default_file()
    values = _check(file, _read(file, must_exist=bool(named)))
    chosen = (environ.get("KBTUI_DATABASE") or None) if database is None else database
    if complaint := complain_of_url(str(values.get("database", "") if chosen is None else chosen)):
        raise ConfigError(complaint)
    if chosen is not None:
        values["database"] = expand(chosen)
    elif "database" in values:
        values["database"] = file.parent / expand(values["database"])
    else:
        values["database"] = default_database()
    return Settings(file=file, **values)


def complain_of_url(path: str) -> str:
    """Return why a path that is the URL of a database cannot be used, "" when it is none; passwords are left out."""
    url = _URL.match(path)
    return f"A database at {url[1]}: cannot be used; give the path of a file, such as ~/kbtui.db." if url else ""


_URL = re.compile(r"(file|sqlite|[A-Za-z][A-Za-z0-9+.-]+(?=:/)|[A-Za-z](?=://)):")
"""What begins like a URL; one letter before a single slash may be a drive."""


def expand(path: str | Path) -> Path:
    """Return a path whose ``~`` is a home; that of a user whom there is not stays as it was typed, and is not found."""
    try:
        return Path(path).expanduser()
    except RuntimeError:  # Python's way to say so
        return Path(path)


def _read(file: Path, *, must_exist: bool) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if must_exist:
            raise ConfigError(f"There is no configuration file {file}.") from error
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not text in UTF-8.") from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from error


def _check(file: Path, text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    import tomllib  # most people have no such file, and the first frame waits for this

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
        where = f"line {place[1]}, column {place[2]}" if place else f"line {max(len(text.splitlines()), 1)}"
        reason = str(error)[: place.start()] if place else str(error).removesuffix(" (at end of document)")
        raise ConfigError(f"{file}, {where}: {reason}.") from error
    for key, value in values.items():
        if key not in _CHECKS:
            raise ConfigError(f'{_place(file, text, key)}: "{key}" is not known; known are {", ".join(_CHECKS)}.')
        complaint = _CHECKS[key](value)
        if complaint:
            raise ConfigError(f"{_place(file, text, key)}: {key} must be {complaint}.")
    return values


def _place(file: Path, text: str, key: str) -> str:
    """Return the file and the line on which a key of its top level is set."""
    pattern = re.compile(rf"""\s*\[*\s*["']?{re.escape(key)}["']?\s*[=.\]]""")
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.match(line):
            return f"{file}, line {number}"
    return str(file)


def _is_path(value: object) -> str:
    return "" if isinstance(value, str) and value and "\0" not in value else "the path of a file, in quotes"


def _is_name(value: object) -> str:
    return "" if isinstance(value, str) and value else "a name, in quotes"


def _is_text(value: object) -> str:
    return "" if isinstance(value, str) else "a name, in quotes"


def _is_flag(value: object) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _is_density(value: object) -> str:
    return "" if value in DENSITIES else " or ".join(f'"{density}"' for density in DENSITIES)


def _is_keymap(value: object) -> str:
    fits = isinstance(value, dict) and all(isinstance(keys, str) and keys for keys in value.values())
    return "" if fits else 'a table of binding ids and keys, such as "task.move.right" = "L"'


_CHECKS: dict[str, Callable[[object], str]] = {
    "database": _is_path,
    "user": _is_name,
    "theme": _is_text,
    "keys": _is_keymap,
    "mouse": _is_flag,
    "density": _is_density,
}
"""Key of the file → what is wrong with its value, "" when nothing is."""

"""The person's own editor ($VISUAL, $EDITOR) on a text, while the screen stands aside."""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from textual.app import App, SuspendNotSupported

from kbtui.errors import KbtuiError

FALLBACKS = ("sensible-editor", "nano", "vim", "vi")
"""Editors that are looked for when none is named."""


class Edited(NamedTuple):
    """A text as the editor left it, and what went wrong, if anything did."""

    text: str
    complaint: str


def editor_command() -> list[str]:
    """Return the editor's command line. Raises KbtuiError when there is none."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise KbtuiError(f"$EDITOR is {named!r}, which is no command: {error}.") from error
    if words:
        return words
    for name in FALLBACKS:
        if shutil.which(name):
            return [name]
    raise KbtuiError("There is no editor: set $EDITOR to one, such as nano.")


def edit_text(app: App[Any], text: str) -> Edited:
    """Let the person edit a text in their editor.

    What was written before an editor failed is returned with the complaint; a file that cannot be read stays, and
    the complaint says where. Raises KbtuiError when the editor cannot be started: then the text is as it was.
    """
    command = editor_command()
    try:
        folder = Path(tempfile.mkdtemp(prefix="kbtui-"))
        path = folder / "text.md"
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise KbtuiError(f"{command[0]} cannot get the text: {error.strerror}. Edit it here with enter.") from error
    status, failure = 0, ""
    try:
        with app.suspend():
            # Nothing may be raised in here: the screen would never come back.
            try:
                status = subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603 - their editor
            except OSError as error:
                failure = error.strerror or str(error)
    except SuspendNotSupported as error:
        shutil.rmtree(folder)
        raise KbtuiError("This terminal cannot be handed to another program; edit it here with enter.") from error
    if failure:
        shutil.rmtree(folder)
        raise KbtuiError(f"{command[0]} cannot be started: {failure}. Set $EDITOR to another one.")
    try:
        edited = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return Edited(text, f"What {command[0]} wrote cannot be read as text; it is kept in {path}.")
    shutil.rmtree(folder)
    if not text.endswith("\n"):
        edited = edited.removesuffix("\n")
    return Edited(edited, f"{command[0]} ended with status {status}." if status else "")

"""The image in the system's clipboard."""

import shutil
import subprocess

PNG = b"\x89PNG\r\n\x1a\n"

COMMANDS = (
    ("wl-paste", "--no-newline", "--type", "image/png"),
    ("xclip", "-selection", "clipboard", "-t", "image/png", "-o"),
    ("pngpaste", "-"),
)
"""Programs that write the clipboard's image to their output: Wayland's, X11's, the Mac's."""

PATIENCE = 3.0
"""Seconds that such a program gets."""


def read_image() -> bytes | None:
    """Return the PNG image in the clipboard, None when there is none or no program to ask for it; this may block."""
    for command in COMMANDS:
        if shutil.which(command[0]) is None:
            continue
        try:
            asked = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            continue
        if asked.returncode == 0 and asked.stdout.startswith(PNG):
            return asked.stdout
    return None

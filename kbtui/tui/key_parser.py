"""What a terminal sends, made into keys: esc is a key of its own, also where another key came right behind it.

A terminal sends esc and j as it sends alt+j. Textual's parser reads alt+j, and what follows as a part of it: up to 32
keys later it gives all of it out again, esc as a circumflex. So here the bytes are cut at each esc before it sees them.
"""

import re
from collections.abc import Iterable
from time import monotonic

from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.constants import ESCAPE_DELAY
from textual.events import Key
from textual.message import Message

from kbtui.tui.key_order import EscapedKey

ESC = "\x1b"
SS3 = f"{ESC}O"
"""What some keys begin with, such as f1, and what esc and a capital O are."""

AFTER_SS3 = "ABCDEFHIMPQRSXjklmnopqrstuvwxy"
"""What makes such a key of it (xterm's control sequences: cursor keys, function keys, the keypad)."""

UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*|O)?\Z")
"""The end of what was read where more is to come, if it does not end there."""

INTRODUCERS = "[]P_^"
"""What makes a sequence of an esc that it follows."""

BACKSPACE = "\x7f"
"""With alt it removes a word; nobody corrects a letter after having left."""


class KeyParser(XTermParser):
    """Cut what is read into keys and sequences, and let Textual read the sequences."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._held = ""
        """The beginning of what may be a sequence."""
        self._held_until = 0.0
        self._is_pasting = False

    @property
    def timeout(self) -> float | None:
        """Return in how many seconds ``tick`` has something to do at the latest; None where it has nothing to."""
        return max(self._held_until - monotonic(), 0.0) if self._held else None

    def feed(self, data: str) -> Iterable[Message]:
        """Return the keys in a piece of what is read; an empty one is the end."""
        if not data:
            yield from self._let_go()
            yield from super().feed("")
            return
        data, self._held = self._held + data, ""
        if unfinished := UNFINISHED.search(data):
            self._held, data = unfinished[0], data[: unfinished.start()]
            self._held_until = monotonic() + ESCAPE_DELAY
        while data:
            size = self._paste_size(data) if self._is_pasting else self._key_size(data)
            if size:
                yield from super().feed(data[:size])
            elif data[1:2] in ("", ESC):
                size = 1
                yield Key("escape", ESC)
            else:
                size = 2
                yield self._escaped(data[1])
            data = data[size:]

    def tick(self) -> Iterable[Message]:
        """Return what was held back for so long that nothing more belongs to it."""
        if self._held and monotonic() >= self._held_until:
            yield from self._let_go()
        yield from super().tick()

    def _let_go(self) -> Iterable[Message]:
        held, self._held = self._held, ""
        if held == ESC:
            yield Key("escape", ESC)
        elif held == SS3:
            yield self._escaped("O")
        elif held:
            yield from super().feed(held)

    def _paste_size(self, data: str) -> int:
        """Return how much of what is read is pasted, the mark of the end included."""
        end = data.find(BRACKETED_PASTE_END)
        self._is_pasting = end < 0
        return len(data) if end < 0 else end + len(BRACKETED_PASTE_END)

    def _key_size(self, data: str) -> int:
        """Return how many characters up to the next esc are for Textual's parser; 0 for an esc that stands alone."""
        if data.startswith(BRACKETED_PASTE_START):
            self._is_pasting = True
            return len(BRACKETED_PASTE_START)
        if not data.startswith(ESC):
            size = data.find(ESC)
            return len(data) if size < 0 else size
        if data[1:2] in ("", ESC):
            return 0
        if data[1] in INTRODUCERS or (data.startswith(SS3) and data[2:3] in tuple(AFTER_SS3)):
            size = data.find(ESC, 1)
            return len(data) if size < 0 else size
        return 2 if data[1] == BACKSPACE else 0

    def _escaped(self, character: str) -> EscapedKey:
        """Return esc and a key behind it."""
        (key,) = (message for message in super().feed(character) if isinstance(message, Key))
        with_alt = f"alt+shift+{character.lower()}" if character.isupper() else f"alt+{key.key}"
        return EscapedKey(with_alt, key.character, (Key("escape", ESC), key))

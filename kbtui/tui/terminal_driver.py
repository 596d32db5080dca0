"""The terminal: what is read from it and written to it, the window's title, and what happens when it is gone."""

import codecs
import math
import os
import select
import selectors
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from kbtui.tui.glyphs import drawable
from kbtui.tui.key_parser import KeyParser

if TYPE_CHECKING:
    from textual.app import App

READ_SIZE = 4096
"""Bytes that are read at once, at most."""

LOOK_EVERY = 0.1
"""Seconds from one look whether to go on reading to the next."""

MOMENT = 0.5
"""Seconds that a terminal which takes nothing is waited for when the program has been told to end."""

SAVE_TITLE, RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""Put the window's title on the terminal's stack, and take it back from there."""


class TerminalGone(Message):
    """The terminal has been closed: there is nobody any more to read for or to draw for."""


class TerminalDriver(LinuxDriver):
    """Textual's driver, with keys read by our parser; it ends when the terminal has gone, where Textual's spins."""

    def __init__(self, app: "App[Any]", **options: Any) -> None:
        super().__init__(app, **options)
        assert self._file is not None  # noqa: S101 - there is a terminal
        self._screen = _Screen(self._file)
        self._file = self._screen  # type: ignore[assignment]
        self._title = ""
        self._was_stopped = False

    # Leaving, for a while or for good

    def hurry(self) -> None:
        """Let a terminal that does not take what is drawn hold up the end no longer than a moment."""
        self._screen.give_up_at = min(self._screen.give_up_at, time.monotonic() + MOMENT)

    def suspend_group(self) -> None:
        """Give the terminal back and stop, with all that the shell started as one; the shell's ``fg`` goes on."""
        self.suspend_application_mode()
        self._was_stopped = True
        os.killpg(os.getpgrp(), signal.SIGSTOP)

    def resume_application_mode(self) -> None:
        """Take the terminal over again, and tell the application, which draws everything anew."""
        super().resume_application_mode()
        if self._was_stopped:
            self._was_stopped = False
            self.send_message(self.SignalResume())

    # The window's title

    def set_title(self, title: str) -> None:
        """Set the window's title; the one it had is put back at the end, and while another program has the terminal."""
        self._title = " ".join(drawable(title).split())
        self._write_title()

    def _write_title(self) -> None:
        if self._title and self._writer_thread is not None:
            self.write(f"\x1b]2;{self._title}\x07")

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._writer_thread is not None:
            self.write(SAVE_TITLE)
            self._write_title()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        self.write(RESTORE_TITLE)
        super().stop_application_mode()

    # Reading

    def run_input_thread(self) -> None:
        """Read keys until told to stop, or until there is no terminal any more."""
        parser = KeyParser()
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                timeout = parser.timeout
                if selector.select(LOOK_EVERY if timeout is None else timeout):
                    read = self._read()
                    if not read:
                        self.process_message(TerminalGone())
                        return
                    # Nothing at all would be the end for the parser, and half a character is nothing yet.
                    if text := decode(read):
                        self._process(parser.feed(text))
                self._process(parser.tick())
            self._process(parser.feed(""))

    def _read(self) -> bytes:
        """Return what was typed, nothing when the terminal has gone."""
        try:
            return os.read(self.fileno, READ_SIZE)
        except OSError:
            return b""

    def _process(self, messages: Any) -> None:
        for message in messages:
            self.process_message(message)


class _Screen:
    """The file that is drawn on: what cannot be written, since the terminal has gone, holds nobody up."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._number = file.fileno()
        with suppress(OSError):
            # Opened once more, since not to wait is a mode of all who share an opened file, the shell among them.
            self._number = os.open(os.ttyname(self._number), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        self.give_up_at = math.inf
        """The time on the monotonic clock from which on a terminal that takes nothing is not waited for."""

    def fileno(self) -> int:
        """Return the file's number."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self._file.isatty()

    def write(self, text: str) -> None:
        """Draw at once."""
        data = memoryview(text.encode(self._file.encoding, "backslashreplace"))
        while data:
            try:
                data = data[os.write(self._number, data) :]
            except BlockingIOError:
                if time.monotonic() >= self.give_up_at:
                    return
                select.select([], [self._number], [], LOOK_EVERY)
            except OSError:
                return

    def flush(self) -> None:
        """Do nothing: all is written already."""

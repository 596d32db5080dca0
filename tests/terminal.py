"""A terminal for programs under test: a pty, a picture of the screen, keys and mouse bytes.

A thread blocks in read(2) and stamps each piece of output as it arrives; nobody parses until the program is quiet
or a condition is waited for, so the picture does not compete with the program for a processor.
"""

import codecs
import fcntl
import os
import pty
import queue
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte
from wcwidth import wcwidth

from tests.patience import PATIENCE, Stopwatch

KEYS = {
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "delete": "\x1b[3~",
    "shift+up": "\x1b[1;2A",
    "shift+down": "\x1b[1;2B",
    "shift+right": "\x1b[1;2C",
    "shift+left": "\x1b[1;2D",
    "escape": "\x1b",
    "enter": "\r",
    "tab": "\t",
    "ctrl+q": "\x11",
    "ctrl+y": "\x19",
}
"""Names of keys → the bytes an xterm sends for them; any other key is sent as it is written."""

QUERY_SYNC = b"\x1b[?2026$p"
ANSWER_SYNC = b"\x1b[?2026;2$y"
NOT_INHERITED = frozenset({"COLUMNS", "LINES", "NO_COLOR"})
"""Variables that would tell a program about another terminal than its own."""

FRAME_BEGIN = b"\x1b[?2026h"
FRAME_END = b"\x1b[?2026l"
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<=>][0-9;]*[a-zA-Z]|\x1b\[2[23];2t|\x1b\]22;[a-z]*\x07|\x1b\[\?[0-9;]*\$p")


class _WithoutFollowers(dict[int, int | None]):
    """Leave out what has no width and is no combining mark: pyte would drop all that comes after it."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        kept = code < 0x300 or wcwidth(character) != 0 or unicodedata.combining(character)
        self[code] = code if kept else None
        return self[code]


_WITHOUT_FOLLOWERS = _WithoutFollowers()


@dataclass(frozen=True, slots=True)
class Output:
    """A piece of a program's output and when it came, on the monotonic clock in nanoseconds."""

    arrived: int
    data: bytes


class Terminal:
    """A program on a pty of its own. Use it as a context manager: leaving it stops the program."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        columns: int = 160,
        rows: int = 45,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.raw = bytearray()
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._incoming: queue.SimpleQueue[Output | None] = queue.SimpleQueue()
        self._unparsed = b""
        self._is_in_frame = False
        self.has_ended_output = False
        self._is_gone = False
        self._master, slave = pty.openpty()
        self._set_size(columns, rows)
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        self.attributes = termios.tcgetattr(slave)
        self.started = time.monotonic_ns()
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**inherited, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environ or {})},
        )
        self._slave = slave
        self._is_reading = threading.Event()
        self._is_reading.set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    # What the program writes

    def _read(self) -> None:
        while True:
            self._is_reading.wait()
            ready, _, _ = select.select([self._master], [], [], 0.1)
            if self._is_gone:
                return
            if not ready:
                continue
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:
                data = b""
            if not data:
                self._incoming.put(None)
                return
            self._incoming.put(Output(time.monotonic_ns(), data))
            if QUERY_SYNC in data:
                os.write(self._master, ANSWER_SYNC)

    def outputs(self, *, quiet: float, deadline: float) -> list[Output]:
        """Return what is written until the program has been quiet for so many seconds, without drawing it."""
        pieces: list[Output] = []
        end = time.monotonic() + deadline
        while not self.has_ended_output:
            left = end - time.monotonic()
            try:
                piece = self._incoming.get(timeout=max(min(quiet, left), 0.0))
            except queue.Empty:
                return pieces
            if piece is None:
                self.has_ended_output = True
            else:
                pieces.append(piece)
        return pieces

    def draw(self, data: bytes) -> None:
        """Bring the picture up to date with a piece of output."""
        self.raw += data
        self._is_in_frame = self.raw.rfind(FRAME_BEGIN) > self.raw.rfind(FRAME_END)
        data = self._unparsed + data
        cut = data.rfind(b"\x1b")
        self._unparsed = data[cut:] if cut >= 0 and not re.search(rb"[a-zA-Z~\\78]", data[cut + 1 :]) else b""
        complete = data[: len(data) - len(self._unparsed)]
        self._stream.feed(self._decoder.decode(_UNKNOWN_TO_PYTE.sub(b"", complete)).translate(_WITHOUT_FOLLOWERS))

    def settle(self, quiet: float = 0.05, deadline: float = 10.0) -> None:
        """Draw what is written until the program is quiet."""
        for piece in self.outputs(quiet=quiet, deadline=deadline):
            self.draw(piece.data)

    def wait_for(self, condition: Callable[[], object], deadline: float = PATIENCE) -> None:
        """Draw until a condition holds on a whole frame; fail with the picture when it does not in time."""
        end = time.monotonic() + deadline
        while self._is_in_frame or not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited {deadline} s in vain; the screen was\n{self.text}")
            self.settle(quiet=0.02, deadline=0.02)

    def wait_for_text(self, text: str, deadline: float = PATIENCE) -> None:
        """Draw until a text is on the screen."""
        self.wait_for(lambda: text in self.text, deadline)

    # The picture

    @property
    def lines(self) -> list[str]:
        """The screen's lines."""
        return list(self.screen.display)

    @property
    def text(self) -> str:
        """The whole screen, with line breaks."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def find(self, text: str) -> tuple[int, int] | None:
        """Return x and y (0-based cells) of the first place where a text of narrow characters stands."""
        for y, line in enumerate(self.screen.display):
            x = line.find(text)
            if x >= 0:
                return x, y
        return None

    # What the person does

    def press(self, *keys: str) -> None:
        """Press keys, by name or as they are written."""
        self.send("".join(KEYS.get(key, key) for key in keys).encode())

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        os.write(self._master, data)

    def mouse(self, button: int, x: int, y: int, *, release: bool = False) -> None:
        """Send an SGR mouse report; x and y are 0-based cells. 0 is the left button, +32 a movement, 64 the wheel."""
        self.send(f"\x1b[<{button};{x + 1};{y + 1}{'m' if release else 'M'}".encode())

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press the left button at one cell, move to another in a few steps, and let go there."""
        self.mouse(0, *start)
        for step in (1, 2, 3):
            x = start[0] + (end[0] - start[0]) * step // 3
            y = start[1] + (end[1] - start[1]) * step // 3
            self.mouse(32, x, y)
        self.mouse(0, *end, release=True)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        self.screen.resize(rows, columns)
        self._set_size(columns, rows)
        self.process.send_signal(signal.SIGWINCH)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # The process

    @property
    def current_attributes(self) -> list[int | list[bytes | int]]:
        """The terminal's modes as they are now (see ``attributes`` for what they were at the start)."""
        return termios.tcgetattr(self._slave)

    def peak_memory(self) -> float:
        """Return the most memory the program has used, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024

    def wait(self, deadline: float = PATIENCE) -> int:
        """Wait for the program to end by itself, draw the rest and return its exit status; fail with the picture.

        The deadline is one for the program alone: the time for which it got no processor does not count.
        """
        stopwatch = Stopwatch(self.process.pid)
        while self.process.poll() is None and stopwatch.read() < deadline:
            self.settle(quiet=0.02, deadline=0.02)
        status = self.process.poll()
        self.settle()
        assert status is not None, f"waited {deadline} s in vain for the end; the screen was\n{self.text}"
        return status

    def stop_reading(self) -> None:
        """Take nothing more of what the program writes, and never wait until it takes what is sent."""
        self._is_reading.clear()
        os.set_blocking(self._master, False)

    def hang_up(self) -> None:
        """Close the terminal while the program goes on."""
        self._is_gone = True
        self._is_reading.set()
        self._reader.join()  # one that reads would keep it open
        os.close(self._slave)
        os.close(self._master)

    def stop(self) -> None:
        """End the program and the pty."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._is_reading.set()
        if not self._is_gone:
            os.close(self._slave)
            self._reader.join(timeout=5)
            os.close(self._master)

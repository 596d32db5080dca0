"""What a terminal sends, made into keys: esc is one of its own, whatever comes right behind it."""

import pytest
from textual.constants import ESCAPE_DELAY
from textual.events import Key, MouseDown, Paste
from textual.message import Message

from kbtui.tui import key_parser
from kbtui.tui.key_order import EscapedKey
from kbtui.tui.key_parser import KeyParser


def read(*pieces: str, end: bool = True) -> list[str]:
    """Return what is made of pieces of input: keys by name, a paste in quotation marks."""
    parser = KeyParser()
    messages = [message for piece in pieces for message in parser.feed(piece)]
    if end:
        messages += parser.feed("")
    return [word for message in messages for word in words(message)]


def words(message: Message) -> list[str]:
    if isinstance(message, EscapedKey):
        return [key.key for key in message.keys]
    if isinstance(message, Key):
        return [message.key]
    return [f"“{message.text}”"] if isinstance(message, Paste) else [type(message).__name__]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("ab", ["a", "b"]),
        ("\x1bj", ["escape", "j"]),
        ("\x1bjx", ["escape", "j", "x"]),
        ("x\x1bJx", ["x", "escape", "J", "x"]),
        ("\x1bb\x1bf", ["escape", "b", "escape", "f"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b\x13", ["escape", "ctrl+s"]),
        ("\x1b\x1bj", ["escape", "escape", "j"]),
        ("\x1b" + "j" * 40, ["escape", *"j" * 40]),
        ("\x1bé", ["escape", "é"]),
        ("\x1bO", ["escape", "O"]),
        ("\x1bOq", ["1"]),
        ("\x1bOPx", ["f1", "x"]),
        ("\x1bj\x1b[Ax", ["escape", "j", "up", "x"]),
        ("\x1b\x1b[A", ["escape", "up"]),
        ("\x1b[1;2Bx\x1bk", ["shift+down", "x", "escape", "k"]),
        ("\x1b[106;3u", ["alt+j"]),
        ("\x1b\x7f", ["ctrl+w"]),
        ("\x1bj\x1b[200~jkx\x1b[201~k", ["escape", "j", "“jkx”", "k"]),
        ("\x1b[200~a\rb\x1b[201~\x1b", ["“a\rb”", "escape"]),
        ("\x1b[<0;3;4Mx", [MouseDown.__name__, "x"]),
    ],
)
def test_each_key_is_read_wherever_the_input_is_cut(text: str, keys: list[str]) -> None:
    assert read(text) == keys
    for cut in range(1, len(text)):
        assert read(text[:cut], text[cut:]) == keys, repr((text[:cut], text[cut:]))
    assert read(*text) == keys


def test_esc_alone_is_told_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(key_parser, "monotonic", lambda: now)
    parser = KeyParser()

    assert [*parser.feed("\x1b"), *parser.tick()] == []
    assert parser.timeout == pytest.approx(ESCAPE_DELAY)
    now += ESCAPE_DELAY

    assert [word for message in parser.tick() for word in words(message)] == ["escape"]
    assert parser.timeout is None


def test_esc_and_a_key_keep_the_name_with_alt_for_whoever_has_bound_it() -> None:
    parser = KeyParser()

    messages = [*parser.feed("\x1bj\x1bJ\x1b,")]

    assert [message.key for message in messages if isinstance(message, Key)] == ["alt+j", "alt+shift+j", "alt+comma"]

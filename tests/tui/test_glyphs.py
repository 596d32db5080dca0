"""Text that is drawn alike in every terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kbtui.tui.glyphs import MOST_MARKS, clip, drawable, fill, wrap

NASTY = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "nul\x00nul",
    "a\nb\r\nc\td\x0b\x0c",
    "right \u202eto left\u202c",
    "isolate \u2066x\u2069",
    "family 👨\u200d👩\u200d👧\u200d👦",
    "thumb 👍\U0001f3fd",
    "heart ❤\ufe0f",
    "flag 🇩🇪🇫🇷",
    "keycap 1\ufe0f\u20e3",
    "wide 漢字かな",
    "half ｱｲｳ",
    "zalgo Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d",
    "[bold]markup[/bold] [link=x]",
    "hangul \u1112\u1161\u11ab",
    "filler \u3164\u115f\u1160",
    "soft\u00adhyphen zero\u200bwidth bom\ufeff",
    "tags \U000e0067\U000e007f",
    "private \ue000 unassigned \u0378 surrogate \ud800",
    "line\u2028sep\u2029arator\x85next",
    "c1 \x9b31m",
    "नमस्ते தமிழ் ไทย",
]

any_text = st.one_of(
    st.text(max_size=60),
    st.text(
        alphabet=st.characters(categories=["Cc", "Cf", "Mn", "Me", "Mc", "Lo", "So", "Zl", "Zp", "Zs"]), max_size=40
    ),
    st.lists(st.sampled_from(NASTY), max_size=4).map("".join),
)
"""Any text at all, with more of what makes trouble than chance would give."""


def is_harmless(text: str) -> bool:
    """Tell whether a terminal only draws a text: nothing controls it, joins, or changes its direction."""
    return all(unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for character in text)


@given(any_text)
def test_drawable_text_is_harmless_and_stays_as_it_is(text: str) -> None:
    drawn = drawable(text)

    assert is_harmless(drawn)
    assert drawable(drawn) == drawn


@given(any_text)
def test_drawable_text_has_the_width_of_its_characters(text: str) -> None:
    drawn = drawable(text)

    assert cell_len(drawn) == sum(cell_len(character) for character in drawn)


@pytest.mark.parametrize("text", ["Fix login form", "Größe über α", "[b]not markup[/b]", "漢字かな交じり文", ""])
def test_ordinary_text_is_drawn_as_it_is(text: str) -> None:
    assert drawable(text) == text


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("\x1b[31mred", "\N{REPLACEMENT CHARACTER}[31mred"),
        ("nul\0nul", "nul\N{REPLACEMENT CHARACTER}nul"),
        ("one\ntwo\tthree", "one two three"),
        ("right\u202eleft", "rightleft"),
        ("👨\u200d👩", "👨👩"),
        ("👍\U0001f3fd", "👍"),
        ("❤\ufe0f", "❤"),
        ("🇩🇪", "DE"),
        ("\u0301a", "a"),
        ("e\u0301\u00ad\u0301\u200b\u0301", "e\u0301\u0301"),
    ],
)
def test_what_terminals_do_not_draw_alike_is_replaced_or_left_out(text: str, drawn: str) -> None:
    assert drawable(text) == drawn


def test_a_character_keeps_few_combining_marks() -> None:
    assert drawable("e" + "\u0301" * 20 + "x") == "e" + "\u0301" * MOST_MARKS + "x"


@given(any_text, st.integers(-3, 40))
def test_clipped_text_fits_and_says_that_it_was_cut(text: str, width: int) -> None:
    drawn = drawable(text)
    clipped = clip(drawn, width)

    assert cell_len(clipped) <= max(width, 0)
    assert clipped == drawn or not clipped or clipped.endswith("…")


@given(any_text, st.integers(0, 40))
def test_filled_text_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    assert cell_len(fill(drawable(text), width)) == width


@given(any_text, st.integers(2, 40), st.integers(1, 4))
def test_wrapped_text_fits_its_lines_and_loses_nothing_but_spaces_until_it_is_cut(
    text: str, width: int, most: int
) -> None:
    drawn = drawable(text)
    lines = wrap(drawn, width, most)

    assert 1 <= len(lines) <= most
    assert all(cell_len(line) <= width for line in lines)
    kept = "".join("".join(lines).split())
    assert kept == "".join(drawn.split()) or lines[-1].endswith("…")


def test_text_is_wrapped_at_spaces_and_long_words_are_broken() -> None:
    assert wrap("one two three", 8, 3) == ["one two", "three"]
    assert wrap("abcdefghijkl", 5, 3) == ["abcde", "fghij", "kl"]
    assert wrap("abcdefghijkl", 5, 2) == ["abcde", "fghi…"]
    assert wrap("漢字かな", 5, 2) == ["漢字", "かな"]
    assert wrap("#1 漢字かな", 8, 2) == ["#1 漢字", "かな"]
    assert wrap("#1 abcdefghijkl", 8, 3) == ["#1 abcde", "fghijkl"]
    assert wrap("#1 漢字 abcde", 8, 3) == ["#1 漢字", "abcde"]
    assert wrap("", 5, 2) == [""]

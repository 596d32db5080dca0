"""Markdown, runs and words: what is drawn of a text."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from kbtui.core.values.text import clean_text
from kbtui.tui.markdown import inline_lines, markdown_lines, plain_lines
from kbtui.tui.runs import break_runs, join_runs, width_of
from kbtui.tui.widgets.rows import MARKDOWN
from kbtui.tui.words import age, hours, size, stamp

STYLES = {
    name: Style(bold=name == "strong", italic=name == "emphasis", color=f"color({number})")
    for number, name in enumerate(MARKDOWN, 1)
}


def drawn(source: str, width: int = 40) -> list[str]:
    return [line.text for line in markdown_lines(source, width, STYLES)]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("# Head\ntext", ["Head", "", "text"]),
        ("one\ntwo", ["one", "two"]),
        ("- a\n- b\n  - c\n\n1. x\n2. y", ["• a", "• b", "  • c", "", "1. x", "2. y"]),
        ("9. nine\n10. ten", ["9. nine", "10. ten"]),
        ("> said\n> > more", ["│ said", "│ │ more"]),
        ("```py\na  =  1\n\tb\n```", ["▏a  =  1", "▏    b"]),
        ("**bold** *soft* ~~gone~~ `code`", ["bold soft gone code"]),
        ("[docs](http://a.example/x)", ["docs (http://a.example/x)"]),
        ("<http://a.example/>", ["http://a.example/"]),
        ("![a picture](b.png)", ["a picture (b.png)"]),
        ("<b>html</b> &amp; [red]x[/]", ["<b>html</b> & [red]x[/]"]),
        ("---", ["─" * 40]),
        ("| a | b |\n|---|---|\n| 1 | 漢字 |", ["a │ b   ", "──┼─────", "1 │ 漢字"]),
        ("", []),
    ],
)
def test_markdown_is_drawn_as_lines(source: str, lines: list[str]) -> None:
    assert drawn(source) == lines


def test_a_list_item_that_is_too_long_goes_on_below_itself() -> None:
    assert drawn("- one two three four", 12) == ["• one two", "  three four"]


def test_emphasis_is_a_style_and_code_within_it_keeps_both() -> None:
    [line] = markdown_lines("a **b *c***", 40, STYLES)

    styles = {segment.text: segment.style for segment in line if segment.style is not None}
    assert styles["b "].bold
    assert styles["c"].italic


def test_a_title_keeps_the_marks_that_make_it_markdown() -> None:
    [line] = inline_lines("fix __init__ and `x` in [a] 2 * 3", 80, STYLES)

    assert line.text == "fix __init__ and `x` in [a] 2 * 3"


def test_a_very_long_text_is_shown_as_it_was_typed() -> None:
    source = "**a** " * 20_000

    assert markdown_lines(source, 60, STYLES)[0].text == plain_lines(source, 60, STYLES["text"])[0].text
    assert "**a**" in markdown_lines(source, 60, STYLES)[0].text


@given(st.text(max_size=200).map(clean_text), st.integers(8, 60))
def test_no_line_is_wider_than_asked_nor_holds_what_moves_the_cursor(source: str, width: int) -> None:
    for line in (*markdown_lines(source, width + 20, STYLES), *inline_lines(source, width, STYLES)):
        assert line.cell_length == cell_len(line.text)
        assert not any(unicodedata.category(character).startswith("C") for character in line.text)
    assert all(line.cell_length <= max(width, 2) for line in inline_lines(source, width, STYLES))


@given(st.text("ab 漢", max_size=60), st.integers(2, 12))
def test_breaking_loses_nothing_but_spaces_at_the_breaks(text: str, width: int) -> None:
    lines = break_runs([(text[: len(text) // 2], Style()), (text[len(text) // 2 :], Style(bold=True))], width)

    assert "".join(map(join_runs, lines)).replace(" ", "") == text.replace(" ", "")
    assert all(width_of(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("passed", "words"),
    [(0, "<15m"), (899, "<15m"), (900, "<30m"), (1800, "<1h"), (3600, "~1h"), (86399, "~23h"), (86400, "1d"),
     (86400 * 40, "40d"), (-5, "<15m")],
)  # fmt: skip
def test_ages_are_in_kanboards_words(passed: int, words: str) -> None:
    assert age(1_000_000, 1_000_000 + passed) == words


def test_moments_sizes_and_hours_are_short() -> None:
    now = time.mktime((2026, 11, 24, 7, 5, 0, 0, 0, -1))

    assert stamp(now, now) == "24 Nov 07:05"
    assert stamp(time.mktime((2025, 1, 2, 3, 4, 0, 0, 0, -1)), now) == "2 Jan 2025 03:04"
    assert stamp(None, now) == stamp(0, now) == ""
    assert [size(count) for count in (0, 1023, 1024, 1 << 20, 26214400)] == [
        "0 B", "1023 B", "1 KiB", "1.0 MiB", "25.0 MiB"
    ]  # fmt: skip
    assert [hours(*pair) for pair in ((0, 0), (1.5, 3), (2, 0), (0, 3))] == ["", "1.5/3h", "2h spent", "3h"]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbtui.core.values.text import clean_line, clean_text
from kbtui.errors import InvalidError


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\u2028"])
def test_an_empty_line_is_refused_by_name(empty: str) -> None:
    with pytest.raises(InvalidError, match="The column title is empty"):
        clean_line(empty, "column title", 255)


def test_a_line_of_exactly_the_limit_is_taken() -> None:
    assert clean_line("x" * 255, "name", 255) == "x" * 255


def test_an_over_long_line_is_refused_with_both_lengths() -> None:
    with pytest.raises(InvalidError, match=r"The name is 1,256 characters long; it can have at most 255\."):
        clean_line("x" * 1256, "name", 255)


def test_line_breaks_and_tabs_in_a_line_become_spaces() -> None:
    assert clean_line(" one\ntwo\tthree\r\nfour ", "title", 50) == "one two three  four"


@pytest.mark.parametrize("control", ["\x00", "\x1b", "\x07", "\x7f", "\x9b", "\ud800"])
def test_control_characters_are_replaced(control: str) -> None:
    assert clean_line(f"a{control}b", "title", 50) == "a\N{REPLACEMENT CHARACTER}b"
    assert clean_text(f"a{control}b") == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize("text", ["[bold]x[/bold]", "שלום", "👩‍👩‍👧", "漢字", "e\u0301", "a / \\ ' \""])
def test_any_other_text_stays_as_it_was_typed(text: str) -> None:
    assert clean_line(text, "title", 50) == text
    assert clean_text(text) == text


def test_text_keeps_its_lines_and_tabs() -> None:
    assert clean_text("a\r\nb\rc\n\td") == "a\nb\nc\n\td"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text)

    assert clean_text(once) == once

"""Headers of an endpoint's own, as a person writes them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbtui.errors import InvalidError
from kbtui.webhooks import headers
from kbtui.webhooks.policy import MASK

NAMES = st.text("abcXYZ-", min_size=1, max_size=6)
VALUES = st.text("abc:;= 123", min_size=1).map(str.strip).filter(bool)


@given(st.dictionaries(NAMES, VALUES).filter(lambda each: len({name.lower() for name in each}) == len(each)))
def test_what_is_written_is_read_back_masked_or_not(own: dict[str, str]) -> None:
    assert headers.parse(headers.write(own, masked=True), own) == own
    assert headers.parse(headers.write(own, masked=False), {}) == own
    assert headers.read(json.dumps(own)) == own


def test_no_value_is_written_unless_it_is_asked_for() -> None:
    assert headers.write({"Authorization": "Bearer hidden"}) == f"Authorization: {MASK}"


def test_empty_lines_and_room_around_are_nothing() -> None:
    assert headers.parse("\n  X-Team :  blue \n\n", {}) == {"X-Team": "blue"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nonsense", "is no header; write Name: value"),
        (": value", "is no header"),
        ("Name:", "is no header"),
        ("A: 1\na: 2", "The header a is there twice."),
        (f"X-New: {MASK}", "Write the value of the header X-New"),
    ],
)
def test_what_is_no_header_is_said(text: str, sentence: str) -> None:
    with pytest.raises(InvalidError, match=sentence):
        headers.parse(text, {"X-Old": "1"})

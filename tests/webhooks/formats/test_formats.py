"""What holds for every format and any text."""

import json
from copy import deepcopy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kbtui.core.events.log import WEBHOOK_EVENTS
from kbtui.webhooks.formats import FORMATS, Facts, Payload, render
from kbtui.webhooks.formats.payload import encode
from tests.webhooks.formats.recorded_facts import COMMENT, FILE, MOVE, SUBTASK, TASK, TASK_LINK, make_facts

ODD_TEXT = "\0\x01\x1f\x7f\"'\\/\\u007f</script>\u2028\u202eשלום 👩‍👩‍👧 é\r\n\t"

TELLING_TEXT = [
    (payload_format, name)
    for payload_format in FORMATS
    for name in WEBHOOK_EVENTS
    if payload_format != "kanboard-1.0" or name not in {"task.move.column", "task.move.position", "task.move.swimlane"}
]
"""Every event in every format, but for the moves in a format that tells nothing but numbers about them."""

any_format = st.sampled_from(sorted(FORMATS))
any_name = st.sampled_from(WEBHOOK_EVENTS)


def facts_with(text: str) -> Facts:
    """Return facts that serve for every event, with this text wherever a person types one."""
    task = TASK | {"title": text, "description": text, "reference": text}
    return make_facts(
        task=task,
        task_before=task,
        tags=[text],
        changes={"title": text, "tags": [text]},
        before={"title": "", "tags": []},
        move=MOVE,
        subtask=SUBTASK | {"title": text},
        toggled=False,
        comment=COMMENT | {"comment": text},
        file=FILE | {"name": text},
        task_link=TASK_LINK | {"label": text},
    )


def texts_in(value: object) -> set[str]:
    """Return every string in a decoded body."""
    if isinstance(value, dict):
        return {text for item in value.values() for text in texts_in(item)}
    if isinstance(value, list):
        return {text for item in value for text in texts_in(item)}
    return {value} if isinstance(value, str) else set()


@given(st.sampled_from(TELLING_TEXT), st.text())
@example(("kanboard-1.0", "task.create"), ODD_TEXT)
@example(("kanboard-1.2", "task.create"), ODD_TEXT)
def test_any_text_arrives_as_it_was_typed_in_a_body_of_ascii_alone(rendering: tuple[str, str], text: str) -> None:
    body = render(*rendering, facts_with(text), "admin").body

    assert body.isascii()
    assert text in texts_in(json.loads(body)["event_data"])


@given(any_format, any_name, st.text())
def test_the_same_facts_give_the_same_bytes_and_stay_as_they_are(payload_format: str, name: str, text: str) -> None:
    facts = facts_with(text)
    kept = deepcopy(facts)

    first = render(payload_format, name, facts, "admin")
    second = render(payload_format, name, json.loads(json.dumps(kept)), "admin")

    assert first == second
    assert facts == kept
    assert isinstance(first, Payload)


@given(st.text())
@example(ODD_TEXT)
def test_encoding_loses_nothing(text: str) -> None:
    assert json.loads(encode([text, {text: text}])) == [text, {text: text}]


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("a/b", rb'"a\/b"'),
        (r"\/", rb'"\\\/"'),
        ("é", rb'"\u00e9"'),
        ("👍", rb'"\ud83d\udc4d"'),
        ("\0\x1f", rb'"\u0000\u001f"'),
        ("\x7f", b'"\x7f"'),
        (r"\u007f", rb'"\\u007f"'),
        ("\b\f\n\r\t\"'", rb'''"\b\f\n\r\t\"'"'''),
        ("<&>\u2028", rb'"<&>\u2028"'),
        ({"a": [1, 1.5, None, True], "b": []}, b'{"a":[1,1.5,null,true],"b":[]}'),
    ],
)
def test_json_is_written_as_php_writes_it(value: object, encoded: bytes) -> None:
    assert encode(value) == encoded


def test_kanboard_1_0_is_the_first_format() -> None:
    assert list(FORMATS) == ["kanboard-1.0", "kanboard-1.2"]


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'kanboard-9'.*kanboard-1\.0, kanboard-1\.2"):
        render("kanboard-9", "task.create", make_facts(), None)


@pytest.mark.parametrize("payload_format", FORMATS)
def test_a_format_makes_no_request_header_that_a_request_has_of_its_own(payload_format: str) -> None:
    names = {name.lower() for name, _ in render(payload_format, "task.open", make_facts(), None).headers}

    assert names.isdisjoint({"host", "content-length"})

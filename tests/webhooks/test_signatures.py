"""Signatures, checked by the reference implementation of Standard Webhooks."""

import base64
import time
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from kbtui.errors import InvalidError
from kbtui.webhooks import signatures

BODY = '{"event_name":"task.create","event_data":{"title":"Ünïcode"}}'.encode()


def test_a_signature_is_accepted_by_the_reference_implementation() -> None:
    secret = signatures.new_secret()
    headers = dict(signatures.headers("msg_1", int(time.time()), BODY, [secret]))

    verified = Webhook(secret).verify(BODY.decode(), headers)

    assert verified["event_name"] == "task.create"


def test_a_changed_body_is_not_accepted() -> None:
    secret = signatures.new_secret()
    headers = dict(signatures.headers("msg_1", int(time.time()), BODY, [secret]))

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY.decode() + " ", headers)


def test_after_a_rotation_both_secrets_sign() -> None:
    old, new = signatures.new_secret(), signatures.new_secret()
    headers = dict(signatures.headers("msg_1", int(time.time()), BODY, [new, old]))

    assert Webhook(old).verify(BODY.decode(), headers)
    assert Webhook(new).verify(BODY.decode(), headers)
    assert len(headers["webhook-signature"].split(" ")) == 2


def test_the_signature_is_the_one_the_reference_implementation_makes() -> None:
    secret = signatures.new_secret()
    when = datetime(2026, 11, 24, tzinfo=UTC)

    expected = Webhook(secret).sign("msg_2", when, BODY.decode())

    assert signatures.sign(secret, "msg_2", int(when.timestamp()), BODY) == expected


def test_without_a_secret_there_is_an_id_and_a_time_but_no_signature() -> None:
    assert signatures.headers("msg_1", 1700000000, BODY, ["", ""]) == [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", "1700000000"),
    ]


@pytest.mark.parametrize("size", [24, 32, 64])
def test_a_secret_of_24_to_64_bytes_is_taken(size: int) -> None:
    text = base64.b64encode(bytes(size)).decode()

    assert signatures.check_secret(f" whsec_{text} ") == f"whsec_{text}"
    assert signatures.check_secret(text) == f"whsec_{text}"


@pytest.mark.parametrize(
    "text",
    [
        "whsec_",
        "whsec_abc",
        "secret!",
        "whsec_ü",
        base64.b64encode(bytes(23)).decode(),
        base64.b64encode(bytes(65)).decode(),
    ],
)
def test_any_other_secret_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidError, match="secret"):
        signatures.check_secret(text)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, ""),
        ({"webhook-signature": ""}, "not signed"),
        ({"webhook-timestamp": "soon"}, "no valid timestamp"),
        ({"webhook-timestamp": "1700000301"}, "too old or too new"),
        ({"webhook-timestamp": "1700000001"}, "wrong signature"),
        ({"webhook-id": "msg_2"}, "wrong signature"),
        ({"webhook-signature": "v1,AAAA v2,ü"}, "wrong signature"),
    ],
)
def test_the_listener_tells_what_is_wrong_with_a_signature(change: dict[str, str], wrong: str) -> None:
    secret = signatures.new_secret()
    headers = dict(signatures.headers("msg_1", 1700000000, BODY, [secret])) | change

    said = signatures.verify(
        secret,
        headers["webhook-id"],
        headers["webhook-timestamp"],
        headers["webhook-signature"],
        BODY,
        now=1700000000.0,
    )

    assert said == wrong

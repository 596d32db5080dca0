"""The listener: what it checks, what it tells, and how it misbehaves when asked to."""

import asyncio
import json
import time

import pytest

from kbtui.errors import KbtuiError
from kbtui.webhooks import attempt, signatures
from kbtui.webhooks.attempt import Outcome, Post
from kbtui.webhooks.listener import Behaviour, Listener, Received

BODY = b'{"event_name":"task.create","event_data":{}}'


async def send(listener: Listener, *, token: str = "T", headers: tuple[tuple[str, str], ...] = ()) -> Outcome:
    return await attempt.send(Post(f"{listener.url}hook", token, BODY, headers, deadline=0.5))


@pytest.mark.parametrize(("given", "status"), [("right", 200), ("wrong", 401), ("", 401), ("rightx", 401)])
async def test_a_wrong_token_is_answered_with_401(given: str, status: int) -> None:
    async with Listener(token="right") as listener:
        outcome = await send(listener, token=given)

    (received,) = listener.received
    assert outcome.status == status
    assert received.token_is_right is (status == 200)
    assert received.status == status


async def test_without_a_token_of_its_own_none_is_checked() -> None:
    async with Listener() as listener:
        await send(listener)

    assert listener.received[0].token_is_right is None


async def test_signatures_are_checked_when_there_is_a_secret() -> None:
    secret = signatures.new_secret()
    signed = tuple(signatures.headers("msg_1", int(time.time()), BODY, [secret]))
    async with Listener(secret=secret) as listener:
        outcomes = [await send(listener, headers=signed), await send(listener)]

    assert [outcome.status for outcome in outcomes] == [200, 401]
    assert [received.signature for received in listener.received] == ["", "not signed"]


async def test_each_delivery_is_told_as_json_without_the_token() -> None:
    told: list[Received] = []
    async with Listener(token="SECRET", on_received=told.append) as listener:
        await send(listener, token="SECRET", headers=(("webhook-id", "msg_1"),))

    printed = json.dumps(told[0].as_dict())
    assert json.loads(printed)["payload"] == json.loads(BODY)
    assert (told[0].event_name, told[0].webhook_id, told[0].path) == ("task.create", "msg_1", "/hook")
    assert "SECRET" not in printed


async def test_a_body_that_is_no_json_is_told_as_text() -> None:
    async with Listener() as listener:
        await attempt.send(Post(listener.url, "T", b"\xff[1", ()))

    assert listener.received[0].as_dict()["payload"] == "\ufffd[1"
    assert listener.received[0].event_name == ""


@pytest.mark.parametrize(
    ("request_line", "headers", "body"),
    [
        ("POST //[ HTTP/1.1", "", ""),
        ("POST / HTTP/1.1", "webhook-id: \xe9\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,x\r\n", ""),
        ("POST / HTTP/1.1", f"webhook-id: 1\r\nwebhook-timestamp: {'9' * 5000}\r\nwebhook-signature: v1,x\r\n", ""),
        ("POST / HTTP/1.1", "", "[" * 20_000),
    ],
    ids=["no target", "no id", "no time", "too deep"],
)
async def test_a_hostile_request_gets_an_answer(request_line: str, headers: str, body: str) -> None:
    told: list[dict[str, object]] = []
    async with Listener(
        secret=signatures.new_secret(), on_received=lambda received: told.append(received.as_dict())
    ) as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(f"{request_line}\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode("latin-1"))
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 401 "))
    assert len(told) == (b" 401 " in answer)


async def test_the_first_requests_can_fail() -> None:
    async with Listener(behaviour=Behaviour(status=204, fail_first=2)) as listener:
        outcomes = [await send(listener) for _ in range(3)]

    assert [outcome.status for outcome in outcomes] == [500, 500, 204]


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (Behaviour(hang=True), "timeout"),
        (Behaviour(reset=True), "reset"),
        (Behaviour(drip=0.1), "timeout"),
        (Behaviour(delay=2.0), "timeout"),
        (Behaviour(status=503), "status"),
    ],
    ids=["hang", "reset", "drip", "delay", "status"],
)
async def test_it_plays_the_bad_receiver(behaviour: Behaviour, error: str) -> None:
    async with Listener(behaviour=behaviour) as listener:
        outcome = await send(listener)

    assert outcome.error == error
    assert listener.count == 1


async def test_a_delay_that_is_not_too_long_is_an_answer() -> None:
    async with Listener(behaviour=Behaviour(delay=0.1)) as listener:
        outcome = await send(listener)

    assert outcome.error == ""
    assert outcome.ms >= 100


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"x" * 200000,
    ],
)
async def test_what_is_no_request_is_answered_with_400(request_bytes: bytes) -> None:
    async with Listener() as listener:
        reader, writer = await asyncio.open_connection(listener.host, listener.port)
        writer.write(request_bytes)
        answer = await reader.read(12)
        writer.close()

    assert answer == b"HTTP/1.1 400"
    assert listener.count == 0


async def test_a_port_that_is_taken_is_said_to_be_so() -> None:
    async with Listener() as first:
        with pytest.raises(KbtuiError, match=f"port {first.port}"):
            await Listener(port=first.port).start()
    with pytest.raises(KbtuiError, match="port 99999"):
        await Listener(port=99999).start()


async def test_only_the_last_requests_are_remembered() -> None:
    async with Listener(remembered=2) as listener:
        for _ in range(3):
            await send(listener)

    assert (listener.count, len(listener.received)) == (3, 2)

"""One attempt against receivers that do everything wrong that can be done wrong."""

import asyncio
import gzip
import logging
import socket
import ssl
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from kbtui.webhooks import addresses, attempt, failures
from kbtui.webhooks.attempt import Outcome, Post
from tests.patience import PATIENCE
from tests.webhooks.receivers import (
    OK,
    Conversation,
    Receiver,
    answering,
    dripping,
    flooding,
    free_port,
    resetting_after,
    saying,
    silent_after,
)

TOKEN = "5ec7e7" * 10
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
HEADERS = (("User-Agent", "Kanboard Webhook"), ("Content-Type", "application/json"), ("Connection", "close"))


SHORT = 0.4
"""A deadline for what never comes."""


def post(url: str, *, deadline: float = PATIENCE, ca_file: str = "") -> Post:
    return Post(url, TOKEN, b'{"event_name":"task.create"}', HEADERS, deadline=deadline, ca_file=ca_file)


async def outcome_of(conversation: Conversation, *, deadline: float = PATIENCE) -> Outcome:
    async with Receiver(conversation) as receiver:
        return await attempt.send(post(receiver.url, deadline=deadline))


async def test_the_request_is_kanboards_with_the_token_in_its_place() -> None:
    async with Receiver(saying(OK)) as receiver:
        outcome = await attempt.send(post(receiver.url + "?a=%20b&c#fragment"))

    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert outcome.error == ""
    assert lines[0] == f"POST /hook?a=%20b&c&token={TOKEN} HTTP/1.1"
    assert sorted(lines[1:]) == [
        "Accept-Encoding: identity",
        "Connection: close",
        "Content-Length: 28",
        "Content-Type: application/json",
        f"Host: 127.0.0.1:{receiver.port}",
        "User-Agent: Kanboard Webhook",
    ]
    assert body == b'{"event_name":"task.create"}'


@pytest.mark.parametrize("status", [200, 201, 204, 299])
async def test_a_2xx_is_delivered(status: int) -> None:
    outcome = await outcome_of(saying(b"HTTP/1.1 %d Yes\r\n\r\n" % status))

    assert (outcome.error, outcome.status) == ("", status)


@pytest.mark.parametrize(
    ("conversation", "status"),
    [
        (resetting_after(HEAD + b"partial"), 200),
        (saying(HEAD + b"partial"), 200),
        (silent_after(HEAD + b"partial"), 200),
        (dripping(HEAD + b"partial", b"."), 200),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"), 200),
    ],
    ids=["reset", "closed", "silent", "dripping", "bad chunks"],
)
async def test_a_2xx_counts_also_when_the_body_then_breaks_or_drips(conversation: Conversation, status: int) -> None:
    outcome = await outcome_of(conversation, deadline=2.0)  # which two of these bodies reach

    assert (outcome.error, outcome.status) == ("", status)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 429, 500, 501, 502, 503, 504, 999])
async def test_any_other_status_is_a_failure_with_its_answer(status: int) -> None:
    outcome = await outcome_of(answering(status, "Retry-After: 7", body=b"because"))

    assert (outcome.error, outcome.status, outcome.retry_after, outcome.answer) == ("status", status, "7", b"because")
    assert str(status) in outcome.detail


async def test_an_error_status_counts_also_when_the_body_then_breaks() -> None:
    outcome = await outcome_of(resetting_after(b"HTTP/1.1 503 No\r\nContent-Length: 99\r\n\r\nbad"))

    assert (outcome.error, outcome.status) == ("status", 503)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed_and_shows_where_it_led(status: int) -> None:
    async with Receiver(saying(OK)) as elsewhere:
        outcome = await outcome_of(answering(status, f"Location: {elsewhere.url}?token={TOKEN}"))

    assert (outcome.error, outcome.status) == ("redirect", status)
    assert elsewhere.url in outcome.detail
    assert TOKEN not in outcome.detail + outcome.answer_headers
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("conversation", "error"),
    [
        (saying(b""), "reset"),
        (resetting_after(b""), "reset"),
        (resetting_after(b"HTTP/1.1 200"), "reset"),
        (silent_after(b""), "timeout"),
        (silent_after(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), "timeout"),
        (silent_after(b"HTTP/1.1 200 OK\r\nX-Unfinished"), "timeout"),
        (dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"), "timeout"),
        (dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "timeout"),
        (saying(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "protocol"),
        (saying(b"\x00\x01\x02\x03" * 50 + b"\r\n\r\n"), "protocol"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"), "protocol"),
        (saying(b"HTTP/1.1 200 OK\r\nX-Big: " + b"x" * 1_000_000 + b"\r\n\r\n"), "protocol"),
        (saying(b"HTTP/1.1 20 OK\r\n\r\n"), "protocol"),
    ],
    ids=[
        "closed",
        "reset",
        "reset in head",
        "silent",
        "103",
        "half a head",
        "dripping head",
        "endless 100",
        "ssh",
        "binary",
        "bad length",
        "1 MB header",
        "bad status",
    ],
)
async def test_no_proper_answer_is_a_failure_of_its_class(conversation: Conversation, error: str) -> None:
    outcome = await outcome_of(conversation, deadline=SHORT if error == "timeout" else PATIENCE)

    assert (outcome.error, outcome.status) == (error, None)
    assert outcome.detail.endswith(".")


async def test_a_closed_port_refuses() -> None:
    outcome = await attempt.send(post(f"http://127.0.0.1:{free_port()}/"))

    assert outcome.error == "refused"


async def test_a_name_that_does_not_resolve_is_said_to_be_so() -> None:
    outcome = await attempt.send(post("http://nowhere.invalid/", deadline=5))

    assert outcome.error == "dns"


async def test_resolving_is_within_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asyncio.Event()

    async def hang(host: str, port: int) -> list[str]:
        asked.set()
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(addresses, "_look_up", hang)

    outcome = await attempt.send(post("http://example.com/", deadline=SHORT))

    assert asked.is_set()
    assert outcome.error == "timeout"


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"])
async def test_a_name_that_stands_for_a_forbidden_address_is_not_connected_to(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_service(monkeypatch, {"metadata.example": [address]})

    outcome = await attempt.send(post("http://metadata.example/"))

    assert outcome.error == "blocked"
    assert address in outcome.detail


@pytest.mark.parametrize("host", ["2852039166", "0xa9fea9fe", "169.16689662", "0251.0376.0251.0376"])
async def test_another_way_to_write_a_forbidden_address_does_not_help(host: str) -> None:
    outcome = await attempt.send(post(f"http://{host}/", deadline=5))

    assert outcome.error == "blocked"


async def test_only_the_allowed_addresses_of_a_name_are_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Receiver(saying(OK)) as receiver:
        name_service(monkeypatch, {"mixed.example": ["169.254.169.254", "127.0.0.1"]})

        outcome = await attempt.send(post(f"http://mixed.example:{receiver.port}/"))

    assert outcome.error == ""
    assert b"Host: mixed.example:%d\r\n" % receiver.port in receiver.requests[0]


async def test_a_name_is_looked_up_once_so_that_it_cannot_change_after_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Receiver(saying(OK)) as receiver:
        asked = name_service(monkeypatch, {"rebinding.example": ["127.0.0.1"]})

        await attempt.send(post(f"http://rebinding.example:{receiver.port}/"))

    assert asked == ["rebinding.example"]


async def test_the_next_address_is_tried_when_nothing_listens_at_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Receiver(saying(OK)) as receiver:
        name_service(monkeypatch, {"two.example": ["127.0.0.9", "127.0.0.1"]})

        outcome = await attempt.send(post(f"http://two.example:{receiver.port}/"))

    assert outcome.error == ""
    assert len(receiver.requests) == 1


async def test_a_non_ascii_host_is_asked_for_by_its_ascii_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Receiver(saying(OK)) as receiver:
        name_service(monkeypatch, {"bücher.example": ["127.0.0.1"]})

        outcome = await attempt.send(post(f"http://bücher.example:{receiver.port}/straße"))

    assert outcome.error == ""
    assert b"Host: xn--bcher-kva.example:%d\r\n" % receiver.port in receiver.requests[0]


async def test_ipv6_receivers_are_reached() -> None:
    async with Receiver(saying(OK), host="::1") as receiver:
        outcome = await attempt.send(post(f"http://[::1]:{receiver.port}/"))

    assert outcome.error == ""
    assert b"Host: [::1]:%d\r\n" % receiver.port in receiver.requests[0]


@pytest.mark.parametrize(
    "url", ["http://[::1", "example.com", "ftp://x/", "http://h:99999/", "http://a b/", "http://u:p@h/", ""]
)
async def test_a_bad_url_in_the_database_is_an_outcome_like_any_other(url: str) -> None:
    outcome = await attempt.send(post(url))

    assert outcome.error == "url"


async def test_a_body_of_200_mb_is_read_only_at_its_beginning() -> None:
    async with Receiver(flooding(b"HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n", 209_715_200)) as receiver:
        await attempt.send(post(receiver.url))
        tracemalloc.start()
        outcome = await attempt.send(post(receiver.url, deadline=5))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert outcome.error == ""
    assert len(outcome.answer) == 2048
    assert peak < 3_000_000


async def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(20_000_000))

    outcome = await outcome_of(answering(200, "Content-Encoding: gzip", body=bomb))

    assert outcome.error == ""
    assert outcome.answer == bomb[:2048]


async def test_an_answer_of_control_characters_and_markup_is_kept_as_it_is() -> None:
    nasty = b"\x00\x1b[31m[bold]\xff\xfe[/]"

    outcome = await outcome_of(answering(500, body=nasty))

    assert outcome.answer == nasty


async def test_the_token_is_nowhere_but_in_the_request(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = answering(500, f"X-Echo: {TOKEN}", body=f"you sent {TOKEN}".encode())
    async with Receiver(echo) as receiver:
        request = post(receiver.url)
        outcomes = [await attempt.send(request), await attempt.send(post(f"http://127.0.0.1:{free_port()}/"))]
        outcomes.append(await outcome_of(saying(f"GARBAGE {TOKEN}\r\n\r\n".encode())))

    assert TOKEN.encode() in receiver.requests[0]
    assert TOKEN not in repr(request)
    assert TOKEN not in repr(outcomes)
    sent_by_us = [record.getMessage() for record in caplog.records if "receive_response" not in record.getMessage()]
    assert TOKEN not in "".join(sent_by_us)


async def test_a_cancelled_attempt_leaves_nothing_behind() -> None:
    async with Receiver(silent_after(b"")) as receiver:
        sending = asyncio.create_task(attempt.send(post(receiver.url, deadline=30)))
        await receiver.arrived.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_proxies_are_used_only_if_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Receiver(saying(OK)) as proxy, Receiver(saying(OK)) as receiver:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        name_service(monkeypatch, {"hooks.example": ["127.0.0.1"]})
        request = post(f"http://hooks.example:{receiver.port}/hook?a=b")

        direct = await attempt.send(request)
        through = await attempt.send(replace(request, use_proxy=True))

    assert (direct.error, through.error) == ("", "")
    assert receiver.first_lines == [f"POST /hook?a=b&token={TOKEN} HTTP/1.1"]
    assert proxy.first_lines == [f"POST http://hooks.example:{receiver.port}/hook?a=b&token={TOKEN} HTTP/1.1"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def certified(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


async def test_the_certificate_and_sni_are_those_of_the_name(
    authority: trustme.CA, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_service(monkeypatch, {"hooks.example": ["127.0.0.1"]})
    tls = certified(authority.issue_cert("hooks.example"))
    asked: list[str | None] = []
    tls.sni_callback = lambda connection, name, context: asked.append(name)
    async with Receiver(saying(OK), tls=tls) as receiver:
        outcome = await attempt.send(post(f"https://hooks.example:{receiver.port}/", deadline=5, ca_file=ca_file))

    assert outcome.error == ""
    assert asked == ["hooks.example"]
    assert b"Host: hooks.example:%d\r\n" % receiver.port in receiver.requests[0]


async def test_a_certificate_for_an_address_is_accepted(authority: trustme.CA, ca_file: str) -> None:
    async with Receiver(saying(OK), tls=certified(authority.issue_cert("127.0.0.1"))) as receiver:
        outcome = await attempt.send(post(receiver.url, deadline=5, ca_file=ca_file))

    assert outcome.error == ""


async def test_an_unknown_authority_is_not_trusted(authority: trustme.CA) -> None:
    async with Receiver(saying(OK), tls=certified(authority.issue_cert("127.0.0.1"))) as receiver:
        outcome = await attempt.send(post(receiver.url, deadline=5))

    assert outcome.error == "tls"
    assert "certificate" in outcome.detail
    assert receiver.requests == []


async def test_a_certificate_for_another_host_is_not_accepted(authority: trustme.CA, ca_file: str) -> None:
    async with Receiver(saying(OK), tls=certified(authority.issue_cert("other.example"))) as receiver:
        outcome = await attempt.send(post(receiver.url, deadline=5, ca_file=ca_file))

    assert outcome.error == "tls"


async def test_an_expired_certificate_is_not_accepted(authority: trustme.CA, ca_file: str) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    expired = authority.issue_cert("127.0.0.1", not_before=yesterday - timedelta(days=9), not_after=yesterday)
    async with Receiver(saying(OK), tls=certified(expired)) as receiver:
        outcome = await attempt.send(post(receiver.url, deadline=5, ca_file=ca_file))

    assert outcome.error == "tls"
    assert "expired" in outcome.detail


async def test_https_to_a_receiver_without_tls_fails_as_tls(ca_file: str) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 No\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        outcome = await attempt.send(post(f"https://127.0.0.1:{port}/", deadline=2, ca_file=ca_file))

    assert outcome.error == "tls"


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_ca_file_that_cannot_be_used_is_an_outcome_that_says_so(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)

    outcome = await attempt.send(post("https://127.0.0.1:9/", ca_file=str(path)))

    assert (outcome.error, str(path) in outcome.detail) == ("tls", True)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("ConnectTimeout", "timeout"),
        ("PoolTimeout", "timeout"),
        ("ReadError", "reset"),
        ("WriteError", "reset"),
        ("UnsupportedProtocol", "url"),
        ("InvalidURL", "url"),
        ("ProxyError", "protocol"),
        ("ConnectError", "unreachable"),
        ("LocalProtocolError", "protocol"),
    ],
)
def test_every_error_of_the_client_is_told_without_its_text(name: str, error: str) -> None:
    failure = getattr(attempt._http(), name)(f"http://example.com/?token={TOKEN}")

    known, detail = failures.explain(failure, 10)

    assert known == error
    assert name == "LocalProtocolError" or TOKEN not in detail


def test_an_error_that_nobody_thought_of_is_told_by_its_kind_alone() -> None:
    assert failures.explain(KeyError(TOKEN), 10) == ("internal", "kbtui could not send it (KeyError).")
    assert failures.explain(ExceptionGroup("all failed", [ConnectionRefusedError()]), 10)[0] == "refused"
    assert failures.explain(OSError(101, "Network is unreachable"), 10)[0] == "unreachable"


def name_service(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> list[str]:
    """Make the system's resolver know these names alone, and return what it is asked for."""
    asked: list[str] = []
    system = socket.getaddrinfo

    def look_up(host: str, port: int, *args: object, **options: object) -> list[tuple[object, ...]]:
        asked.append(str(host))
        found = names.get(host)
        if found is None:
            return list(system(host, port, type=socket.SOCK_STREAM))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked

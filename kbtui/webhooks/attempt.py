"""One attempt: one POST with every guard around it, and what came of it.

The only module that imports httpx, and only when there is something to send: the import takes longer than the first
frame. Its transport is used without its client, which would add cookies, redirects, and a log line with the URL.
Every attempt has a transport and a connection of its own: Kanboard closes after each request, and a connection that
was kept open may turn out to be closed only when the event has been written to it.

The address is resolved and checked first and then connected to, so that no second look-up can lead elsewhere; the
certificate, SNI and Host are still those of the name.
"""

import asyncio
import contextlib
import importlib
import ssl
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies, proxy_bypass

from kbtui.webhooks.addresses import resolve
from kbtui.webhooks.failures import AuthorityError, explain
from kbtui.webhooks.policy import MASK
from kbtui.webhooks.urls import Target, parse

if TYPE_CHECKING:
    import httpx

_HEADERS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent, and how; its repr shows neither token nor headers, which may hold secrets."""

    url: str = field(repr=False)
    token: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    deadline: float = 10.0
    """Seconds for everything: resolving, connecting, sending, and reading the answer."""
    ca_file: str = ""
    use_proxy: bool = False
    answer_limit: int = 20_000
    answer_kept: int = 2048


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. ``error`` is a class, empty when it was delivered:

    ``redirect``, ``status`` the receiver answered, but not with 2xx; ``refused``, ``reset``, ``unreachable``,
    ``timeout``, ``dns``, ``tls``, ``protocol`` no answer could be had; ``blocked``, ``url`` nothing was sent to
    such an address; ``payload`` the event cannot be rendered; ``interrupted``, ``lost`` this program ended first;
    ``internal`` a fault of kbtui's own.
    """

    started_at: float
    ms: float
    error: str
    detail: str
    """The same as a sentence, for a person."""
    status: int | None = None
    retry_after: str = ""
    answer_headers: str = ""
    answer: bytes = b""
    """The first bytes of the answer, raw: it may hold anything, and is to be escaped when shown."""


@dataclass(slots=True)
class _Answer:
    """What has arrived so far; it counts even when the connection breaks later."""

    status: int | None = None
    headers: "list[tuple[bytes, bytes]]" = field(default_factory=list)
    read: int = 0
    kept: bytearray = field(default_factory=bytearray)

    def header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == name), "")


async def send(post: Post) -> Outcome:
    """Make one attempt. Whatever goes wrong is in the outcome; only cancelling is raised."""
    _http()  # the first import is no time of the receiver's
    started_at, start = time.time(), time.perf_counter()
    answer = _Answer()
    failure: Exception | None = None
    try:
        async with asyncio.timeout(post.deadline):
            await _exchange(post, answer)
    except Exception as error:  # the edge: nothing a receiver does may stop the deliveries to others
        failure = error
    ms = (time.perf_counter() - start) * 1000
    return _judge_answer(post, answer, failure, started_at, ms)


async def _exchange(post: Post, answer: _Answer) -> None:
    target = parse(post.url)
    proxy = _proxy(target) if post.use_proxy else None
    tls = _verifying(post.ca_file) if target.scheme == "https" else _no_tls()
    if proxy:
        await _request(post, _proxied(post, target), tls, proxy, answer)
        return
    loop = asyncio.get_running_loop()
    end = loop.time() + post.deadline
    found = await resolve(target.host, target.port)
    for left, address in zip(range(len(found), 0, -1), found, strict=True):
        # An address that swallows packets must leave time for the next one.
        patience = max(0.01, (end - loop.time()) / left)
        try:
            await _request(post, _direct(post, target, address, patience), tls, None, answer)
        except (_http().ConnectError, _http().ConnectTimeout):
            # Nothing has been sent yet, so the next address cannot make it arrive twice.
            if left == 1:
                raise
        else:
            return


async def _request(
    post: Post, request: "httpx.Request", tls: ssl.SSLContext, proxy: str | None, answer: _Answer
) -> None:
    http = _http()
    transport = http.AsyncHTTPTransport(
        verify=tls,
        trust_env=False,
        proxy=proxy,
        limits=http.Limits(max_connections=1, max_keepalive_connections=0),
    )
    try:
        response = await transport.handle_async_request(request)
        answer.status, answer.headers = response.status_code, response.headers.raw
        try:
            # The raw stream: decoded, a few bytes could become any number of them.
            async with contextlib.aclosing(response.aiter_raw()) as chunks:
                async for chunk in chunks:
                    answer.read += len(chunk)
                    answer.kept += chunk[: max(0, post.answer_kept - len(answer.kept))]
                    if answer.read >= post.answer_limit:
                        break
        finally:
            await response.aclose()
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await transport.aclose()


def _direct(post: Post, target: Target, address: str, patience: float) -> "httpx.Request":
    """Build the request to a checked address. ``target`` carries path and query as they are, byte for byte."""
    http = _http()
    name = _ascii_host(target)
    host = f"[{address}]" if ":" in address else address
    return _new_request(
        post,
        f"{target.scheme}://{host}:{target.port}/",
        _host_header(target, name),
        {
            "sni_hostname": name,
            "target": target.with_token(post.token).encode("ascii"),
            "timeout": http.Timeout(None, connect=patience).as_dict(),
        },
    )


def _proxied(post: Post, target: Target) -> "httpx.Request":
    """Build the request that a proxy passes on; it looks the name up itself."""
    url = f"{target.origin}{target.with_token(post.token)}"
    return _new_request(post, url, _host_header(target, _ascii_host(target)), {})


def _new_request(post: Post, url: str, host: str, extensions: dict[str, Any]) -> "httpx.Request":
    fields = [("Host", host), *post.headers, ("Accept-Encoding", "identity")]
    request: httpx.Request = _http().Request("POST", url, headers=fields, content=post.body, extensions=extensions)
    return request


def _judge_answer(post: Post, answer: _Answer, failure: Exception | None, started_at: float, ms: float) -> Outcome:
    if answer.status is None:
        error, detail = explain(failure, post.deadline)
        return Outcome(started_at, ms, error, _masked(detail, post.token))
    error, detail = _explain_status(answer)
    lines = b"\r\n".join(b"%s: %s" % header for header in answer.headers)
    return Outcome(
        started_at,
        ms,
        error,
        _masked(detail, post.token),
        answer.status,
        answer.header(b"retry-after"),
        _masked(lines.decode("latin-1"), post.token)[:_HEADERS_KEPT],
        bytes(answer.kept).replace(post.token.encode(), MASK.encode()) if post.token else bytes(answer.kept),
    )


def _explain_status(answer: _Answer) -> tuple[str, str]:
    status = answer.status or 0
    if 200 <= status < 300:
        return "", ""
    if 300 <= status < 400:
        elsewhere = answer.header(b"location")[:500]
        to = f" to {elsewhere}" if elsewhere else ""
        return "redirect", f"The receiver answered {status}, a redirect{to}; kbtui does not follow it. Change the URL."
    return "status", f"The receiver answered {status}."


def _masked(text: str, token: str) -> str:
    return text.replace(token, MASK) if token else text


@lru_cache(maxsize=256)
def _ascii_host(target: Target) -> str:
    host: bytes = _http().URL(f"http://{f'[{target.host}]' if ':' in target.host else target.host}/").raw_host
    return host.decode("ascii")


def _host_header(target: Target, name: str) -> str:
    return target.origin.partition("://")[2].replace(target.host, name, 1)


def _proxy(target: Target) -> str | None:
    """Return the proxy that the environment names for a target."""
    if proxy_bypass(target.host):
        return None
    proxies = getproxies()
    return proxies.get(target.scheme) or proxies.get("all")


@lru_cache(maxsize=1)
def _http() -> Any:
    """Import httpx; where it isn't installed, its API-compatible successor."""
    try:
        return importlib.import_module("httpx")
    except ModuleNotFoundError:
        return importlib.import_module("httpx2")


def _verifying(ca_file: str) -> ssl.SSLContext:
    """Return how certificates are verified: by the authority in a file, else by those that are commonly trusted."""
    try:
        return _tls(ca_file, Path(ca_file).stat().st_mtime_ns if ca_file else 0)
    except (OSError, ssl.SSLError) as error:
        raise AuthorityError(f"The CA file {ca_file} cannot be read; choose another one.") from error


@lru_cache(maxsize=16)
def _tls(ca_file: str, version: int) -> ssl.SSLContext:
    """Make a context once for each version of a file."""
    context: ssl.SSLContext = ssl.create_default_context(cafile=ca_file) if ca_file else _http().create_ssl_context()
    return context


@lru_cache(maxsize=1)
def _no_tls() -> ssl.SSLContext:
    """Return a context that trusts nobody, for requests without TLS: loading authorities takes 15 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

"""URLs: checked as they are typed, taken apart, and joined with the token as Kanboard joins it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlsplit

from kbtui.errors import InvalidError
from kbtui.webhooks import addresses

URL_LIMIT = 2000
"""How many characters a URL may have."""

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?!.{254})([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?")
_BRACKETS = re.compile(r"\[[^][]*\](:.*)?")
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, taken apart: what to connect to, and what to ask for there."""

    scheme: str
    host: str
    """The name or address as typed, in lower case, without brackets; it may have non-ASCII letters."""
    port: int
    path: str
    query: str | None

    @property
    def origin(self) -> str:
        """The scheme, host and port: what may be shown of a URL, since the rest may hold secrets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    def with_token(self, token: str) -> str:
        """Return path and query with the token: behind ``&`` when there is a query, else behind ``?``.

        The URL's own query stays as it is, byte for byte.
        """
        own = self.path if self.query is None else f"{self.path}?{self.query}"
        return f"{own}{'?' if self.query is None else '&'}token={quote(token, safe='')}"


@lru_cache(maxsize=256)
def parse(url: str) -> Target:
    """Take a URL apart; raise InvalidError, in a sentence, when nothing can be sent to it.

    A ``#fragment`` is never sent, so it cannot swallow the token. A password in a URL is refused: URLs are shown and
    logged; an ``Authorization`` header of the endpoint's own does the same and is masked.
    """
    text = url.strip()
    _check_characters(text)
    parts = _split(text)
    if "@" in parts.netloc:
        raise InvalidError("The URL contains a user name or password; give the endpoint an Authorization header.")
    port = _port(parts)
    host = (parts.hostname or "").lower()
    _check_host(host)
    path = quote(parts.path or "/", safe=_VISIBLE)
    query = quote(parts.query, safe=_VISIBLE) if "?" in text.partition("#")[0] else None
    return Target(parts.scheme, host, port, path, query)


def origin(url: str) -> str:
    """Return the part of a URL that may be shown; of one that cannot be sent to, an empty text."""
    try:
        return parse(url).origin
    except InvalidError:
        return ""


def check_url(text: str) -> str:
    """Return a URL as it is kept; raise InvalidError with a sentence when nothing can be sent to it."""
    parse(text)
    scheme, _, rest = text.strip().partition("://")
    end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    return f"{scheme.lower()}://{rest[:end].lower()}{rest[end:]}"


def _check_characters(text: str) -> None:
    if not text:
        raise InvalidError("The URL is empty; write it as https://example.com/hook.")
    if len(text) > URL_LIMIT:
        raise InvalidError(f"The URL is {len(text):,} characters long; it can have at most {URL_LIMIT:,}.")
    if any(character.isspace() for character in text):
        raise InvalidError("The URL contains a space; write it as %20.")
    if not text.isprintable():
        raise InvalidError("The URL contains a control character; type it anew.")


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise InvalidError("The URL's host is no valid address; an IPv6 address stands in [brackets].") from error
    if "[" in parts.netloc and not _BRACKETS.fullmatch(parts.netloc.rpartition("@")[2]):
        raise InvalidError("The URL's host is no valid address; an IPv6 address stands in [brackets].")
    if "://" not in text or not parts.scheme:
        raise InvalidError(f"The URL does not say how to send; did you mean https://{text.lstrip(':/')}?"[:200])
    if parts.scheme not in _PORTS:
        raise InvalidError(f"Webhooks go to http:// or https:// addresses, not to {parts.scheme}://.")
    return parts


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidError("The URL's port is no number from 1 to 65535.") from error
    if port == 0:
        raise InvalidError("The URL's port is no number from 1 to 65535.")
    return port or _PORTS[parts.scheme]


def _check_host(host: str) -> None:
    if not host:
        raise InvalidError("The URL names no host; write it as https://example.com/hook.")
    try:
        ip_address(host)
    except ValueError:
        _check_name(host)
    else:
        refusal = addresses.refusal(host)
        if refusal:
            raise InvalidError(refusal)


def _check_name(host: str) -> None:
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise InvalidError(f"The URL's host {host[:100]!r} is no valid name.") from error
    if ":" in host or not _NAME.fullmatch(name.lower()):
        raise InvalidError(f"The URL's host {host[:100]!r} is no valid name.")

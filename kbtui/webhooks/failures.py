"""Failures: what went wrong between here and the receiver, as a class and a sentence.

Sentences are made here, of known words: the texts of the libraries contain URLs, and those contain the token.
"""

import errno
import re
import socket
import ssl
from collections.abc import Sequence

from kbtui.errors import InvalidError, KbtuiError
from kbtui.webhooks.addresses import BlockedAddressError

REFUSED = "refused"
RESET = "reset"
UNREACHABLE = "unreachable"
TIMEOUT = "timeout"
DNS = "dns"
TLS = "tls"
PROTOCOL = "protocol"
BLOCKED = "blocked"
URL = "url"
PAYLOAD = "payload"
INTERRUPTED = "interrupted"
LOST = "lost"
INTERNAL = "internal"


class AuthorityError(KbtuiError):
    """An endpoint's CA file cannot be used."""


_CLOSED = ("ReadError", "WriteError", "CloseError")


def explain(failure: Exception | None, deadline: float) -> tuple[str, str]:
    """Return the class and the sentence of an attempt that had no answer."""
    if isinstance(failure, TimeoutError):
        return TIMEOUT, f"The receiver did not answer within {deadline:g} s."
    # Our own errors say more than what lies behind them; of others it is what lies behind that says most.
    for error in (failure,) if isinstance(failure, KbtuiError) else _causes(failure):
        named = _explain_one(error, deadline)
        if named:
            return named
    kind = type(failure).__name__ if failure else "nothing"
    return INTERNAL, f"kbtui could not send it ({kind})."


def _explain_one(error: BaseException, deadline: float) -> tuple[str, str] | None:
    match error:
        case BlockedAddressError():
            return BLOCKED, str(error)
        case AuthorityError():
            return TLS, str(error)
        case InvalidError():
            return URL, str(error)
        case socket.gaierror() | UnicodeError():
            return DNS, "The receiver's name could not be resolved."
        case ssl.SSLCertVerificationError():
            return TLS, f"The receiver's certificate is not accepted: {error.verify_message}."
        case ssl.SSLError():
            return TLS, "The receiver does not speak TLS as it should."
        case TimeoutError():
            return TIMEOUT, f"The receiver did not answer within {deadline:g} s."
        case ConnectionRefusedError():
            return REFUSED, "Nothing listens at the receiver's address."
        case ConnectionError():
            return RESET, "The receiver broke the connection before it answered."
        case OSError() if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL):
            return UNREACHABLE, "There is no way to the receiver's network."
    return _explain_http(error, deadline)


def _explain_http(error: BaseException, deadline: float) -> tuple[str, str] | None:
    """Know httpx's errors by their names, since they come from one of two packages."""
    names = [each.__name__ for each in type(error).__mro__]
    if "TimeoutException" in names:
        return TIMEOUT, f"The receiver did not answer within {deadline:g} s."
    if "ProtocolError" in names:
        # What is wrong with an answer h11 finds; the transport's own error of this kind is that none came.
        if "RemoteProtocolError" in names and type(error).__module__.partition(".")[0] != "h11":
            return RESET, "The receiver closed the connection without an answer."
        return PROTOCOL, f"The receiver does not speak HTTP as it should: {_short(str(error))}."
    if any(name in names for name in _CLOSED):
        return RESET, "The receiver broke the connection before it answered."
    if "InvalidURL" in names or "UnsupportedProtocol" in names:
        return URL, "The URL cannot be sent to; correct it."
    if "ProxyError" in names:
        return PROTOCOL, "The proxy refused to pass it on."
    if "ConnectError" in names:
        return UNREACHABLE, "The receiver's address could not be connected to."
    return None


def _causes(error: BaseException | None) -> Sequence[BaseException]:
    """Return an error, the members of groups, and what lies behind them, deepest first."""
    chain: list[BaseException] = []
    waiting = [error] if error else []
    while waiting and len(chain) < 50:
        each = waiting.pop()
        if each in chain:
            continue
        chain.append(each)
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(each.exceptions)
        waiting.extend(cause for cause in (each.__cause__, each.__context__) if cause is not None)
    return chain[::-1]


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" .")[:200] or "nothing readable came"

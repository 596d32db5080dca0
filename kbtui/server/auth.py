"""Authentication: who calls, by HTTP Basic or the header that stands in for it."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial

from kbtui.core.projects.credentials import api_token, stored_credentials
from kbtui.core.values.passwords import check_password, check_token, same_text
from kbtui.server.callers import APPLICATION, Caller
from kbtui.server.worker import Worker

MOST_KNOWN = 1000
"""Users whose password is remembered as right, so that it is not hashed slowly for each request."""

Credentials = tuple[str, str]
"""A user's name and the password or token."""

Stored = tuple[int, str, str | None, str | None]
"""What is stored of a user: id, role, hash of the password, hash of the token."""


def read_credentials(headers: Mapping[str, str], auth_header: str) -> Credentials | None:
    """Return what a request says who calls, None when it says nothing that can be understood."""
    instead = headers.get(auth_header.lower()) if auth_header else None
    scheme, _, encoded = headers.get("authorization", "").strip().partition(" ")
    if instead:
        encoded = instead
    elif scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    username, colon, password = decoded.partition(":")
    return (username, password) if colon else None


class Authenticator:
    """Checks credentials. A password that was right is remembered by a keyed hash, until what is stored changes."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, str] = OrderedDict()

    async def check(self, credentials: Credentials, *, may_hash: bool = True) -> Caller | None:
        """Return the caller whose credentials these are, None for wrong ones.

        Without ``may_hash`` only what is quickly checked is: a token, or a password that was right before.
        """
        username, password = credentials
        if username == APPLICATION.username:
            return APPLICATION if same_text(password, await self._worker.run(api_token)) else None
        stored = await self._worker.run(partial(stored_credentials, username))
        if await self._is_right(username, password, stored, may_hash=may_hash) and stored is not None:
            return Caller(stored[0], username, stored[1])
        return None

    async def _is_right(self, username: str, password: str, stored: Stored | None, *, may_hash: bool) -> bool:
        token_hash, password_hash = (stored[3], stored[2]) if stored else (None, None)
        if check_token(password, token_hash):
            return True
        digest = hmac.new(self._key, f"{len(username)}:{username}{password}".encode(), hashlib.sha256).digest()
        if password_hash is not None and same_text(self._known.get(digest, ""), password_hash):
            return True
        if not may_hash:
            return False
        if not await self._worker.hash(partial(check_password, password, password_hash)):
            return False
        self._known[digest] = password_hash or ""
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return True

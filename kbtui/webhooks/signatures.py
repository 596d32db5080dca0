"""Signatures: how a receiver knows that a delivery is ours, as Standard Webhooks 1.0.0 has it."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from kbtui.errors import InvalidError

PREFIX = "whsec_"
OLD_SECRET_LIFE = 24 * 3600.0
"""For how many seconds after a rotation the old secret signs as well."""

_LEAST, _MOST = 24, 64


def new_secret() -> str:
    """Return a new signing secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def check_secret(text: str) -> str:
    """Return a secret as it is kept; raise InvalidError unless it is ``whsec_`` and base64 of 24 to 64 bytes."""
    secret = text.strip()
    size = len(_key(secret))
    if not _LEAST <= size <= _MOST:
        raise InvalidError(f"A signing secret has {_LEAST} to {_MOST} bytes; this one has {size}.")
    return secret if secret.startswith(PREFIX) else PREFIX + secret


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one request: ``v1,`` and the base64 of an HMAC-SHA256 of ``id.timestamp.body``."""
    signed = b"%s.%d.%s" % (webhook_id.encode("ascii"), timestamp, body)
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode("ascii")


def headers(webhook_id: str, timestamp: int, body: bytes, in_use: Iterable[str]) -> list[tuple[str, str]]:
    """Return the headers that go beside Kanboard's; after a rotation two secrets are in use, and both sign."""
    signatures = [sign(secret, webhook_id, timestamp, body) for secret in in_use if secret]
    fields = [("webhook-id", webhook_id), ("webhook-timestamp", str(timestamp))]
    if signatures:
        fields.append(("webhook-signature", " ".join(signatures)))
    return fields


def verify(secret: str, webhook_id: str, timestamp: str, signature: str, body: bytes, *, now: float) -> str:
    """Return what is wrong with a received request's signature, an empty text when nothing is."""
    if not (webhook_id and timestamp and signature):
        return "not signed"
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 20:
        return "no valid timestamp"
    if not webhook_id.isascii():
        return "no valid id"
    if abs(now - int(timestamp)) > 300:
        return "too old or too new"
    expected = sign(secret, webhook_id, int(timestamp), body).encode()
    given = [each.encode() for each in signature.split(" ")]
    return "" if any(hmac.compare_digest(expected, each) for each in given) else "wrong signature"


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidError(f"A signing secret is {PREFIX} and base64 text; this one is not.") from error

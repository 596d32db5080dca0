"""Passwords and tokens: what is stored instead of them, and how they are compared."""

import base64
import hashlib
import hmac
import secrets

from kbtui.errors import InvalidError

LEAST_LENGTH = 6
"""Characters in a password, as in Kanboard."""

MOST_LENGTH = 1024
"""Characters that are hashed at most: a longer password would cost more than it protects."""

_COST, _BLOCK, _PARALLEL = 1 << 15, 8, 1
"""scrypt's parameters: 32 MiB and about a tenth of a second."""

_TOKEN_PREFIX = "sha256$"  # noqa: S105 - the name of the scheme


def hash_password(password: str) -> str:
    """Return what is stored for a password: the scheme, its parameters, a salt and the scrypt hash.

    Raises InvalidError for one that is too short or too long.
    """
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        raise InvalidError(f"A password has {LEAST_LENGTH} to {MOST_LENGTH:,} characters.")
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _COST, _BLOCK, _PARALLEL)
    return "$".join(("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), _encode(salt), _encode(digest)))


def check_password(password: str, stored: str | None) -> bool:
    """Tell whether a password is the one that was stored.

    It takes as long for a user without a password, so that the time tells nobody which users there are.
    """
    scheme, *parts = (stored or _NO_PASSWORD).split("$")
    if scheme != "scrypt" or len(parts) != 5 or len(password) > MOST_LENGTH:
        return False
    cost, block, parallel = (int(part) for part in parts[:3])
    salt, digest = (base64.b64decode(part) for part in parts[3:])
    same = hmac.compare_digest(_scrypt(password, salt, cost, block, parallel), digest)
    return same and stored is not None


def new_token() -> str:
    """Return a new token, 64 hexadecimal digits."""
    return secrets.token_hex(32)


def hash_token(token: str) -> str:
    """Return what is stored for a token. It is random already, so a fast hash will do."""
    return _TOKEN_PREFIX + hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def check_token(token: str, stored: str | None) -> bool:
    """Tell whether a token is the one whose hash was stored."""
    return same_text(hash_token(token), stored or "")


def same_text(one: str, other: str) -> bool:
    """Compare two secrets in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    room = 128 * block * (cost + parallel + 2)
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=cost, r=block, p=parallel, maxmem=2 * room, dklen=32)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


_NO_PASSWORD = "$".join(("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), _encode(bytes(16)), _encode(bytes(32))))
"""What nobody's password hashes to; it is hashed all the same."""

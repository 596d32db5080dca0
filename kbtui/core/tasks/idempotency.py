"""Idempotency keys: a request that is sent twice under one key is carried out once."""

import hashlib
import time
from collections.abc import Callable

from kbtui.core.db.database import transactional
from kbtui.core.db.models import IdempotencyKey
from kbtui.errors import InvalidError

KEPT_SECONDS = 7 * 86400
"""How long a key is remembered."""

KEY_LIMIT = 255
"""Characters in a key."""


@transactional
def once(key: str, create: Callable[[], int]) -> int:
    """Return the id that ``create`` returns, or returned under this key before; nothing is kept when it raises.

    Raises InvalidError for a key that is empty or too long.
    """
    if not 0 < len(key) <= KEY_LIMIT:
        raise InvalidError(f"An idempotency key has 1 to {KEY_LIMIT} characters.")
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    now = int(time.time())
    IdempotencyKey.delete().where(IdempotencyKey.date_creation < now - KEPT_SECONDS).execute()
    known = IdempotencyKey.get_or_none(IdempotencyKey.key == digest)
    if known is not None:
        return int(known.row_id)
    row_id = create()
    IdempotencyKey.insert(key=digest, row_id=row_id, date_creation=now).execute()
    return row_id

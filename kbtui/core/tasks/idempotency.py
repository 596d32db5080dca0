"""Idempotency keys: a request that is sent twice under one key is carried out once."""

import hashlib
import time
from collections.abc import Callable

from kbtui.core.db.database import fetch_one, transactional
from kbtui.core.db.engine import database
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
    database.execute_sql("DELETE FROM idempotency_key WHERE date_creation < ?", (now - KEPT_SECONDS,))
    row = fetch_one('SELECT row_id FROM idempotency_key WHERE "key" = ?', (digest,))
    if row is not None:
        return int(row[0])
    row_id = create()
    database.execute_sql(
        'INSERT INTO idempotency_key ("key", row_id, date_creation) VALUES (?, ?, ?)', (digest, row_id, now)
    )
    return row_id

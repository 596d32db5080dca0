"""Settings that belong to the board, kept in its database."""

import secrets

from kbtui.core.db.database import fetch_one, transactional
from kbtui.core.db.engine import database

WEBHOOK_TOKEN = "webhook_token"  # noqa: S105 - the name of the setting, not the token
DEFAULT_COLUMNS = "default_columns"


def get(key: str, default: str = "") -> str:
    """Return the value of a setting, ``default`` when it was never set."""
    row = fetch_one("SELECT value FROM settings WHERE key = ?", (key,))
    return str(row[0]) if row else default


@transactional
def put(key: str, value: str) -> None:
    """Set a setting."""
    database.execute_sql(
        "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def webhook_token() -> str:
    """Return the token that receivers check, 64 hexadecimal digits; it is made on first use."""
    return get(WEBHOOK_TOKEN) or _make_token()


@transactional
def reset_webhook_token() -> str:
    """Replace the token by a new one, and return that."""
    token = secrets.token_hex(32)
    put(WEBHOOK_TOKEN, token)
    return token


@transactional
def _make_token() -> str:
    # Looked at again under the lock: two programs may have found none at the same moment.
    return get(WEBHOOK_TOKEN) or reset_webhook_token()

"""Settings that belong to the board, kept in its database."""

import secrets
from datetime import tzinfo

from peewee import EXCLUDED, BaseQuery

from kbtui.core.db.database import transactional
from kbtui.core.db.models import Setting
from kbtui.core.db.prepared import prepared, scalar
from kbtui.core.values.dates import local_zone_name, read_zone

WEBHOOK_TOKEN = "webhook_token"  # noqa: S105 - the name of the setting, not the token
DEFAULT_COLUMNS = "default_columns"
TIME_ZONE = "time_zone"


def get(key: str, default: str = "") -> str:
    """Return the value of a setting, ``default`` when it was never set."""
    value: str | None = _value.first(key)
    return default if value is None else value


@transactional
def put(key: str, value: str) -> None:
    """Set a setting."""
    insert = Setting.insert(key=key, value=value)
    insert.on_conflict(conflict_target=[Setting.key], update={Setting.value: EXCLUDED.value}).execute()


@prepared(scalar)
def _value(key: str) -> BaseQuery:
    return Setting.select(Setting.value).where(Setting.key == key)


def time_zone() -> tzinfo | None:
    """Return the board's time zone, None for the computer's.

    In it days are counted where nobody sits before a screen: by the API and by recurrence.
    """
    name = get(TIME_ZONE)
    return read_zone(name) if name else None


def time_zone_name() -> str:
    """Return the name of the board's time zone."""
    return get(TIME_ZONE) or local_zone_name()


def set_time_zone(name: str) -> None:
    """Set the board's time zone, "" for the computer's. Raises InvalidError for one that is not known."""
    put(TIME_ZONE, str(read_zone(name)) if name else "")


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

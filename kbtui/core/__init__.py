"""The board, without a screen or a socket."""

import sys

# peewee imports every driver that is installed; psycopg takes three times as long as peewee itself, and loads asyncio.
# Who works on a file does not wait for that: it is imported when a server is connected to.
_DRIVERS = [name for name in ("psycopg", "psycopg2", "psycopg2cffi") if name not in sys.modules]
sys.modules |= dict.fromkeys(_DRIVERS)  # type: ignore[arg-type]
import peewee  # noqa: E402, F401

for _name in _DRIVERS:
    del sys.modules[_name]

"""The board, without a screen or a socket."""

import sys

# peewee imports every PostgreSQL driver that is installed; psycopg takes three times as long as peewee itself, and
# loads asyncio. Who works on a file does not wait for that: it is hidden until a server is connected to.
for _driver in ("psycopg", "psycopg2", "psycopg2cffi"):
    sys.modules.setdefault(_driver, None)  # type: ignore[arg-type]

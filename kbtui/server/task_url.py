"""The task URL: a task made by calling ``/?controller=webhook&action=task&token=…&title=…``, as in Kanboard of 2015."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import peewee

from kbtui.core.events import log
from kbtui.core.projects import projects, settings
from kbtui.core.tasks import idempotency, tasks
from kbtui.core.values import colors
from kbtui.core.values.passwords import same_text
from kbtui.errors import KbtuiError

OK, FAILED, NOT_AUTHORIZED = "OK", "FAILED", "Not Authorized"

MOST_FIELDS = 100
"""Parameters of a query at most."""


def read_query(query: str) -> dict[str, str]:
    """Return the parameters of a query string, the last of those of one name. Raises ValueError above 100 of them."""
    return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_FIELDS))


def is_task_url(fields: Mapping[str, str]) -> bool:
    """Return whether a query asks for a task."""
    return fields.get("controller") == "webhook" and fields.get("action") == "task"


def is_authorized(fields: Mapping[str, str]) -> bool:
    """Return whether a query has the webhook token."""
    return same_text(fields.get("token", ""), settings.webhook_token())


def create_task(fields: Mapping[str, str], key: str | None) -> bool:
    """Make the task that a query asks for, once for each ``key``; return whether that went well."""
    try:
        with log.authored_by(0):
            if key is None:
                _create(fields)
            else:
                idempotency.once(key, lambda: _create(fields))
    except (KbtuiError, peewee.IntegrityError):
        return False
    return True


def _create(fields: Mapping[str, str]) -> int:
    given: dict[str, Any] = {}
    for name in ("column_id", "swimlane_id"):
        number = _number(fields.get(name, ""))
        if number is not None:
            given[name] = number
    for name in ("owner_id", "category_id"):
        given[name] = _number(fields.get(name, "")) or 0
    color_id = fields.get("color_id", "")
    return tasks.create_task(
        _project_id(fields),
        fields.get("title", ""),
        description=fields.get("description", ""),
        color_id=color_id if color_id in colors.COLORS else colors.DEFAULT_COLOR,
        **given,
    )


def _project_id(fields: Mapping[str, str]) -> int:
    """Return the project that is meant, the first one unless a number is given, 0 when there is none."""
    number = _number(fields.get("project_id", ""))
    if number is not None:
        return number
    there = projects.list_projects()
    return int(there[0].id) if there else 0


def _number(text: str) -> int | None:
    """Return a number of plain digits, None for anything else, as for nothing."""
    return min(int(text[:19]), 2**62) if text.isascii() and text.isdecimal() else None

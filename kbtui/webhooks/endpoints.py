"""Endpoints: where events go, which of them, and in which format."""

import json
import time
from collections.abc import Callable
from typing import Any

from kbtui.config import expand
from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import find_row
from kbtui.core.db.models import UNFINISHED, Delivery, Endpoint, Project
from kbtui.core.db.prepared import rows, scalar
from kbtui.core.events.log import EVENTS
from kbtui.core.events.queue import wants
from kbtui.core.values.text import clean_line
from kbtui.errors import InvalidError, NotFoundError
from kbtui.webhooks import headers, lines, outbox, signatures
from kbtui.webhooks.formats import FORMATS
from kbtui.webhooks.policy import parse_schedule
from kbtui.webhooks.urls import check_url as check_url
from kbtui.webhooks.urls import parse

ANNOUNCED = tuple(name for name, formats in EVENTS.items() if formats != "")
"""The names of the events that some payload format announces."""

_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "content-type"})
_TOKEN_CHARACTERS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
_RECONNECTS = ("url", "ca_file", "headers", "use_proxy", "deadline")


def list_endpoints() -> list[Endpoint]:
    """Return all endpoints, oldest first."""
    return list(Endpoint.select().order_by(Endpoint.id))


def get_endpoint(endpoint_id: int) -> Endpoint:
    """Return an endpoint; raise NotFoundError when there is none with this id."""
    endpoint: Endpoint | None = Endpoint.get_or_none(Endpoint.id == endpoint_id)
    if endpoint is None:
        raise NotFoundError(f"There is no webhook endpoint {endpoint_id}.")
    return endpoint


def find_endpoint(ref: str) -> Endpoint:
    """Return the endpoint with this id (``2``, ``#2``) or name; raise NotFoundError that lists what there is."""
    return find_row(list_endpoints(), ref, "webhook endpoint")


@transactional
def add_endpoint(
    url: str,
    *,
    name: str = "",
    payload_format: str = "kanboard-1.0",
    events: str = "*",
    project_id: int | None = None,
) -> int:
    """Add an endpoint and return its id; without a name it is called after its host.

    It gets the events from now on: those of ``project_id``, or of all projects.
    Raises InvalidError for a value that cannot be taken, NotFoundError for an unknown project.
    """
    row = {
        "url": check_url(url),
        "name": _check_name(name) if name.strip() else _free_name(parse(url).host),
        "format": _check_format(payload_format),
        "events": check_events(events),
        "project_id": _check_project(project_id),
    }
    endpoint: Endpoint = Endpoint.create(**row)
    return int(endpoint.id)


@transactional
def update_endpoint(endpoint_id: int, **fields: Any) -> bool:
    """Change an endpoint; return whether anything changed.

    Fields: name, url, payload_format, events, project_id, deadline (1 to 30 seconds), schedule (``0, 5s, 5m``),
    is_ordered, concurrency (1 to 32), ca_file, headers (a dict), use_proxy. What was waiting because the endpoint
    failed is tried at once when a change may have mended it. Raises InvalidError, NotFoundError.
    """
    endpoint = get_endpoint(endpoint_id)
    unknown = sorted(set(fields) - set(_CHECKS))
    if unknown:
        raise InvalidError(f"A webhook endpoint has no {', '.join(unknown)}.")
    changes: dict[str, Any] = {}
    for field, given in fields.items():
        column = "format" if field == "payload_format" else field
        value = _check_name(given, but=endpoint_id) if field == "name" else _CHECKS[field](given)
        if getattr(endpoint, column) != value:
            changes[column] = value
    if not changes:
        return False
    _change(endpoint_id, **changes)
    if changes.get("is_ordered") == 0:
        lines.free_all(endpoint_id)
    if any(column in changes for column in _RECONNECTS):
        _try_at_once(endpoint_id)
    return True


@transactional
def save_endpoint(endpoint_id: int | None, *, secret: str | None = None, **fields: Any) -> int | None:
    """Add an endpoint, which needs a ``url``, or change one, with whatever of its fields is given, all or nothing.

    Return its id, None when nothing differs. Raises InvalidError, NotFoundError.
    """
    added = endpoint_id is None
    if endpoint_id is None:
        first = {
            name: fields.pop(name) for name in ("name", "payload_format", "events", "project_id") if name in fields
        }
        endpoint_id = add_endpoint(fields.pop("url"), **first)
    before = get_endpoint(endpoint_id).secret
    changed = update_endpoint(endpoint_id, **fields)
    if secret is not None:
        set_secret(endpoint_id, secret)
    return endpoint_id if added or changed or get_endpoint(endpoint_id).secret != before else None


@transactional
def remove_endpoint(endpoint_id: int) -> None:
    """Remove an endpoint and all that waits for it or was sent to it; raise NotFoundError when there is none."""
    get_endpoint(endpoint_id)
    Endpoint.delete().where(Endpoint.id == endpoint_id).execute()


@transactional
def set_enabled(endpoint_id: int, enabled: bool) -> bool:
    """Enable or disable an endpoint; return whether that changed anything. Enabled again, its queue goes on at once.

    While it is disabled, what happens is not kept for it; while it is paused, it is.
    """
    if bool(get_endpoint(endpoint_id).is_enabled) == enabled:
        return False
    _change(endpoint_id, is_enabled=int(enabled), disabled_reason="")
    if enabled:
        _try_at_once(endpoint_id)
    return True


@transactional
def pause(endpoint_id: int) -> bool:
    """Send nothing to an endpoint until it is resumed, but keep its events; return whether that changed anything."""
    if get_endpoint(endpoint_id).is_paused:
        return False
    _change(endpoint_id, is_paused=1)
    return True


@transactional
def resume(endpoint_id: int) -> bool:
    """Send to an endpoint again, at once, whatever it waited for; return whether it was paused or waiting."""
    endpoint = get_endpoint(endpoint_id)
    waited = bool(endpoint.is_paused) or endpoint.paused_until > time.time() or endpoint.failures > 0
    _change(endpoint_id, is_paused=0)
    _try_at_once(endpoint_id)
    return waited


@transactional
def rotate_secret(endpoint_id: int) -> str:
    """Give an endpoint a new signing secret and return it; for 24 hours the old one signs as well."""
    secret = signatures.new_secret()
    set_secret(endpoint_id, secret)
    return secret


@transactional
def set_secret(endpoint_id: int, secret: str) -> None:
    """Set an endpoint's signing secret; an empty one ends signing. The one before signs for 24 more hours.

    Raises InvalidError unless it is ``whsec_`` and base64 of 24 to 64 bytes.
    """
    before = get_endpoint(endpoint_id).secret
    after = signatures.check_secret(secret) if secret.strip() else ""
    if after == before:
        return
    old, until = (before, time.time() + signatures.OLD_SECRET_LIFE) if before and after else ("", 0.0)
    _change(endpoint_id, secret=after, old_secret=old, old_secret_until=until)


def read_headers(endpoint_id: int) -> dict[str, str]:
    """Return an endpoint's own headers, by their names; their values may be secrets. Raises NotFoundError."""
    return headers.read(get_endpoint(endpoint_id).headers)


def list_waiting(endpoint_id: int) -> list[int]:
    """Return the ids of the deliveries that an endpoint has not got yet, oldest first."""
    waiting = (Delivery.endpoint_id == endpoint_id) & Delivery.state.in_(UNFINISHED)
    return rows(Delivery.select(Delivery.id).where(waiting).order_by(Delivery.id), scalar)


def check_field(field: str, value: Any) -> Any:
    """Return the value of one of an endpoint's fields as it is kept; raise InvalidError when it cannot be taken."""
    return _CHECKS[field](value)


def check_events(patterns: str) -> str:
    """Return a filter such as ``task.move.*, comment.*`` as it is kept; raise InvalidError for a useless pattern."""
    kept = list(dict.fromkeys(pattern.strip() for pattern in patterns.split(",") if pattern.strip()))
    if not kept:
        raise InvalidError("No event is chosen; write * for all, or names such as task.move.*.")
    for pattern in kept:
        if not any(wants(pattern, name) for name in ANNOUNCED):
            raise InvalidError(f"{pattern!r} is no event. There are: {', '.join(ANNOUNCED)}; * stands for any text.")
    return ",".join(kept)


def check_headers(fields: dict[str, str]) -> str:
    """Return an endpoint's own headers as they are kept; raise InvalidError for one that cannot be sent."""
    for name, value in fields.items():
        lower = name.lower()
        if not lower or not set(lower) <= _TOKEN_CHARACTERS:
            raise InvalidError(f"{name!r} cannot be the name of a header.")
        if lower in _OURS or lower.startswith("webhook-"):
            raise InvalidError(f"The header {name} is set by kbtui itself.")
        if not value.isascii() or not value.isprintable():
            raise InvalidError(f"The header {name} has a value that cannot be sent; use plain ASCII text.")
    return json.dumps({name: value.strip() for name, value in fields.items()})


def _check_name(name: str, *, but: int | None = None) -> str:
    clean = clean_line(name, "name of the webhook endpoint")
    for endpoint in list_endpoints():
        if endpoint.name.casefold() == clean.casefold() and endpoint.id != but:
            raise InvalidError(f"There is a webhook endpoint {endpoint.name!r} already; choose another name.")
    return clean


def _free_name(wanted: str) -> str:
    taken = {endpoint.name.casefold() for endpoint in list_endpoints()}
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


def _check_format(payload_format: str) -> str:
    if payload_format not in FORMATS:
        raise InvalidError(f"There is no payload format {payload_format!r}. There are: {', '.join(FORMATS)}.")
    return payload_format


def _check_project(project_id: int | None) -> int | None:
    if project_id is not None and not Project.select().where(Project.id == project_id).exists():
        raise NotFoundError(f"There is no project {project_id}.")
    return project_id


def _check_deadline(deadline: float) -> float:
    if not 1 <= float(deadline) <= 30:
        raise InvalidError("The deadline is 1 to 30 seconds.")
    return float(deadline)


def _check_concurrency(concurrency: int) -> int:
    if not 1 <= int(concurrency) <= 32:
        raise InvalidError("1 to 32 requests can be open at once.")
    return int(concurrency)


def _check_schedule(schedule: str) -> str:
    parse_schedule(schedule)
    return schedule.strip()


def _check_ca_file(path: str) -> str:
    if not path.strip():
        return ""
    file = expand(path.strip())
    if not file.is_file():
        raise InvalidError(f"There is no CA file {file}.")
    return str(file.absolute())


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": _check_name,
    "url": check_url,
    "payload_format": _check_format,
    "events": check_events,
    "project_id": _check_project,
    "deadline": _check_deadline,
    "schedule": _check_schedule,
    "is_ordered": int,
    "concurrency": _check_concurrency,
    "ca_file": _check_ca_file,
    "headers": check_headers,
    "use_proxy": int,
}
"""Every field that can be changed → how a value is checked and brought into the form that is kept."""


def _change(endpoint_id: int, **columns: Any) -> None:
    Endpoint.update(**columns).where(Endpoint.id == endpoint_id).execute()


def _try_at_once(endpoint_id: int) -> None:
    """Forget an endpoint's failures, and make all that waits for it due now."""
    _change(endpoint_id, failures=0, failing_since=0, paused_until=0)
    outbox.make_due.run(endpoint_id, time.time())

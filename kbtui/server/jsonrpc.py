"""JSON-RPC 2.0 as Kanboard speaks it: one call or a batch, with or without an answer."""

import contextlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import peewee

from kbtui.core.db.database import transaction
from kbtui.core.events import log
from kbtui.errors import DatabaseBusyError, DatabaseError, InvalidError, NotFoundError
from kbtui.server import json_text, procedures
from kbtui.server.callers import Call, Caller, ForbiddenError, UnauthorizedError
from kbtui.server.permissions import check_application_role, check_project_roles
from kbtui.server.registry import PROCEDURES, ArgumentError, Procedure

procedures.load()

BATCH_LIMIT = 1000
"""Calls in one batch."""

PARSE_ERROR = (-32700, "Parse error")
INVALID_REQUEST = (-32600, "Invalid Request")
NO_METHOD = (-32601, "Method not found")
INVALID_PARAMS = (-32602, "Invalid params")
INTERNAL_ERROR = (-32603, "Internal error")


class Reply(NamedTuple):
    """What goes back: an HTTP status and a body, empty when nobody asked for one."""

    status: int
    body: bytes


def answer(payload: Any, caller: Caller | None, base_url: str) -> Reply:
    """Carry out what was parsed; ``caller`` None is somebody without credentials."""
    try:
        if isinstance(payload, list) and payload:
            if len(payload) > BATCH_LIMIT:
                return Reply(200, _encode(_error(INVALID_REQUEST, data=f"At most {BATCH_LIMIT} calls in a batch")))
            _check_batch(payload, caller)
            answers = [each for each in (_handle(item, caller, base_url) for item in payload) if each is not None]
            return Reply(200, _encode(answers) if answers else b"")
        answered = _handle(payload, caller, base_url)
        return Reply(200, b"" if answered is None else _encode(answered))
    except UnauthorizedError:
        return UNAUTHORIZED
    except ForbiddenError:
        return FORBIDDEN
    except DatabaseError as error:
        return BUSY if isinstance(error, DatabaseBusyError) else UNAVAILABLE


def parse(body: bytes) -> Any:
    """Return what a body says; raise ValueError when it is no JSON that can be answered in JSON."""
    try:
        text = body.decode("utf-8")
        payload = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        if "\\u" in text:  # half of a surrogate pair is no text, and could neither be stored nor answered
            json.dumps(payload, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return payload


def _handle(payload: Any, caller: Caller | None, base_url: str) -> dict[str, Any] | None:
    """Carry out one call and return its answer, None for a notification."""
    if not isinstance(payload, dict | list):
        return _error(PARSE_ERROR)
    if not isinstance(payload, dict) or not _is_valid(payload):
        return _error(INVALID_REQUEST)
    if caller is None:
        raise UnauthorizedError
    answered = _call(payload, caller, base_url)
    answered["id"] = payload.get("id")
    return None if answered["id"] is None else answered


def _is_valid(payload: dict[str, Any]) -> bool:
    """Return whether an object is a request."""
    given_id = payload.get("id")
    has_id = given_id is None or (isinstance(given_id, str | int | float) and not isinstance(given_id, bool))
    params = payload.get("params")
    return (
        payload.get("jsonrpc") == "2.0"
        and isinstance(payload.get("method"), str)
        and (params is None or isinstance(params, dict | list))
        and has_id
    )


def _check_batch(payload: list[Any], caller: Caller | None) -> None:
    """Refuse a batch as a whole before any of it is done, if the caller's roles forbid a part of it."""
    for item in payload:
        if isinstance(item, dict) and _is_valid(item):
            if caller is None:
                raise UnauthorizedError
            procedure = PROCEDURES.get(item["method"].lower())
            if procedure is not None:
                check_application_role(procedure.name, caller)
                with contextlib.suppress(ArgumentError):  # answered as such in its turn
                    check_project_roles(procedure.name, procedure.bind(item.get("params") or ()), caller)


def _call(payload: dict[str, Any], caller: Caller, base_url: str) -> dict[str, Any]:
    procedure = PROCEDURES.get(payload["method"].lower())
    if procedure is None:
        return _error(NO_METHOD)
    check_application_role(procedure.name, caller)
    try:
        arguments = procedure.bind(payload.get("params") or ())
    except ArgumentError as error:
        return _error(INVALID_PARAMS, data=str(error))
    check_project_roles(procedure.name, arguments, caller)
    with log.authored_by(caller.user_id):
        result = _run(procedure, Call(caller, base_url), arguments)
    return {"jsonrpc": "2.0", "result": result, "id": None}


def _run(procedure: Procedure, call: Call, arguments: dict[str, Any]) -> Any:
    """Return what a procedure returns; what is not there is null to one that reads, false to one that changes."""
    function: Callable[..., Any] = procedure.function
    given = (call,) if procedure.wants_call else ()
    try:
        if not procedure.changes:
            return function(*given, **arguments)
        with transaction():
            return function(*given, **arguments)
    except (NotFoundError, InvalidError, peewee.IntegrityError):
        return False if procedure.changes else None


def _error(error: tuple[int, str], *, data: str = "") -> dict[str, Any]:
    code, message = error
    described: dict[str, Any] = {"code": code, "message": message}
    if data:
        described["data"] = data
    return {"jsonrpc": "2.0", "error": described, "id": None}


def _encode(document: Any) -> bytes:
    return json_text.write(document).encode("utf-8")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large")
    return number


def brings_file(payload: Any) -> bool:
    """Return whether a request is the one whose body may be large."""
    method = payload.get("method") if isinstance(payload, dict) else None
    return isinstance(method, str) and method.lower() == "createtaskfile"


UNAUTHORIZED = Reply(401, _encode(_error((401, "Unauthorized"))))
FORBIDDEN = Reply(403, _encode(_error((403, "Forbidden"))))
NO_JSON = Reply(200, _encode(_error(PARSE_ERROR)))
TOO_LARGE = Reply(413, _encode(_error(INVALID_REQUEST, data="The request is too large")))
BUSY = Reply(503, _encode(_error(INTERNAL_ERROR, data="The board is in use by another program. Try again.")))
UNAVAILABLE = Reply(503, _encode(_error(INTERNAL_ERROR, data="The board cannot be used now.")))

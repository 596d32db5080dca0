"""Whatever is sent: an answer that is JSON, never a 500, and never a changed board where the answer is an error."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbtui.core.db import database, engine
from kbtui.core.projects import categories, projects, swimlanes, users
from kbtui.core.tasks import comments, files, links, subtasks, tasks
from kbtui.server import jsonrpc
from kbtui.server.callers import APPLICATION, Caller
from kbtui.server.registry import PROCEDURES
from tests import sql
from tests.server.conftest import BASE_URL, Client

NAMES = sorted(procedure.name for procedure in PROCEDURES.values())

EXAMPLES, MANY = 150, 1500

CALLERS = (APPLICATION, Caller(1, "admin", "app-admin"), Caller(99, "ghost", "app-user"), None)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5),
    st.integers(),
    st.sampled_from([2**31, 2**53, 2**63 - 1, 2**63, 10**30, 10**400, -(2**63)]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["1", "-1", " 2 ", "1e3", "0x1", "\x00", "\U0001f600", "é" * 300, "app-admin", "jsonrpc", "2030-01-31"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    """Return a request for a real procedure, with arguments of any kind."""
    procedure = PROCEDURES[draw(st.sampled_from(NAMES)).lower()]
    value = draw(st.sampled_from([scalars, values]))
    params: Any
    if draw(st.booleans()):
        params = {parameter.name: draw(value) for parameter in procedure.parameters if draw(st.integers(0, 9))}
    else:
        params = draw(st.lists(value, max_size=len(procedure.parameters) + 1))
    return {"jsonrpc": "2.0", "method": procedure.name, "params": params, "id": draw(st.integers(0, 9) | st.text())}


anything = st.one_of(
    values,
    calls(),
    st.lists(calls() | values, max_size=4),
    st.fixed_dictionaries(
        {}, optional={"jsonrpc": st.just("2.0") | scalars, "method": st.sampled_from(NAMES) | scalars,
                      "params": values, "id": values, "and": values},
    ),
)  # fmt: skip


Template = sqlite3.Connection


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """Connect to a board with one of each, and return a copy of it to begin anew from."""
    database.connect(tmp_path_factory.mktemp("fuzz") / "kbtui.db")
    project = projects.create_project("Website")
    projects.create_project("Shop")
    one, two, _ = (tasks.create_task(project, title, tags=["ui"]) for title in ("One", "Two", "Three"))
    swimlanes.add_swimlane(project, "Urgent")
    categories.add_category(project, "Bug")
    comments.add_comment(one, "Look", user_id=1)
    subtasks.add_subtask(one, "Step")
    files.add_file(one, "a.txt", b"x")
    links.add_task_link(one, two, 2)
    users.add_user("mika")
    with contextlib.closing(sqlite3.connect(":memory:", check_same_thread=False)) as copy:
        connection().backup(copy)
        yield copy
    database.close()


def connection() -> sqlite3.Connection:
    opened: sqlite3.Connection = sql.writer()
    return opened


def failed(document: Any) -> bool:
    return "error" in document or document["result"] is None or document["result"] is False or document["result"] == 0


@given(payload=anything, who=st.sampled_from(CALLERS))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_asked_is_answered(template: Template, payload: Any, who: Caller | None) -> None:
    ask(template, payload, who)


@pytest.mark.slow
@given(payload=anything, who=st.sampled_from(CALLERS))
@settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_asked_again_and_again_is_answered(template: Template, payload: Any, who: Caller | None) -> None:
    ask(template, payload, who)


def ask(template: Template, payload: Any, who: Caller | None) -> None:
    """Carry out a request on a fresh board, and see that it is answered in the protocol's form."""
    template.backup(connection())
    before = sql.fetch_one("SELECT count(*), max(id) FROM events")

    reply = jsonrpc.answer(payload, who, BASE_URL)

    assert reply.status in (200, 401, 403)
    document = json.loads(reply.body) if reply.body else []
    items = document if isinstance(document, list) else [document]
    for item in items:
        assert item["jsonrpc"] == "2.0"
        assert ("result" in item) != ("error" in item)
    if isinstance(document, dict) and failed(document):
        assert sql.fetch_one("SELECT count(*), max(id) FROM events") == before
    assert not engine.database.in_transaction()


@given(call=calls(), who=st.sampled_from(CALLERS[:2]))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_call_that_fails_writes_nothing(template: Template, call: dict[str, Any], who: Caller) -> None:
    call_and_compare(template, call, who)


@pytest.mark.slow
@given(call=calls(), who=st.sampled_from(CALLERS[:2]))
@settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_very_many_calls_that_fail_write_nothing(template: Template, call: dict[str, Any], who: Caller) -> None:
    call_and_compare(template, call, who)


def call_and_compare(template: Template, call: dict[str, Any], who: Caller) -> None:
    """Carry out a call on a fresh board; if it fails, all must be as before."""
    template.backup(connection())
    before = dump()

    document = json.loads(jsonrpc.answer(call, who, BASE_URL).body or b"[]")

    if isinstance(document, dict) and failed(document):
        assert dump() == before


def dump() -> list[Any]:
    """Return all that is on the board."""
    tables = ("projects", "columns", "swimlanes", "categories", "tags", "tasks", "task_tags", "subtasks", "comments",
              "links", "task_links", "files", "users", "project_users", "events")  # fmt: skip
    return [sql.fetch_all(f'SELECT * FROM "{table}"') for table in tables]


BODIES = (
    b"[" * 1000 + b"]" * 1000,
    b'{"a":' * 1000 + b"1" + b"}" * 1000,
    b'{"jsonrpc":"2.0","method":"createTask","id":1,"params":' + b"[" * 1000 + b"]" * 1000 + b"}",
    b'{"jsonrpc":"2.0","method":"createTask","id":' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"jsonrpc":"2.0","jsonrpc":"1.0","method":"createTask","params":["x",1],"id":1}',
    b'{"jsonrpc":"2.0","method":"createTask","method":"nothing","params":["x",1],"id":1}',
    b'{"jsonrpc":"2.0","method":"createTask","params":["x",NaN],"id":1}',
    b'{"jsonrpc":"2.0","method":"createTask","params":["x",1,Infinity],"id":1}',
    b'{"jsonrpc":"2.0","method":"createTask","params":["x",1e400],"id":1}',
    b'{"jsonrpc":"2.0","method":"createTask","params":["\xff",1],"id":1}',
    b'{"jsonrpc":"2.0","method":"createTask","params":["\\ud83d",1],"id":1}',
    b'{"jsonrpc":"2.0","method":"create\\u0000Task","params":["x",1],"id":1}',
    b'{"jsonrpc":"2.0","method":"createTask","params":["x",1],"id":1} trailing',
    b'{"jsonrpc":"2.0","method":"createTask","params":["x",1],"id":1',
    b"\x00" * 100,
    b"",
)


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_odd_bodies_are_errors_that_change_nothing(client: Client, login: tuple[str, str], body: bytes) -> None:
    answered = client.post(body, login)

    assert answered.status == 200
    assert answered.document["error"]["code"] in (-32700, -32600, -32601, -32602)
    assert tasks.list_tasks() == []
    assert client.post(body).status in (200, 401)


@given(body=st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_bytes_of_any_kind_are_parsed_or_refused(body: bytes) -> None:
    try:
        payload = jsonrpc.parse(body)
    except ValueError:
        return
    json.dumps(payload, ensure_ascii=False, allow_nan=False).encode("utf-8")

"""JSON-RPC as Kanboard speaks it, case by case."""

import json
from typing import Any

import pytest

from kbtui.core.projects import settings
from kbtui.core.tasks import tasks
from kbtui.server.callers import APPLICATION
from tests.server.conftest import Client, add_caller, answer, request

Login = tuple[str, str]

PARSE_ERROR = {"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": None}
INVALID_REQUEST = {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": None}


def error(code: int, message: str, data: str | None = None) -> dict[str, Any]:
    described = {"code": code, "message": message, **({"data": data} if data else {})}
    return {"jsonrpc": "2.0", "error": described, "id": 1}


def documents(payload: Any) -> Any:
    reply = answer(payload)
    assert reply.status == 200
    return json.loads(reply.body)


@pytest.mark.parametrize("params", [{"project_id": 1}, [1], ["1"], {"project_id": "1"}, {"project_id": 1.0}])
def test_parameters_are_a_list_or_named(project: int, params: Any) -> None:
    document = documents({"jsonrpc": "2.0", "method": "getColumns", "params": params, "id": 1})

    assert [column["title"] for column in document["result"]] == ["Backlog", "Ready", "Work in progress", "Done"]


@pytest.mark.parametrize("params", [{}, [], None])
def test_parameters_can_be_absent(project: int, params: Any) -> None:
    payload = {"jsonrpc": "2.0", "method": "getVersion", "id": 1}

    assert documents(payload) == {"jsonrpc": "2.0", "result": "1.2.53", "id": 1}
    assert documents({**payload, "params": params}) == {"jsonrpc": "2.0", "result": "1.2.53", "id": 1}


def test_unknown_names_are_ignored(project: int) -> None:
    assert documents(request("createTask", title="x", project_id=project, colour="red"))["result"] == 1


@pytest.mark.parametrize(
    ("method", "params", "data"),
    [
        ("getTask", [], "Wrong number of arguments"),
        ("getTask", {}, "Wrong number of arguments"),
        ("createTask", ["x"], "Wrong number of arguments"),
        ("getTask", [1, 2], "Too many arguments"),
        ("getVersion", [1], "Too many arguments"),
        ("getTask", {"task_id": 1, "and": 2}, "Too many arguments"),
        ("getTask", {"id": 1}, "Missing argument: task_id"),
        ("createTask", {"title": "x"}, "Missing argument: project_id"),
        ("getTask", {"task_id": None}, "Missing argument: task_id"),
        ("getTask", [None], "Wrong type of argument: task_id"),
        ("getTask", ["one"], "Wrong type of argument: task_id"),
        ("getTask", [[1]], "Wrong type of argument: task_id"),
        ("getTask", [{"a": 1}], "Wrong type of argument: task_id"),
        ("getTask", [True], "Wrong type of argument: task_id"),
        ("getTask", [1.5], "Wrong type of argument: task_id"),
        ("getTask", [2**63], "Wrong type of argument: task_id"),
        ("createTask", {"title": "x", "project_id": 1, "tags": "x"}, "Wrong type of argument: tags"),
        ("createTask", {"title": "x", "project_id": 1, "tags": {"a": "x"}}, "Wrong type of argument: tags"),
        ("createTask", {"title": "x", "project_id": 1, "tags": [["x"]]}, "Wrong type of argument: tags"),
        ("createTask", {"title": ["x"], "project_id": 1}, "Wrong type of argument: title"),
        ("createTask", {"title": "x", "project_id": 1, "time_spent": "long"}, "Wrong type of argument: time_spent"),
    ],
)
def test_arguments_that_do_not_fit(project: int, method: str, params: Any, data: str) -> None:
    document = documents({"jsonrpc": "2.0", "method": method, "params": params, "id": 1})

    assert document == error(-32602, "Invalid params", data)
    assert tasks.list_tasks() == []


@pytest.mark.parametrize("name", ["getVersion", "getversion", "GETVERSION", "GetVersion"])
def test_capitals_of_a_name_do_not_count(project: int, name: str) -> None:
    assert documents(request(name))["result"] == "1.2.53"


@pytest.mark.parametrize("name", ["", "nothing", "beforeProcedure", "__construct", "get_version", "getActions", "load"])
def test_what_is_no_procedure_is_not_found(project: int, name: str) -> None:
    assert documents(request(name)) == error(-32601, "Method not found")


@pytest.mark.parametrize("payload", [5, "text", True, None, 1.5])
def test_a_scalar_is_a_parse_error(payload: Any) -> None:
    assert documents(payload) == PARSE_ERROR


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {},
        {"method": "getVersion", "id": 1},
        {"jsonrpc": "1.0", "method": "getVersion", "id": 1},
        {"jsonrpc": 2.0, "method": "getVersion", "id": 1},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "method": 5, "id": 1},
        {"jsonrpc": "2.0", "method": "getVersion", "params": "x", "id": 1},
        {"jsonrpc": "2.0", "method": "getVersion", "id": [1]},
        {"jsonrpc": "2.0", "method": "getVersion", "id": {}},
        {"jsonrpc": "2.0", "method": "getVersion", "id": True},
    ],
)
def test_what_is_no_request_is_invalid(payload: Any) -> None:
    assert documents(payload) == INVALID_REQUEST


def test_a_batch_is_answered_in_its_order_without_notifications(project: int) -> None:
    settings.set_time_zone("UTC")
    batch = [
        {**request("getVersion"), "id": "a"},
        {"jsonrpc": "2.0", "method": "createTask", "params": ["Quiet", project]},
        {**request("createTask", "Null", project), "id": None},
        5,
        {"jsonrpc": "2.0"},
        {**request("nothing"), "id": 7},
        {**request("getTimezone"), "id": 0},
    ]

    assert documents(batch) == [
        {"jsonrpc": "2.0", "result": "1.2.53", "id": "a"},
        PARSE_ERROR,
        INVALID_REQUEST,
        {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": 7},
        {"jsonrpc": "2.0", "result": "UTC", "id": 0},
    ]
    assert [task.title for task in tasks.list_tasks()] == ["Quiet", "Null"]


def test_a_batch_of_notifications_has_no_answer(project: int) -> None:
    assert answer([{"jsonrpc": "2.0", "method": "getVersion"}] * 3) == (200, b"")


def test_a_batch_has_a_limit(project: int) -> None:
    document = documents([request("createTask", "x", project)] * 1001)

    assert document["error"]["code"] == -32600
    assert tasks.list_tasks() == []


@pytest.mark.parametrize("payload", [{"jsonrpc": "2.0", "method": "getVersion"}, {**request("getVersion"), "id": None}])
def test_a_notification_has_no_answer(project: int, payload: Any) -> None:
    assert answer(payload) == (200, b"")


def test_a_notification_that_fails_has_no_answer_either(project: int) -> None:
    assert answer({"jsonrpc": "2.0", "method": "getTask", "params": []}) == (200, b"")
    assert answer({"jsonrpc": "2.0", "method": "nothing"}) == (200, b"")


@pytest.mark.parametrize("given_id", [0, 7, -1, "", "a", 1.5])
def test_the_id_comes_back_as_it_was(project: int, given_id: Any) -> None:
    assert documents({**request("getVersion"), "id": given_id})["id"] == given_id


def test_slashes_and_letters_come_back_as_they_are(project: int) -> None:
    task_id = tasks.create_task(project, "Grüße / 日本")

    body = answer(request("getTask", task_id)).body

    assert "Grüße / 日本".encode() in body
    assert b"\\" not in body
    assert b'": ' not in body


def test_the_members_of_an_answer_are_in_order(project: int) -> None:
    assert answer(request("getVersion")).body == b'{"jsonrpc":"2.0","result":"1.2.53","id":1}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"hello",
        b"\xff\xfe",
        b'{"jsonrpc":"2.0","method":"getVersion","id":NaN}',
        b'{"jsonrpc":"2.0","method":"getVersion","id":Infinity}',
        b'{"jsonrpc":"2.0","method":"getVersion","id":1e999}',
        b'{"jsonrpc":"2.0","method":"getVersion","id":"\\ud800"}',
        b'\xef\xbb\xbf{"jsonrpc":"2.0","method":"getVersion","id":1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"jsonrpc":"2.0","method":"getVersion","id":' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "half", "word", "bytes", "nan", "infinity", "huge", "surrogate", "bom", "deep", "deeper", "digits"],
)
def test_a_body_that_is_no_json(client: Client, login: Login, body: bytes) -> None:
    for credentials in (login, None):
        answered = client.post(body, credentials)

        assert (answered.status, answered.document) == (200, PARSE_ERROR)


def test_a_get_has_nothing_to_parse(client: Client) -> None:
    assert client.send("GET", "/jsonrpc.php").document == PARSE_ERROR


def test_over_http(client: Client, login: Login) -> None:
    answered = client.post(request("getVersion"), login)

    assert (answered.status, answered.document["result"]) == (200, "1.2.53")
    assert answered.headers["content-type"] == "application/json"
    assert answered.headers["cache-control"] == "no-store"


def test_a_notification_over_http_is_an_empty_200(client: Client, login: Login) -> None:
    answered = client.post({"jsonrpc": "2.0", "method": "getVersion"}, login)

    assert (answered.status, answered.body) == (200, b"")


@pytest.mark.parametrize("credentials", [None, ("jsonrpc", "wrong"), ("nobody", "secret1"), ("jsonrpc", "")])
def test_without_the_right_credentials(client: Client, credentials: Login | None, project: int) -> None:
    for payload in (request("createTask", "x", project), [request("createTask", "x", project)]):
        answered = client.post(payload, credentials)

        assert answered.status == 401
        assert answered.document == {"jsonrpc": "2.0", "error": {"code": 401, "message": "Unauthorized"}, "id": None}
        assert answered.headers["www-authenticate"] == 'Basic realm="JsonRPC"'
    assert tasks.list_tasks() == []


def test_a_forbidden_procedure(client: Client, login: Login) -> None:
    answered = client.post(request("getMe"), login)

    assert answered.status == 403
    assert answered.document == {"jsonrpc": "2.0", "error": {"code": 403, "message": "Forbidden"}, "id": None}


def test_a_batch_with_a_forbidden_part_is_forbidden_before_any_of_it_is_done(project: int) -> None:
    reply = answer([request("createTask", "x", project), request("getMe")])

    assert reply.status == 403
    assert tasks.list_tasks() == []


def test_what_is_not_there(project: int) -> None:
    assert documents(request("getTask", 99))["result"] is None
    assert documents(request("getProjectByName", "nothing"))["result"] is None
    assert documents(request("closeTask", 99))["result"] is False
    assert documents(request("createTask", "x", 99))["result"] == 0
    assert documents(request("createTask", title="x", project_id=project, column_id=99))["result"] == 0
    assert documents(request("createTask", title="", project_id=project))["result"] is False
    assert documents(request("createTask", title="x" * 65_536, project_id=project))["result"] is False


def test_unknown_colours_and_negative_scores_are_stored_as_given(project: int) -> None:
    task_id = documents(request("createTask", title="x", project_id=project, color_id="nocolor", score=-3))["result"]

    task = documents(request("getTask", task_id))["result"]
    assert (task["color_id"], task["score"], task["color"]["name"]) == ("nocolor", -3, "Yellow")


def test_a_title_of_65535_characters_is_taken(project: int) -> None:
    task_id = documents(request("createTask", title="x" * 65_535, project_id=project))["result"]

    assert documents(request("updateTask", id=task_id, title="y" * 65_535))["result"] is True
    assert documents(request("updateTask", id=task_id, title="y" * 65_536))["result"] is False


def test_what_an_application_does_has_no_author_and_what_a_user_does_has_one(project: int) -> None:
    mika = add_caller("mika")

    for caller in (APPLICATION, mika):
        answer(request("createTask", "x", project), caller)

    assert [task.creator_username for task in tasks.list_tasks()] == [None, "mika"]

"""What a server does not let happen: strangers, slow clients, large bodies, crowds, and secrets in what it says."""

import base64
import contextlib
import dataclasses
import http.client
import json
import logging
import socket
import sqlite3
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
import trustme

from kbtui.core.projects import credentials, projects, settings, users
from kbtui.core.tasks import files, tasks
from kbtui.errors import KbtuiError
from kbtui.server.auth import read_credentials
from kbtui.server.callers import Call
from kbtui.server.limits import FIRST_DELAY, FORGOTTEN_AFTER, LONGEST_DELAY, Throttle
from kbtui.server.options import Options
from kbtui.server.registry import PROCEDURES
from kbtui.server.thread import ServerThread
from tests import sql
from tests.patience import PATIENCE
from tests.server.conftest import CUT_OFF, Client, basic, request, serving

Login = tuple[str, str]


def connect(server: ServerThread) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


def read_all(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def read_until(connection: socket.socket, wanted: bytes) -> bool:
    """Read until something has come; return whether it has."""
    received = b""
    while wanted not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return False
        received += chunk
    return True


def head(method: str, path: str, **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def test_a_user_calls_with_a_password_or_a_personal_token(client: Client) -> None:
    credentials.set_password(users.ADMIN_ID, "correct horse")
    token = credentials.make_personal_token(users.ADMIN_ID)

    for secret in ("correct horse", "correct horse", token):
        assert client.post(request("getMe"), ("admin", secret)).document["result"]["username"] == "admin"
    for secret in ("correct horsf", "", token[:-1]):
        assert client.post(request("getMe"), ("admin", secret)).status == 401


def test_a_password_that_was_changed_is_right_no_more(client: Client) -> None:
    credentials.set_password(users.ADMIN_ID, "correct horse")
    assert client.post(request("getMe"), ("admin", "correct horse")).status == 200

    credentials.set_password(users.ADMIN_ID, "another horse")

    assert client.post(request("getMe"), ("admin", "correct horse")).status == 401
    assert client.post(request("getMe"), ("admin", "another horse")).status == 200


def test_who_is_disabled_or_demoted_is_so_at_once(client: Client) -> None:
    user_id = users.add_user("mika", role="app-admin")
    credentials.set_password(user_id, "correct horse")
    assert client.post(request("getAllUsers"), ("mika", "correct horse")).status == 200

    users.update_user(user_id, role="app-user")
    assert client.post(request("getAllUsers"), ("mika", "correct horse")).status == 403

    users.update_user(user_id, is_active=0)
    assert client.post(request("getVersion"), ("mika", "correct horse")).status == 401


def test_the_application_token_can_be_reset(client: Client, login: Login) -> None:
    assert client.post(request("getVersion"), login).status == 200

    credentials.reset_api_token()

    assert client.post(request("getVersion"), login).status == 401


def test_another_header_can_stand_in(client: Client, login: Login) -> None:
    encoded = base64.b64encode(":".join(login).encode()).decode()

    assert client.post(request("getVersion"), X_API_Auth=encoded).status == 200
    assert client.post(request("getVersion"), X_API_Auth="nonsense").status == 401


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !", "Bearer abc", "Basic " + base64.b64encode(b"nocolon").decode(), "Basic /w=="],
)
def test_what_is_no_basic_authentication_is_none(header: str) -> None:
    assert read_credentials({"authorization": header}, "X-API-Auth") is None


def test_a_password_may_have_colons() -> None:
    assert read_credentials({"authorization": basic("mika", "a:b:c")}, "") == ("mika", "a:b:c")


def test_wrong_logins_wait_ever_longer_and_a_right_one_forgives() -> None:
    throttle = Throttle()

    delays = [throttle.fail("10.0.0.1", 0.0) for _ in range(8)]

    assert delays[:3] == [FIRST_DELAY, 2 * FIRST_DELAY, 4 * FIRST_DELAY]
    assert delays[-1] == LONGEST_DELAY
    assert throttle.fail("10.0.0.2", 0.0) == FIRST_DELAY
    throttle.succeed("10.0.0.1")
    assert throttle.fail("10.0.0.1", 1.0) == FIRST_DELAY
    throttle.fail("10.0.0.1", 2.0)
    assert throttle.fail("10.0.0.1", 3.0 + FORGOTTEN_AFTER) == FIRST_DELAY


def test_too_many_wrong_logins_at_once_are_turned_away_but_no_right_one(project: int, login: Login) -> None:
    with serving(logins_at_once=0) as server:
        client = Client(server)

        assert client.post(request("getVersion"), ("jsonrpc", "wrong")).status == 429
        assert client.send("GET", "/?controller=webhook&action=task&token=wrong&title=x").status == 429
        assert client.post(request("getVersion"), login).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", ""]
)
def test_another_name_for_this_machine_is_refused(client: Client, login: Login, token: str, host: str) -> None:
    assert client.post(request("getVersion"), login, Host=host).status in (400, 421)
    path = f"/?controller=webhook&action=task&token={token}&title=x"
    assert client.send("GET", path, headers={"Host": host}).status in (400, 421)
    assert tasks.list_tasks() == []


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]:80", "[::1]"])
def test_its_own_names_are_taken(client: Client, login: Login, host: str) -> None:
    assert client.post(request("getVersion"), login, Host=host).status == 200


def test_two_host_headers_are_refused(server: ServerThread, token: str) -> None:
    path = f"/?controller=webhook&action=task&token={token}&title=x"
    with connect(server) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n".encode())
        first = connection.recv(100)

    assert first.split()[1] in (b"400", b"421")
    assert tasks.list_tasks() == []


def test_further_names_can_be_allowed(project: int, login: Login) -> None:
    with serving(allowed_hosts=("Board.Example",)) as server:
        assert Client(server).post(request("getVersion"), login, Host="board.example:8080").status == 200
        assert Client(server).post(request("getVersion"), login, Host="other.example").status == 421


def test_on_every_address_any_address_is_its_own(project: int, login: Login) -> None:
    with serving(host="0.0.0.0") as server:
        assert Client(server).post(request("getVersion"), login, Host="192.168.1.9:8080").status == 200
        assert Client(server).post(request("getVersion"), login, Host="evil.example").status == 421


def test_a_head_that_does_not_come_is_given_up(project: int) -> None:
    with serving(header_deadline=0.2) as server, connect(server) as silent, connect(server) as dripping:
        dripping.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        stopping = threading.Event()

        def drip() -> None:
            with contextlib.suppress(OSError):
                while not stopping.wait(0.02):
                    dripping.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()

        assert read_all(silent) == b""
        assert read_all(dripping) == b""
        stopping.set()
        thread.join()


def test_a_connection_is_kept_between_requests_but_not_for_ever(project: int, login: Login) -> None:
    with serving(header_deadline=0.5) as server, connect(server) as connection:
        for _ in range(2):
            connection.sendall(head("GET", "/jsonrpc.php", Host="localhost"))
            assert read_until(connection, b"Parse error")

        assert read_all(connection) == b""


def test_a_body_that_does_not_come_is_given_up(project: int, login: Login) -> None:
    with serving(body_deadline=0.2) as server, connect(server) as connection:
        headers = {"Host": "localhost", "Content_Length": "100", "Authorization": basic(*login)}
        connection.sendall(head("POST", "/jsonrpc.php", **headers) + b'{"jsonrpc"')

        assert read_all(connection).startswith(b"HTTP/1.1 408 ")


def test_who_does_not_read_an_answer_is_given_up(project: int, login: Login) -> None:
    task_id = tasks.create_task(project, "Task")
    file_id = files.add_file(task_id, "big", bytes(12 * 1024 * 1024))
    wanted = json.dumps(request("downloadTaskFile", file_id)).encode()
    headers = {"Host": "localhost", "Content_Length": str(len(wanted)), "Authorization": basic(*login)}

    with serving(answer_deadline=0.2, requests_at_once=1) as server, connect(server) as connection:
        connection.sendall(head("POST", "/jsonrpc.php", **headers) + wanted)
        assert connection.recv(12) == b"HTTP/1.1 200"
        with pytest.raises(OSError):  # noqa: PT011, PT012 - broken or reset
            while True:
                connection.sendall(b" ")
                threading.Event().wait(0.02)

        assert Client(server).post(request("getVersion"), login).status == 200


def test_a_body_that_breaks_off_is_nobodys_error(server: ServerThread, login: Login, client: Client) -> None:
    with connect(server) as connection:
        headers = {"Host": "localhost", "Content_Length": "100", "Authorization": basic(*login)}
        connection.sendall(head("POST", "/jsonrpc.php", **headers) + b'{"jsonrpc"')

    assert client.post(request("getVersion"), login).status == 200


def test_a_body_of_more_than_a_mebibyte_may_only_bring_a_file(client: Client, login: Login, project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    blob = base64.b64encode(bytes(2 * 1024 * 1024)).decode()
    file = request("createTaskFile", project_id=project, task_id=task_id, filename="big", blob=blob)

    assert client.post(file, login).document["result"] == 1
    assert client.post(request("createTask", title=blob, project_id=project), login).status == 413
    assert client.post([file], login).status == 413
    assert client.post(file).status in (413, CUT_OFF)
    assert len(tasks.list_tasks()) == 1


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_of_more_than_thirty_mebibytes_is_refused(project: int, login: Login, chunked: bool) -> None:
    with serving(file_body_limit=2 * 1024 * 1024) as server, connect(server) as connection:
        headers = {"Host": "localhost", "Authorization": basic(*login)}
        headers |= {"Transfer_Encoding": "chunked"} if chunked else {"Content_Length": str(100 * 1024 * 1024)}
        connection.sendall(head("POST", "/jsonrpc.php", **headers))
        with contextlib.suppress(OSError):
            for _ in range(64):
                connection.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")

        assert read_all(connection).startswith(b"HTTP/1.1 413 ")


def test_the_limit_of_a_file_is_thirty_mebibytes() -> None:
    assert (Options().body_limit, Options().file_body_limit) == (1 << 20, 30 << 20)


def test_only_so_many_requests_are_taken_at_once(project: int, login: Login) -> None:
    headers = {"Host": "localhost", "Content_Length": "100", "Authorization": basic(*login)}
    with serving(requests_at_once=2) as server, connect(server) as one, connect(server) as two:
        for connection in (one, two):
            connection.sendall(head("POST", "/jsonrpc.php", Expect="100-continue", **headers))
            assert read_until(connection, b"100 Continue")  # asked for by whoever reads the body

        answered = Client(server).post(request("getVersion"), login)

        assert (answered.status, answered.headers["retry-after"]) == (429, "1")
        one.close()
        two.close()
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as again:
            for _ in range(200):
                again.request("GET", "/jsonrpc.php")
                response = again.getresponse()
                if b"Parse error" in response.read():
                    break
        assert response.status == 200


def test_garbage_is_a_bad_request(server: ServerThread) -> None:
    with connect(server) as connection:
        connection.sendall(b"\x16\x03\x01 no http\r\n\r\n")

        assert read_all(connection).startswith(b"HTTP/1.1 400 ")


def test_a_head_without_end_is_cut_off(server: ServerThread) -> None:
    with connect(server) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 1_000_000)

        assert b" 200 " not in read_all(connection)[:20]


def test_no_secret_is_in_any_log_or_answer(
    client: Client, login: Login, token: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    credentials.set_password(users.ADMIN_ID, "correct horse")
    secrets = (login[1], token, "correct horse", basic(*login), basic("admin", "correct horse"))

    answers: list[Any] = [
        client.post(request("getAllUsers"), login),
        client.post(request("getUser", 1), login),
        client.post(request("getMe"), ("admin", "correct horse")),
        client.post(request("getMe"), ("admin", "correct horse!")),
        client.post(request("nothing", token), login),
        client.post(b"{", login),
        client.send("GET", f"/?controller=webhook&action=task&token={token}&title=x"),
        client.send("GET", f"/?controller=webhook&action=task&token={token}&project_id=9&title=x"),
        client.send("GET", f"/?controller=nothing&token={token}"),
        client.send("GET", f"/{token}"),
    ]

    said = caplog.text + "".join(capfd.readouterr())
    said += "".join(f"{answer.headers}{answer.body.decode()}" for answer in answers)
    assert [secret for secret in secrets if secret in said] == []
    assert "scrypt" not in said


def test_a_mistake_of_its_own_is_told_to_nobody_but_the_log(
    client: Client, login: Login, token: str, project: int, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    def fail(call: Call) -> None:
        tasks.create_task(project, "Half done")
        raise RuntimeError(token)

    mistaken = dataclasses.replace(PROCEDURES["removetask"], function=fail, parameters=(), wants_call=True)
    monkeypatch.setitem(PROCEDURES, "removetask", mistaken)

    answered = client.post(request("removeTask"), login)

    assert (answered.status, answered.body) == (500, b"Internal Server Error")
    assert tasks.list_tasks() == []
    assert capfd.readouterr() == ("", "")
    assert client.post(request("getVersion"), login).status == 200


def test_a_locked_database_is_said_and_nothing_is_lost(board: Path, project: int, login: Login, token: str) -> None:
    with serving(busy_timeout=0.1) as server, contextlib.closing(sqlite3.connect(board)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        client = Client(server)

        refused = client.post(request("createTask", "x", project), login)
        failed = client.send("GET", f"/?controller=webhook&action=task&token={token}&title=x")

        assert (refused.status, refused.document["error"]["code"]) == (503, -32603)
        assert "in use by another program" in refused.document["error"]["data"]
        assert (failed.status, failed.body) == (200, b"FAILED")
        assert client.post(request("getVersion"), login).status == 200
        other.execute("ROLLBACK")
        assert client.post(request("createTask", "x", project), login).document["result"] == 1


def test_it_speaks_tls(board: Path, project: int, login: Login, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    chain, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    key.write_bytes(certificate.private_key_pem.bytes())
    context = ssl.create_default_context()
    authority.configure_trust(context)

    with serving(tls_cert=chain, tls_key=key) as server:
        assert server.url == f"https://127.0.0.1:{server.port}"
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=PATIENCE, context=context)
        with contextlib.closing(connection):
            connection.request("GET", "/jsonrpc.php")
            assert b"Parse error" in connection.getresponse().read()


def test_a_certificate_that_is_none_is_said(board: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("nothing")

    with pytest.raises(KbtuiError, match="certificate"):
        ServerThread(options=Options(port=0, tls_cert=wrong)).start()
    with pytest.raises(KbtuiError, match="certificate"):
        ServerThread(options=Options(port=0, tls_cert=tmp_path / "missing.pem")).start()


def test_an_address_that_cannot_be_had_is_said(server: ServerThread) -> None:
    with pytest.raises(KbtuiError, match=f"port {server.port}"):
        ServerThread(port=server.port).start()
    with pytest.raises(KbtuiError, match="no address"):
        ServerThread("not an address").start()


def test_it_stops_and_starts_again(board: Path, project: int, login: Login) -> None:
    for _ in range(2):
        server = ServerThread(port=0)
        server.start()
        assert Client(server).post(request("getVersion"), login).status == 200
        server.stop()
        assert not server.is_running
        with pytest.raises(ConnectionRefusedError):
            Client(server).post(request("getVersion"), login)
    assert sql.fetch_one("SELECT 1") == (1,)


def test_a_url_with_bytes_that_are_no_ascii_is_taken_as_php_takes_it(board: Path) -> None:
    projects.create_project("Website")
    with serving() as server, connect(server) as connection:
        token = settings.webhook_token()
        target = f"/?controller=webhook&action=task&token={token}&title=Gr\u00fcn+\u65e5".encode()
        head, tail = b"GET " + target[:-2], target[-2:] + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        connection.sendall(head)
        connection.sendall(tail)
        answered = read_all(connection)

    assert answered.endswith(b"OK")
    assert [task.title for task in tasks.list_tasks()] == ["Gr\u00fcn \u65e5"]

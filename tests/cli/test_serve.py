"""``kbtui serve``, ``kbtui token`` and what a user may do through them."""

import io
import json
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kbtui.cli.delivery_process import DeliveryProcess
from kbtui.core.db import database
from kbtui.webhooks.sender_lock import SenderLock
from tests.cli.conftest import Receiver, Run
from tests.patience import PATIENCE
from tests.server.conftest import basic

Ok = Callable[..., str]


@contextmanager
def served(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``kbtui serve`` as a process, and give its URL."""
    command = [sys.executable, "-m", "kbtui", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Serving http://"), line
            yield process, line.split()[1].rstrip(";")
        finally:
            process.kill()


def ask(url: str, login: tuple[str, str], method: str, **params: Any) -> Any:
    body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}).encode()
    request = urllib.request.Request(f"{url}/jsonrpc.php", body, {"Authorization": basic(*login)})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answered:
        return json.load(answered)["result"]


@pytest.fixture
def web(ok: Ok) -> str:
    """Make a project and return the application's token."""
    ok("project", "add", "Website")
    return ok("token").strip()


def test_it_serves_and_delivers_until_it_is_interrupted(ok: Ok, web: str, receiver: Receiver) -> None:
    ok("webhook", "add", receiver.url)
    token = ok("webhook", "token").strip()

    with served() as (process, url):
        task_url = f"{url}/?controller=webhook&action=task&token={token}&title=One"
        with urllib.request.urlopen(task_url, timeout=PATIENCE) as answered:
            assert answered.read() == b"OK"
        assert ask(url, ("jsonrpc", web), "createTask", title="Two", project_id=1) == 2
        deadline = time.monotonic() + PATIENCE
        while len(receiver.names) < 2 and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)

    assert receiver.names == ["task.create"] * 2
    assert (process.returncode, out, err) == (130, "Stopped; 2 deliveries sent.\n", "")
    assert "One" in ok("task", "list")


def test_it_leaves_deliveries_to_others_on_request(ok: Ok, web: str, receiver: Receiver) -> None:
    ok("webhook", "add", receiver.url)

    with served("--no-deliver") as (process, url):
        ask(url, ("jsonrpc", web), "createTask", title="Two", project_id=1)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=PATIENCE)

    assert (process.returncode, out) == (0, "Stopped; 0 deliveries sent.\n")
    assert receiver.names == []


def test_it_delivers_once_nobody_else_does(ok: Ok, web: str, database_file: Path) -> None:
    database.connect(database_file)
    other, delivering = SenderLock(), DeliveryProcess()
    try:
        other.take()
        delivering.take_over()
        assert not delivering.is_at_work

        other.leave()
        delivering.take_over()
        delivering.take_over()
        assert delivering.is_at_work
    finally:
        delivering.stop()
        database.close()


def test_it_warns_when_others_could_listen_in(ok: Ok, web: str) -> None:
    with served("--host", "0.0.0.0") as (process, _):
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)

    assert err.startswith("Warning: passwords, tokens and tasks go over the network unencrypted")


def test_without_its_packages_it_says_how_to_get_them(web: str) -> None:
    program = "import sys; sys.modules['starlette'] = None; from kbtui.cli import main; sys.exit(main(['serve']))"

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "kbtui: Serving needs a few more packages; install them with: pip install 'kbtui[serve]'\n"


def test_what_cannot_be_served_is_one_line(web: str, refusal: Callable[..., str], run: Run, receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2].partition("/")[0]

    assert f"port {port}" in refusal("serve", "--port", port)
    assert "no address" in refusal("serve", "--host", "not an address")
    assert "certificate" in refusal("serve", "--port", "0", "--tls-cert", "/nothing.pem")
    assert run("serve", "--tls-key", "key.pem").status == 2


def test_the_token_of_the_application_is_shown_and_reset(ok: Ok, answer: Callable[..., Any]) -> None:
    first = ok("token").strip()

    assert len(first) == 64
    assert answer("token") == {"user": "jsonrpc", "token": first}
    assert ok("token", "--reset").strip() != first


def test_a_user_gets_a_password_a_token_and_a_role(
    ok: Ok, web: str, monkeypatch: pytest.MonkeyPatch, answer: Callable[..., Any]
) -> None:
    ok("user", "add", "mika")
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))
    assert ok("user", "password", "mika") == 'The user "mika" has a new password.\n'
    token = ok("user", "token", "mika").strip()
    assert ok("user", "role", "mika", "app-manager") == 'The user "mika" is app-manager now.\n'
    assert answer("user", "role", "mika", "project-viewer", "--project", "Website")["role"] == "project-viewer"
    assert answer("user", "role", "mika", "project-manager", "--project", "1")["role"] == "project-manager"

    with served() as (_, url):
        for secret in ("correct horse", token):
            me = ask(url, ("mika", secret), "getMe")
            assert (me["username"], me["role"]) == ("mika", "app-manager")
        assert ask(url, ("mika", token), "addColumn", project_id=1, title="New") == 5

    assert ok("user", "role", "mika", "none", "--project", "1") == 'The user "mika" is none in "Website" now.\n'
    assert ok("user", "token", "mika", "--remove") == 'The user "mika" has no token any more.\n'
    assert ok("user", "token", "mika", "--remove") == 'The user "mika" had no token.\n'
    assert ok("user", "password", "mika", "--remove") == 'The user "mika" has no password any more.\n'


def test_what_cannot_be_of_a_user_is_one_line(
    ok: Ok, web: str, refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert "6 to 1,024" in refusal("user", "password", "admin")
    assert "no role" in refusal("user", "role", "admin", "boss")
    assert "no role" in refusal("user", "role", "admin", "boss", "--project", "1")
    assert 'no user "nobody"' in refusal("user", "token", "nobody")

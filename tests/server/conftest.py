"""A board with a server, and callers of its API."""

import base64
import contextlib
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kbtui.core.db import database
from kbtui.core.projects import credentials, members, projects, settings, users
from kbtui.server import jsonrpc
from kbtui.server.callers import APPLICATION, Caller
from kbtui.server.options import Options
from kbtui.server.thread import ServerThread
from tests.core.new_boards import NewBoards

CUT_OFF = 0
"""In place of a status, where the server closed before it had read all."""

BASE_URL = "http://board.example"


@pytest.fixture(scope="session")
def boards(tmp_path_factory: pytest.TempPathFactory) -> NewBoards:
    """Return what makes boards that are new."""
    return NewBoards(tmp_path_factory.mktemp("templates"))


@pytest.fixture
def board(tmp_path: Path, boards: NewBoards) -> Iterator[Path]:
    """Connect to a new database file and return its path."""
    path = tmp_path / "kbtui.db"
    boards.connect(path)
    yield path
    database.close()


@pytest.fixture
def project(board: Path) -> int:
    """Create a project with the default columns and return its id."""
    return projects.create_project("Website")


def answer(payload: Any, caller: Caller | None = APPLICATION) -> jsonrpc.Reply:
    """Carry out a request without a server between."""
    return jsonrpc.answer(payload, caller, BASE_URL)


def request(method: str, *params: Any, **named: Any) -> dict[str, Any]:
    """Return a request with these parameters."""
    return {"jsonrpc": "2.0", "method": method, "params": named or list(params), "id": 1}


def call(method: str, *params: Any, caller: Caller = APPLICATION, **named: Any) -> Any:
    """Call a procedure that must succeed and return its result."""
    reply = answer(request(method, *params, **named), caller)
    assert reply.status == 200, reply.body
    document = json.loads(reply.body)
    assert "error" not in document, document
    return document["result"]


def is_forbidden(method: str, caller: Caller, **named: Any) -> bool:
    """Return whether a call is forbidden."""
    return answer(request(method, **named), caller).status == 403


def add_caller(username: str, role: str = "app-user", **project_roles: int) -> Caller:
    """Add a user; ``project_member=3`` makes it a member of project 3."""
    user_id = users.add_user(username, role=role)
    for project_role, project_id in project_roles.items():
        members.add_member(project_id, user_id, project_role.replace("_", "-"))
    return Caller(user_id, username, role)


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def document(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


class Client:
    """Talks HTTP to a server, one connection a request."""

    def __init__(self, server: ServerThread) -> None:
        self.port = server.port

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        """Send a request and return the answer."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            try:
                connection.request(method, path, body or None, headers or {})
                response = connection.getresponse()
            except (BrokenPipeError, ConnectionResetError):
                return Answer(CUT_OFF, b"")
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, response.read(), named)

    def post(self, document: Any, login: tuple[str, str] | None = None, **headers: str) -> Answer:
        """Post a document to the API."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if login is not None:
            named["Authorization"] = basic(*login)
        return self.send("POST", "/jsonrpc.php", body, named)


def basic(username: str, password: str) -> str:
    """Return an Authorization header."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


ENDING: list[ServerThread] = []
"""Servers that have been told to stop."""


@pytest.fixture(scope="session", autouse=True)
def ended() -> Iterator[None]:
    """Wait in the end until all servers have stopped."""
    yield
    for server in ENDING:
        server.stop()


@contextlib.contextmanager
def serving(**options: Any) -> Iterator[ServerThread]:
    """Serve the open database on a free port; the next test need not wait until it has ended."""
    server = ServerThread(options=Options(port=0, **options))
    server.start()
    try:
        yield server
    finally:
        server.stop(0)
        ENDING.append(server)


@pytest.fixture
def server(project: int) -> Iterator[ServerThread]:
    """Serve a board with one project."""
    with serving() as running:
        yield running


@pytest.fixture
def client(server: ServerThread) -> Client:
    """Talk to the server."""
    return Client(server)


@pytest.fixture
def login(board: Path) -> tuple[str, str]:
    """Return the credentials of the application."""
    return ("jsonrpc", credentials.api_token())


@pytest.fixture
def token(board: Path) -> str:
    """Return the token of the task URL."""
    return settings.webhook_token()

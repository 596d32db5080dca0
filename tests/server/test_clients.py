"""Programs that others wrote for Kanboard drive a server through a whole board's life, and each event is received."""

import asyncio
import base64
import contextlib
import importlib.util
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import trustme

from kbtui.core.projects import credentials, users
from kbtui.server.thread import ServerThread
from kbtui.webhooks import endpoints
from kbtui.webhooks.delivery import DeliveryThread
from tests.cli.conftest import Receiver
from tests.patience import PATIENCE
from tests.server.conftest import serving

BLOB = base64.b64encode(b"the bytes of a file").decode()


def official_client() -> ModuleType:
    """Load the official client. It and the SDK share one name; Python would find the SDK."""
    path = Path(str(distribution("kanboard").locate_file("kanboard.py")))
    spec = importlib.util.spec_from_file_location("official_kanboard_client", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MakeClient = Callable[[str, str], Any]


@pytest.fixture
def official(server: ServerThread, tmp_path: Path) -> Iterator[tuple[ModuleType, MakeClient]]:
    """Return the official client's module, and how to make a client for a user and a password."""
    module = official_client()
    certificates = tmp_path / "ca.pem"  # it reads them at each call, and all of the computer's take 60 ms
    trustme.CA().cert_pem.write_to_path(str(certificates))
    with contextlib.closing(asyncio.new_event_loop()) as loop:  # else it makes one itself, and leaves it open
        yield (
            module,
            lambda user, password: module.Client(
                f"{server.url}/jsonrpc.php", user, password, cafile=str(certificates), loop=loop
            ),
        )


@pytest.fixture
def server(board: Path) -> Iterator[ServerThread]:
    """Serve an empty board."""
    with serving() as running:
        yield running


@pytest.fixture
def received(board: Path) -> Iterator[Receiver]:
    """Deliver every event to a receiver."""
    with Receiver() as receiver:
        endpoints.add_endpoint(receiver.url)
        delivering = DeliveryThread()
        delivering.start()
        yield receiver
        delivering.stop()


def await_events(receiver: Receiver, expected: Counter[str]) -> None:
    """Wait until as many events have come as are expected, and compare them by name."""
    deadline = time.monotonic() + PATIENCE
    while len(receiver.names) < expected.total() and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert Counter(receiver.names) == expected


class Life:
    """A board's life through the official client, counting the events that each step causes."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.events: Counter[str] = Counter()

    def build(self) -> None:
        """Make a project with columns, swimlanes, categories and people."""
        client = self.client
        self.project = client.create_project(name="Website", identifier="WEB")
        shipped = client.add_column(project_id=self.project, title="Shipped", task_limit=10)
        assert client.change_column_position(project_id=self.project, column_id=shipped, position=4)
        assert client.update_column(column_id=shipped, title="Released")
        spare = client.add_column(project_id=self.project, title="Spare")
        assert client.remove_column(column_id=spare)
        self.columns = [column["id"] for column in client.get_columns(project_id=self.project)]
        assert len(self.columns) == 5
        self.lane = client.add_swimlane(project_id=self.project, name="Urgent")
        self.category = client.create_category(project_id=self.project, name="Bug")
        self.user = client.create_user(username="mika", password="correct horse")
        assert client.get_user_by_name(username="mika")["id"] == self.user
        assert client.add_project_user(project_id=self.project, user_id=self.user, role="project-member")

    def fill(self) -> None:
        """Create a hundred tasks and move each."""
        client = self.client
        self.tasks = [
            client.create_task(project_id=self.project, title=f"Task {number}", color_id="green", tags=["ui"])
            for number in range(100)
        ]
        for task in self.tasks:
            assert client.move_task_position(
                project_id=self.project, task_id=task, column_id=self.columns[1], position=1, swimlane_id=0
            )
        for task in self.tasks[:10]:
            assert client.move_task_position(
                project_id=self.project, task_id=task, column_id=self.columns[1], position=1, swimlane_id=self.lane
            )
        last = self.tasks[9]  # moved last, so it stands first
        assert client.move_task_position(
            project_id=self.project, task_id=last, column_id=self.columns[1], position=2, swimlane_id=self.lane
        )
        self.events.update({"task.create": 100, "task.move.column": 100, "task.move.swimlane": 10})
        self.events["task.move.position"] += 1

    def work(self) -> None:
        """Edit, comment, attach, link, close and open."""
        client = self.client
        for task in self.tasks[:5]:
            assert client.update_task(id=task, title="Edited", category_id=self.category)
            assert client.update_task(id=task, owner_id=self.user)
            comment = client.create_comment(task_id=task, user_id=self.user, content="Look")
            assert client.update_comment(id=comment, content="Look again")
            assert client.remove_comment(comment_id=comment)
            subtask = client.create_subtask(task_id=task, title="Step")
            assert client.update_subtask(id=subtask, task_id=task, status=2)
            assert client.remove_subtask(subtask_id=subtask)
            file = client.create_task_file(project_id=self.project, task_id=task, filename="a.txt", blob=BLOB)
            assert client.download_task_file(file_id=file) == BLOB
            link = client.create_task_link(task_id=task, opposite_task_id=self.tasks[50], link_id=2)
            assert client.remove_task_link(task_link_id=link)
            assert client.set_task_tags(project_id=self.project, task_id=task, tags=["api"])
            assert client.close_task(task_id=task)
            assert client.open_task(task_id=task)
        once = ("task.assignee_change", "task.close", "task.open", "file.create", "task_internal_link.delete")
        parts = [f"{noun}.{what}" for noun in ("comment", "subtask") for what in ("create", "update", "delete")]
        self.events.update(dict.fromkeys((*once, *parts), 5))
        self.events.update({"task.update": 10, "task_internal_link.create_update": 10})

    def find(self) -> None:
        """Read what is there."""
        client = self.client
        found = client.search_tasks(project_id=self.project, query="tag:api assignee:mika status:open")
        assert sorted(task["id"] for task in found) == self.tasks[:5]
        board = client.get_board(project_id=self.project)
        assert [lane["nb_tasks"] for lane in board] == [90, 10]
        assert len(client.get_all_tasks(project_id=self.project, status_id=1)) == 100
        assert client.get_task(task_id=self.tasks[0])["title"] == "Edited"
        assert client.get_project_by_identifier(identifier="web")["id"] == self.project

    def end(self) -> None:
        """Remove tasks, and then all the rest."""
        client = self.client
        for task in self.tasks[:5]:
            assert client.remove_task(task_id=task)
        assert client.get_task(task_id=self.tasks[0]) is None
        assert client.remove_project(project_id=self.project)
        assert client.get_all_projects() == []


def test_the_official_client_lives_a_boards_life(official: tuple[ModuleType, MakeClient], received: Receiver) -> None:
    _, make_client = official
    life = Life(make_client("jsonrpc", credentials.api_token()))

    life.build()
    life.fill()
    life.work()
    life.find()
    life.end()

    await_events(received, life.events)


def test_the_official_client_is_told_what_is_wrong(official: tuple[ModuleType, MakeClient]) -> None:
    module, make_client = official
    client = make_client("jsonrpc", credentials.api_token())

    with pytest.raises(module.ClientError, match="401"):
        make_client("jsonrpc", "wrong").get_version()
    with pytest.raises(module.ClientError, match="Method not found"):
        client.do_nothing()
    with pytest.raises(module.ClientError, match="403"):
        client.get_me()


def test_the_sdk_lives_a_boards_life(server: ServerThread, received: Receiver) -> None:
    kanboard: Any = importlib.import_module("kanboard")
    url = f"{server.url}/jsonrpc.php"
    credentials.set_password(users.ADMIN_ID, "correct horse")

    with (
        kanboard.KanboardClient(url, credentials.api_token()) as app,
        kanboard.KanboardClient(url, auth_mode="user", username="admin", password="correct horse") as admin,
    ):
        project = admin.projects.create_project("Website")
        assert next(column.title for column in app.columns.get_columns(project)) == "Backlog"
        lane = app.swimlanes.add_swimlane(project, "Urgent")
        assert app.swimlanes.get_swimlane_by_name(project, "Urgent").id == lane
        made = app.batch([("createTask", {"title": f"Task {n}", "project_id": project}) for n in range(100)])
        assert len(set(made)) == 100
        column = app.columns.get_columns(project)[1].id
        assert all(app.tasks.move_task_position(project, task, column, 1, lane) for task in made)
        task = made[0]
        assert app.tasks.update_task(task, title="Edited", date_due="2030-01-31 10:30", tags=["ui"])
        assert app.tasks.get_task(task).date_due is not None
        comment = app.comments.create_comment(task, 1, "Look")
        assert app.comments.get_comment(comment).username == "admin"
        step = app.subtasks.create_subtask(task, "Step", user_id=1)
        assert app.subtasks.get_all_subtasks(task)[0].username == "admin"
        assert app.subtasks.remove_subtask(step)
        file = app.task_files.create_task_file(project, task, "a.png", BLOB)
        assert app.task_files.get_task_file(file).is_image
        link = app.task_links.create_task_link(task, made[1], 2)
        assert app.task_links.get_task_link_by_id(link).opposite_task_id == made[1]
        assert app.task_links.update_task_link(link, task, made[1], 1)
        assert list(app.tags.get_task_tags(task).values()) == ["ui"]
        assert app.project_permissions.get_assignable_users(project, prepend_unassigned=True)["0"] == "Unassigned"
        assert app.links.get_link_by_label("blocks").opposite_id == 3
        assert app.application.get_color_list()["yellow"] == "Yellow"
        assert [found.id for found in app.tasks.search_tasks(project, "tag:ui edited")] == [task]
        assert admin.me.get_me().username == "admin"
        assert [each["id"] for each in admin.me.get_my_projects()] == [project]
        assert admin.me.get_my_activity_stream()[0]["event_name"] == "task_internal_link.create_update"
        with pytest.raises(kanboard.KanboardNotFoundError):
            app.projects.get_project_by_name("Nothing")
        with pytest.raises(kanboard.KanboardNotFoundError):
            app.tasks.get_task(9999)
        with pytest.raises(kanboard.KanboardAuthError):
            app.call("getMe")
        assert app.projects.remove_project(project)

    await_events(
        received,
        Counter(
            {
                "task.create": 100,
                "task.move.swimlane": 100,
                "task.update": 1,
                "comment.create": 1,
                "subtask.create": 1,
                "subtask.delete": 1,
                "file.create": 1,
                "task_internal_link.create_update": 4,
            }
        ),
    )

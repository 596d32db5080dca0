"""The task URL: what Kanboard answered, and where we deliberately answer otherwise."""

import json
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from kbtui.core.projects import categories, columns, projects, settings, swimlanes, users
from kbtui.core.tasks import tasks
from kbtui.server.thread import ServerThread
from tests import sql
from tests.core.conftest import facts_after
from tests.recordings import FOLDER
from tests.server.conftest import Answer, Client

RECORDED = sorted((FOLDER / "classic").glob("recorded-url-create-*.json"))
DEPARTED = {"recorded-url-create-head", "recorded-url-create-bad-color", "recorded-url-create-foreign-column"}


def ask(client: Client, token: str | None, method: str = "GET", key: str | None = None, **fields: object) -> Answer:
    """Call the task URL."""
    query = {"controller": "webhook", "action": "task", **({"token": token} if token is not None else {}), **fields}
    return client.send(method, f"/?{urlencode(query)}", headers={"Idempotency-Key": key} if key else {})


def titles() -> list[str]:
    return [task.title for task in tasks.list_tasks()]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_call_is_answered_as_it_was(path: Path, client: Client, token: str) -> None:
    recorded = json.loads(path.read_text())["call"]
    target = urlsplit(recorded["url"])
    if "column_id=5" in target.query:
        projects.create_project("Other")

    answer = client.send(recorded["method"], f"/?{target.query.replace('WEBHOOK_TOKEN_HERE', token)}")

    if path.stem == "recorded-url-create-head":
        assert answer.status == 405
        assert titles() == []
    elif path.stem == "recorded-url-create-foreign-column":
        assert (answer.status, answer.body) == (200, b"FAILED")
    else:
        assert (answer.status, answer.body.decode()) == (recorded["status"], recorded["body"])
        assert len(titles()) == (recorded["body"] == "OK")
    assert answer.headers["content-type"] == recorded["headers"]["content-type"]


def test_every_recording_was_there() -> None:
    assert {path.stem for path in RECORDED} >= DEPARTED
    assert len(RECORDED) == 14


def test_a_task_gets_what_the_url_says(client: Client, token: str, project: int) -> None:
    other = projects.create_project("Shop")
    column = columns.list_columns(other)[2].id
    lane = swimlanes.add_swimlane(other, "Urgent")
    category = categories.add_category(other, "Bug")
    mika = users.add_user("mika")

    answer = ask(
        client, token, title="Löwe & Söhne", description="**now**", color_id="red", project_id=other, column_id=column,
        swimlane_id=lane, owner_id=mika, category_id=category,
    )  # fmt: skip

    assert answer.body == b"OK"
    (task,) = tasks.list_tasks(other)
    assert (task.title, task.description, task.color_id) == ("Löwe & Söhne", "**now**", "red")
    assert (task.column_id, task.swimlane_id) == (column, lane)
    assert (task.owner_id, task.category_id, task.creator_id) == (mika, category, 0)


def test_it_is_an_event_of_nobody(client: Client, token: str) -> None:
    ask(client, token, title="By URL")

    (event,) = sql.fetch_all("SELECT name, author_id, author FROM events WHERE task_id IS NOT NULL")
    assert event == ("task.create", 0, None)
    assert facts_after(0)[-1][1]["task"]["title"] == "By URL"


def test_an_unknown_colour_is_the_default(client: Client, token: str) -> None:
    assert ask(client, token, title="x", color_id="nocolor").body == b"OK"

    assert [task.color_id for task in tasks.list_tasks()] == ["yellow"]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": "   "},
        {"title": "x" * 201},
        {"title": "x", "project_id": "0"},
        {"title": "x", "project_id": "99"},
        {"title": "x", "project_id": "9" * 40},
        {"title": "x", "column_id": "99"},
        {"title": "x", "swimlane_id": "99"},
        {"title": "x", "owner_id": "99"},
        {"title": "x", "category_id": "99"},
        {"title[]": "x"},
    ],
)
def test_what_cannot_be_has_failed(client: Client, token: str, fields: dict[str, str]) -> None:
    answer = ask(client, token, **fields)

    assert (answer.status, answer.body) == (200, b"FAILED")
    assert titles() == []


@pytest.mark.parametrize("number", ["abc", "", "-1", "1.5", "٣", " 1"])
def test_what_is_no_number_is_the_default(client: Client, token: str, project: int, number: str) -> None:
    names = ("project_id", "column_id", "swimlane_id", "owner_id", "category_id")

    assert ask(client, token, title="x", **dict.fromkeys(names, number)).body == b"OK"

    (task,) = tasks.list_tasks()
    assert (task.project_id, task.owner_id, task.category_id) == (project, 0, 0)


def test_a_title_of_200_characters_is_taken(client: Client, token: str) -> None:
    assert ask(client, token, title="x" * 200).body == b"OK"


def test_the_last_of_two_parameters_counts(client: Client, token: str) -> None:
    answer = client.send("GET", f"/?controller=webhook&action=task&token={token}&title=one&title=two+words")

    assert answer.body == b"OK"
    assert titles() == ["two words"]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "DELETE"])
@pytest.mark.parametrize("wrong", [None, "", "nope", "é"])
def test_the_token_is_looked_at_before_anything_else(client: Client, method: str, wrong: str | None) -> None:
    answer = ask(client, wrong, method, title="")

    assert answer.status == 401
    assert answer.body == (b"" if method == "HEAD" else b"Not Authorized")
    assert titles() == []


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_creates_nothing(client: Client, token: str, method: str) -> None:
    answer = ask(client, token, method, title="x")

    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")
    assert titles() == []


def test_a_reset_token_lets_nobody_in(client: Client, token: str) -> None:
    settings.reset_webhook_token()

    assert ask(client, token, title="x").status == 401


def test_one_idempotency_key_makes_one_task(client: Client, token: str) -> None:
    answers = [ask(client, token, key="build-7", title="x").body for _ in range(3)]

    assert answers == [b"OK"] * 3
    assert titles() == ["x"]
    assert ask(client, token, key="build-8", title="x").body == b"OK"
    assert titles() == ["x", "x"]
    assert ask(client, token, key="k" * 256, title="x").body == b"FAILED"


def test_without_a_project_it_has_failed(client: Client, token: str, project: int) -> None:
    projects.remove_project(project)

    assert ask(client, token, title="x").body == b"FAILED"


@pytest.mark.parametrize("path", ["/", "/?controller=board&action=show", "/index.html", "/?action=task"])
def test_another_page_is_not_there(client: Client, path: str) -> None:
    assert client.send("GET", path).status == 404


def test_a_query_of_too_many_parameters_is_a_bad_request(client: Client, token: str) -> None:
    fields = {f"field{number}": "x" for number in range(200)}

    assert ask(client, token, **fields).status == 400


def test_answers_are_kept_by_nobody(client: Client, token: str, server: ServerThread) -> None:
    answer = ask(client, token, title="x")

    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers

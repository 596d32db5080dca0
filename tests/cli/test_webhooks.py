import fcntl
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kbtui.webhooks.listener import Behaviour
from tests.cli.conftest import Receiver, Run


def test_an_endpoint_is_added_listed_edited_and_removed_by_name(
    answer: Callable[..., Any], ok: Callable[..., str]
) -> None:
    ok("project", "add", "Website")

    added = answer(
        *("webhook", "add", "http://127.0.0.1:9/hook", "--name", "ci", "--format", "kanboard-1.2"),
        *("--events", "task.move.*, comment.*", "--project", "website"),
    )
    edited = answer("webhook", "edit", "CI", "--name", "deploy", "--project", "all", "--enabled", "no")
    listed = answer("webhook", "list")
    removed = answer("webhook", "remove", "#1")

    assert (added["name"], added["format"], added["events"]) == ("ci", "kanboard-1.2", "task.move.*,comment.*")
    assert added["project_id"] == 1
    assert (edited["name"], edited["project_id"], edited["is_enabled"], edited["changed"]) == ("deploy", None, 0, True)
    assert [(each["name"], each["state"]) for each in listed] == [("deploy", "disabled")]
    assert removed["removed"] is True
    assert answer("webhook", "list") == []


def test_people_read_what_became_of_an_endpoint(ok: Callable[..., str]) -> None:
    assert ok("webhook", "list") == "There are no webhooks; add one with: kbtui webhook add URL\n"
    assert ok("webhook", "add", "http://127.0.0.1:9/", "--name", "ci") == (
        'Added webhook #1 "ci"; it gets all events as kanboard-1.0.\n'
    )
    assert ok("webhook", "edit", "ci", "--name", "ci") == 'Nothing differs: webhook #1 "ci" stays as it is.\n'
    assert ok("webhook", "edit", "1", "--events", "comment.*") == 'Changed webhook #1 "ci".\n'
    heads, row = ok("webhook", "list").splitlines()
    assert heads.split()[:4] == ["ID", "NAME", "STATE", "WAITING"]
    assert row.split()[:4] == ["1", "ci", "idle", "0"]
    assert ok("webhook", "remove", "ci") == 'Removed webhook #1 "ci".\n'


@pytest.mark.parametrize(
    "url", ["", "example.org", "ftp://127.0.0.1/", "http://[::1", "http://a b/", "http://x:99999/"]
)
def test_a_bad_url_is_refused_in_one_line(refusal: Callable[..., str], answer: Callable[..., Any], url: str) -> None:
    refusal("webhook", "add", url)

    assert answer("webhook", "list") == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--format", "kanboard-9"], "There is no payload format"),
        (["--events", "task.explode"], "is no event"),
        (["--project", "nowhere"], 'There is no project "nowhere"'),
    ],
)
def test_a_bad_option_is_refused_in_one_line(refusal: Callable[..., str], options: list[str], complaint: str) -> None:
    assert complaint in refusal("webhook", "add", "http://127.0.0.1:9/", *options)


@pytest.mark.parametrize("action", ["edit", "remove", "test"])
def test_an_unknown_endpoint_is_refused(refusal: Callable[..., str], action: str) -> None:
    options = ["--name", "x"] if action == "edit" else []

    assert "There is no webhook endpoint" in refusal("webhook", action, "nowhere", *options)


def test_an_edit_without_anything_to_change_is_wrong_usage(run: Run, ok: Callable[..., str]) -> None:
    ok("webhook", "add", "http://127.0.0.1:9/")

    assert run("webhook", "edit", "1").status == 2


def test_the_token_is_shown_when_asked_for_and_can_be_replaced(
    ok: Callable[..., str], answer: Callable[..., Any]
) -> None:
    token = ok("webhook", "token").strip()

    assert re.fullmatch(r"[0-9a-f]{64}", token)
    assert answer("webhook", "token") == {"token": token}
    assert ok("webhook", "token", "--reset").strip() not in ("", token)


def test_a_test_event_shows_the_answer(ok: Callable[..., str], answer: Callable[..., Any], receiver: Receiver) -> None:
    ok("webhook", "add", receiver.url, "--name", "here")

    assert 'The test event was delivered to webhook #1 "here".\n\nStatus  200\n' in ok("webhook", "test", "here")
    tested = answer("webhook", "test", "1")
    assert (tested["delivered"], tested["status"], tested["answer"]) == (True, 200, "OK")


def test_a_test_event_that_fails_says_why_and_never_shows_the_token(run: Run, ok: Callable[..., str]) -> None:
    token = ok("webhook", "token").strip()
    with Receiver(Behaviour(status=500, body=b"\x1b[2Jno\n")) as failing:
        ok("webhook", "add", failing.url)

        ran = run("webhook", "test", "1")
        as_json = run("webhook", "test", "1", "--json")

    assert ran.status == as_json.status == 1
    assert ran.err.startswith("kbtui: The test event was not delivered to webhook #1")
    assert ran.err.count("\n") == 1
    assert "\\x1b[2Jno" in ran.out
    assert as_json.document["status"] == 500
    assert token not in ran.out + ran.err + as_json.out + as_json.err


def test_a_command_sends_what_it_recorded(
    answer: Callable[..., Any], ok: Callable[..., str], receiver: Receiver
) -> None:
    ok("webhook", "add", receiver.url, "--events", "task.*")

    ok("task", "add", "One")
    moved = answer("task", "move", "One", "--column", "Ready")

    assert moved["queued"] == 0
    assert receiver.names == ["task.create", "task.move.column"]
    assert {each["state"] for each in answer("deliveries", "list")} == {"done"}


def test_with_no_deliver_nothing_is_sent_and_the_rest_is_told(
    run: Run, ok: Callable[..., str], receiver: Receiver
) -> None:
    ok("webhook", "add", receiver.url)

    ran = run("task", "add", "One", "--no-deliver")
    as_json = run("--no-deliver", "task", "close", "1", "--json")

    assert (ran.status, ran.err) == (0, "1 delivery left queued; send with: kbtui deliver\n")
    assert (as_json.status, as_json.err, as_json.document["queued"]) == (0, "", 1)
    assert receiver.names == []


def test_what_a_failing_receiver_did_not_take_is_left_queued(
    run: Run, ok: Callable[..., str], closed_port: int
) -> None:
    ok("webhook", "add", f"http://127.0.0.1:{closed_port}/")

    ran = run("task", "add", "One")

    assert (ran.status, ran.err) == (0, "1 delivery left queued; send with: kbtui deliver\n")


def test_a_receiver_that_hangs_holds_a_command_for_a_moment_only(run: Run, ok: Callable[..., str]) -> None:
    with Receiver(Behaviour(hang=True)) as hanging:
        ok("webhook", "add", hanging.url)

        ran = run("task", "add", "One", "--json")

    assert (ran.status, ran.document["queued"]) == (0, 1)


def test_while_another_process_delivers_a_command_leaves_it_all_to_that_one(
    run: Run, ok: Callable[..., str], receiver: Receiver, database_file: Any
) -> None:
    ok("webhook", "add", receiver.url)
    with Path(f"{database_file}-deliver").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)

        ran = run("task", "add", "One", "--json")
        told = run("task", "close", "One")

    assert (ran.status, ran.document["queued"]) == (0, 1)
    assert (told.status, told.err) == (0, "1 delivery left queued for the kbtui that is delivering\n")
    assert receiver.names == []


def test_deliver_once_sends_what_was_left(
    ok: Callable[..., str], answer: Callable[..., Any], run: Run, receiver: Receiver
) -> None:
    ok("webhook", "add", receiver.url, "--name", "here")
    for title in ("One", "Two"):
        run("task", "add", title, "--no-deliver")

    lines = ok("deliver", "--once").splitlines()

    assert receiver.names == ["task.create", "task.create"]
    assert all("task.create to here  200 in " in line for line in lines[:2])
    assert lines[2] == "2 deliveries sent, 0 left queued."
    assert answer("deliver", "--once") == {"sent": 0, "left": 0, "attempts": []}

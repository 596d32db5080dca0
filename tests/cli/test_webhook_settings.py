"""How an endpoint is sent to: pauses, secrets, and the settings of ``kbtui webhook edit``."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from kbtui.webhooks import signatures
from kbtui.webhooks.policy import MASK
from tests.cli.conftest import Receiver, Run


@pytest.fixture
def endpoint(ok: Callable[..., str], receiver: Receiver) -> Receiver:
    """Add an endpoint called ``here``."""
    ok("webhook", "add", receiver.url, "--name", "here")
    return receiver


def test_a_paused_endpoint_gets_its_events_when_it_is_resumed(
    answer: Callable[..., Any], ok: Callable[..., str], run: Run, endpoint: Receiver
) -> None:
    assert ok("webhook", "pause", "here") == 'Paused webhook #1 "here"; its events are kept until it is resumed.\n'
    assert "it was paused already" in ok("webhook", "pause", "1")
    for title in ("One", "Two"):
        run("task", "add", title)
    assert endpoint.names == []
    assert answer("webhook", "list")[0]["state"] == "paused"

    resumed = answer("webhook", "resume", "here")

    assert (resumed["changed"], resumed["queued"], resumed["is_paused"]) == (True, 0, 0)
    assert endpoint.names == ["task.create", "task.create"]
    assert "it was neither paused nor waiting" in ok("webhook", "resume", "here")


def test_resuming_says_so_when_the_endpoint_is_disabled(ok: Callable[..., str]) -> None:
    ok("webhook", "add", "http://127.0.0.1:9/", "--name", "off")
    ok("webhook", "edit", "off", "--enabled", "no")

    assert "but it is disabled; enable it with: kbtui webhook edit 1 --enabled yes" in ok("webhook", "resume", "off")


@pytest.mark.usefixtures("endpoint")
def test_every_setting_is_changed_and_shown(answer: Callable[..., Any], ok: Callable[..., str], tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("")

    edited = answer(
        *("webhook", "edit", "here", "--deadline", "2.5", "--schedule", "0, 5s, 1m", "--ordered", "no"),
        *("--concurrency", "7", "--ca-file", str(ca_file), "--proxy", "yes", "--header", "X-Team: blue"),
    )
    shown = ok("webhook", "show", "here")

    assert (edited["deadline"], edited["schedule"], edited["is_ordered"]) == (2.5, "0, 5s, 1m", 0)
    assert (edited["concurrency"], edited["ca_file"], edited["use_proxy"]) == (7, str(ca_file), 1)
    assert edited["headers"] == ["X-Team"]
    for line in ("Deadline     2.5 s", "Schedule     0, 5s, 1m", "Ordered      no", f"Headers      X-Team: {MASK}"):
        assert line in shown
    assert "blue" not in shown + json.dumps(edited)
    back = answer("webhook", "edit", "here", "--schedule", "", "--ca-file", "", "--ordered", "yes", "--proxy", "no")
    assert (back["schedule"], back["ca_file"], back["is_ordered"], back["use_proxy"]) == ("", "", 1, 0)


def test_an_endpoint_can_be_added_with_all_its_settings(answer: Callable[..., Any]) -> None:
    added = answer(
        *("webhook", "add", "http://127.0.0.1:9/", "--name", "ci", "--format", "kanboard-1.2", "--deadline", "3"),
        *("--header", "Authorization: Bearer x", "--concurrency", "1"),
    )

    assert (added["name"], added["format"], added["deadline"], added["concurrency"]) == ("ci", "kanboard-1.2", 3, 1)
    assert added["headers"] == ["Authorization"]


def test_of_an_endpoint_that_cannot_be_added_as_it_was_asked_for_nothing_is_left(
    refusal: Callable[..., str], answer: Callable[..., Any]
) -> None:
    assert "1 to 30 seconds" in refusal("webhook", "add", "http://127.0.0.1:9/", "--deadline", "31")

    assert answer("webhook", "list") == []


def test_headers_are_added_replaced_and_removed_one_by_one(
    answer: Callable[..., Any], ok: Callable[..., str], run: Run, endpoint: Receiver
) -> None:
    ok("webhook", "edit", "here", "--header", "X-Team: blue", "--header", "X-Key: a: b")
    ok("webhook", "edit", "here", "--header", "x-team: red")
    run("task", "add", "One")
    assert answer("webhook", "edit", "here", "--header", "X-TEAM:")["headers"] == ["X-Key"]
    assert answer("webhook", "edit", "here", "--header", "X-Nothing:")["changed"] is False
    run("task", "add", "Two")

    first, second = (received.headers for received in endpoint.received)
    assert (first["x-team"], first["x-key"]) == ("red", "a: b")
    assert ("x-team" in second, second["x-key"]) == (False, "a: b")


@pytest.mark.usefixtures("endpoint")
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--deadline", "0.5"], "1 to 30 seconds"),
        (["--deadline", "nan"], "1 to 30 seconds"),
        (["--schedule", "0, soon"], "'soon' in the schedule is no time"),
        (["--concurrency", "0"], "1 to 32 requests"),
        (["--ca-file", "/nowhere/ca.pem"], "There is no CA file /nowhere/ca.pem"),
        (["--header", "Host: elsewhere"], "The header Host is set by kbtui itself"),
        (["--header", "webhook-id: 1"], "The header webhook-id is set by kbtui itself"),
        (["--header", "X-Kanji: 漢字"], "use plain ASCII text"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_one_line(
    refusal: Callable[..., str], options: list[str], complaint: str
) -> None:
    assert complaint in refusal("webhook", "edit", "here", "--name", "there", *options)

    assert "here" in refusal("webhook", "edit", "there", "--name", "x"), "nothing of it was changed"


@pytest.mark.parametrize("header", ["nonsense", ": value", "  "])
def test_a_header_without_name_or_colon_is_wrong_usage(run: Run, header: str) -> None:
    assert run("webhook", "edit", "here", "--header", header).status == 2


def test_a_secret_is_masked_until_it_is_asked_for(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    ok("webhook", "add", "http://127.0.0.1:9/", "--name", "here")
    assert ok("webhook", "secret", "here") == "There is no secret: what is sent is not signed.\n"
    assert answer("webhook", "secret", "here") == {"endpoint_id": 1, "signed": False, "secret": "", "old_until": None}

    rotated = ok("webhook", "secret", "here", "--rotate")
    secret = ok("webhook", "secret", "here", "--show").splitlines()[0]

    assert signatures.check_secret(secret) == secret
    assert rotated == f"whsec_{MASK}\nWith --show the secret itself is printed.\n"
    assert secret not in ok("webhook", "show", "here") + ok("webhook", "list", "--json")
    assert answer("webhook", "secret", "here")["secret"] == f"whsec_{MASK}"
    assert answer("webhook", "secret", "here", "--show")["secret"] == secret


def test_deliveries_are_signed_with_both_secrets_for_a_day_after_a_rotation(
    answer: Callable[..., Any], run: Run, endpoint: Receiver
) -> None:
    old = answer("webhook", "secret", "here", "--rotate", "--show")["secret"]
    rotated = answer("webhook", "secret", "here", "--rotate", "--show")

    run("task", "add", "One")

    (received,) = endpoint.received
    assert rotated["secret"] != old
    assert rotated["old_until"] is not None
    for secret in (old, rotated["secret"]):
        assert Webhook(secret).verify(received.body, received.headers)["event_name"] == "task.create"


def test_a_secret_of_ones_own_is_set_read_from_a_pipe_and_removed(
    answer: Callable[..., Any], ok: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ok("webhook", "add", "http://127.0.0.1:9/", "--name", "here")
    first, second = signatures.new_secret(), signatures.new_secret()

    assert answer("webhook", "secret", "here", "--set", first, "--show")["secret"] == first
    monkeypatch.setattr("sys.stdin", io.StringIO(second + "\n"))
    assert answer("webhook", "secret", "here", "--set", "-", "--show")["secret"] == second
    assert answer("webhook", "secret", "here", "--remove")["signed"] is False


@pytest.mark.parametrize("secret", ["whsec_short", "", "whsec_c2hvcnQ=", "whsec_\x1b["])
def test_what_is_no_secret_is_refused(refusal: Callable[..., str], ok: Callable[..., str], secret: str) -> None:
    ok("webhook", "add", "http://127.0.0.1:9/", "--name", "here")

    assert "secret" in refusal("webhook", "secret", "here", "--set", secret)


@pytest.mark.parametrize("action", ["show", "pause", "resume", "secret"])
def test_an_unknown_endpoint_is_refused(refusal: Callable[..., str], action: str) -> None:
    assert "There is no webhook endpoint" in refusal("webhook", action, "nowhere")

"""``kbtui listen`` plays the bad receiver, checks signatures and keeps what it got: over real HTTP."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kbtui.webhooks import signatures
from tests.cli.conftest import Run
from tests.patience import PATIENCE

KBTUI = [sys.executable, "-m", "kbtui"]


class Listening:
    """A ``kbtui listen`` that runs, and where."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    def read(self) -> dict[str, Any]:
        """Return the next delivery that is printed."""
        assert self.process.stdout is not None
        document: dict[str, Any] = json.loads(self.process.stdout.readline())
        return document


@contextmanager
def listening(*options: str) -> Iterator[Listening]:
    """Run ``kbtui listen --json`` on a free port."""
    command = [*KBTUI, "listen", "--port", "0", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        yield Listening(process, process.stderr.readline().split()[2].rstrip(";"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


@pytest.fixture
def tested(run: Run, ok: Callable[..., str]) -> Callable[[str], dict[str, Any]]:
    """Send a test event to a URL and return what became of it; attempts have a second."""

    def send(url: str) -> dict[str, Any]:
        if run("webhook", "show", "it").status:
            ok("webhook", "add", url, "--name", "it", "--deadline", "1")
        document: dict[str, Any] = run("webhook", "test", "it", "--json").document
        return document

    return send


@pytest.mark.parametrize(
    ("options", "error", "status", "answered"),
    [
        (["--status", "503"], "status", 503, 503),
        (["--status", "204"], "", 204, 204),
        (["--delay", "0.2"], "", 200, 200),
        (["--delay", "3"], "timeout", None, 200),
        (["--hang"], "timeout", None, 0),
        (["--reset"], "reset", None, 0),
        (["--drip"], "timeout", None, 200),
        (["--drip", "0.001"], "", 200, 200),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_it_answers_as_it_was_told(
    tested: Callable[[str], dict[str, Any]], options: list[str], error: str, status: int | None, answered: int
) -> None:
    with listening(*options) as receiver:
        outcome = tested(receiver.url)
        received = receiver.read()

    assert (outcome["error"], outcome["status"]) == (error, status)
    assert (received["event_name"], received["status"]) == ("task.move.column", answered)


def test_it_fails_first_and_a_board_copes(run: Run, ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    with listening("--fail-first", "2") as receiver:
        ok("webhook", "add", receiver.url, "--schedule", "0, 0, 0")
        run("task", "add", "One")
        ok("deliver", "--once")
        statuses = [receiver.read()["status"] for _ in range(3)]

    assert statuses == [500, 500, 200]
    (delivery,) = answer("deliveries", "list")
    assert (delivery["state"], delivery["attempt"]) == ("done", 3)


def test_signatures_are_verified_and_a_bad_one_is_said_to_be_so(
    tested: Callable[[str], dict[str, Any]], ok: Callable[..., str]
) -> None:
    secret = signatures.new_secret()
    with listening("--secret", secret) as receiver:
        unsigned = tested(receiver.url)["status"], receiver.read()["signature"]
        ok("webhook", "secret", "it", "--rotate")
        wrong = tested(receiver.url)["status"], receiver.read()["signature"]
        ok("webhook", "secret", "it", "--set", secret)
        right = tested(receiver.url)["status"], receiver.read()["signature"]

    assert unsigned == (401, "not signed")
    assert wrong == (401, "wrong signature")
    assert right == (200, "right")


def test_people_read_that_a_signature_is_bad_or_right(tested: Callable[[str], dict[str, Any]], ok: Any) -> None:
    secret = signatures.new_secret()
    command = [*KBTUI, "listen", "--port", "0", "--secret", secret]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2].rstrip(";")
        tested(url)
        ok("webhook", "secret", "it", "--set", secret)
        tested(url)
        process.send_signal(signal.SIGTERM)
        out = process.communicate(timeout=PATIENCE)[0]

    assert "answered 401; the signature is bad: not signed\n" in out
    assert "answered 200; the signature is right\n" in out
    assert secret not in out


def test_without_a_secret_no_signature_is_checked(tested: Callable[[str], dict[str, Any]]) -> None:
    with listening() as receiver:
        tested(receiver.url)

        assert receiver.read()["signature"] == "not checked"


def test_what_arrives_is_added_to_a_file_as_json_lines(
    tested: Callable[[str], dict[str, Any]], ok: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "received.jsonl"
    file.write_text('{"before": true}\n')
    token = ok("webhook", "token").strip()
    with listening("--output", str(file), "--token", token) as receiver:
        for _ in range(2):
            tested(receiver.url)
        printed = [receiver.read() for _ in range(2)]

    before, *kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert before == {"before": True}
    assert kept == printed
    assert kept[0]["token"] == "right"
    assert token not in file.read_text()


def test_a_file_that_cannot_be_written_is_one_line(refusal: Callable[..., str], tmp_path: Path) -> None:
    assert "cannot be written: Is a directory." in refusal("listen", "--port", "0", "--output", str(tmp_path))
    assert "cannot be written: No such file or directory." in refusal(
        "listen", "--port", "0", "--output", str(tmp_path / "no" / "file")
    )


def test_what_is_no_secret_is_one_line(refusal: Callable[..., str]) -> None:
    assert "A signing secret" in refusal("listen", "--port", "0", "--secret", "hello there")


@pytest.mark.parametrize(
    "options",
    [["--hang", "--reset"], ["--drip", "--hang"], ["--fail-first", "-1"], ["--drip", "soon"], ["--drip", "-1"]],
)
def test_what_contradicts_itself_is_wrong_usage(run: Run, options: list[str]) -> None:
    assert run("listen", *options).status == 2

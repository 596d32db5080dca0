"""``kbtui deliver`` as a service: real processes, real signals, real receivers."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from kbtui.core.db import database
from kbtui.core.projects import projects
from kbtui.core.tasks import tasks
from kbtui.webhooks.listener import Behaviour
from tests import sql
from tests.cli.conftest import Receiver, Run
from tests.patience import PATIENCE, Stopwatch

KBTUI = [sys.executable, "-m", "kbtui"]
SOON = 2.0
"""Within how many seconds a service has to end."""


@contextmanager
def service(*options: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``kbtui deliver`` until told to stop."""
    with subprocess.Popen(
        [*KBTUI, "deliver", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    """Return the next lines that a service prints."""
    assert process.stdout is not None
    return [process.stdout.readline() for _ in range(count)]


def stop(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> tuple[float, str, str]:
    """Send a signal; return how long the end took where there was a processor, and what was still printed."""
    stopwatch = Stopwatch(process.pid)
    process.send_signal(number)
    took = stopwatch.read()
    while process.poll() is None and took < PATIENCE:
        time.sleep(0.01)
        took = stopwatch.read()
    out, err = process.communicate(timeout=PATIENCE)
    return took, out, err


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until another process has done something."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def added(run: Run) -> Callable[[str], None]:
    """Return how to add a task whose event is left to the service."""

    def add(title: str) -> None:
        assert run("task", "add", title, "--no-deliver").status == 0

    return add


def test_each_attempt_is_one_line_of_json_without_token_and_secret(
    ok: Callable[..., str], answer: Callable[..., Any], added: Callable[[str], None], receiver: Receiver
) -> None:
    ok("webhook", "add", f"{receiver.url}hook?key=hidden", "--name", "here", "--header", "Authorization: Bearer hidden")
    secret = answer("webhook", "secret", "here", "--rotate", "--show")["secret"]
    token = ok("webhook", "token").strip()
    with service("--json") as process:
        added("One")
        (first,) = lines(process, 1)
        ok("webhook", "edit", "here", "--url", "http://127.0.0.1:1/hook?key=hidden")
        added("Two")
        (second,) = lines(process, 1)
        _, rest, err = stop(process)

    done, failed = json.loads(first), json.loads(second)
    assert (done["event_name"], done["state"], done["status"], done["attempt"]) == ("task.create", "done", 200, 1)
    assert (done["endpoint"], done["attempts"], done["next_try"]) == ("here", 10, None)
    assert (failed["state"], failed["error"], failed["status"]) == ("ready", "refused", None)
    assert failed["next_try"] > failed["time"]
    assert json.loads(rest) == {"sent": 1, "left": 1}
    assert rest.count("\n") == 1
    assert err == ""
    printed = first + second + rest
    assert not any(hidden in printed for hidden in (token, secret, "hidden"))


def test_people_read_a_line_an_attempt(ok: Callable[..., str], added: Callable[[str], None], closed_port: int) -> None:
    ok("webhook", "add", f"http://127.0.0.1:{closed_port}/", "--name", "there")
    with service() as process:
        added("One")
        begun, line = lines(process, 2)
        _, rest, _ = stop(process)

    assert begun == "Sending what is due; Ctrl+C ends it.\n"
    assert "task.create to there  refused in " in line
    assert line.endswith("ready, attempt 1 of 10: Nothing listens at the receiver's address.\n")
    assert rest == "0 deliveries sent, 1 left queued.\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGHUP, 0)])
def test_a_signal_ends_an_idle_service_soon(ok: Callable[..., str], number: signal.Signals, status: int) -> None:
    ok("webhook", "list")
    with service() as process:
        lines(process, 1)
        took, out, err = stop(process, number)

    assert took < SOON
    assert (process.returncode, out, err) == (status, "0 deliveries sent, 0 left queued.\n", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_also_while_a_receiver_hangs_and_nothing_is_lost(
    ok: Callable[..., str], answer: Callable[..., Any], added: Callable[[str], None], number: signal.Signals
) -> None:
    with Receiver(Behaviour(hang=True)) as hanging:
        ok("webhook", "add", hanging.url, "--deadline", "30")
        with service("--json") as process:
            for title in ("One", "Two", "Three"):
                added(title)
            wait_until(lambda: hanging.listener.count == 3)
            took, out, err = stop(process, number)

    assert took < SOON
    assert err == ""
    assert [json.loads(line).get("error") for line in out.splitlines()] == ["interrupted"] * 3 + [None]
    assert {(each["state"], each["attempt"]) for each in answer("deliveries", "list")} == {("ready", 0)}


def test_what_is_answered_in_time_is_written_before_it_ends(
    ok: Callable[..., str], answer: Callable[..., Any], added: Callable[[str], None]
) -> None:
    with Receiver(Behaviour(delay=0.5)) as slow:
        ok("webhook", "add", slow.url)
        with service("--json") as process:
            added("One")
            wait_until(lambda: slow.listener.count == 1)
            took, out, _ = stop(process)

    assert took < SOON
    assert json.loads(out.splitlines()[-1]) == {"sent": 1, "left": 0}
    assert answer("deliveries", "list")[0]["state"] == "done"


def test_several_services_on_one_board_send_nothing_twice_and_keep_the_order(
    ok: Callable[..., str], database_file: Path
) -> None:
    with Receiver(Behaviour(delay=0.002)) as receiver, ExitStack() as stack:
        ok("webhook", "add", receiver.url)
        services = [stack.enter_context(service("--json")) for _ in range(2)]
        database.connect(database_file)
        project_id = projects.create_project("Website")
        ids = [tasks.create_task(project_id, f"Task {number}") for number in range(10)]
        for number in range(12):
            for task_id in ids:
                tasks.update_task(task_id, title=f"{number}")
            time.sleep(0.03)
        count, _ = sql.fetch_one("SELECT count(*), 1 FROM deliveries") or (0, 0)
        wait_until(lambda: sql.fetch_one("SELECT 1 FROM deliveries WHERE state <> 'done'") is None)
        database.close()
        said = [stop(each) for each in services]

    arrived = receiver.received
    titles: dict[str, list[str]] = {}
    for received in arrived:
        if received.event_name == "task.update":
            task = received.payload["event_data"]
            titles.setdefault(task["task_id"], []).append(task["title"])
    assert Counter(received.webhook_id for received in arrived).most_common(1)[0][1] == 1
    assert len(arrived) == count
    assert list(titles.values()) == [[f"{number}" for number in range(12)]] * 10
    assert sum(json.loads(out.splitlines()[-1])["sent"] for _, out, _ in said) == count
    assert all(len(out.splitlines()) > 1 for _, out, _ in said), "both had something to do"


def test_a_database_that_is_locked_for_a_while_is_told_and_sent_afterwards(
    ok: Callable[..., str], added: Callable[[str], None], receiver: Receiver, database_file: Path
) -> None:
    ok("webhook", "add", receiver.url)
    added("One")
    other = sqlite3.connect(database_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with service("--json") as process:
        assert process.stderr is not None
        assert "is locked by another program" in process.stderr.readline()
        other.execute("ROLLBACK")
        (line,) = lines(process, 1)
        assert process.stderr.readline() == "kbtui: Sending goes on.\n"
        stop(process)
    other.close()

    assert json.loads(line)["state"] == "done"


def test_it_ends_soon_also_while_the_database_is_locked(
    ok: Callable[..., str], added: Callable[[str], None], receiver: Receiver, database_file: Path
) -> None:
    ok("webhook", "add", receiver.url)
    added("One")
    other = sqlite3.connect(database_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with service("--json") as process:
        assert process.stderr is not None
        assert "is locked by another program" in process.stderr.readline()
        took, _, _ = stop(process)
    other.close()

    assert took < SOON
    assert receiver.names == []


def test_it_ends_quietly_once_nobody_reads_its_log(
    ok: Callable[..., str], added: Callable[[str], None], receiver: Receiver
) -> None:
    ok("webhook", "add", receiver.url)
    with service("--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        wait_until(lambda: Path(f"/proc/{process.pid}/fd/1").exists())
        process.stdout.close()
        added("One")

        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""
    assert receiver.names == ["task.create"]

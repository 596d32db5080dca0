"""``kbtui doctor``: it finds what was broken on purpose, and says what to do."""

import fcntl
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kbtui import __version__
from tests.cli.conftest import Receiver, Run


class Doctor:
    """The doctor, and what she finds."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.status = 0
        self.document: dict[str, Any] = {}

    def examine(self) -> dict[str, dict[str, str]]:
        """Return the findings that need attention, by what they are about; the human form must agree."""
        ran = self._run("doctor", "--json")
        text = self._run("doctor")
        self.status, self.document = ran.status, ran.document
        wrong = {each["what"]: each for each in ran.document["findings"] if each["level"] != "good"}
        assert text.status == ran.status == (1 if wrong else 0)
        assert ran.document["healthy"] is not bool(wrong)
        for each in wrong.values():
            assert each["advice"], "every finding says what to do"
            assert f"{each['what']}: " in text.out
            assert "→ " in text.out
        return wrong


@pytest.fixture
def doctor(run: Run) -> Doctor:
    return Doctor(run)


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file beside kbtui, and commit what is done to it."""
    connection = sqlite3.connect(path)
    with connection:
        yield connection
    connection.close()


@pytest.fixture
def board(ok: Callable[..., str], run: Run, receiver: Receiver, database_file: Path) -> Path:
    """Make a board with the endpoint ``here``, which got two events, and return its file."""
    ok("webhook", "add", receiver.url, "--name", "here")
    for title in ("One", "Two"):
        assert run("task", "add", title).status == 0
    return database_file


def test_on_a_sound_board_all_is_well_and_everything_is_named(ok: Callable[..., str], board: Path) -> None:
    text = ok("doctor")

    for line in ("integrity: The database is sound.", "endpoint here: It answers, the last time in", "All is well."):
        assert line in text
    for name in ("kbtui", "Python", "SQLite", "Textual", "peewee", "httpx"):
        assert f"\n{name} " in f"\n{text}"
    assert f"Database  {board}" in text
    assert f"file: {board}: " in text


def test_a_program_reads_versions_and_files(answer: Callable[..., Any], board: Path) -> None:
    document = answer("doctor")

    assert document["healthy"] is True
    assert document["versions"]["kbtui"] == __version__
    assert document["versions"]["SQLite"] == sqlite3.sqlite_version
    assert document["files"]["Database"] == str(board)
    assert document["retention"] == {"days": 7, "rows": 10_000, "failed_days": 30, "event_days": 90}


def test_without_a_board_none_is_made(ok: Callable[..., str], database_file: Path) -> None:
    assert "There is no board yet" in ok("doctor")

    assert not database_file.exists()


@pytest.mark.usefixtures("board")
def test_endpoints_that_fail_are_named_with_the_reason(
    doctor: Doctor, ok: Callable[..., str], run: Run, closed_port: int
) -> None:
    ok("webhook", "edit", "here", "--url", f"http://127.0.0.1:{closed_port}/")
    run("task", "add", "Three")

    wrong = doctor.examine()

    assert list(wrong) == ["endpoint here"]
    assert "The last attempt failed: Nothing listens at the receiver's address." in wrong["endpoint here"]["says"]
    assert "1 waiting" in wrong["endpoint here"]["says"]
    assert "kbtui webhook test 1" in wrong["endpoint here"]["advice"]


def test_a_disabled_endpoint_needs_attention_when_kbtui_or_a_queue_says_so(
    doctor: Doctor, ok: Callable[..., str], board: Path
) -> None:
    ok("webhook", "edit", "here", "--enabled", "no")
    assert doctor.examine() == {}, "a person did so, and nothing waits"

    with tampering(board) as file:
        file.execute("UPDATE endpoints SET disabled_reason = 'The receiver answered 410: it wants no more events.'")

    assert "410" in doctor.examine()["endpoint here"]["says"]
    assert "--enabled yes" in doctor.examine()["endpoint here"]["advice"]


def test_a_paused_endpoint_needs_attention_while_something_waits_for_it(
    doctor: Doctor, ok: Callable[..., str], run: Run, board: Path
) -> None:
    ok("webhook", "pause", "here")
    assert doctor.examine() == {}
    run("task", "add", "Three")
    with tampering(board) as file:
        file.execute("UPDATE deliveries SET date_creation = ? WHERE state = 'ready'", (time.time() - 3 * 3600,))

    wrong = doctor.examine()

    assert set(wrong) == {"endpoint here", "oldest waiting event"}
    assert wrong["endpoint here"]["advice"] == "Send them: kbtui webhook resume 1"
    assert (
        "task.create for here (delivery 3, ready) has been waiting for 3 hours."
        in (wrong["oldest waiting event"]["says"])
    )
    assert "kbtui deliveries skip 3" in wrong["oldest waiting event"]["advice"]


@pytest.mark.usefixtures("board")
def test_what_is_due_needs_somebody_who_sends(doctor: Doctor, run: Run, board: Path) -> None:
    run("task", "add", "Three", "--no-deliver")
    assert "1 delivery is due, but no kbtui is running" in doctor.examine()["sender"]["says"]

    with Path(f"{board}-deliver").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)

        assert doctor.examine() == {}


@pytest.mark.parametrize("leased_until", [5.0, time.time() + 86400], ids=["ended", "by a clock that was wrong"])
def test_leases_of_processes_that_are_gone_are_found(
    doctor: Doctor, run: Run, board: Path, leased_until: float
) -> None:
    run("task", "add", "Three", "--no-deliver")
    with tampering(board) as file:
        file.execute(
            "UPDATE deliveries SET state = 'sending', owner = 'desk:4711:abc', leased_until = ? WHERE state = 'ready'",
            (leased_until,),
        )

    lease = doctor.examine()["lease"]

    assert "1 delivery is still held by process 4711 on desk" in lease["says"]
    assert "kbtui deliver" in lease["advice"]


def test_events_that_were_given_up_are_counted_but_not_those_that_were_skipped(
    doctor: Doctor, run: Run, board: Path
) -> None:
    with tampering(board) as file:
        file.execute("UPDATE deliveries SET state = 'dead', last_error = 'skipped' WHERE id = 1")
    assert doctor.examine() == {}
    with tampering(board) as file:
        file.execute("UPDATE deliveries SET state = 'dead', last_error = 'refused' WHERE id = 2")

    assert "1 event was given up in the last 7 days" in doctor.examine()["given up"]["says"]


def test_a_line_without_a_head_is_found_and_the_advice_mends_it(
    doctor: Doctor, run: Run, ok: Callable[..., str], board: Path, receiver: Receiver
) -> None:
    run("task", "close", "1", "--no-deliver")
    with tampering(board) as file:
        file.execute("UPDATE deliveries SET state = 'blocked' WHERE state = 'ready'")

    order = doctor.examine()["order"]
    assert "Delivery 3 to here waits for an earlier one of its task that is not there." in order["says"]
    ok(*order["advice"].split("kbtui ")[1].split(" (")[0].split())
    ok("deliver", "--once")

    assert receiver.names[-1] == "task.close"
    assert doctor.examine() == {}


def test_a_certificate_authority_that_is_gone_is_found(
    doctor: Doctor, ok: Callable[..., str], board: Path, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("")
    ok("webhook", "edit", "here", "--ca-file", str(ca_file))
    ca_file.unlink()

    assert f"Its CA file {ca_file} is not there." in doctor.examine()["endpoint here"]["says"]


def test_a_row_that_names_another_that_is_gone_is_damage(doctor: Doctor, board: Path) -> None:
    with tampering(board) as file:
        file.execute("PRAGMA foreign_keys = off")
        file.execute("DELETE FROM events WHERE id = 1")
        file.execute("UPDATE deliveries SET event_id = 999 WHERE id = 1")

    wrong = doctor.examine()["integrity"]

    assert wrong["level"] == "bad"
    assert "deliveries row 1 names a row of events that is not there" in wrong["says"]
    assert ".recover" in wrong["advice"]


def test_damage_inside_the_file_is_found(doctor: Doctor, board: Path) -> None:
    with tampering(board) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = file.execute("SELECT rootpage FROM sqlite_master WHERE name = 'deliveries_event'").fetchone()
        (size,) = file.execute("PRAGMA page_size").fetchone()
    content = bytearray(board.read_bytes())
    content[(root - 1) * size + 8 : root * size] = bytes(size - 8)
    board.write_bytes(content)

    assert doctor.examine()["integrity"]["level"] == "bad"


def test_a_file_that_cannot_be_opened_is_a_finding_not_a_failure(doctor: Doctor, database_file: Path) -> None:
    database_file.write_text("This is a letter, not a board. " * 100)

    wrong = doctor.examine()["file"]

    assert "is damaged or is no kbtui database" in wrong["says"]
    assert wrong["advice"].startswith("Restore a copy")
    assert doctor.document["versions"]["kbtui"] == __version__


def test_a_file_of_a_newer_kbtui_is_a_finding(doctor: Doctor, board: Path) -> None:
    with tampering(board) as file:
        file.execute("PRAGMA user_version = 99")

    assert "was written by a newer kbtui" in doctor.examine()["file"]["says"]
    assert doctor.document["findings"][0]["advice"].startswith("Upgrade kbtui")


def test_neither_token_nor_secret_is_told(ok: Callable[..., str], answer: Callable[..., Any], board: Path) -> None:
    token = ok("webhook", "token").strip()
    secret = answer("webhook", "secret", "here", "--rotate", "--show")["secret"]

    told = ok("doctor") + ok("doctor", "--json")

    assert token not in told
    assert secret not in told

"""The board's file under running commands: removed, put back, older, readable by others, or no file at all."""

import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from kbtui.core.db import database
from tests.cli.conftest import Run
from tests.cli.test_serve import ask, served
from tests.core.test_migrations import make_old

Ok = Callable[..., str]

WITHIN = 10.0
"""Seconds for what takes one when the machine is quiet."""


@contextmanager
def delivering() -> Iterator[subprocess.Popen[str]]:
    """Run ``kbtui deliver`` as a process."""
    command = [sys.executable, "-m", "kbtui", "deliver"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("Sending what is due")
            yield process
        finally:
            process.kill()


def next_line(stream: IO[str] | None) -> str:
    """Return the next line that a process says."""
    assert stream is not None
    return stream.readline()


@pytest.fixture
def board(ok: Ok, database_file: Path) -> Path:
    """Make a board and return its file."""
    ok("project", "add", "Website")
    return database_file


# -- A file that is gone


def test_a_server_says_that_its_file_is_gone_takes_nothing_and_goes_on_when_it_is_back(
    ok: Ok, board: Path, tmp_path: Path
) -> None:
    token = ok("token").strip()
    with served() as (process, url):
        board.rename(tmp_path / "away.db")
        started = time.monotonic()
        assert "was removed or replaced while it was open" in next_line(process.stderr)
        assert time.monotonic() - started < WITHIN
        with pytest.raises((KeyError, urllib.error.HTTPError)):
            ask(url, ("jsonrpc", token), "createTask", title="Lost", project_id=1)
        assert not board.exists()

        (tmp_path / "away.db").rename(board)

        assert "is back in its place" in next_line(process.stderr)
        assert ask(url, ("jsonrpc", token), "createTask", title="Kept", project_id=1) == 1


def test_a_sender_says_that_its_file_is_gone_and_goes_on_when_it_is_back(board: Path, tmp_path: Path) -> None:
    with delivering() as process:
        board.rename(tmp_path / "away.db")
        assert "was removed or replaced while it was open" in next_line(process.stderr)

        (tmp_path / "away.db").rename(board)

        assert next_line(process.stderr) == "kbtui: Sending goes on.\n"


def lose(board: Path) -> None:
    board.unlink()


def replace(board: Path) -> None:
    board.unlink()
    board.with_name("kbtui.db-wal").unlink()
    board.with_name("kbtui.db-shm").unlink()
    database.connect(board)
    database.close()


def move(board: Path) -> None:
    board.rename(board.with_name("other.db"))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the system does not tell what a process has open")
@pytest.mark.parametrize("change", [lose, replace, move])
def test_the_doctor_finds_a_program_whose_file_is_gone(run: Run, board: Path, change: Callable[[Path], None]) -> None:
    with delivering() as process:
        assert run("doctor").status == 0
        change(board)

        ran = run("doctor", "--json")

        wrong = [finding for finding in ran.document["findings"] if finding["level"] != "good"]
        assert [finding["what"] for finding in wrong] == ["file"]
        assert f"Process {process.pid} works on a database that was at {board} and was removed" in wrong[0]["says"]
        assert f"kill {process.pid}" in wrong[0]["advice"]
        assert ran.status == 1


def test_the_doctor_finds_a_log_that_lost_its_database(run: Run, database_file: Path) -> None:
    database_file.with_name("kbtui.db-wal").write_bytes(b"frames")

    ran = run("doctor")

    assert ran.status == 1
    assert f"{database_file} is not there, but the log" in ran.out


# -- An older file, and one that others can read


def test_where_the_copy_of_an_older_file_is_kept_is_said(run: Run, database_file: Path) -> None:
    make_old(database_file, 2)

    ran = run("project", "list")

    assert ran.status == 0
    assert ran.err == (
        f"kbtui: {database_file} is brought from version 2 to 3; a copy of what it was is kept as {database_file}.v2\n"
    )
    assert run("project", "list").err == ""


def test_that_others_can_read_the_file_is_said_once_and_by_the_doctor(run: Run, board: Path) -> None:
    board.chmod(0o644)

    said = [run("project", "list").err for _ in range(2)]

    assert said == [
        f"kbtui: Others on this computer may read {board}; keep it to yourself with: chmod 600 {board}*\n",
        "",
    ]
    assert f"privacy: Others on this computer may read {board}." in run("doctor").out
    board.chmod(0o600)
    assert run("doctor").status == 0


# -- What is no file


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@host/board", "postgres:/host", "sqlite:///x.db", "file:x.db", "x://y"]
)
@pytest.mark.parametrize("place", ["flag", "environment", "file"])
def test_the_url_of_a_database_is_an_error_in_words(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "config.toml"
    config.write_text(f'database = "{url}"\n' if place == "file" else "")
    if place == "environment":
        monkeypatch.setenv("KBTUI_DATABASE", url)
    elif place == "file":
        monkeypatch.delenv("KBTUI_DATABASE")
    flags: list[Any] = ["--database", url] if place == "flag" else []

    for command in (["project", "list"], ["doctor"]):
        ran = run(*command, "--config", str(config), *flags)

        scheme = url.partition(":")[0]
        assert (ran.status, ran.err) == (
            1,
            f"kbtui: A database at {scheme}: cannot be used; give the path of a file, such as ~/kbtui.db.\n",
        )
    assert [each.name for each in tmp_path.iterdir()] == ["config.toml"]

"""The board's file: nobody else reads it, it is copied before a migration, and nothing goes into one that is gone."""

import os
import shutil
import sqlite3
import stat
import threading
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kbtui.core.db import database, engine, upgrade
from kbtui.core.db.migrations import MIGRATIONS
from kbtui.core.db.notice import Notice
from kbtui.core.projects import projects
from kbtui.errors import DatabaseError, DatabaseFullError, DatabaseGoneError
from kbtui.webhooks.sender_lock import SenderLock
from tests import sql
from tests.core.other_processes import python
from tests.core.test_migrations import dump, make_old

pytestmark = pytest.mark.sqlite_only

WORK = """
import sys, time
from kbtui.core.db import database
from kbtui.core.projects import projects
from kbtui.errors import DatabaseError
database.connect(sys.argv[1])
for line in sys.stdin:
    try:
        print(projects.create_project(line.strip()), flush=True)
    except DatabaseError as error:
        print(type(error).__name__, flush=True)
database.close()
"""


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Let new files lose these permissions."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


# -- Privacy


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_what_the_program_makes_is_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "a" / "b" / "kbtui.db"
    with umask(mask):
        database.connect(path)
        projects.create_project("Website")
        with SenderLock():
            found = {each.name: mode(each) for each in path.parent.iterdir()}
        database.close()

    assert found == dict.fromkeys(["kbtui.db", "kbtui.db-wal", "kbtui.db-shm", "kbtui.db-deliver"], 0o600)
    assert [mode(path.parent), mode(path.parent.parent)] == [0o700, 0o700]


def test_a_folder_that_was_there_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    database.connect(tmp_path / "kbtui.db")

    assert mode(tmp_path) == 0o755
    database.close()


def test_a_file_behind_a_link_is_private_too(tmp_path: Path) -> None:
    (tmp_path / "kbtui.db").symlink_to(tmp_path / "real.db")

    with umask(0):
        database.connect(tmp_path / "kbtui.db")

    assert mode(tmp_path / "real.db") == 0o600
    database.close()


def test_that_others_can_read_the_file_is_said_once_until_it_is_private_again(board: Path) -> None:
    told: list[Notice] = []

    def said() -> list[str]:
        told.clear()
        database.connect(board, tell=told.append)
        return [notice.text for notice in told]

    assert said() == []
    board.chmod(0o644)
    assert said() == [f"Others on this computer may read {board}; keep it to yourself with: chmod 600 {board}*"]
    assert said() == []
    board.chmod(0o600)
    assert said() == []
    board.chmod(0o660)
    assert len(said()) == 1


# -- A file that is gone


def test_nothing_is_written_to_a_file_that_was_removed(board: Path, project: int) -> None:
    board.unlink()

    with pytest.raises(DatabaseGoneError, match=r"was removed or replaced .* Move the file back"):
        projects.create_project("Other")
    with pytest.raises(DatabaseGoneError):
        engine.database.commits()

    assert not board.exists(), "nor is it made anew"


def test_nothing_is_written_where_another_file_has_come(board: Path, project: int, tmp_path: Path) -> None:
    shutil.copy(board, tmp_path / "copy.db")
    (tmp_path / "copy.db").replace(board)
    before = board.read_bytes()

    with pytest.raises(DatabaseGoneError):
        projects.create_project("Other")

    assert board.read_bytes() == before


def test_nothing_is_written_once_the_log_is_another(board: Path, project: int) -> None:
    log = board.with_name("kbtui.db-wal")
    log.unlink()
    log.touch()

    with pytest.raises(DatabaseGoneError):
        projects.create_project("Other")


def test_a_file_put_back_is_taken_up_again(board: Path, project: int, tmp_path: Path) -> None:
    board.rename(tmp_path / "away.db")
    with pytest.raises(DatabaseGoneError):
        projects.create_project("Other")

    (tmp_path / "away.db").rename(board)

    assert projects.create_project("Other") == project + 1
    assert sql.fetch_all("PRAGMA integrity_check") == [("ok",)]


def test_a_thread_that_begins_does_not_make_a_file_that_is_gone_anew(board: Path) -> None:
    raised: list[str] = []

    def begin() -> None:
        try:
            database.connect_thread()
        except DatabaseError as error:
            raised.append(type(error).__name__)

    board.unlink()
    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()

    assert raised == ["DatabaseGoneError"]
    assert not board.exists()


def test_who_needs_a_file_that_exists_does_not_make_one(tmp_path: Path) -> None:
    with pytest.raises(DatabaseGoneError, match="is not there any more"):
        database.connect(tmp_path / "kbtui.db", must_exist=True)

    assert list(tmp_path.iterdir()) == []


def test_other_processes_stop_and_go_on_as_the_file_goes_and_comes_back(board: Path, tmp_path: Path) -> None:
    workers = [python(WORK, board) for _ in range(2)]

    def ask(name: str) -> list[str]:
        answers = []
        for worker in workers:
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write(f"{name}\n")
            worker.stdin.flush()
            answers.append(worker.stdout.readline().strip())
        return answers

    assert ask("There") == ["1", "2"]
    board.rename(tmp_path / "away.db")
    assert ask("Gone") == ["DatabaseGoneError"] * 2
    (tmp_path / "away.db").rename(board)
    assert ask("Back") == ["3", "4"]
    assert [worker.communicate()[1] for worker in workers] == ["", ""]
    assert [project.name for project in projects.list_projects()] == ["There", "There", "Back", "Back"]


def test_whoever_leaves_a_file_that_was_replaced_takes_nothing_of_the_new_one_along(board: Path) -> None:
    worker = python(WORK, board)
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write("Old\n")
    worker.stdin.flush()
    assert worker.stdout.readline() == "1\n"
    database.close()
    for file in board.parent.iterdir():
        file.unlink()
    database.connect(board)
    projects.create_project("New")

    worker.communicate()

    assert board.with_name("kbtui.db-wal").stat().st_size > 0
    assert projects.create_project("Newer") == 2
    look = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('SELECT name FROM projects'))"
    assert python(look, board).communicate() == ("('New',) ('Newer',)\n", "")


# -- Copies before a migration


def test_a_copy_of_an_older_file_is_kept_and_said(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    make_old(path, 2, "INSERT INTO projects (name, position) VALUES ('Team', 1)")
    before = dump(path)
    told: list[Notice] = []

    database.connect(path, tell=told.append)

    copy = tmp_path / "old.db.v2"
    assert dump(copy) == before
    assert mode(copy) == 0o600
    assert told[0] == Notice(
        f"{path} is brought from version 2 to {len(MIGRATIONS)}; a copy of what it was is kept as {copy}"
    )
    database.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["old.db", "old.db.v2"]


def test_what_is_only_in_the_log_is_in_the_copy(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    make_old(path, 1)
    other = sqlite3.connect(path)
    other.execute("PRAGMA wal_autocheckpoint = 0")
    with other:
        other.execute("INSERT INTO projects (name, position) VALUES ('Team', 1)")

    database.connect(path)

    copy = sqlite3.connect(tmp_path / "old.db.v1")
    assert copy.execute("SELECT name FROM projects").fetchall() == [("Team",)]
    copy.close()
    other.close()
    database.close()


def test_a_copy_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path, copy = tmp_path / "old.db", tmp_path / "old.db.v2"
    make_old(path, 2)
    copy.write_text("of an older day")

    database.connect(path)

    assert copy.read_text() == "of an older day"
    assert dump(tmp_path / "old.db.v2-2")
    database.close()


def test_an_equal_copy_is_not_made_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    make_old(path, 2)
    fail_at_the_end(monkeypatch)
    with pytest.raises(ZeroDivisionError):
        database.connect(path)
    monkeypatch.undo()
    told: list[Notice] = []

    database.connect(path, tell=told.append)

    assert "was kept before as" in told[0].text
    database.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["old.db", "old.db.v2"]


def fail_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every migration fail after its last step."""

    def fail(database: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(upgrade, "MIGRATIONS", (*MIGRATIONS, fail))


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    make_old(path, 2, "INSERT INTO projects (name, position) VALUES ('Team', 1)")
    before = dump(path)
    fail_at_the_end(monkeypatch)

    with pytest.raises(ZeroDivisionError):
        database.connect(path)

    assert dump(path) == before


def test_a_disk_without_room_for_the_copy_is_said_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    make_old(path, 2)
    before = dump(path)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1, 1, 2 * path.stat().st_size))

    with pytest.raises(DatabaseFullError, match=r"takes [\d.]+ MiB beside it, but [\d.]+ MiB are free; nothing was"):
        database.connect(path)

    assert dump(path) == before
    assert [each.name for each in tmp_path.iterdir()] == ["old.db"]


def test_a_copy_that_cannot_be_made_keeps_the_file_from_being_migrated(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    make_old(path, 2)
    before = dump(path)
    (tmp_path / "old.db.v2.part").mkdir()

    with pytest.raises(DatabaseError, match=r"No copy of .* could be kept, so it was not brought to a newer version"):
        database.connect(path)

    assert dump(path) == before


def test_how_far_a_long_migration_is_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    make_old(path, 2, *(f"INSERT INTO projects (name, position) VALUES ('{'x' * 900}', {n})" for n in range(3000)))
    monkeypatch.setattr(upgrade, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(upgrade, "_OPCODES", 1000)
    told: list[Notice] = []

    database.connect(path, tell=told.append)

    passing = [notice.text for notice in told if notice.is_passing]
    assert any(text.startswith("Copying old.db, 3") for text in passing)
    assert any(text.startswith("Bringing old.db to version 3: ") for text in passing)
    database.close()


def test_a_copy_that_was_interrupted_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    make_old(path, 2)
    before = dump(path)
    (tmp_path / "old.db.v2.part").write_text("half")

    database.connect(path)

    assert dump(tmp_path / "old.db.v2") == before
    database.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["old.db", "old.db.v2"]

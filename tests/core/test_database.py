"""The database file and what can be wrong with it: always a sentence, never a traceback, and nothing lost."""

import os
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from kbtui.core.db import database, engine
from kbtui.core.db.migrations import MIGRATIONS
from kbtui.core.projects import projects
from kbtui.core.tasks import moves, tasks
from kbtui.errors import (
    DatabaseBusyError,
    DatabaseCorruptError,
    DatabaseError,
    DatabaseFullError,
    DatabaseNewerError,
    DatabaseReadOnlyError,
    InvalidError,
    NotFoundError,
)
from tests import sql
from tests.core.conftest import last_event_id
from tests.core.other_processes import HOLD, locked, python
from tests.disks import mounted

pytestmark = pytest.mark.sqlite_only

CREATE = """
import sys
from kbtui.core.db import database; from kbtui.core.projects import projects; from kbtui.core.tasks import tasks
sys.stdin.readline()
database.connect(sys.argv[1])
project_id = projects.create_project(f"By {sys.argv[2]}")
for number in range(5):
    tasks.create_task(project_id, f"Task {number}")
database.close()
"""


def contents() -> str:
    """Return all that is stored, as SQL."""
    return "\n".join(engine.database.connection().iterdump())  # type: ignore[no-untyped-call]


def test_a_database_that_stays_locked_is_said_to_be_busy_and_nothing_changes(board: Path, project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    database.connect(board, busy_timeout=0.1)
    before = contents()

    with locked(board):
        with pytest.raises(DatabaseBusyError, match=r"kbtui\.db is locked by another program; nothing was changed\."):
            tasks.update_task(task_id, title="Other")
        assert tasks.get_task(task_id).title == "Task"
        assert not engine.database.in_transaction()

    assert contents() == before
    assert tasks.update_task(task_id, title="Other")


def test_a_lock_that_goes_in_time_is_waited_for(board: Path, project: int) -> None:
    database.connect(board, busy_timeout=30)
    holder = python(HOLD.replace("sys.stdin.readline()", "__import__('time').sleep(0.3)"), board)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"

    task_id = tasks.create_task(project, "Task")

    assert tasks.get_task(task_id).title == "Task"
    holder.communicate()


def test_a_locked_board_can_still_be_opened_and_read(board: Path, project: int) -> None:
    with locked(board):
        database.connect(board, busy_timeout=0.1)

        assert projects.get_project(project).name == "Website"


def test_a_full_disk_takes_back_the_change_with_its_event(board: Path, project: int) -> None:
    task_id = tasks.create_task(project, "Task")
    before, connection = contents(), sql.writer()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(DatabaseFullError, match=r"No room is left for .*kbtui\.db; nothing was changed\."):
        tasks.update_task(task_id, description="x" * 100_000)

    assert contents() == before
    connection.execute("PRAGMA max_page_count = 1000000")
    assert tasks.update_task(task_id, description="x" * 100_000)


def test_a_thread_that_goes_on_after_the_file_was_closed_is_told_so(board: Path) -> None:
    database.connect(board)
    with closing(sqlite3.connect(board)) as reader:  # as such a thread has, and so the log is not removed
        reader.execute("SELECT count(*) FROM tasks").fetchone()
        engine.database.close_all()

        with pytest.raises(DatabaseError, match="has been closed"):
            engine.database.commits()


def test_a_disk_that_is_really_full_is_said_to_be_and_keeps_what_it_has(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        database.connect(folder / "kbtui.db")
        project_id = projects.create_project("Website")
        task_ids: list[int] = []

        def fill() -> None:
            while len(task_ids) < 1000:
                task_ids.append(tasks.create_task(project_id, "Task", description="x" * 2000))

        with pytest.raises(DatabaseFullError, match="No room is left"):
            fill()

        assert [task.id for task in tasks.list_tasks(project_id)] == task_ids
        assert last_event_id() == len(task_ids) + 1
        database.close()
        database.connect(folder / "kbtui.db")
        assert [task.id for task in tasks.list_tasks(project_id)] == task_ids


def test_a_full_disk_cannot_take_a_new_board(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "-t", "tmpfs", "-o", "size=64k", "tmpfs"):
        (folder / "filler").write_bytes(b"x" * 56 * 1024)

        with pytest.raises(DatabaseError, match=r"kbtui\.db"):
            database.connect(folder / "kbtui.db")

        (folder / "filler").unlink()


def test_a_folder_that_is_read_only_is_named(board: Path, project: int) -> None:
    database.close()
    with mounted(board.parent, "--bind", str(board.parent)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(board.parent)], check=True)

        with pytest.raises(DatabaseError, match=r"kbtui\.db cannot be") as caught:
            database.connect(board)

        assert "check" in str(caught.value)


def test_a_database_that_may_only_be_read_refuses_changes_in_words(board: Path, project: int) -> None:
    before = contents()
    sql.execute("PRAGMA query_only = 1")

    with pytest.raises(DatabaseReadOnlyError, match=r"kbtui\.db cannot be written; check the permissions"):
        projects.create_project("Other")

    assert contents() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="file permissions do not bind root")
def test_a_file_without_write_permission_is_said_to_be_read_only(board: Path) -> None:
    database.close()
    board.chmod(0o400)

    with pytest.raises(DatabaseReadOnlyError, match=r"kbtui\.db cannot be written; check the permissions"):
        database.connect(board)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_somebody_who_may_only_read_the_file_is_told_so() -> None:
    script = (
        "import os, sys\nfrom kbtui.core.db import database, migrations\n"
        "from kbtui.errors import DatabaseReadOnlyError\n"
        "os.setuid(65534)\n"
        "try:\n    database.connect(sys.argv[1])\nexcept DatabaseReadOnlyError as error:\n    print(error)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kbtui.db"
        database.connect(path)
        database.close()
        path.chmod(0o444)
        Path(folder).chmod(0o755)

        # Whoever measures coverage cannot write what was measured as this user, and would say so.
        asked = python(script, path, without=[name for name in os.environ if name.startswith("COV")])

        assert asked.communicate() == (
            f"{path} cannot be written; check the permissions of the file and its folder.\n",
            "",
        )


def test_a_damaged_page_is_said_to_be_damage(board: Path, project: int) -> None:
    for number in range(300):
        tasks.create_task(project, f"Task {number}", description="x" * 500)
    database.close()
    size = board.stat().st_size
    with board.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 8192))

    with pytest.raises(DatabaseCorruptError, match=r"kbtui\.db is damaged or is no kbtui database\. Restore a copy"):
        read_all(board)


def read_all(path: Path) -> None:
    """Open a board and read its tasks."""
    database.connect(path)
    for project in projects.list_projects():
        tasks.list_tasks(project.id)


def test_damage_in_the_middle_of_a_table_is_found_while_reading_it(board: Path, project: int) -> None:
    for number in range(200):
        projects.create_project(f"Project {number}", description="x" * 500)
    database.close()
    damage_leaf(board, "projects")
    database.connect(board)

    with pytest.raises(DatabaseCorruptError, match="damaged"):
        projects.list_projects()
    with pytest.raises(DatabaseCorruptError, match="damaged"):
        sql.fetch_all("SELECT * FROM projects")
    with pytest.raises(DatabaseCorruptError, match="damaged"):
        sql.fetch_dicts("SELECT * FROM projects")


def damage_leaf(path: Path, table: str) -> None:
    """Overwrite the header of a table's last page, so that its first rows can still be read."""
    connection = sqlite3.connect(path)
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    data = bytearray(path.read_bytes())
    start = (root - 1) * size
    assert data[start] == 5, "an inner page"
    last = int.from_bytes(data[start + 8 : start + 12], "big")
    data[(last - 1) * size : (last - 1) * size + 8] = b"\xff" * 8
    path.write_bytes(bytes(data))


def test_a_text_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Buy milk\n" * 500)

    with pytest.raises(DatabaseCorruptError, match=r"notes\.txt is damaged or is no kbtui database"):
        database.connect(path)

    assert path.read_text() == "Buy milk\n" * 500


def test_the_database_of_another_program_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (title TEXT)")
    other.commit()
    other.close()
    before = path.read_bytes()

    with pytest.raises(DatabaseCorruptError, match=r"other\.db is a database of another program\. Choose another"):
        database.connect(path)

    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["other.db"]


def test_a_file_of_a_newer_version_is_refused_and_not_touched(board: Path, project: int) -> None:
    sql.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = contents()
    database.close()

    with pytest.raises(DatabaseNewerError, match=r"kbtui\.db was written by a newer kbtui .* Upgrade kbtui"):
        database.connect(board)

    assert engine.database.is_closed()
    other = sqlite3.connect(board)
    assert "\n".join(other.iterdump()) == before
    other.close()


def test_an_empty_file_becomes_a_board(tmp_path: Path) -> None:
    path = tmp_path / "kbtui.db"
    path.touch()

    database.connect(path)

    assert projects.create_project("Website") == 1
    database.close()


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "kbtui.db"

    database.connect(path)

    assert path.exists()
    database.close()


@pytest.mark.parametrize("name", ["file/kbtui.db", "file/deeper/kbtui.db"])
def test_a_folder_that_is_a_file_is_refused_in_words(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DatabaseError, match=r"The folder .* cannot be made: .*\."):
        database.connect(tmp_path / name)


@pytest.mark.parametrize("name", ["folder", "~nobody-has-this-name/kbtui.db", "nul\0/kbtui.db", "x" * 300 + ".db"])
def test_a_path_that_cannot_be_a_file_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()

    with pytest.raises(DatabaseError, match="cannot be"):
        database.connect(name)


@pytest.mark.parametrize("name", [":memory:", "", "/dev/null", "/dev/full"])
def test_what_is_no_file_on_a_disk_is_refused_in_words(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(DatabaseError, match=r"cannot be|No room is left"):
        database.connect(name)

    assert engine.database.is_closed()


@pytest.mark.parametrize("number", [2, 8])
def test_processes_that_make_the_same_file_at_once_all_succeed(tmp_path: Path, number: int) -> None:
    path = tmp_path / "kbtui.db"
    makers = [python(CREATE, path, maker) for maker in range(number)]
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write("\n")
        maker.stdin.flush()

    answers = [(maker.communicate(), maker.returncode) for maker in makers]

    assert answers == [(("", ""), 0)] * number
    database.connect(path)
    assert sorted(project.name for project in projects.list_projects()) == [f"By {each}" for each in range(number)]
    assert [project.position for project in projects.list_projects()] == list(range(1, number + 1))
    assert sql.fetch_one("SELECT count(*) FROM users") == (1,)
    assert sql.fetch_one("SELECT count(*), max(id) FROM events") == (6 * number, 6 * number)
    assert sql.fetch_one("PRAGMA integrity_check") == ("ok",)
    database.close()


def test_a_number_of_too_many_bits_is_refused_in_words(board: Path, project: int) -> None:
    for call in (
        lambda: tasks.get_task(10**30),
        lambda: moves.move_task(10**30, position=1),
        lambda: tasks.create_task(project, "Task", column_id=10**30),
        lambda: tasks.create_task(10**30, "Task"),
    ):
        with pytest.raises((InvalidError, NotFoundError)):
            call()


def test_a_connection_keeps_what_every_connection_has(board: Path) -> None:
    pragmas = ("foreign_keys", "synchronous", "wal_autocheckpoint", "journal_mode", "busy_timeout")

    values = [sql.fetch_one(f"PRAGMA {pragma}") for pragma in pragmas]

    assert values == [(1,), (1,), (0,), ("wal",), (5000,)]


def test_the_last_one_out_leaves_a_single_file(board: Path, project: int) -> None:
    assert board.with_name("kbtui.db-wal").stat().st_size > 0

    database.close()

    assert [each.name for each in board.parent.iterdir()] == ["kbtui.db"]
